#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/graph/record.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/kernels/linalg/factorizations.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/decomposition.hpp>
#include <xgrad/ops/detail/linalg.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/joining.hpp>
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

/** The size of what rounding leaves of a 0, relative to the largest singular value. */
template <class T>
double rounding(std::size_t m, std::size_t n)
{
    return static_cast<double>(std::numeric_limits<T>::epsilon()) * static_cast<double>(std::max(m, n));
}

/** Returns whether a gradient of one of several results is there only because others have one. */
template <class T>
bool is_unused(const Variable<T>& g)
{
    return !g.requires_gradient() && std::all_of(g.data(), g.data() + g.size(), [](T each) { return each == 0; });
}

/** The matrices with the numbers of (…, n) on their diagonals. */
template <class T>
Variable<T> diagonal_matrix(const Variable<T>& numbers)
{
    return identity<T>(numbers.shape().back()) * expand_dims(numbers, -1);
}

/** x_ij·s_j of a number for each column. */
template <class T>
Variable<T> times_columns(const Variable<T>& x, const Variable<T>& s)
{
    return x * expand_dims(s, -2);
}

/** 1/d where the row is not the column, and 0 on the diagonal. */
template <class T>
Variable<T> inverse_off_diagonal(const Variable<T>& d)
{
    const Variable<T> ones = identity<T>(columns_of(d.shape()));
    return (1 - ones) / (d + ones);
}

/** @throws NumericalError if two neighbours among the ordered numbers (…, n) differ by no more than rounding
 *  @param what  the name of the numbers */
template <class T>
void require_distinct(const char* op, const char* what, const Variable<T>& numbers)
{
    const std::size_t n = numbers.shape().back();
    const Shape stack(numbers.shape().begin(), numbers.shape().end() - 1);
    for (std::size_t i = 0; i < element_count(stack) && n > 0; ++i) {
        const T* const x = numbers.data() + i * n;
        const double largest = std::max(std::abs(x[0]), std::abs(x[n - 1]));
        for (std::size_t j = 0; j + 1 < n; ++j)
            if (std::abs(static_cast<double>(x[j + 1]) - x[j]) <= rounding<T>(n, n) * largest)
                throw NumericalError(fmt::format("[{}] {} has the {} {} and {}: the gradient through the vectors needs "
                                                 "distinct ones",
                                                 op, name_of_matrix(stack, i), what, x[j], x[j + 1]));
    }
}

/** @throws NumericalError if a triangular factor (…, n, n) of m rows has a diagonal element that is 0, within rounding
 */
template <class T>
void require_independent(const char* op, const Variable<T>& r, std::size_t m, const char* hint)
{
    const std::size_t n = columns_of(r.shape());
    const Shape stack = leading(r.shape());
    for (std::size_t i = 0; i < element_count(stack) && n > 0; ++i) {
        double least = std::numeric_limits<double>::infinity(), largest = 0;
        for (std::size_t j = 0; j < n; ++j) {
            const double size = std::abs(static_cast<double>(r.data()[(i * n + j) * n + j]));
            least = std::min(least, size);
            largest = std::max(largest, size);
        }
        if (least <= rounding<T>(m, n) * largest)
            throw NumericalError(fmt::format("[{}] {} has dependent columns: {}", op, name_of_matrix(stack, i), hint));
    }
}

