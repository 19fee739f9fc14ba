// Householder's reflections and Jacobi's rotations. The innermost loops run along rows, so what is rotated are the rows
// of a transpose.

#include <xgrad/base/memory.hpp>
#include <xgrad/kernels/linalg/factorizations.hpp>
#include <xgrad/kernels/linalg/lapack.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace xgrad::kernels
{

namespace
{

using Doubles = std::vector<double, PooledAllocator<double>>;

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr int most_sweeps = 60; // ten are usual

/** A power of 2 near the largest element, by which squares neither overflow nor vanish: 1 if there is none. */
double scale_of(std::size_t count, const double* a)
{
    double largest = 0;
    for (std::size_t i = 0; i < count; ++i)
        largest = std::max(largest, std::abs(a[i]));
    int exponent = 0;
    std::frexp(largest, &exponent);
    return largest > 0 && std::isfinite(largest) ? std::ldexp(1.0, std::clamp(exponent, -1000, 1000)) : 1.0;
}

double dot(std::size_t count, const double* x, const double* y)
{
    constexpr std::size_t lanes = 8;
    std::array<double, lanes> sums{};
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes)
        for (std::size_t lane = 0; lane < lanes; ++lane)
            sums[lane] += x[i + lane] * y[i + lane];
    double sum = 0;
    for (; i < count; ++i)
        sum += x[i] * y[i];
    return std::accumulate(sums.begin(), sums.end(), sum);
}

double norm(std::size_t count, const double* x) { return std::sqrt(dot(count, x, x)); }

struct Rotation
{
    double cosine, sine, tangent;

    /** The rotation that makes the element `off` of the symmetric matrix [p off; off q] zero, by the smaller angle. */
    static Rotation diagonalizing(double p, double off, double q)
    {
        const double tau = (q - p) / (2 * off);
        const double t = std::copysign(1.0, tau) / (std::abs(tau) + std::hypot(1.0, tau));
        const double c = 1 / std::sqrt(1 + t * t);
        return {c, t * c, t};
    }
    void apply(std::size_t count, double* x, double* y) const
    {
        for (std::size_t i = 0; i < count; ++i) {
            const double a = x[i], b = y[i];
            x[i] = cosine * a - sine * b;
            y[i] = sine * a + cosine * b;
        }
    }
};

void fill_identity(std::size_t n, double* a)
{
    std::fill_n(a, n * n, 0.0);
    for (std::size_t i = 0; i < n; ++i)
        a[i * n + i] = 1;
}

/** The positions of the values in another order. */
template <class Before>
std::vector<std::size_t> sorted(std::size_t n, Before before)
{
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), before);
    return order;
}

bool is_finite(std::size_t count, const double* a)
{
    return std::all_of(a, a + count, [](double x) { return std::isfinite(x); });
}

/** Makes each row that is 0 a unit vector that is orthogonal to all other rows of an (n, n) matrix. It begins with the
 *  axis that is farthest from them. */
void complete(std::size_t n, double* rows)
{
    Doubles along(n); // the square of the part of each axis that the rows span
    for (std::size_t i = 0; i < n * n; ++i)
        along[i % n] += rows[i] * rows[i];
    for (std::size_t k = 0; k < n; ++k) {
        double* const row = rows + k * n;
        if (dot(n, row, row) > 0)
            continue;
        Doubles vector(n);
        vector[static_cast<std::size_t>(std::min_element(along.begin(), along.end()) - along.begin())] = 1;
        for (int twice = 0; twice < 2; ++twice) // once leaves the rounding of the first time
            for (std::size_t other = 0; other < n; ++other) {
                const double product = dot(n, rows + other * n, vector.data());
                for (std::size_t i = 0; i < n; ++i)
                    vector[i] -= product * rows[other * n + i];
            }
        const double length = norm(n, vector.data());
        for (std::size_t i = 0; i < n; ++i) {
            row[i] = vector[i] / length;
            along[i] += row[i] * row[i];
        }
    }
}

/** Applies I − τ·v·vᵀ to the columns of the rows `a`, (rows, columns) with `stride` from one row to the next. */
void reflect(std::size_t rows, std::size_t columns, double tau, const double* v, double* a, std::size_t stride,
             double* products)
{
    std::fill_n(products, columns, 0.0);
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < columns; ++j)
            products[j] += v[i] * a[i * stride + j];
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < columns; ++j)
            a[i * stride + j] -= tau * v[i] * products[j];
}

} // namespace

void factor_qr(std::size_t m, std::size_t n, double* a, double* r)
{
    if (lapack::factor_qr(m, n, a, r))
        return;
    const double scale = scale_of(m * n, a);
    Doubles vectors(m * n), taus(n), products(n); // a reflection's vector is a row, from its own place on
    for (std::size_t i = 0; i < m * n; ++i)
        a[i] /= scale;
    for (std::size_t k = 0; k < n; ++k) {
        double* const v = vectors.data() + k * m + k;
        double* const corner = a + k * n + k;
        for (std::size_t i = 0; i < m - k; ++i)
            v[i] = corner[i * n];
        const double below = norm(m - k - 1, v + 1);
        if (below == 0)
            continue;
        const double beta = -std::copysign(std::hypot(v[0], below), v[0]);
        taus[k] = (beta - v[0]) / beta;
        for (std::size_t i = 1; i < m - k; ++i)
            v[i] /= corner[0] - beta;
        v[0] = 1;
        reflect(m - k, n - k, taus[k], v, corner, n, products.data());
    }
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            r[i * n + j] = i <= j ? scale * a[i * n + j] : 0;
    std::fill_n(a, m * n, 0.0);
    for (std::size_t k = n; k-- > 0;) {
        a[k * n + k] = 1;
        reflect(m - k, n - k, taus[k], vectors.data() + k * m + k, a + k * n + k, n, products.data());
    }
}

