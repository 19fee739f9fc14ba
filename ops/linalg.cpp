#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/graph/record.hpp>
#include <xgrad/kernels/elementwise/broadcast.hpp>
#include <xgrad/kernels/linalg/factorizations.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/detail/linalg.hpp>
#include <xgrad/ops/diagonals.hpp>
#include <xgrad/ops/linalg.hpp>
#include <xgrad/ops/matmul.hpp>
#include <xgrad/ops/reduction.hpp>

#include <fmt/core.h>

#include <cmath>
#include <limits>

namespace xgrad
{

using namespace detail;

namespace
{

[[noreturn]] void throw_singular(const char* op, const Shape& stack, std::size_t position)
{
    throw NumericalError(fmt::format("[{}] {} is singular", op, name_of_matrix(stack, position)));
}

/** P·A = L·U of one matrix. */
struct Factors
{
    Doubles lu;
    std::vector<std::size_t> pivots;
    int sign;

    template <class T>
    Factors(std::size_t n, const T* a)
        : lu(a, a + n * n), pivots(n), sign(kernels::factor_lu(n, lu.data(), pivots.data()))
    {}
    std::size_t size() const { return pivots.size(); }
    double diagonal(std::size_t i) const { return lu[i * size() + i]; }
    bool is_singular() const
    {
        for (std::size_t i = 0; i < size(); ++i)
            if (diagonal(i) == 0)
                return true;
        return false;
    }
};

/** The solutions of all systems of two stacks. `make_solver(a, position in the stack of a)` returns a function that
 *  overwrites a right side with the solution. It is called once for matrices that follow each other in the stack. */
template <class T, class MakeSolver>
Variable<T> solutions(const char* op, const Variable<T>& a, const Variable<T>& b, MakeSolver make_solver)
{
    const std::size_t n = rows_of(b.shape()), columns = columns_of(b.shape());
    const Shape stack = kernels::broadcast_shapes(op, leading(a.shape()), leading(b.shape()));
    Variable<T> y = uninitialized<T>(with_matrix(stack, n, columns));
    const T *from_a = a.data(), *from_b = b.data();
    T* const to = y.mutable_data();
    for_matrices(element_count(stack), n * n * (n + columns), [&](std::size_t first, std::size_t last) {
        for (std::size_t position = first; position < last;) {
            const std::size_t offset = offset_of(a.shape(), stack, position);
            const auto solver = make_solver(from_a + offset, n == 0 ? 0 : offset / (n * n));
            for (; position < last && offset_of(a.shape(), stack, position) == offset; ++position) {
                const T* const right = from_b + offset_of(b.shape(), stack, position);
                Doubles x(right, right + n * columns);
                solver(columns, x.data());
                round_to(x, to + position * n * columns);
            }
        }
    });
    return y;
}

template <class T>
Variable<T> solved(const char* op, const Variable<T>& a, const Variable<T>& b)
{
    const auto value = [&] {
        return solutions(op, a, b, [&](const T* matrix, std::size_t position) {
            Factors factors(rows_of(a.shape()), matrix);
            if (factors.is_singular())
                throw_singular(op, leading(a.shape()), position);
            return [factors = std::move(factors)](std::size_t columns, double* x) {
                kernels::solve_lu(factors.size(), columns, factors.lu.data(), factors.pivots.data(), x);
            };
        });
    };
    const auto gradients = [a = a, shape = b.shape()](const auto& g, const auto& y) {
        const Variable<T> of_b = solve(transpose(a), g);
        const auto of_a = [&] { return sum_to(-matmul(of_b, y, {.b = true}), a.shape()); };
        return Variables<T>{a.requires_gradient() ? of_a() : Variable<T>(), sum_to(of_b, shape)};
    };
    return record("solve", value, wrt_jointly(gradients, a, b));
}

/** x inside a triangle, 0 elsewhere. */
template <class T>
Variable<T> in_triangle(Triangle triangle, const Variable<T>& x)
{
    const std::size_t n = columns_of(x.shape());
    return x * matrix_of<T>(n, n, [&](std::size_t i, std::size_t j) {
               return i == j ? !triangle.unit_diagonal : (i > j) == triangle.lower;
           });
}

template <class T>
Variable<T> substituted(const Variable<T>& a, const Variable<T>& b, Triangle triangle)
{
    const auto value = [&] {
        return solutions("triangular_solve", a, b, [&](const T* matrix, std::size_t position) {
            const std::size_t n = rows_of(a.shape());
            for (std::size_t i = 0; i < n && !triangle.unit_diagonal; ++i)
                if (matrix[i * n + i] == 0)
                    throw_singular("triangular_solve", leading(a.shape()), position);
            return [n, triangle, factor = Doubles(matrix, matrix + n * n)](std::size_t columns, double* x) {
                kernels::solve_triangular({triangle.lower, triangle.transposed, triangle.unit_diagonal}, n, columns,
                                          factor.data(), x);
            };
        });
    };
    const auto gradients = [a = a, triangle, shape = b.shape()](const auto& g, const auto& y) {
        const Triangle other{triangle.lower, !triangle.transposed, triangle.unit_diagonal};
        const Variable<T> of_b = triangular_solve(a, g, other);
        const auto of_a = [&] {
            const auto all = triangle.transposed ? matmul(y, of_b, {.b = true}) : matmul(of_b, y, {.b = true});
            return sum_to(in_triangle(triangle, -all), a.shape());
        };
        return Variables<T>{a.requires_gradient() ? of_a() : Variable<T>(), sum_to(of_b, shape)};
    };
    return record("triangular_solve", value, wrt_jointly(gradients, a, b));
}

/** An array of one number for each matrix of a stack, f(factors). */
template <class T, class F>
Variable<T> of_each_matrix(const Variable<T>& a, F f)
{
    const std::size_t n = rows_of(a.shape());
    const T* const from = a.data();
    Variable<T> y = uninitialized<T>(leading(a.shape()));
    T* const to = y.mutable_data();
    for_matrices(y.size(), n * n * n, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i)
            to[i] = static_cast<T>(f(Factors(n, from + i * n * n), i));
    });
    return y;
}