/** The decomposition for m ≥ n. */
template <class T>
Qr<T> tall_qr(const Variable<T>& a)
{
    const std::size_t m = rows_of(a.shape()), n = columns_of(a.shape());
    const auto value = [&] {
        const Shape stack = leading(a.shape());
        Variables<T> y{uninitialized<T>(a.shape()), uninitialized<T>(with_matrix(stack, n, n))};
        const T* const from = a.data();
        T *const to_q = y[0].mutable_data(), *const to_r = y[1].mutable_data();
        for_matrices(element_count(stack), 2 * m * n * n, [&](std::size_t first, std::size_t last) {
            Doubles r(n * n);
            for (std::size_t i = first; i < last; ++i) {
                Doubles q(from + i * m * n, from + (i + 1) * m * n);
                kernels::factor_qr(m, n, q.data(), r.data());
                round_to(q, to_q + i * m * n);
                round_to(r, to_r + i * n * n);
            }
        });
        return y;
    };
    const auto rule = [m, n](const auto& g, const auto& y) {
        const Variable<T>&q = y[0], &r = y[1];
        require_independent("qr", r, m, "there is no gradient");
        const auto lower = [n](double diagonal) {
            return matrix_of<T>(n, n, [diagonal](std::size_t i, std::size_t j) {
                return i == j ? diagonal : i > j ? 1.0 : 0.0;
            });
        };
        const auto l = matmul(r, g[1], {.b = true}) - matmul(g[0], q, {.a = true});
        const auto symmetric = l * lower(1) + transpose(l * lower(0));
        const auto upstream = g[0] + matmul(q, symmetric);
        return transpose(triangular_solve(r, transpose(upstream), {.lower = false}));
    };
    auto y = record("qr", value, wrt(a, rule));
    return {y[0], y[1]};
}

/** The decomposition for m ≥ n. */
template <class T>
Svd<T> tall_svd(const Variable<T>& a)
{
    const std::size_t m = rows_of(a.shape()), n = columns_of(a.shape());
    const auto value = [&] {
        const Shape stack = leading(a.shape());
        Shape numbers = stack;
        numbers.push_back(n);
        Variables<T> y{uninitialized<T>(a.shape()), uninitialized<T>(numbers),
                       uninitialized<T>(with_matrix(stack, n, n))};
        const T* const from = a.data();
        T *const to_u = y[0].mutable_data(), *const to_s = y[1].mutable_data(), *const to_vt = y[2].mutable_data();
        for_matrices(element_count(stack), 20 * m * n * n, [&](std::size_t first, std::size_t last) {
            Doubles s(n), vt(n * n);
            for (std::size_t i = first; i < last; ++i) {
                Doubles u(from + i * m * n, from + (i + 1) * m * n);
                kernels::decompose_singular(m, n, u.data(), s.data(), vt.data());
                round_to(u, to_u + i * m * n);
                round_to(s, to_s + i * n);
                round_to(vt, to_vt + i * n * n);
            }
        });
        return y;
    };
    const auto rule = [m, n](const auto& g, const auto& y) {
        const Variable<T>&u = y[0], &s = y[1], &vt = y[2];
        if (is_unused(g[0]) && is_unused(g[2]))
            return matmul(times_columns(u, g[1]), vt);
        require_distinct("svd", "singular values", s);
        const auto across = expand_dims(s, -2), down = expand_dims(s, -1);
        const auto f = inverse_off_diagonal((across - down) * (across + down));
        const auto of_u = matmul(u, g[0], {.a = true}), of_v = matmul(vt, g[2], {.b = true});
        const auto inner = f * (of_u - transpose(of_u)) * across + down * f * (of_v - transpose(of_v));
        const auto inside = matmul(matmul(u, inner + diagonal_matrix(g[1])), vt);
        if (m == n)
            return inside;
        for (std::size_t i = 0; i < s.size(); i += n)
            if (s.data()[i + n - 1] <= rounding<T>(m, n) * static_cast<double>(s.data()[i]))
                throw NumericalError(fmt::format("[svd] {} has the singular value 0: the gradient through the vectors "
                                                 "of a matrix that is not square needs others",
                                                 name_of_matrix(leading(u.shape()), i / n)));
        return inside + matmul((g[0] - matmul(u, of_u)) / across, vt);
    };
    auto y = record("svd", value, wrt(a, rule));
    return {y[0], y[1], y[2]};
}

/** 1 over each singular value of (…, k), and 0 for those that count as 0. */
template <class T>
Variable<T> inverted(const Variable<T>& s, std::size_t m, std::size_t n)
{
    Variable<T> y = uninitialized<T>(s.shape());
    T* const to = y.mutable_data();
    const std::size_t k = s.shape().back();
    for (std::size_t i = 0; i < s.size(); ++i)
        to[i] = s.data()[i] <= rounding<T>(m, n) * static_cast<double>(s.data()[i / k * k]) ? 0 : 1 / s.data()[i];
    return y;
}