void decompose_symmetric(std::size_t n, double* a, double* w)
{
    if (!is_finite(n * n, a)) {
        std::fill_n(a, n * n, std::numeric_limits<double>::quiet_NaN());
        std::fill_n(w, n, std::numeric_limits<double>::quiet_NaN());
        return;
    }
    if (lapack::decompose_symmetric(n, a, w))
        return;
    const double scale = scale_of(n * n, a);
    for (std::size_t i = 0; i < n * n; ++i)
        a[i] /= scale;
    Doubles vectors(n * n); // a row each
    fill_identity(n, vectors.data());
    const double negligible = epsilon * epsilon * norm(n * n, a);
    bool rotated = true;
    for (int sweep = 0; rotated && sweep < most_sweeps; ++sweep) {
        rotated = false;
        for (std::size_t p = 0; p < n; ++p)
            for (std::size_t q = p + 1; q < n; ++q) {
                const double off = a[p * n + q], at_p = a[p * n + p], at_q = a[q * n + q];
                if (std::abs(off) <= std::max(negligible, epsilon * std::min(std::abs(at_p), std::abs(at_q))))
                    continue;
                const Rotation rotation = Rotation::diagonalizing(at_p, off, at_q);
                rotation.apply(n, a + p * n, a + q * n);
                for (std::size_t i = 0; i < n; ++i) {
                    a[i * n + p] = a[p * n + i];
                    a[i * n + q] = a[q * n + i];
                }
                a[p * n + p] = at_p - rotation.tangent * off;
                a[q * n + q] = at_q + rotation.tangent * off;
                a[p * n + q] = a[q * n + p] = 0;
                rotation.apply(n, vectors.data() + p * n, vectors.data() + q * n);
                rotated = true;
            }
    }
    const auto order = sorted(n, [&](std::size_t i, std::size_t j) { return a[i * n + i] < a[j * n + j]; });
    for (std::size_t k = 0; k < n; ++k)
        w[k] = scale * a[order[k] * n + order[k]];
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t k = 0; k < n; ++k)
            a[i * n + k] = vectors[order[k] * n + i];
}

void decompose_singular(std::size_t m, std::size_t n, double* a, double* s, double* vt)
{
    if (!is_finite(m * n, a)) {
        std::fill_n(a, m * n, std::numeric_limits<double>::quiet_NaN());
        std::fill_n(s, n, std::numeric_limits<double>::quiet_NaN());
        std::fill_n(vt, n * n, std::numeric_limits<double>::quiet_NaN());
        return;
    }
    if (lapack::decompose_singular(m, n, a, s, vt))
        return;
    const double scale = scale_of(m * n, a);
    Doubles r(n * n), columns(n * n), rotated_rows(n * n); // the columns of R, a row each; Vᵀ
    factor_qr(m, n, a, r.data());
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            columns[j * n + i] = r[i * n + j] / scale;
    fill_identity(n, rotated_rows.data());
    const double orthogonal = epsilon * std::sqrt(static_cast<double>(n));
    bool rotated = true;
    for (int sweep = 0; rotated && sweep < most_sweeps; ++sweep) {
        rotated = false;
        for (std::size_t p = 0; p < n; ++p)
            for (std::size_t q = p + 1; q < n; ++q) {
                double *const x = columns.data() + p * n, *const y = columns.data() + q * n;
                const double pp = dot(n, x, x), qq = dot(n, y, y), pq = dot(n, x, y);
                if (std::abs(pq) <= orthogonal * std::sqrt(pp) * std::sqrt(qq))
                    continue;
                const Rotation rotation = Rotation::diagonalizing(pp, pq, qq);
                rotation.apply(n, x, y);
                for (double* const column : {x, y}) // what is left of a dependent column is rounding
                    if (norm(n, column) <= orthogonal * std::sqrt(pp + qq))
                        std::fill_n(column, n, 0.0);
                rotation.apply(n, rotated_rows.data() + p * n, rotated_rows.data() + q * n);
                rotated = true;
            }
    }
    Doubles lengths(n), left(n * n), product(n);
    for (std::size_t k = 0; k < n; ++k)
        lengths[k] = norm(n, columns.data() + k * n);
    const auto order = sorted(n, [&](std::size_t i, std::size_t j) { return lengths[i] > lengths[j]; });
    for (std::size_t k = 0; k < n; ++k) {
        const double length = lengths[order[k]];
        s[k] = scale * length;
        for (std::size_t i = 0; i < n; ++i) {
            left[k * n + i] = length > 0 ? columns[order[k] * n + i] / length : 0;
            vt[k * n + i] = rotated_rows[order[k] * n + i];
        }
    }
    complete(n, left.data());
    for (std::size_t i = 0; i < m; ++i) { // U = Q·(the left vectors of R)
        for (std::size_t k = 0; k < n; ++k)
            product[k] = dot(n, a + i * n, left.data() + k * n);
        std::copy(product.begin(), product.end(), a + i * n);
    }
}

} // namespace xgrad::kernels