/** s·x of a number for each matrix and the matrix. */
template <class T>
Variable<T> times(const Variable<T>& s, const Variable<T>& x)
{
    return expand_dims(expand_dims(s, -1), -1) * x;
}

} // namespace

void detail::check_right_side(const char* op, const Shape& a, const Shape& b)
{
    const bool is_vector = b.size() == 1;
    if (b.empty() || (is_vector ? b[0] : rows_of(b)) != rows_of(a))
        throw ShapeError(
            fmt::format("[{}] a is {}, b is {}: b needs {} rows", op, to_string(a), to_string(b), rows_of(a)));
    if (!is_vector && !stacks_fit(a, b))
        throw ShapeError(
            fmt::format("[{}] the leading axes do not broadcast: a is {}, b is {}", op, to_string(a), to_string(b)));
}

template <class T>
Variable<T> detail::inverse(const char* op, const Variable<T>& a)
{
    return solved(op, a, identity<T>(rows_of(a.shape())));
}

template <class T>
Variable<T> solve(const Variable<T>& a, const Variable<T>& b)
{
    require_square("solve", a.shape());
    check_right_side("solve", a.shape(), b.shape());
    return with_columns(b, [&](const Variable<T>& columns) { return solved("solve", a, columns); });
}

template <class T>
Variable<T> triangular_solve(const Variable<T>& a, const Variable<T>& b, Triangle triangle)
{
    require_square("triangular_solve", a.shape());
    check_right_side("triangular_solve", a.shape(), b.shape());
    return with_columns(b, [&](const Variable<T>& columns) { return substituted(a, columns, triangle); });
}

template <class T>
Variable<T> inv(const Variable<T>& a)
{
    require_square("inv", a.shape());
    return inverse("inv", a);
}