/** √(Σ x²) of each matrix, scaled so that no square overflows. */
template <class T>
Variable<T> frobenius(const Variable<T>& x)
{
    const std::size_t count = rows_of(x.shape()) * columns_of(x.shape());
    Array<T> scales = empty_array<T>(with_matrix(leading(x.shape()), 1, 1));
    for (std::size_t i = 0; i < scales.size(); ++i) {
        T largest = 0;
        for (std::size_t j = 0; j < count; ++j)
            largest = std::max(largest, std::abs(x.data()[i * count + j]));
        scales.data()[i] = largest > 0 && std::isfinite(largest) ? largest : T(1);
    }
    const Variable<T> scale(std::move(scales));
    const auto squares = sum(square(x / scale), {-2, -1}, true);
    const auto zero = greater_equal(0, squares);
    return squeeze(squeeze(where(zero, 0, sqrt(where(zero, 1, squares))) * scale, -1), -1);
}

/** The singular values of (…, m, n), of which there is one or more. */
template <class T>
Variable<T> some_singular_values(const char* op, const Variable<T>& x)
{
    if (rows_of(x.shape()) == 0 || columns_of(x.shape()) == 0)
        throw ShapeError(fmt::format("[{}] matrices of shape {} have no singular values", op, to_string(x.shape())));
    return svd(x).s;
}

/** The i-th number of each row of (…, k). */
template <class T>
Variable<T> number(const Variable<T>& numbers, std::size_t i)
{
    return squeeze(slice(numbers, -1, i, i + 1), -1);
}

} // namespace

template <class T>
Qr<T> qr(const Variable<T>& a)
{
    require_matrices("qr", a.shape());
    const std::size_t m = rows_of(a.shape()), n = columns_of(a.shape());
    if (m >= n)
        return tall_qr(a);
    auto [q, left] = tall_qr(slice(a, -1, 0, m));
    auto right = matmul(q, slice(a, -1, m, n), {.a = true});
    return {std::move(q), concatenate({std::move(left), std::move(right)}, -1)};
}

template <class T>
Svd<T> svd(const Variable<T>& a)
{
    require_matrices("svd", a.shape());
    if (rows_of(a.shape()) >= columns_of(a.shape()))
        return tall_svd(a);
    const Svd<T> turned = tall_svd(transpose(a));
    return {transpose(turned.vt), turned.s, transpose(turned.u)};
}

template <class T>
Eigh<T> eigh(const Variable<T>& a)
{
    require_square("eigh", a.shape());
    const std::size_t n = rows_of(a.shape());
    const auto value = [&] {
        Shape numbers = leading(a.shape());
        const std::size_t count = element_count(numbers);
        numbers.push_back(n);
        Variables<T> y{uninitialized<T>(numbers), uninitialized<T>(a.shape())};
        const T* const from = a.data();
        T *const to_w = y[0].mutable_data(), *const to_v = y[1].mutable_data();
        for_matrices(count, 20 * n * n * n, [&](std::size_t first, std::size_t last) {
            Doubles w(n);
            for (std::size_t i = first; i < last; ++i) {
                Doubles v = symmetric_part(n, from + i * n * n);
                kernels::decompose_symmetric(n, v.data(), w.data());
                round_to(w, to_w + i * n);
                round_to(v, to_v + i * n * n);
            }
        });
        return y;
    };
    const auto rule = [](const auto& g, const auto& y) {
        const Variable<T>&w = y[0], &v = y[1];
        if (is_unused(g[1]))
            return matmul(times_columns(v, g[0]), v, {.b = true});
        require_distinct("eigh", "eigenvalues", w);
        const auto f = inverse_off_diagonal(expand_dims(w, -2) - expand_dims(w, -1));
        const auto inner = diagonal_matrix(g[0]) + f * matmul(v, g[1], {.a = true});
        const auto outer = matmul(matmul(v, inner), v, {.b = true});
        return (outer + transpose(outer)) * T(0.5);
    };
    auto y = record("eigh", value, wrt(a, rule));
    return {y[0], y[1]};
}

