// LAPACK's matrices are column-major, so it reads ours as their transposes.

#include <xgrad/base/memory.hpp>
#include <xgrad/kernels/blas/library.hpp>
#include <xgrad/kernels/linalg/lapack.hpp>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace xgrad::kernels::lapack
{

namespace
{

using Doubles = std::vector<double, PooledAllocator<double>>;

// Fortran's functions: numbers by their addresses, matrices with the distance of their columns, work space with its
// size. A size of −1 asks for the best size, which becomes the first number of the work space.
using Getrf = void (*)(const int* m, const int* n, double* a, const int* lda, int* pivots, int* info);
using Potrf = void (*)(const char* half, const int* n, double* a, const int* lda, int* info, std::size_t);
using Geqrf = void (*)(const int* m, const int* n, double* a, const int* lda, double* tau, double* work,
                       const int* size, int* info);
using Orgqr = void (*)(const int* m, const int* n, const int* k, double* a, const int* lda, const double* tau,
                       double* work, const int* size, int* info);
using Syevd = void (*)(const char* job, const char* half, const int* n, double* a, const int* lda, double* w,
                       double* work, const int* size, int* integers, const int* integer_count, int* info, std::size_t,
                       std::size_t);
using Gesdd = void (*)(const char* job, const int* m, const int* n, double* a, const int* lda, double* s, double* u,
                       const int* ldu, double* vt, const int* ldvt, double* work, const int* size, int* integers,
                       int* info, std::size_t);

/** Below this order our own loops are as fast. Above the other one, work space has more numbers than `int` counts. */
constexpr std::size_t least = 64, largest = 16384;

/** Returns whether LAPACK may have an (m, n) matrix. Its pivots and its loops are not safe from NaN. */
bool is_for_lapack(std::size_t m, std::size_t n, const double* a)
{
    return n >= least && m <= largest && std::all_of(a, a + m * n, [](double x) { return std::isfinite(x); });
}

/** Calls a function with work space of the size that it asks for. */
template <class Call>
void with_work_space(Call call)
{
    double best = 0;
    call(&best, -1);
    Doubles work(static_cast<std::size_t>(best));
    call(work.data(), static_cast<int>(work.size()));
}

/** The (n, m) matrix whose columns are the rows of an (m, n) one. */
Doubles transpose_of(std::size_t m, std::size_t n, const double* a)
{
    constexpr std::size_t tile = 16; // both sides stay in the first cache
    Doubles t(m * n);
    for (std::size_t rows = 0; rows < m; rows += tile)
        for (std::size_t j = 0; j < n; ++j)
            for (std::size_t i = rows; i < std::min(rows + tile, m); ++i)
                t[j * m + i] = a[i * n + j];
    return t;
}

} // namespace

bool factor_lu(std::size_t n, double* a, std::size_t* pivots, int& sign)
{
    if (!is_for_lapack(n, n, a))
        return false;
    static const auto getrf = blas::find<Getrf>("dgetrf_");
    if (getrf == nullptr)
        return false;
    const int order = static_cast<int>(n);
    int info = 0;
    Doubles columns = transpose_of(n, n, a);
    std::vector<int> rows(n); // counted from 1
    {
        const blas::OneThread one;
        getrf(&order, &order, columns.data(), &order, rows.data(), &info);
    }
    const Doubles factors = transpose_of(n, n, columns.data());
    std::copy(factors.begin(), factors.end(), a);
    sign = 1;
    for (std::size_t i = 0; i < n; ++i) {
        pivots[i] = static_cast<std::size_t>(rows[i]) - 1;
        sign = pivots[i] == i ? sign : -sign;
    }
    return true;
}

bool factor_cholesky(std::size_t n, double* a, bool& is_definite)
{
    if (!is_for_lapack(n, n, a))
        return false;
    static const auto potrf = blas::find<Potrf>("dpotrf_");
    if (potrf == nullptr)
        return false;
    const int order = static_cast<int>(n);
    int info = 0;
    {
        const blas::OneThread one;
        potrf("U", &order, a, &order, &info, 1); // our lower half is the upper one of the transpose
    }
    for (std::size_t i = 0; i < n; ++i)
        std::fill(a + i * n + i + 1, a + (i + 1) * n, 0.0);
    is_definite = info == 0;
    return true;
}

bool factor_qr(std::size_t m, std::size_t n, double* a, double* r)
{
    if (!is_for_lapack(m, n, a))
        return false;
    static const auto geqrf = blas::find<Geqrf>("dgeqrf_");
    static const auto orgqr = blas::find<Orgqr>("dorgqr_");
    if (geqrf == nullptr || orgqr == nullptr)
        return false;
    const int rows = static_cast<int>(m), columns = static_cast<int>(n);
    int info = 0;
    Doubles q = transpose_of(m, n, a), tau(n);
    const blas::OneThread one;
    with_work_space(
        [&](double* work, int size) { geqrf(&rows, &columns, q.data(), &rows, tau.data(), work, &size, &info); });
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            r[i * n + j] = i <= j ? q[j * m + i] : 0;
    with_work_space([&](double* work, int size) {
        orgqr(&rows, &columns, &columns, q.data(), &rows, tau.data(), work, &size, &info);
    });
    const Doubles by_rows = transpose_of(n, m, q.data());
    std::copy(by_rows.begin(), by_rows.end(), a);
    return true;
}

bool decompose_symmetric(std::size_t n, double* a, double* w)
{
    if (!is_for_lapack(n, n, a))
        return false;
    static const auto syevd = blas::find<Syevd>("dsyevd_");
    if (syevd == nullptr)
        return false;
    const int order = static_cast<int>(n), integer_count = 3 + 5 * order;
    int info = 0;
    std::vector<int> integers(static_cast<std::size_t>(integer_count));
    Doubles vectors(a, a + n * n);
    const blas::OneThread one;
    with_work_space([&](double* work, int size) {
        const int count = size == -1 ? -1 : integer_count;
        syevd("V", "U", &order, vectors.data(), &order, w, work, &size, integers.data(), &count, &info, 1, 1);
    });
    if (info != 0) // it did not converge
        return false;
    const Doubles by_rows = transpose_of(n, n, vectors.data());
    std::copy(by_rows.begin(), by_rows.end(), a);
    return true;
}

bool decompose_singular(std::size_t m, std::size_t n, double* a, double* s, double* vt)
{
    if (!is_for_lapack(m, n, a))
        return false;
    static const auto gesdd = blas::find<Gesdd>("dgesdd_");
    if (gesdd == nullptr)
        return false;
    // Aᵀ = V·diag(s)·Uᵀ: its left vectors in columns are our Vᵀ in rows, its right ones in rows our U in columns.
    const int rows = static_cast<int>(m), columns = static_cast<int>(n);
    int info = 0;
    std::vector<int> integers(8 * n);
    Doubles matrix(a, a + m * n), u(m * n);
    const blas::OneThread one;
    with_work_space([&](double* work, int size) {
        gesdd("S", &columns, &rows, matrix.data(), &columns, s, vt, &columns, u.data(), &columns, work, &size,
              integers.data(), &info, 1);
    });
    if (info != 0) // it did not converge
        return false;
    std::copy(u.begin(), u.end(), a);
    return true;
}

} // namespace xgrad::kernels::lapack
