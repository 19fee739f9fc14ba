#pragma once
// Moving elements between layouts: permutation, slices, flips, padding, concatenation and broadcasting are strided
// copies.

#include <xgrad/base/array.hpp>

#include <cstddef>

namespace xgrad::kernels
{

/** The distances between neighbours along each dimension, in elements. */
using Strides = Extents<std::ptrdiff_t>;

/** The strides of a contiguous array whose last dimension varies fastest. */
Strides row_major_strides(const Shape& shape);

/** to[i·to_strides] = from[i·from_strides] for every index i of `shape`. A stride may be negative, and 0 in `from`;
 *  the two do not overlap. For float, double, std::int32_t and std::int64_t. */
template <class T>
void copy_strided(const Shape& shape, const T* from, const std::ptrdiff_t* from_strides, T* to,
                  const std::ptrdiff_t* to_strides);

/** to[i·to_strides] += from[i·from_strides], for float and double. Elements of `to` that coincide (stride 0) take up
 *  every term, one after the other. Use `reduce_sum` for long sums. */
template <class T>
void add_strided(const Shape& shape, const T* from, const std::ptrdiff_t* from_strides, T* to,
                 const std::ptrdiff_t* to_strides);

} // namespace xgrad::kernels
