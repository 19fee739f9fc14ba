#pragma once
// Reductions of row-major arrays over some of their dimensions. For float and double.

#include <xgrad/base/array.hpp>

#include <cstddef>
#include <cstdint>

namespace xgrad::kernels
{

/** y = Σ x over the dimensions k with reduced[k]; y has the others, in order. Short sums are taken in T and their sum
 *  in double. The sum of nothing is 0. */
template <class T>
void reduce_sum(const T* x, const Shape& shape, const bool* reduced, T* y);

/** y = max x over the dimensions k with reduced[k]; NaN if any is. The maximum of nothing is −∞. */
template <class T>
void reduce_max(const T* x, const Shape& shape, const bool* reduced, T* y);

/** The position along the axis of the largest element of x (outer, axis, inner): the first of equals, the first NaN if
 *  there is one. `axis` is at least 1. Index is std::int32_t or std::int64_t. */
template <class T, class Index>
void argmax_axis(const T* x, Index* y, std::size_t outer, std::size_t axis, std::size_t inner);

/** y = eˣ / Σ eˣ along the middle one of (outer, axis, inner). y may be x. */
template <class T>
void softmax_axis(const T* x, T* y, std::size_t outer, std::size_t axis, std::size_t inner);

/** y = x − log Σ eˣ along the middle one of (outer, axis, inner). y may be x. */
template <class T>
void log_softmax_axis(const T* x, T* y, std::size_t outer, std::size_t axis, std::size_t inner);

} // namespace xgrad::kernels
