#pragma once
// Functions that are computed as doubles, of one SIMD register: see vector.hpp. A result that is a float is then within
// 0.51 ulp without further care, and takes fewer terms of each series.

#include <xgrad/kernels/elementwise/vector.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace xgrad::kernels::vector
{

using Doubles = Vector<double>;
using DoubleBits = xsimd::as_integer_t<Doubles>;

/** The number without the last 32 bits of its mantissa. */
inline Doubles upper_part(Doubles x)
{
    return __builtin_bit_cast(Doubles, __builtin_bit_cast(DoubleBits, x) & DoubleBits(~((std::int64_t{1} << 32) - 1)));
}

/** f(x…) for an f that takes and gives doubles. */
template <class T, class F, class... X>
Vector<T> by_doubles(F f, X... x)
{
    if constexpr (!is_float<T>) {
        return f(x...);
    } else {
        constexpr std::size_t width = Doubles::size, halves = Vector<T>::size / width;
        using Narrow [[gnu::vector_size(width * sizeof(float))]] = float; // GCC's and Clang's vectors
        using Wide [[gnu::vector_size(width * sizeof(double))]] = double;
        alignas(64) std::array<Narrow, halves> parts[sizeof...(X)], results;
        std::size_t argument = 0;
        (x.store_aligned(reinterpret_cast<float*>(&parts[argument++])), ...);
        for (std::size_t half = 0; half < halves; ++half) {
            const auto widened = [&](std::size_t k) {
                return __builtin_bit_cast(Doubles, __builtin_convertvector(parts[k][half], Wide));
            };
            const auto call = [&]<std::size_t... k>(std::index_sequence<k...>) { return f(widened(k)...); };
            results[half] = __builtin_convertvector(
                __builtin_bit_cast(Wide, call(std::make_index_sequence<sizeof...(X)>())), Narrow);
        }
        return Vector<T>::load_aligned(reinterpret_cast<const float*>(&results));
    }
}

} // namespace xgrad::kernels::vector
