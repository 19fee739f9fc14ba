#pragma once
// Stacks of matrices: arrays whose last two axes are rows and columns. Not for users.

#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/kernels/pieces.hpp>

#include <algorithm>
#include <string>

namespace xgrad::detail
{

/** The extents before the last two. */
inline Shape leading(const Shape& shape) { return {shape.begin(), shape.end() - 2}; }

/** A shape of a stack of matrices. */
inline Shape with_matrix(Shape stack, std::size_t rows, std::size_t columns)
{
    stack.push_back(rows);
    stack.push_back(columns);
    return stack;
}

inline std::size_t rows_of(const Shape& shape) { return shape[shape.size() - 2]; }
inline std::size_t columns_of(const Shape& shape) { return shape[shape.size() - 1]; }

/** Returns whether the axes before the last two broadcast. */
inline bool stacks_fit(const Shape& a, const Shape& b)
{
    for (std::size_t i = 3; i <= std::min(a.size(), b.size()); ++i) {
        const std::size_t extent_a = a[a.size() - i], extent_b = b[b.size() - i];
        if (extent_a != extent_b && extent_a != 1 && extent_b != 1)
            return false;
    }
    return true;
}

/** The offset in a stack of `shape` of the matrix that broadcasting puts at `position` of the result's stack. */
inline std::size_t offset_of(const Shape& shape, const Shape& stack, std::size_t position)
{
    std::size_t offset = 0, stride = rows_of(shape) * columns_of(shape);
    for (std::size_t i = 0; i < stack.size(); ++i) {
        const std::size_t index = position % stack[stack.size() - 1 - i];
        position /= stack[stack.size() - 1 - i];
        if (i + 2 >= shape.size())
            break;
        const std::size_t extent = shape[shape.size() - 3 - i];
        offset += (extent == 1 ? 0 : index) * stride;
        stride *= extent;
    }
    return offset;
}

/** The name of one matrix for messages: "the matrix", or "matrix (1,0) of the stack". */
inline std::string name_of_matrix(const Shape& stack, std::size_t position)
{
    if (stack.empty())
        return "the matrix";
    Shape index(stack.size());
    for (std::size_t axis = stack.size(); axis-- > 0; position /= stack[axis])
        index[axis] = position % stack[axis];
    return "matrix " + to_string(index) + " of the stack";
}

/** @throws ShapeError unless there are two axes or more */
inline void require_matrices(const char* op, const Shape& shape)
{
    if (shape.size() < 2)
        throw ShapeError("[" + std::string(op) + "] the shape is " + to_string(shape) +
                         ": a matrix or a stack of matrices is needed");
}

/** @throws ShapeError unless the last two extents are the same */
inline void require_square(const char* op, const Shape& shape)
{
    require_matrices(op, shape);
    if (rows_of(shape) != columns_of(shape))
        throw ShapeError("[" + std::string(op) + "] the shape is " + to_string(shape) + ": square matrices are needed");
}

/** Calls f(first, last) for ranges of the matrices of a stack, on all threads if the work is worth it.
 *  @param operations  for one matrix */
template <class F>
void for_matrices(std::size_t count, std::size_t operations, F f)
{
    const std::size_t pieces = kernels::pieces_for(count * operations, count, 1);
    parallel_for(pieces, [&](std::size_t i) {
        const kernels::Range range = kernels::piece(i, pieces, count);
        f(range.begin, range.end);
    });
}

} // namespace xgrad::detail
