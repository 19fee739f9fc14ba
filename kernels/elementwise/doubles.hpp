#pragma once
// Functions that are computed as doubles, of one SIMD register: see vector.hpp. A result that is a float is then within
// 0.51 ulp without further care, and takes fewer terms of each series.

#include <xgrad/kernels/elementwise/vector.hpp>

#include <cstddef>
#include <utility>

namespace xgrad::kernels::vector
{

using Doubles = Vector<double>;
using DoubleBits = xsimd::as_integer_t<Doubles>;

/** The conversions between a register of floats and the two or more registers of doubles that have its numbers, by the
 *  vectors of GCC and Clang. */
struct Halves
{
    static constexpr std::size_t width = Doubles::size, count = Vector<float>::size / width;
    using All [[gnu::vector_size(count * width * sizeof(float))]] = float;
    using Narrow [[gnu::vector_size(width * sizeof(float))]] = float;
    using Wide [[gnu::vector_size(width * sizeof(double))]] = double;

    template <std::size_t half, std::size_t... i>
    static Doubles widened(Vector<float> x, std::index_sequence<i...>)
    {
        const All all = __builtin_bit_cast(All, x);
        const Narrow part = __builtin_shufflevector(all, all, static_cast<int>(half * width + i)...);
        return __builtin_bit_cast(Doubles, __builtin_convertvector(part, Wide));
    }
    template <std::size_t half>
    static Doubles widened(Vector<float> x)
    {
        return widened<half>(x, std::make_index_sequence<width>());
    }
    template <std::size_t... i>
    static Vector<float> narrowed(Doubles low, Doubles high, std::index_sequence<i...>)
    {
        const auto narrow = [](Doubles d) { return __builtin_convertvector(__builtin_bit_cast(Wide, d), Narrow); };
        const All all = __builtin_shufflevector(narrow(low), narrow(high), static_cast<int>(i)...);
        return __builtin_bit_cast(Vector<float>, all);
    }
};
static_assert(Halves::count == 2);

/** f(x…) for an f that takes and gives doubles. */
template <class T, class F, class... X>
Vector<T> by_doubles(F f, X... x)
{
    if constexpr (is_float<T>)
        return Halves::narrowed(f(Halves::widened<0>(x)...), f(Halves::widened<1>(x)...),
                                std::make_index_sequence<2 * Halves::width>());
    else
        return f(x...);
}

} // namespace xgrad::kernels::vector
