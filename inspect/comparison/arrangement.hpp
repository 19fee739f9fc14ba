#pragma once
// The elements of an array moved to other places, by plain loops: they tell which mistake moved them.

#include <xgrad/base/array.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace xgrad::detail
{

/** x with its elements along these axes in the opposite order. */
Array<double> flipped(const Array<double>& x, const std::vector<std::size_t>& axes);
/** x turned by 180° (rot180), or transposed, in the last two axes. */
Array<double> turned(const Array<double>& x);
Array<double> transposed(const Array<double>& x);

/** x with its elements moved by one place along an axis, towards larger indices if `by` is 1; zeros come in. */
Array<double> shifted(const Array<double>& x, std::size_t axis, int by);
/** x with its axes in another order. */
Array<double> permuted(const Array<double>& x, const std::vector<std::size_t>& order);

/** The index of an element along each axis, from its flat index. */
std::vector<std::size_t> index_of(std::size_t flat, const Shape& shape);
/** A flat index as text: "(0,1,4,4)". */
std::string index_text(std::size_t flat, const Shape& shape);

/** The sum over some axes, and its shape, which leaves these axes out. Bit k of `axes` stands for axis k. */
Shape shape_of_sum(const Shape& shape, std::size_t axes);
Array<double> summed(const Array<double>& x, std::size_t axes);

/** The part of the last two axes that begins at (row, column) and has the shape's extents. */
Array<double> part(const Array<double>& x, const Shape& shape, std::size_t row, std::size_t column);

/** x with zeros in the outer rows and columns of the last two axes. */
Array<double> without_border(const Array<double>& x, std::size_t rows, std::size_t columns);

/** x with each element of the last two axes repeated over a block. */
Array<double> repeated(const Array<double>& x, std::size_t rows, std::size_t columns);

/** f of each element, or of each pair of elements. */
template <class F>
Array<double> mapped(Array<double> x, F f)
{
    for (double& value : x)
        value = f(value);
    return x;
}
template <class F>
Array<double> mapped(Array<double> x, const Array<double>& y, F f)
{
    for (std::size_t i = 0; i < x.size(); ++i)
        x.data()[i] = f(x.data()[i], y.data()[i]);
    return x;
}

/** Numbers between 1 and 2, all different. */
inline double uneven(std::size_t i)
{
    const double multiple = static_cast<double>(i) * 0.618033988749895;
    return 1 + multiple - static_cast<double>(static_cast<std::int64_t>(multiple));
}

double largest_of(const Array<double>& values);
bool is_finite(const Array<double>& values);

/** Returns whether both have the same shape and differ by at most the tolerance times the largest element of b. NaN and
 *  infinity differ from everything. */
bool are_close(const Array<double>& a, const Array<double>& b, double tolerance);

} // namespace xgrad::detail
