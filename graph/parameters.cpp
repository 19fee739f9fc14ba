#include <xgrad/base/error.hpp>
#include <xgrad/base/nearest.hpp>
#include <xgrad/graph/parameters.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

namespace xgrad
{

template <class T>
void Parameters<T>::add(std::string name, const Variable<T>& leaf)
{
    if (!leaf.is_leaf())
        throw GraphError(fmt::format("[parameters] '{}' is not a leaf: make it with variable()", name));
    if (std::find(names_.begin(), names_.end(), name) != names_.end())
        throw GraphError(fmt::format("[parameters] the name '{}' is used twice", name));
    const auto is_leaf = [&](const Variable<T>& other) { return detail::origin_of(other) == detail::origin_of(leaf); };
    if (std::any_of(begin(), end(), is_leaf))
        return;
    names_.reserve(size() + 1); // so that both lists grow or none
    variables_.push_back(leaf);
    names_.push_back(std::move(name));
}

template <class T>
void Parameters<T>::add(const std::string& prefix, const Parameters& parameters)
{
    for (std::size_t index = 0; index < parameters.size(); ++index) {
        const std::string& name = parameters.name(index);
        add(prefix.empty() || name.empty() ? prefix + name : prefix + "." + name, parameters[index]);
    }
}

template <class T>
const Variable<T>& Parameters<T>::operator[](std::string_view name) const
{
    const auto place = std::find(names_.begin(), names_.end(), name);
    if (place == names_.end())
        throw GraphError("[parameters] " + detail::no_such("", name, names_));
    return variables_[static_cast<std::size_t>(place - names_.begin())];
}

template <class T>
std::vector<std::size_t> Parameters<T>::places_of(std::string_view name) const
{
    std::vector<std::size_t> places;
    for (std::size_t index = 0; index < size(); ++index) {
        const std::string_view own = names_[index];
        if (own == name || (own.starts_with(name) && own[name.size()] == '.'))
            places.push_back(index);
    }
    return places;
}

template <class T>
std::size_t Parameters<T>::element_count() const
{
    return std::accumulate(begin(), end(), std::size_t{0}, [](auto sum, const auto& x) { return sum + x.size(); });
}

template class Parameters<float>;
template class Parameters<double>;

} // namespace xgrad
