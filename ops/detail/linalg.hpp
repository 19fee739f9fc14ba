#pragma once
// What the files of linear algebra share. Not for users.

#include <xgrad/base/memory.hpp>
#include <xgrad/graph/variable.hpp>
#include <xgrad/ops/detail/stacks.hpp>
#include <xgrad/ops/shape.hpp>

#include <vector>

namespace xgrad::detail
{

/** A matrix in the precision in which it is computed. */
using Doubles = std::vector<double, PooledAllocator<double>>;

/** The constant matrix of the numbers f(row, column). */
template <class T, class F>
Variable<T> matrix_of(std::size_t rows, std::size_t columns, F f)
{
    Array<T> numbers = empty_array<T>({rows, columns});
    T* to = numbers.data();
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < columns; ++j)
            *to++ = static_cast<T>(f(i, j));
    return Variable<T>(std::move(numbers));
}

/** The constant (n, n) matrix with ones on its diagonal. */
template <class T>
Variable<T> identity(std::size_t n)
{
    return matrix_of<T>(n, n, [](std::size_t i, std::size_t j) { return i == j; });
}

/** The symmetric part of one matrix. */
template <class T>
Doubles symmetric_part(std::size_t n, const T* a)
{
    Doubles part(n * n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            part[i * n + j] = 0.5 * static_cast<double>(a[i * n + j]) + 0.5 * static_cast<double>(a[j * n + i]);
    return part;
}

/** Writes numbers where a stack has them, rounded to its precision. */
template <class T>
void round_to(const Doubles& numbers, T* to)
{
    for (const double number : numbers)
        *to++ = static_cast<T>(number);
}

/** @throws ShapeError unless b is a right side of a system with the matrices a: (m), or (…, m, c) that broadcasts */
void check_right_side(const char* op, const Shape& a, const Shape& b);

/** Solves for the columns of b, or for a vector as one column, which the result loses. */
template <class T, class F>
Variable<T> with_columns(const Variable<T>& b, F solve_columns)
{
    return b.dimension() == 1 ? squeeze(solve_columns(expand_dims(b, 1)), -1) : solve_columns(b);
}

/** `inv`, whose errors name another op. */
template <class T>
Variable<T> inverse(const char* op, const Variable<T>& a);

} // namespace xgrad::detail
