#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/ops/circulant.hpp>
#include <xgrad/ops/indexing.hpp>
#include <xgrad/ops/matmul.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/core.h>

namespace xgrad
{

namespace
{

/** x with zeros behind it along each axis. */
template <class T>
Variable<T> padded(const Variable<T>& x, const Shape& shape)
{
    Borders borders;
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
        borders.push_back({0, shape[axis] - x.shape()[axis]});
    return pad(x, borders);
}

/** Checks that a matrix with a row and a column for each of m·n elements can exist. @throws ShapeError if it cannot */
void check_matrix(const char* op, std::ptrdiff_t m, std::ptrdiff_t n)
{
    const std::size_t elements =
        detail::product_of_sizes(op, "size", static_cast<std::size_t>(m), static_cast<std::size_t>(n));
    detail::product_of_sizes(op, "size of the matrix", elements, elements);
}

/** The doubly block circulant matrix of an array (M, N), filled from its elements. */
template <class T>
Variable<T> block_circulant(const Variable<T>& k)
{
    const std::size_t m = k.shape()[0], n = k.shape()[1];
    Labels indices = empty_array<std::int32_t>({m * n * m * n});
    auto index = indices.begin();
    for (std::size_t r = 0; r < m; ++r)
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t c = 0; c < m; ++c)
                for (std::size_t j = 0; j < n; ++j)
                    *index++ = static_cast<std::int32_t>((r + m - c) % m * n + (i + n - j) % n);
    return reshape(gather(flatten(k), indices), {m * n, m * n});
}

} // namespace

template <class T>
Variable<T> circulant(const Variable<T>& w, std::ptrdiff_t length)
{
    if (w.dimension() != 1 || static_cast<std::ptrdiff_t>(w.size()) > length || length < 1)
        throw ShapeError(fmt::format("[circulant] w has shape {}: a vector of {} elements or fewer is needed",
                                     to_string(w.shape()), length));
    check_matrix("circulant", 1, length);
    return block_circulant(expand_dims(padded(w, {static_cast<std::size_t>(length)}), 0));
}

template <class T>
Variable<T> doubly_block_circulant(const Variable<T>& k, Size2d size)
{
    if (k.dimension() != 2 || static_cast<std::ptrdiff_t>(k.shape()[0]) > size.height ||
        static_cast<std::ptrdiff_t>(k.shape()[1]) > size.width || size.height < 1 || size.width < 1)
        throw ShapeError(fmt::format("[doubly_block_circulant] k has shape {}: a matrix no larger than {}x{} is needed",
                                     to_string(k.shape()), size.height, size.width));
    check_matrix("doubly_block_circulant", size.height, size.width);
    return block_circulant(padded(k, {static_cast<std::size_t>(size.height), static_cast<std::size_t>(size.width)}));
}

template <class T>
Variable<T> circulant_convolution(const Variable<T>& x, const Variable<T>& w)
{
    if (x.dimension() != w.dimension() || (x.dimension() != 1 && x.dimension() != 2) || x.size() * w.size() == 0)
        throw ShapeError(
            fmt::format("[circulant_convolution] two vectors or two matrices are needed, the shapes are {} and {}",
                        to_string(x.shape()), to_string(w.shape())));
    Shape shape = x.shape();
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
        shape[axis] += w.shape()[axis] - 1;
    const auto extent = [&](std::size_t axis) { return static_cast<std::ptrdiff_t>(shape[axis]); };
    const Variable<T> matrix =
        shape.size() == 1 ? circulant(w, extent(0)) : doubly_block_circulant(w, {extent(0), extent(1)});
    return reshape(matmul(matrix, flatten(padded(x, shape))), shape);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> circulant(const Variable<T>&, std::ptrdiff_t);                                                \
    template Variable<T> doubly_block_circulant(const Variable<T>&, Size2d);                                           \
    template Variable<T> circulant_convolution(const Variable<T>&, const Variable<T>&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
