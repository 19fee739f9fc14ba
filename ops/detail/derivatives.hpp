#pragma once
// The compiled part of the derivatives. Not for users.

#include <xgrad/graph/tape.hpp>

namespace xgrad::detail
{

/** ∂y/∂x as a matrix, with a row for each element of the ys and a column for each element of the xs. */
template <class T>
Array<T> jacobian_of(Tape& tape, const Variables<T>& ys, const Variables<T>& xs);
/** The part of such a matrix for one x, with the axes of y first. @param begin  the first of its columns */
template <class T>
Array<T> columns_of(const Array<T>& matrix, const Shape& y, const Shape& x, std::size_t begin);

template <class T>
Variable<T> jacobian_vector_product_of(Tape& tape, const Variable<T>& y, const Variable<T>& x, const Variable<T>& v);

} // namespace xgrad::detail
