// Gaussian elimination, Cholesky's factor and substitution. The innermost loops run along rows.

#include <xgrad/kernels/linalg/factorizations.hpp>
#include <xgrad/kernels/linalg/lapack.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace xgrad::kernels
{

namespace
{

/** y −= factor·x */
void subtract_multiple(std::size_t count, double factor, const double* x, double* y)
{
    for (std::size_t i = 0; i < count; ++i)
        y[i] -= factor * x[i];
}

} // namespace

int factor_lu(std::size_t n, double* a, std::size_t* pivots)
{
    int sign = 1;
    if (lapack::factor_lu(n, a, pivots, sign))
        return sign;
    for (std::size_t k = 0; k < n; ++k) {
        std::size_t pivot = k;
        for (std::size_t i = k + 1; i < n; ++i)
            if (std::abs(a[i * n + k]) > std::abs(a[pivot * n + k]))
                pivot = i;
        pivots[k] = pivot;
        if (pivot != k) {
            std::swap_ranges(a + k * n, a + (k + 1) * n, a + pivot * n);
            sign = -sign;
        }
        if (a[k * n + k] == 0) // so is all below
            continue;
        for (std::size_t i = k + 1; i < n; ++i) {
            const double factor = a[i * n + k] /= a[k * n + k];
            subtract_multiple(n - k - 1, factor, a + k * n + k + 1, a + i * n + k + 1);
        }
    }
    return sign;
}

void solve_lu(std::size_t n, std::size_t columns, const double* lu, const std::size_t* pivots, double* b)
{
    for (std::size_t k = 0; k < n; ++k)
        if (pivots[k] != k)
            std::swap_ranges(b + k * columns, b + (k + 1) * columns, b + pivots[k] * columns);
    solve_triangular({.lower = true, .unit_diagonal = true}, n, columns, lu, b);
    solve_triangular({.lower = false}, n, columns, lu, b);
}

void solve_triangular(TrianglePart part, std::size_t n, std::size_t columns, const double* a, double* b)
{
    const bool forward = part.lower != part.transposed;
    for (std::size_t step = 0; step < n; ++step) {
        const std::size_t k = forward ? step : n - 1 - step;
        double* const row = b + k * columns;
        if (!part.unit_diagonal)
            for (std::size_t j = 0; j < columns; ++j)
                row[j] /= a[k * n + k];
        for (std::size_t i = forward ? k + 1 : 0, end = forward ? n : k; i < end; ++i)
            subtract_multiple(columns, part.transposed ? a[k * n + i] : a[i * n + k], row, b + i * columns);
    }
}

bool factor_cholesky(std::size_t n, double* a)
{
    bool is_definite = false;
    if (lapack::factor_cholesky(n, a, is_definite))
        return is_definite;
    for (std::size_t i = 0; i < n; ++i) {
        double* const row = a + i * n;
        for (std::size_t j = 0; j <= i; ++j) {
            double sum = row[j];
            for (std::size_t k = 0; k < j; ++k)
                sum -= row[k] * a[j * n + k];
            if (j < i)
                row[j] = sum / a[j * n + j];
            else if (sum > 0 && std::isfinite(sum))
                row[i] = std::sqrt(sum);
            else
                return false;
        }
        std::fill(row + i + 1, row + n, 0.0);
    }
    return true;
}

} // namespace xgrad::kernels
