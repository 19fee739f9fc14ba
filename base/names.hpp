#pragma once
// Enumerations by name.

#include <xgrad/base/error.hpp>
#include <xgrad/base/nearest.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad::detail
{

/** The value of an enumeration that has a name. `names` has the names of all values, in their order.
 *  @throws Error if the name is not among them */
template <class Enumeration>
Enumeration value_named(const char* what, const std::vector<std::string>& names, std::string_view name)
{
    const auto place = std::find(names.begin(), names.end(), name);
    if (place == names.end())
        throw Error(fmt::format("[{}] {}", what, no_such("", name, names)));
    return static_cast<Enumeration>(place - names.begin());
}

} // namespace xgrad::detail
