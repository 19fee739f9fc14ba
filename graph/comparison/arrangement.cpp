#include <xgrad/graph/comparison/arrangement.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace xgrad::detail
{

Array<double> moved(const Array<double>& x, const Shape& shape, const std::function<Index(Index)>& source)
{
    Array<double> y = empty<double>(shape);
    Index index(shape.size());
    for (std::size_t place = 0; place < y.size(); ++place) {
        for (std::size_t axis = shape.size(), rest = place; axis-- > 0; rest /= shape[axis])
            index[axis] = rest % shape[axis];
        const Index from = source(index);
        std::size_t position = 0;
        for (std::size_t axis = 0; axis < from.size(); ++axis)
            position = position * x.shape()[axis] + from[axis];
        y.data()[place] = x.data()[position];
    }
    return y;
}

Array<double> flipped(const Array<double>& x, const std::vector<std::size_t>& axes)
{
    return moved(x, x.shape(), [&](Index index) {
        for (const std::size_t axis : axes)
            index[axis] = x.shape()[axis] - 1 - index[axis];
        return index;
    });
}

Array<double> turned(const Array<double>& x) { return flipped(x, {x.dimension() - 2, x.dimension() - 1}); }

Array<double> transposed(const Array<double>& x)
{
    Shape shape = x.shape();
    const std::size_t last = shape.size() - 1;
    std::swap(shape[last], shape[last - 1]);
    return moved(x, shape, [&](Index index) {
        std::swap(index[last], index[last - 1]);
        return index;
    });
}

Array<double> summed(const Array<double>& x, std::size_t axes)
{
    Shape shape;
    for (std::size_t axis = 0; axis < x.dimension(); ++axis)
        if (!(axes >> axis & 1))
            shape.push_back(x.shape()[axis]);
    Array<double> y(shape, 0.0);
    for (std::size_t place = 0; place < x.size(); ++place) {
        std::size_t position = 0, stride = 1;
        for (std::size_t axis = x.dimension(), rest = place; axis-- > 0; rest /= x.shape()[axis])
            if (!(axes >> axis & 1)) {
                position += rest % x.shape()[axis] * stride;
                stride *= x.shape()[axis];
            }
        y.data()[position] += x.data()[place];
    }
    return y;
}

Array<double> part(const Array<double>& x, const Shape& shape, std::size_t row, std::size_t column)
{
    return moved(x, shape, [&](Index index) {
        index[index.size() - 2] += row;
        index[index.size() - 1] += column;
        return index;
    });
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
    shape[shape.size() - 2] *= rows;
    shape[shape.size() - 1] *= columns;
    return moved(x, shape, [&](Index index) {
        index[index.size() - 2] /= rows;
        index[index.size() - 1] /= columns;
        return index;
    });
}

double largest_of(const Array<double>& values)
{
    double largest = 0;
    for (const double value : values)
        largest = std::max(largest, std::abs(value));
    return largest;
}

bool are_close(const Array<double>& a, const Array<double>& b, double tolerance)
{
    if (a.shape() != b.shape())
        return false;
    const double allowed = tolerance * std::max(largest_of(b), 1e-300);
    return std::equal(a.begin(), a.end(), b.begin(), [&](double x, double y) { return std::abs(x - y) <= allowed; });
}

} // namespace xgrad::detail
