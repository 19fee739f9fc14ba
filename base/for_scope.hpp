#pragma once

#include <type_traits>
#include <utility>

namespace xgrad::detail
{

/** A temporary value of a variable for a scope. The end of the scope restores the value from before, even after an
 *  exception. */
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
