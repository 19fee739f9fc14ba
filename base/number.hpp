#pragma once

#include <type_traits>

namespace xgrad
{

namespace detail
{

template <class T>
struct PlainNumber
{
    T value;

    template <class N>
    requires std::is_arithmetic_v<N>
    constexpr PlainNumber(N number) : value(static_cast<T>(number)) {}
    constexpr operator T() const { return value; }
};

} // namespace detail

/** A plain number among the arguments of an op. It has any arithmetic type and becomes a T, the type of the op's
 *  arrays. */
template <class T>
using Number = std::type_identity_t<detail::PlainNumber<T>>;

} // namespace xgrad