template <class T>
Variable<T> cholesky(const Variable<T>& a)
{
    require_square("cholesky", a.shape());
    const std::size_t n = rows_of(a.shape());
    const auto value = [&] {
        Variable<T> y = uninitialized<T>(a.shape());
        const T* const from = a.data();
        T* const to = y.mutable_data();
        for_matrices(element_count(leading(a.shape())), n * n * n, [&](std::size_t first, std::size_t last) {
            for (std::size_t i = first; i < last; ++i) {
                Doubles factor = symmetric_part(n, from + i * n * n);
                if (!kernels::factor_cholesky(n, factor.data()))
                    throw NumericalError(
                        fmt::format("[cholesky] {} is not positive definite", name_of_matrix(leading(a.shape()), i)));
                round_to(factor, to + i * n * n);
            }
        });
        return y;
    };
    return record("cholesky", value, wrt(a, [n](const auto& g, const auto& y) {
                      const auto halved = matrix_of<T>(n, n, [](std::size_t i, std::size_t j) {
                          return i == j ? 0.5 : i > j ? 1.0 : 0.0;
                      });
                      const Variable<T> phi = matmul(y, g, {.a = true}) * halved;
                      const auto by_factor = [&](const Variable<T>& x) {
                          return triangular_solve(y, x, {.transposed = true}); // y⁻ᵀ·x
                      };
                      return by_factor(transpose(by_factor(phi + transpose(phi)))) * T(0.5);
                  }));
}

template <class T>
Variable<T> det(const Variable<T>& a)
{
    require_square("det", a.shape());
    const auto value = [&] {
        return of_each_matrix(a, [](const Factors& factors, std::size_t) {
            double product = factors.sign;
            for (std::size_t i = 0; i < factors.size(); ++i)
                product *= factors.diagonal(i);
            return product;
        });
    };
    return record("det", value, wrt(a, [a](const auto& g, const auto& y) {
                      return times(g * y, transpose(inverse("the gradient of det", a)));
                  }));
}

template <class T>
Slogdet<T> slogdet(const Variable<T>& a)
{
    require_square("slogdet", a.shape());
    Array<T> signs = empty_array<T>(leading(a.shape()));
    const auto value = [&] {
        return of_each_matrix(a, [&](const Factors& factors, std::size_t position) {
            double sign = factors.sign, sum = 0;
            for (std::size_t i = 0; i < factors.size(); ++i) {
                const double u = factors.diagonal(i);
                sign *= u > 0 ? 1 : u < 0 ? -1 : u;
                sum += std::log(std::abs(u));
            }
            signs.data()[position] = static_cast<T>(sign);
            return sum;
        });
    };
    Variable<T> logarithm =
        record("slogdet", value,
               wrt(a, [a](const auto& g) { return times(g, transpose(inverse("the gradient of slogdet", a))); }));
    return {Variable<T>(std::move(signs)), std::move(logarithm)};
}

template <class T>
Variable<T> trace(const Variable<T>& x)
{
    require_matrices("trace", x.shape());
    return sum(diagonal(x, 0, -2, -1), -1);
}

template <class T>
Variable<T> matrix_power(const Variable<T>& a, std::ptrdiff_t power)
{
    require_square("matrix_power", a.shape());
    if (power == 0)
        return broadcast_to(identity<T>(rows_of(a.shape())), a.shape());
    Variable<T> square = power > 0 ? a : inverse("matrix_power", a), y;
    auto rest = power > 0 ? static_cast<std::size_t>(power) : std::size_t{0} - static_cast<std::size_t>(power);
    for (;; square = matmul(square, square)) {
        if (rest % 2 == 1)
            y = y.has_value() ? matmul(y, square) : square;
        if ((rest /= 2) == 0)
            return y;
    }
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> detail::inverse(const char*, const Variable<T>&);                                             \
    template Variable<T> solve(const Variable<T>&, const Variable<T>&);                                                \
    template Variable<T> triangular_solve(const Variable<T>&, const Variable<T>&, Triangle);                           \
    template Variable<T> inv(const Variable<T>&);                                                                      \
    template Variable<T> cholesky(const Variable<T>&);                                                                 \
    template Variable<T> det(const Variable<T>&);                                                                      \
    template Slogdet<T> slogdet(const Variable<T>&);                                                                   \
    template Variable<T> trace(const Variable<T>&);                                                                    \
    template Variable<T> matrix_power(const Variable<T>&, std::ptrdiff_t);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
