#pragma once
// What reductions to the largest or smallest element share with indexing. Not for users.

#include <xgrad/ops/indexing.hpp>

namespace xgrad::detail
{

/** The largest or smallest element of each row, by `op`, at the positions where they are. */
template <class T>
Variable<T> take_best(const char* op, const Variable<T>& x, const Labels& indices);

} // namespace xgrad::detail
