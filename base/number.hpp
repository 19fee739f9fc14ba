#pragma once

#include <xgrad/base/requirements.hpp>

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

/** Refuses two operands of different scalar types, at compile time. */
template <class A, class B>
constexpr void require_one_scalar()
{
    static_assert(std::is_same_v<A, B>,
                  "the operands must be float both, or double both: constant<float>(x.value()) has "
                  "the elements of x as floats");
}

} // namespace detail

/** A plain number among the arguments of an op. It has any arithmetic type and becomes a T, the type of the op's
 *  arrays. */
template <class T>
using Number = std::type_identity_t<detail::PlainNumber<T>>;

} // namespace xgrad
