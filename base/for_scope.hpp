#pragma once

#include <type_traits>
#include <utility>

namespace xgrad::detail
{

/** Another value of a variable for a scope: the one from before comes back at its end, whatever is thrown. */
template <class T>
class ForScope
{
  public:
    ForScope(T& variable, std::type_identity_t<T> value)
        : variable_(variable), before_(std::exchange(variable, std::move(value)))
    {}
    ForScope(const ForScope&) = delete;
    ForScope& operator=(const ForScope&) = delete;
    ~ForScope() { variable_ = std::move(before_); }

  private:
    T& variable_;
    T before_;
};

} // namespace xgrad::detail