template <class T>
Variable<T> eigvalsh(const Variable<T>& a)
{
    require_square("eigvalsh", a.shape());
    return eigh(a).eigenvalues;
}

template <class T>
Variable<T> lstsq(const Variable<T>& a, const Variable<T>& b)
{
    require_matrices("lstsq", a.shape());
    const std::size_t m = rows_of(a.shape());
    if (m < columns_of(a.shape()))
        throw ShapeError(
            fmt::format("[lstsq] a is {}: fewer equations than unknowns, pinv takes these", to_string(a.shape())));
    check_right_side("lstsq", a.shape(), b.shape());
    const auto [q, r] = qr(a);
    require_independent("lstsq", r, m, "there is more than one solution, pinv gives the shortest one");
    return with_columns(b, [&, &q = q, &r = r](const Variable<T>& columns) {
        return triangular_solve(r, matmul(q, columns, {.a = true}), {.lower = false});
    });
}

template <class T>
Variable<T> pinv(const Variable<T>& a)
{
    require_matrices("pinv", a.shape());
    const auto value = [&] {
        const PauseRecording pause;
        const Svd<T> d = svd(a);
        const auto factors = inverted(d.s, rows_of(a.shape()), columns_of(a.shape()));
        return matmul(times_columns(transpose(d.vt), factors), d.u, {.b = true});
    };
    return record("pinv", value, wrt(a, [a](const auto& g, const auto& y) {
                      const auto inside = matmul(matmul(y, g, {.a = true}), y, {.b = true});
                      const auto rows = matmul(transpose(g), matmul(y, y, {.b = true})); // gᵀ·y·yᵀ
                      const auto columns = matmul(matmul(y, y, {.a = true}), transpose(g));
                      return rows - matmul(a, matmul(y, rows)) + columns - matmul(matmul(columns, y), a) - inside;
                  }));
}

template <class T>
Labels matrix_rank(const Variable<T>& a)
{
    require_matrices("matrix_rank", a.shape());
    const PauseRecording pause;
    const Variable<T> s = svd(a).s, factors = inverted(s, rows_of(a.shape()), columns_of(a.shape()));
    Labels ranks = empty_array<std::int32_t>(leading(a.shape()));
    const std::size_t k = s.shape().back();
    for (std::size_t i = 0; i < ranks.size(); ++i)
        ranks.data()[i] = static_cast<std::int32_t>(
            std::count_if(factors.data() + i * k, factors.data() + (i + 1) * k, [](T factor) { return factor != 0; }));
    return ranks;
}

template <class T>
Variable<T> matrix_norm(const Variable<T>& x, MatrixNorm kind)
{
    require_matrices("matrix_norm", x.shape());
    switch (kind) {
    case MatrixNorm::nuclear:
        return sum(svd(x).s, -1);
    case MatrixNorm::spectral:
        return number(some_singular_values("matrix_norm", x), 0);
    default:
        return frobenius(x);
    }
}

template <class T>
Variable<T> cond(const Variable<T>& a)
{
    require_matrices("cond", a.shape());
    const Variable<T> s = some_singular_values("cond", a);
    return number(s, 0) / number(s, s.shape().back() - 1);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Qr<T> qr(const Variable<T>&);                                                                             \
    template Eigh<T> eigh(const Variable<T>&);                                                                         \
    template Variable<T> eigvalsh(const Variable<T>&);                                                                 \
    template Svd<T> svd(const Variable<T>&);                                                                           \
    template Variable<T> lstsq(const Variable<T>&, const Variable<T>&);                                                \
    template Variable<T> pinv(const Variable<T>&);                                                                     \
    template Labels matrix_rank(const Variable<T>&);                                                                   \
    template Variable<T> matrix_norm(const Variable<T>&, MatrixNorm);                                                  \
    template Variable<T> cond(const Variable<T>&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
