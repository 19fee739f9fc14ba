#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/base/sizes.hpp>
#include <xgrad/ops/derivatives.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace xgrad::detail
{

namespace
{

template <class T>
std::size_t elements_of(const Variables<T>& xs)
{
    std::size_t count = 0;
    for (const Variable<T>& x : xs)
        count += x.size();
    return count;
}

/** The matrix by one sweep for each row. */
template <class T>
Array<T> jacobian_by_rows(Tape& tape, const Variables<T>& ys, const Variables<T>& xs)
{
    const std::size_t rows = elements_of(ys), columns = elements_of(xs);
    product_of_sizes("jacobian", "number of derivatives", rows, columns);
    Array<T> matrix = empty_array<T>({rows, columns});
    T* to = matrix.data();
    for (const Variable<T>& y : ys)
        for (std::size_t i = 0; i < y.size(); ++i) {
            Array<T> unit(y.shape(), T{0});
            unit.data()[i] = 1;
            for (const Variable<T>& row : tape.vector_jacobian_product<T>({y}, {constant(std::move(unit))}, xs,
                                                                          {.keep_tape = true, .unused_is_zero = true}))
                to = std::copy_n(row.data(), row.size(), to);
        }
    return matrix;
}

/** Upstream gradients of the ys: different numbers near 1. */
template <class T>
Variables<T> upstreams_of(const Variables<T>& ys)
{
    Variables<T> us;
    for (const Variable<T>& y : ys) {
        Array<T> u(y.shape(), T{0});
        for (std::size_t i = 0; i < u.size(); ++i)
            u.data()[i] = 1 + static_cast<T>(i % 7) / 8;
        us.push_back(variable(std::move(u)));
    }
    return us;
}

/** Returns whether w = uᵀ·J, but for rounding, for the transpose of a matrix J. */
template <class T>
bool is_product(const Variables<T>& w, const Array<T>& transposed, const Variables<T>& u)
{
    const T* row = transposed.data();
    const double tolerance = std::sqrt(static_cast<double>(std::numeric_limits<T>::epsilon()));
    for (const Variable<T>& part : w)
        for (std::size_t k = 0; k < part.size(); ++k) {
            double sum = 0, size = std::abs(static_cast<double>(part.data()[k]));
            for (const Variable<T>& factor : u)
                for (std::size_t i = 0; i < factor.size(); ++i) {
                    const double term = static_cast<double>(factor.data()[i]) * static_cast<double>(*row++);
                    sum += term;
                    size += std::abs(term);
                }
            if (!(std::abs(sum - static_cast<double>(part.data()[k])) <= tolerance * size))
                return false;
        }
    return true;
}

} // namespace

template <class T>
Array<T> jacobian_of(Tape& tape, const Variables<T>& ys, const Variables<T>& xs)
{
    const std::size_t rows = elements_of(ys), columns = elements_of(xs);
    if (2 * columns >= rows)
        return jacobian_by_rows(tape, ys, xs);
    // w = Jᵀ·u is linear in u, and its Jacobian with respect to u is Jᵀ.
    const Variables<T> us = upstreams_of(ys);
    const Variables<T> ws = tape.vector_jacobian_product(ys, us, xs, {.record = true, .unused_is_zero = true});
    const Array<T> transposed = jacobian_by_rows(tape, ws, us);
    if (!is_product(ws, transposed, us)) // a rule that is not made of ops has no derivative itself
        return jacobian_by_rows(tape, ys, xs);
    Array<T> matrix = empty_array<T>({rows, columns});
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t k = 0; k < columns; ++k)
            matrix.data()[i * columns + k] = transposed.data()[k * rows + i];
    return matrix;
}

template <class T>
Array<T> columns_of(const Array<T>& matrix, const Shape& y, const Shape& x, std::size_t begin)
{
    Shape shape = y;
    for (const std::size_t extent : x)
        shape.push_back(extent);
    Array<T> part = empty_array<T>(shape);
    const std::size_t rows = matrix.shape()[0], columns = matrix.shape()[1], count = rows > 0 ? part.size() / rows : 0;
    for (std::size_t i = 0; i < rows; ++i)
        std::copy_n(matrix.data() + i * columns + begin, count, part.data() + i * count);
    return part;
}

template <class T>
Variable<T> jacobian_vector_product_of(Tape& tape, const Variable<T>& y, const Variable<T>& x, const Variable<T>& v)
{
    const Variable<T> upstream = variable(Array<T>(y.shape(), T{0}));
    const Variable<T> transposed =
        tape.vector_jacobian_product(y, upstream, x, {.record = true, .unused_is_zero = true}); // (∂y/∂x)ᵀ·upstream
    return tape.vector_jacobian_product(transposed, v, upstream, {.unused_is_zero = true});
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Array<T> jacobian_of(Tape&, const Variables<T>&, const Variables<T>&);                                    \
    template Array<T> columns_of(const Array<T>&, const Shape&, const Shape&, std::size_t);                            \
    template Variable<T> jacobian_vector_product_of(Tape&, const Variable<T>&, const Variable<T>&, const Variable<T>&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)

} // namespace xgrad::detail
