#include <xgrad/inspect/comparison/arrangement.hpp>

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace xgrad::detail
{

namespace
{

using Strides = std::vector<std::ptrdiff_t>;

Strides strides_of(const Shape& shape)
{
    Strides strides(shape.size());
    std::ptrdiff_t stride = 1;
    for (std::size_t axis = shape.size(); axis-- > 0; stride *= static_cast<std::ptrdiff_t>(shape[axis]))
        strides[axis] = stride;
    return strides;
}

/** Calls f with first + Σ index·stride for each index of a shape, in order. */
template <class F>
void for_each_position(const Shape& shape, const Strides& strides, std::ptrdiff_t first, F f)
{
    std::vector<std::size_t> index(shape.size());
    std::ptrdiff_t position = first;
    for (std::size_t count = element_count(shape); count-- > 0;) {
        f(position);
        for (std::size_t axis = shape.size(); axis-- > 0;) {
            position += strides[axis];
            if (++index[axis] < shape[axis])
                break;
            position -= static_cast<std::ptrdiff_t>(std::exchange(index[axis], 0)) * strides[axis];
        }
    }
}

/** The array of a shape whose elements are those of x at first + Σ index·stride. */
Array<double> strided(const Array<double>& x, const Shape& shape, const Strides& strides, std::ptrdiff_t first = 0)
{
    Array<double> y = empty_array<double>(shape);
    double* to = y.data();
    for_each_position(shape, strides, first, [&](std::ptrdiff_t position) { *to++ = x.data()[position]; });
    return y;
}

} // namespace

Array<double> flipped(const Array<double>& x, const std::vector<std::size_t>& axes)
{
    Strides strides = strides_of(x.shape());
    std::ptrdiff_t first = 0;
    for (const std::size_t axis : axes) {
        first += (static_cast<std::ptrdiff_t>(x.shape()[axis]) - 1) * strides[axis];
        strides[axis] = -strides[axis];
    }
    return strided(x, x.shape(), strides, first);
}

Array<double> turned(const Array<double>& x) { return flipped(x, {x.dimension() - 2, x.dimension() - 1}); }

Array<double> transposed(const Array<double>& x)
{
    Shape shape = x.shape();
    Strides strides = strides_of(shape);
    const std::size_t last = shape.size() - 1;
    std::swap(shape[last], shape[last - 1]);
    std::swap(strides[last], strides[last - 1]);
    return strided(x, shape, strides);
}

Array<double> shifted(const Array<double>& x, std::size_t axis, int by)
{
    Array<double> y(x.shape(), 0.0);
    const std::size_t extent = x.shape()[axis], inner = static_cast<std::size_t>(strides_of(x.shape())[axis]);
    for (std::size_t i = 0; i < x.size(); ++i)
        if (const std::size_t index = i / inner % extent; by > 0 ? index > 0 : index + 1 < extent)
            y.data()[i] = by > 0 ? x.data()[i - inner] : x.data()[i + inner];
    return y;
}

Array<double> permuted(const Array<double>& x, const std::vector<std::size_t>& order)
{
    const Strides from = strides_of(x.shape());
    Shape shape;
    Strides strides;
    for (const std::size_t axis : order) {
        shape.push_back(x.shape()[axis]);
        strides.push_back(from[axis]);
    }
    return strided(x, shape, strides);
}

std::vector<std::size_t> index_of(std::size_t flat, const Shape& shape)
{
    std::vector<std::size_t> index(shape.size());
    for (std::size_t axis = shape.size(); axis-- > 0; flat /= shape[axis])
        index[axis] = flat % shape[axis];
    return index;
}

std::string index_text(std::size_t flat, const Shape& shape)
{
    return fmt::format("({})", fmt::join(index_of(flat, shape), ","));
}

Shape shape_of_sum(const Shape& shape, std::size_t axes)
{
    Shape rest;
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
        if (!(axes >> axis & 1))
            rest.push_back(shape[axis]);
    return rest;
}

Array<double> summed(const Array<double>& x, std::size_t axes)
{
    Array<double> y(shape_of_sum(x.shape(), axes), 0.0);
    const Strides kept = strides_of(y.shape());
    Strides strides(x.dimension());
    for (std::size_t axis = 0, place = 0; axis < x.dimension(); ++axis)
        if (!(axes >> axis & 1))
            strides[axis] = kept[place++];
    const double* from = x.data();
    for_each_position(x.shape(), strides, 0, [&](std::ptrdiff_t position) { y.data()[position] += *from++; });
    return y;
}

Array<double> part(const Array<double>& x, const Shape& shape, std::size_t row, std::size_t column)
{
    const std::size_t first = row * x.shape()[x.dimension() - 1] + column;
    return strided(x, shape, strides_of(x.shape()), static_cast<std::ptrdiff_t>(first));
}

Array<double> without_border(const Array<double>& x, std::size_t rows, std::size_t columns)
{
    Array<double> y = x;
    const std::size_t height = x.shape()[x.dimension() - 2], width = x.shape()[x.dimension() - 1];
    for (std::size_t place = 0; place < x.size(); ++place) {
        const std::size_t row = place / width % height, column = place % width;
        if (row < rows || row + rows >= height || column < columns || column + columns >= width)
            y.data()[place] = 0;
    }
    return y;
}

Array<double> repeated(const Array<double>& x, std::size_t rows, std::size_t columns)
{
    Shape shape = x.shape();
    std::size_t &height = shape[shape.size() - 2], &width = shape[shape.size() - 1];
    const auto row = static_cast<std::ptrdiff_t>(width), map = static_cast<std::ptrdiff_t>(height) * row;
    const std::size_t maps = x.size() / (height * width);
    Array<double> y = strided(x, {maps, height, rows, width, columns}, {map, row, 0, 1, 0});
    height *= rows;
    width *= columns;
    y.reshape(shape);
    return y;
}

double largest_of(const Array<double>& values)
{
    double largest = 0;
    for (const double value : values)
        largest = std::max(largest, std::abs(value));
    return largest;
}

bool is_finite(const Array<double>& values)
{
    return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

bool are_close(const Array<double>& a, const Array<double>& b, double tolerance)
{
    if (a.shape() != b.shape())
        return false;
    const double allowed = tolerance * std::max(largest_of(b), 1e-300);
    return std::isfinite(allowed) &&
           std::equal(a.begin(), a.end(), b.begin(), [&](double x, double y) { return std::abs(x - y) <= allowed; });
}

} // namespace xgrad::detail
