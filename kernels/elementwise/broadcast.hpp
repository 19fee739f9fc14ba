#pragma once
// Elementwise operations on arrays of different shapes, by NumPy's rules: shapes are aligned at the last dimension, and
// an extent of 1, or one that is missing, is stretched.

#include <xgrad/base/array.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/kernels/loops.hpp>
#include <xgrad/kernels/table.hpp>

namespace xgrad::kernels
{

/** The shape that two operands have in common. Messages name `op`.
 *  @throws ShapeError if two extents differ and neither is 1 */
Shape broadcast_shapes(const char* op, const Shape& a, const Shape& b);

/** The loops over row-major arrays that are stretched to the shape of the last one. */
template <std::size_t arrays>
LoopNest<arrays> broadcast_loops(const std::array<const Shape*, arrays>& shapes)
{
    const Shape& shape = *shapes.back();
    std::array<std::ptrdiff_t, arrays> steps;
    for (std::size_t k = 0; k < arrays; ++k)
        steps[k] = static_cast<std::ptrdiff_t>(element_count(*shapes[k]));
    LoopNest<arrays> nest;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        std::array<std::ptrdiff_t, arrays> strides;
        for (std::size_t k = 0; k < arrays; ++k) {
            const std::size_t missing = shape.size() - shapes[k]->size();
            const std::size_t extent = axis < missing ? 1 : (*shapes[k])[axis - missing];
            steps[k] /= static_cast<std::ptrdiff_t>(extent);
            strides[k] = extent == 1 ? 0 : steps[k];
        }
        nest.push(shape[axis], strides);
    }
    return nest;
}

/** y = f(a, b) for row-major arrays; `y_shape` is broadcast_shapes(a_shape, b_shape). y may be an operand that has its
 *  shape. For float and double. */
template <class T>
void binary_broadcast(Binary f, const T* a, const Shape& a_shape, const T* b, const Shape& b_shape, T* y,
                      const Shape& y_shape);

} // namespace xgrad::kernels
