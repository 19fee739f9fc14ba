#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/diagonals.hpp>
#include <xgrad/ops/manipulation.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace xgrad
{

namespace
{

using detail::normalize_axis;
using detail::product_of_sizes;
using detail::sum_of_sizes;

/** The elements of a plane of H × W on a diagonal, which are W + 1 apart. */
struct Diagonal
{
    std::size_t begin = 0, count = 0;

    Diagonal(std::size_t height, std::size_t width, std::ptrdiff_t offset)
    {
        const auto right = static_cast<std::size_t>(std::max<std::ptrdiff_t>(offset, 0));
        const std::size_t down = offset < 0 ? 0 - static_cast<std::size_t>(offset) : 0;
        if (right < width && down < height) {
            begin = down * width + right;
            count = std::min(width - right, height - down);
        }
    }
};

/** x[…, i, j] where keep(j − i), else 0. */
template <class T, class Keep>
Variable<T> triangle(const char* op, const Variable<T>& x, Keep keep)
{
    if (x.dimension() < 2)
        throw ShapeError(fmt::format("[{}] two axes or more are needed, the shape is {}", op, to_string(x.shape())));
    if (x.size() == 0)
        return x;
    const std::size_t height = x.shape()[x.dimension() - 2], width = x.shape().back();
    Array<T> kept = empty_array<T>({height, width});
    for (std::size_t i = 0; i < height; ++i)
        for (std::size_t j = 0; j < width; ++j)
            kept.data()[i * width + j] =
                keep(static_cast<std::ptrdiff_t>(j) - static_cast<std::ptrdiff_t>(i)) ? T{1} : T{0};
    return where(constant(std::move(kept)), x, T{0});
}

} // namespace

template <class T>
Variable<T> diag(const Variable<T>& x, std::ptrdiff_t k)
{
    if (x.dimension() == 2)
        return diagonal(x, k);
    if (x.dimension() != 1)
        throw ShapeError(fmt::format("[diag] a vector or a matrix is needed, the shape is {}", to_string(x.shape())));
    const std::size_t shift = k < 0 ? 0 - static_cast<std::size_t>(k) : static_cast<std::size_t>(k);
    const std::size_t n = sum_of_sizes("diag", "number of rows", x.size(), shift);
    const std::size_t area = product_of_sizes("diag", "number of elements", n, n);
    return reshape(embed(x, {area}, {{Diagonal(n, n, k).begin, x.size(), n + 1}}), Shape{n, n});
}

template <class T>
Variable<T> diagonal(const Variable<T>& x, std::ptrdiff_t offset, Axis axis1, Axis axis2)
{
    if (normalize_axis("diagonal", axis1, x.dimension()) == normalize_axis("diagonal", axis2, x.dimension()))
        throw ShapeError(fmt::format("[diagonal] axes {} and {} are the same: they are no plane", axis1, axis2));
    const auto planes = moveaxis(x, {axis1, axis2}, {-2, -1});
    const std::size_t width = planes.shape().back();
    const Diagonal line(planes.shape()[x.dimension() - 2], width, offset);
    const std::size_t end = line.count == 0 ? line.begin : line.begin + (line.count - 1) * (width + 1) + 1;
    return slice(flatten(planes, x.dimension() - 2), -1, line.begin, end, width + 1);
}

template <class T>
Variable<T> tril(const Variable<T>& x, std::ptrdiff_t k)
{
    return triangle("tril", x, [k](std::ptrdiff_t above) { return above <= k; });
}

template <class T>
Variable<T> triu(const Variable<T>& x, std::ptrdiff_t k)
{
    return triangle("triu", x, [k](std::ptrdiff_t above) { return above >= k; });
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> diag(const Variable<T>&, std::ptrdiff_t);                                                     \
    template Variable<T> diagonal(const Variable<T>&, std::ptrdiff_t, Axis, Axis);                                     \
    template Variable<T> tril(const Variable<T>&, std::ptrdiff_t);                                                     \
    template Variable<T> triu(const Variable<T>&, std::ptrdiff_t);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
