#pragma once
// Every network that is registered, for the tests of all networks.

#include <xgrad/networks.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace xgrad::test
{

/** Calls use(classifier) for each network as it is by default; where it is one of many kinds, for each kind. */
template <class Use>
void for_each_network(Use use)
{
    for (const Architecture& model : architectures()) {
        const auto& options = model.options;
        const auto kind =
            std::find_if(options.begin(), options.end(), [&](const auto& o) { return o.name == model.each; });
        for (const std::string& value : kind == options.end() ? std::vector<std::string>{""} : kind->values) {
            CAPTURE(model.name);
            CAPTURE(value);
            use(make_classifier(model.name, 1, value.empty() ? Choices{} : Choices{{model.each, value}}));
        }
    }
}

} // namespace xgrad::test
