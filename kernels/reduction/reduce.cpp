#include <xgrad/kernels/layout/layout.hpp>
#include <xgrad/kernels/loops.hpp>
#include <xgrad/kernels/pieces.hpp>
#include <xgrad/kernels/reduction/reduce.hpp>
#include <xgrad/kernels/table.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace xgrad::kernels
{
namespace
{

template <class T>
using Scratch = std::vector<T, PooledAllocator<T>>;

enum : std::size_t
{
    input,
    output
};

/** The loops over x and y; y stands still along a reduced dimension. */
LoopNest<2> nest_of(const Shape& shape, const bool* reduced)
{
    std::ptrdiff_t x_step = 1, y_step = 1;
    for (std::size_t k = 0; k < shape.size(); ++k) {
        x_step *= static_cast<std::ptrdiff_t>(shape[k]);
        y_step *= reduced[k] ? 1 : static_cast<std::ptrdiff_t>(shape[k]);
    }
    LoopNest<2> nest;
    for (std::size_t k = 0; k < shape.size(); ++k) {
        x_step /= static_cast<std::ptrdiff_t>(shape[k]);
        y_step /= reduced[k] ? 1 : static_cast<std::ptrdiff_t>(shape[k]);
        nest.push(shape[k], {x_step, reduced[k] ? 0 : y_step});
    }
    return nest;
}

std::size_t kept_count(const Shape& shape, const bool* reduced)
{
    std::size_t count = 1;
    for (std::size_t k = 0; k < shape.size(); ++k)
        count *= reduced[k] ? 1 : shape[k];
    return count;
}

/** total[i mod period] += the sum over `rows` of x[row·stride + i], for i < width <= max_width. */
constexpr std::size_t max_width = 512;
template <class T>
void add_columns(const T* x, std::size_t rows, std::size_t width, std::size_t stride, double* total, std::size_t period)
{
    constexpr std::size_t block = 64; // of rows that are added up in T
    alignas(64) T partial[max_width];
    const auto add = table<T>().binary;
    for (std::size_t start = 0; start < rows; start += block) {
        const std::size_t end = std::min(rows, start + block);
        std::copy_n(x + start * stride, width, partial);
        for (std::size_t row = start + 1; row < end; ++row)
            add(Binary::add, Operands::vector_vector, partial, x + row * stride, partial, width);
        for (std::size_t i = 0; i < width; i += period)
            for (std::size_t j = 0; j < period; ++j)
                total[j] += static_cast<double>(partial[i + j]);
    }
}

/** total[j] += the sum of column j. Narrow rows are taken several at a time. */
template <class T>
void add_rows(const T* x, std::size_t rows, std::size_t columns, double* total)
{
    if (columns > max_width / 2) {
        for (std::size_t j = 0; j < columns; j += max_width) {
            const std::size_t width = std::min(max_width, columns - j);
            add_columns(x + j, rows, width, columns, total + j, width);
        }
        return;
    }
    const std::size_t together = max_width / columns, width = together * columns;
    add_columns(x, rows / together, width, width, total, columns);
    add_columns(x + rows / together * width, rows % together, columns, columns, total, columns);
}

template <class T>
bool replaces(T candidate, T best)
{
    return candidate > best || (std::isnan(candidate) && !std::isnan(best));
}

template <class T>
using OfRows = void (*)(const T* x, T* y, std::size_t rows, std::size_t columns);

/** A function of rows along an axis of x. If that is not the last one, its rows are those of a copy in which it is. */
template <class T>
void of_rows(OfRows<T> f, const T* x, T* y, std::size_t outer, std::size_t axis, std::size_t inner)
{
    if (inner == 1)
        return for_pieces(outer, axis, [&](const Range& rows) {
            f(x + rows.begin * axis, y + rows.begin * axis, rows.size(), axis);
        });
    const auto a = static_cast<std::ptrdiff_t>(axis), i = static_cast<std::ptrdiff_t>(inner);
    const std::ptrdiff_t apart[] = {a * i, 1, i}, together[] = {a * i, a, 1};
    const Shape shape = {outer, inner, axis};
    Scratch<T> copy(outer * inner * axis);
    copy_strided(shape, x, apart, copy.data(), together);
    of_rows(f, copy.data(), copy.data(), outer * inner, axis, 1);
    copy_strided(shape, static_cast<const T*>(copy.data()), together, y, apart);
}

} // namespace

template <class T>
void reduce_sum(const T* x, const Shape& shape, const bool* reduced, T* y)
{
    const std::size_t count = kept_count(shape, reduced);
    const std::size_t n = element_count(shape);
    const auto sum = table<T>().sum;
    if (n == 0) {
        std::fill_n(y, count, T(0));
        return;
    }
    if (count == 1) {
        *y = sum(x, n);
        return;
    }
    const LoopNest<2> nest = nest_of(shape, reduced);
    const std::size_t depth = nest.depth();
    const Loop<2> run = nest[depth - 1];
    const bool run_is_reduced = run.strides[output] == 0;
    if (depth == 1) { // nothing to add
        std::copy_n(x, count, y);
        return;
    }
    if (run_is_reduced && depth == 2) // each output is one run
        return for_pieces(count, run.extent, [&](const Range& range) {
            for (std::size_t i = range.begin; i < range.end; ++i)
                y[i] = sum(x + i * run.extent, run.extent);
        });
    Scratch<double> total(count, 0.0);
    if (run_is_reduced) {
        std::size_t kept = 0; // the outermost loop over outputs
        while (nest[kept].strides[output] == 0)
            ++kept;
        for_pieces_of_loops(nest, kept, n, [&](const LoopNest<2>& part, const LoopNest<2>::Offsets& start) {
            part.for_each(depth - 1, [&](const auto& at) {
                total[static_cast<std::size_t>(start[output] + at[output])] +=
                    static_cast<double>(sum(x + start[input] + at[input], run.extent));
            });
        });
    } else
        nest.for_each(depth - 2, [&](const auto& at) {
            add_rows(x + at[input], nest[depth - 2].extent, run.extent, total.data() + at[output]);
        });
    std::transform(total.begin(), total.end(), y, [](double value) { return static_cast<T>(value); });
}

template <class T>
void reduce_max(const T* x, const Shape& shape, const bool* reduced, T* y)
{
    std::fill_n(y, kept_count(shape, reduced), -std::numeric_limits<T>::infinity());
    if (element_count(shape) == 0)
        return;
    const Table<T>& kernels = table<T>();
    const LoopNest<2> nest = nest_of(shape, reduced);
    const std::size_t depth = nest.depth();
    const Loop<2> run = depth > 0 ? nest[depth - 1] : Loop<2>{1, {}};
    nest.for_each(depth > 0 ? depth - 1 : 0, [&](const auto& at) {
        T* best = y + at[output];
        if (run.strides[output] != 0) {
            kernels.binary(Binary::maximum, Operands::vector_vector, best, x + at[input], best, run.extent);
            return;
        }
        const T candidate = kernels.maximum(x + at[input], run.extent);
        if (replaces(candidate, *best))
            *best = candidate;
    });
}

template <class T, class Index>
void argmax_axis(const T* x, Index* y, std::size_t outer, std::size_t axis, std::size_t inner)
{
    if (inner == 1)
        return for_pieces(outer, axis, [&](const Range& rows) {
            for (std::size_t o = rows.begin; o < rows.end; ++o)
                y[o] = static_cast<Index>(table<T>().place_of_maximum(x + o * axis, axis));
        });
    for (std::size_t o = 0; o < outer; ++o)
        for (std::size_t i = 0; i < inner; ++i) {
            const T* line = x + o * axis * inner + i;
            std::size_t best = 0;
            for (std::size_t k = 1; k < axis; ++k)
                if (replaces(line[k * inner], line[best * inner]))
                    best = k;
            *y++ = static_cast<Index>(best);
        }
}

template <class T>
void softmax_axis(const T* x, T* y, std::size_t outer, std::size_t axis, std::size_t inner)
{
    of_rows(table<T>().softmax, x, y, outer, axis, inner);
}

template <class T>
void log_softmax_axis(const T* x, T* y, std::size_t outer, std::size_t axis, std::size_t inner)
{
    of_rows(table<T>().log_softmax, x, y, outer, axis, inner);
}

template void reduce_sum(const float*, const Shape&, const bool*, float*);
template void reduce_sum(const double*, const Shape&, const bool*, double*);
template void reduce_max(const float*, const Shape&, const bool*, float*);
template void reduce_max(const double*, const Shape&, const bool*, double*);
template void argmax_axis(const float*, std::int32_t*, std::size_t, std::size_t, std::size_t);
template void argmax_axis(const double*, std::int32_t*, std::size_t, std::size_t, std::size_t);
template void argmax_axis(const float*, std::int64_t*, std::size_t, std::size_t, std::size_t);
template void argmax_axis(const double*, std::int64_t*, std::size_t, std::size_t, std::size_t);
template void softmax_axis(const float*, float*, std::size_t, std::size_t, std::size_t);
template void softmax_axis(const double*, double*, std::size_t, std::size_t, std::size_t);
template void log_softmax_axis(const float*, float*, std::size_t, std::size_t, std::size_t);
template void log_softmax_axis(const double*, double*, std::size_t, std::size_t, std::size_t);

} // namespace xgrad::kernels
