#pragma once
// Sums, products and maxima of a run of numbers; softmax of rows.

#include "../elementwise/elementwise.ipp"

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

/** Calls term(load, i) for registers of terms that start at i = 0, width, … In it load(pointer, pad) loads a register,
 *  the last one filled up with `pad`. */
template <class T, class Term, class Combine>
void for_each_register(std::size_t n, Term term, Combine combine)
{
    constexpr std::size_t width = Vector<T>::size;
    const auto whole = [](const T* from, T) { return vector::load(from); };
    std::size_t i = 0;
    // Independent accumulators hide the latency of the additions.
    for (; i + 4 * width <= n; i += 4 * width)
        for (std::size_t k = 0; k < 4; ++k)
            combine(k, term(whole, i + k * width));
    for (std::size_t k = 0; i + width <= n; i += width, ++k)
        combine(k, term(whole, i));
    if (i < n)
        combine(3, term([n, i](const T* from, T pad) { return vector::load_head(from, n - i, pad); }, i));
}

/** The sum of n terms. Short sums are taken in T and added up in double, so the error does not grow with n. */
template <class T, class Term>
T add_up(std::size_t n, Term term)
{
    constexpr std::size_t block = 256 * Vector<T>::size;
    double total = 0;
    for (std::size_t start = 0; start < n; start += block) {
        Vector<T> sums[4] = {Vector<T>(T(0)), Vector<T>(T(0)), Vector<T>(T(0)), Vector<T>(T(0))};
        for_each_register<T>(
            n - start < block ? n - start : block, [&](auto load, std::size_t i) { return term(load, start + i); },
            [&](std::size_t k, Vector<T> terms) { sums[k] += terms; });
        total += static_cast<double>(vector::sum<T>((sums[0] + sums[1]) + (sums[2] + sums[3])));
    }
    return static_cast<T>(total);
}

template <class T>
T sum(const T* x, std::size_t n)
{
    return add_up<T>(n, [x](auto load, std::size_t i) { return load(x + i, T(0)); });
}

template <class T>
T dot(const T* a, const T* b, std::size_t n)
{
    return add_up<T>(n, [a, b](auto load, std::size_t i) { return load(a + i, T(0)) * load(b + i, T(0)); });
}

template <class T>
T maximum(const T* x, std::size_t n)
{
    constexpr T lowest = -std::numeric_limits<T>::infinity();
    Vector<T> best[4] = {Vector<T>(lowest), Vector<T>(lowest), Vector<T>(lowest), Vector<T>(lowest)};
    for_each_register<T>(
        n, [x](auto load, std::size_t i) { return load(x + i, lowest); },
        [&](std::size_t k, Vector<T> values) { best[k] = vector::maximum<T>(values, best[k]); });
    return vector::fold<T>(
        vector::maximum<T>(vector::maximum<T>(best[0], best[1]), vector::maximum<T>(best[2], best[3])),
        [](Vector<T> right, Vector<T> left) { return vector::maximum<T>(right, left); });
}

/** The place of the first one of the largest numbers, or of the first NaN. Within a block no branch depends on the
 *  numbers, as nobody could foretell it. */
template <class T>
std::size_t place_of_maximum(const T* x, std::size_t n)
{
    constexpr std::size_t block = 4096, width = Vector<T>::size;
    constexpr T nan = std::numeric_limits<T>::quiet_NaN();
    const T largest = maximum(x, n);
    std::size_t start = 0;
    if (largest != largest) {
        while (x[start] == x[start])
            ++start;
        return start;
    }
    alignas(64) T numbers[width];
    for (std::size_t i = 0; i < width; ++i)
        numbers[i] = static_cast<T>(i);
    for (;; start += block) {
        const std::size_t count = n - start < block ? n - start : block;
        const Vector<T> none(static_cast<T>(count)), wanted(largest);
        Vector<T> first = none, place = vector::load(numbers);
        for_each_register<T>(
            count, [&](auto load, std::size_t i) { return load(x + start + i, nan); },
            [&](std::size_t, Vector<T> values) {
                first = xsimd::min(first, xsimd::select(values == wanted, place, none));
                place += Vector<T>(static_cast<T>(width));
            });
        const T found = vector::fold<T>(first, [](Vector<T> right, Vector<T> left) { return xsimd::min(left, right); });
        if (found < static_cast<T>(count))
            return start + static_cast<std::size_t>(found);
    }
}

