#pragma once

#include <xgrad/graph/variable.hpp>

namespace xgrad
{

// A full layer on maps: it reads the values of all maps at one position, and does the same at every position, like a
// convolution with 1×1 kernels (N14, N19).
//
//     maps_of_rows(layer(rows_of_positions(x)), {N, H, W})

/** Maps (N, C, H, W) as rows (N·H·W, C), one for each position; 1×1 maps are not copied.
 *  Gradient: maps_of_rows(g). */
template <class T>
Variable<T> rows_of_positions(Variable<T> maps);

/** Rows (N·H·W, C) as maps (N, C, H, W). Gradient: rows_of_positions(g).
 *  @param positions  (N, H, W)   @throws ShapeError for another number of rows */
template <class T>
Variable<T> maps_of_rows(Variable<T> rows, const Shape& positions);

} // namespace xgrad
