#pragma once
// Helpers for the tests of the ops. Nothing here calls a kernel: oracles are plain loops over indices.

#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/tape.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace xgrad::test
{

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

using Index = std::vector<std::size_t>;
using Sizes = std::initializer_list<std::size_t>;

/** Calls f(index) for each index of an array of the shape, in row-major order. */
template <class F>
void for_each_index(const Shape& shape, F f)
{
    std::size_t count = 1;
    for (const std::size_t extent : shape)
        count *= extent;
    Index index(shape.size());
    for (std::size_t position = 0; position < count; ++position) {
        std::size_t rest = position;
        for (std::size_t axis = shape.size(); axis-- > 0;) {
            index[axis] = rest % shape[axis];
            rest /= shape[axis];
        }
        f(index);
    }
}

/** The element of an array at an index, which is aligned at the last axis and repeated along extents of 1. */
template <class T>
T& at(Array<T>& array, const Index& index)
{
    std::size_t position = 0;
    for (std::size_t axis = 0; axis < array.dimension(); ++axis) {
        const std::size_t extent = array.shape()[axis], i = index[index.size() - array.dimension() + axis];
        position = position * extent + (extent == 1 ? 0 : i);
    }
    return array.data()[position];
}
template <class T>
T at(const Array<T>& array, const Index& index)
{
    return at(const_cast<Array<T>&>(array), index);
}

/** An array whose element at each index is f(index). */
template <class T, class F>
Array<T> generate(const Shape& shape, F f)
{
    Array<T> values = empty_array<T>(shape);
    std::size_t position = 0;
    for_each_index(shape, [&](const Index& index) { values.data()[position++] = static_cast<T>(f(index)); });
    return values;
}

/** Uniform random numbers. */
template <class T>
Array<T> numbers(const Shape& shape, double low = -2, double high = 2, unsigned seed = 1)
{
    std::mt19937 engine(seed);
    return generate<T>(shape,
                       [&](const Index&) { return low + (high - low) * static_cast<double>(engine()) * 0x1p-32; });
}

/** A rank-1 array of the given values. */
template <class T>
Array<T> list(std::initializer_list<double> values)
{
    Array<T> array = empty_array<T>({values.size()});
    std::transform(values.begin(), values.end(), array.begin(), [](double x) { return static_cast<T>(x); });
    return array;
}

inline Labels indices(std::initializer_list<std::int32_t> values, Shape shape = {})
{
    if (shape.empty())
        shape = {values.size()};
    Labels array = empty_array<std::int32_t>(shape);
    std::copy(values.begin(), values.end(), array.begin());
    return array;
}

/** The rounding that a few operations on numbers of the size of 1 may show. */
template <class T>
constexpr double few_roundings = sizeof(T) == 4 ? 2e-6 : 4e-15;

/** Fails unless the shapes are equal, and all elements within `tolerance` times the largest finite one (at least 1);
 *  NaN agrees with NaN alone, an infinity with its equal. */
template <class T>
void check_close(const Array<T>& actual, const Array<T>& expected, double tolerance = few_roundings<T>)
{
    CHECK_MESSAGE(actual.shape() == expected.shape(), to_string(actual.shape()), " is not ",
                  to_string(expected.shape()));
    if (actual.shape() != expected.shape())
        return;
    double largest = 1;
    for (const T value : expected)
        if (std::isfinite(value))
            largest = std::max(largest, std::abs(static_cast<double>(value)));
    std::string wrong;
    for (std::size_t i = 0; i < expected.size() && wrong.empty(); ++i) {
        const auto a = static_cast<double>(actual.data()[i]), e = static_cast<double>(expected.data()[i]);
        const bool same =
            std::isfinite(e) ? std::abs(a - e) <= tolerance * largest : a == e || (std::isnan(a) && std::isnan(e));
        if (!same)
            wrong = "element " + std::to_string(i) + " is " + std::to_string(a) + ", expected " + std::to_string(e) +
                    ", difference " + std::to_string((a - e) * 1e6) + "e-6";
    }
    CHECK_MESSAGE(wrong.empty(), wrong);
}

template <class T>
void check_equal(const Array<T>& actual, const Array<T>& expected)
{
    check_close(actual, expected, 0);
}

/** The gradient of Σ upstream·f(x) for each x. */
template <class T, class F>
std::vector<Array<T>> gradients_of(F f, const std::vector<Array<T>>& points, const Array<T>& upstream)
{
    Variables<T> xs;
    for (const Array<T>& point : points)
        xs.push_back(variable(Array<T>(point)));
    Tape tape;
    const Variable<T> y = f(xs);
    std::vector<Array<T>> gradients;
    for (const Variable<T>& gradient :
         tape.vector_jacobian_product<T>(Variables<T>{y}, {constant(Array<T>(upstream))}, xs, {.unused_is_zero = true}))
        gradients.push_back(gradient.value());
    return gradients;
}

/** The gradient of the sum of f(x) at each of the given numbers, for a function of each element. */
template <class T, class F>
Array<T> slopes(F f, std::initializer_list<double> points)
{
    const Array<T> x = list<T>(points);
    return gradients_of<T>([&](const auto& xs) { return f(xs[0]); }, {x}, Array<T>(x.shape(), T(1)))[0];
}

/** Fails unless f throws a ShapeError whose message has all of the parts, and leaves nothing on the tape. */
template <class F>
void check_shape_error(F f, const std::vector<std::string>& parts)
{
    Tape tape;
    std::string message;
    try {
        f();
    } catch (const ShapeError& error) {
        message = error.what();
    }
    CHECK_MESSAGE(!message.empty(), "no ShapeError; expected one with ", parts.front());
    for (const std::string& part : parts)
        CHECK_MESSAGE(message.find(part) != std::string::npos, "'", message, "' lacks '", part, "'");
    CHECK_MESSAGE(tape.size() == 0, "recorded before: ", message);
}

/** A leaf of the shape: what is recorded from it is seen by a tape. */
template <class T>
Variable<T> leaf(const Shape& shape)
{
    return variable(numbers<T>(shape));
}

} // namespace xgrad::test