constexpr std::size_t few_columns = 16;

/** Maps rows of few numbers, as many rows at once as a register has lanes, so that nothing goes across the lanes. f
 *  gets the columns, a register each, and changes them. It also gets the largest number of each row. */
template <class T, class F>
void map_short_rows(const T* x, T* y, std::size_t rows, std::size_t columns, F f)
{
    constexpr std::size_t width = Vector<T>::size;
    alignas(64) T column[few_columns][width] = {};
    for (std::size_t row = 0; row < rows; row += width, x += width * columns, y += width * columns) {
        const std::size_t count = rows - row < width ? rows - row : width;
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t j = 0; j < columns; ++j)
                column[j][i] = x[i * columns + j];
        Vector<T> largest(-std::numeric_limits<T>::infinity());
        for (std::size_t j = 0; j < columns; ++j)
            largest = vector::maximum<T>(vector::load(column[j]), largest);
        f(column, largest);
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t j = 0; j < columns; ++j)
                y[i * columns + j] = column[j][i];
    }
}

template <class T>
void softmax(const T* x, T* y, std::size_t rows, std::size_t columns)
{
    if (columns <= few_columns)
        return map_short_rows(x, y, rows, columns, [columns](auto& column, Vector<T> largest) {
            Vector<T> total(T(0));
            for (std::size_t j = 0; j < columns; ++j) {
                const Vector<T> e = vector::exp<T>(vector::load(column[j]) - largest);
                total += e;
                e.store_aligned(column[j]);
            }
            for (std::size_t j = 0; j < columns; ++j)
                (vector::load(column[j]) / total).store_aligned(column[j]);
        });
    for (std::size_t row = 0; row < rows; ++row, x += columns, y += columns) {
        const Vector<T> largest(maximum(x, columns));
        map(x, y, columns, [=](Vector<T> v) { return vector::exp<T>(v - largest); });
        const Vector<T> total(sum(y, columns));
        map(y, y, columns, [=](Vector<T> v) { return v / total; });
    }
}

template <class T>
void log_softmax(const T* x, T* y, std::size_t rows, std::size_t columns)
{
    if (columns <= few_columns)
        return map_short_rows(x, y, rows, columns, [columns](auto& column, Vector<T> largest) {
            Vector<T> total(T(0));
            for (std::size_t j = 0; j < columns; ++j)
                total += vector::exp<T>(vector::load(column[j]) - largest);
            const Vector<T> log_total = vector::log<T>(total);
            for (std::size_t j = 0; j < columns; ++j)
                ((vector::load(column[j]) - largest) - log_total).store_aligned(column[j]);
        });
    // Rows that stay in the first cache share one logarithm of many sums.
    constexpr std::size_t width = Vector<T>::size, short_row = 1024;
    const std::size_t together = columns <= short_row ? width : 1;
    alignas(64) T largest[width], total[width] = {};
    for (std::size_t row = 0; row < rows; row += together) {
        const std::size_t count = rows - row < together ? rows - row : together;
        for (std::size_t i = 0; i < count; ++i) {
            const T* const from = x + (row + i) * columns;
            largest[i] = maximum(from, columns);
            total[i] = add_up<T>(columns, [&](auto load, std::size_t j) {
                return vector::exp<T>(load(from + j, -std::numeric_limits<T>::infinity()) - Vector<T>(largest[i]));
            });
        }
        vector::log(vector::load(total)).store_aligned(total);
        for (std::size_t i = 0; i < count; ++i)
            map(x + (row + i) * columns, y + (row + i) * columns, columns,
                [&](Vector<T> v) { return (v - Vector<T>(largest[i])) - Vector<T>(total[i]); });
    }
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
