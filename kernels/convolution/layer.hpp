#pragma once

#include <xgrad/kernels/elementwise/functions.hpp>

#include <cstdint>
#include <optional>

namespace xgrad::kernels
{

/** A function of each element that never falls, with its numbers. */
template <class T>
struct Rising
{
    Unary function;
    T a = 0, b = 0;
};

/** The end of a layer, from the sums u of its convolution: y = f(u + bias), or the largest f(u + bias) of each 2×2
 *  block of a plane. As f never falls, that is f of the largest sum. Rows and columns that fill no block are left out.
 */
template <class T>
struct Finish
{
    const T* bias; // a number for each map; null where the sums are the result
    std::optional<Rising<T>> activation;
    T* y;
    /** The place of each block's largest sum in its plane, of the first of equals; null without blocks. */
    std::int32_t* winner = nullptr;

    bool halves() const { return winner != nullptr; }
};

} // namespace xgrad::kernels
