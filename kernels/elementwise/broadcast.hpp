#pragma once
// Elementwise operations on arrays of different shapes, by NumPy's rules: shapes are aligned at the last dimension, and
// an extent of 1, or one that is missing, is stretched.

#include <xgrad/base/array.hpp>
#include <xgrad/kernels/table.hpp>

namespace xgrad::kernels
{

/** The shape that two operands have in common. `op` is named in the message.
 *  @throws ShapeError if two extents differ and neither is 1 */
Shape broadcast_shapes(const char* op, const Shape& a, const Shape& b);

/** y = f(a, b) for row-major arrays; `y_shape` is broadcast_shapes(a_shape, b_shape). y may be an operand that has its
 *  shape. For float and double. */
template <class T>
void binary_broadcast(Binary f, const T* a, const Shape& a_shape, const T* b, const Shape& b_shape, T* y,
                      const Shape& y_shape);

} // namespace xgrad::kernels
