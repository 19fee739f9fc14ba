#pragma once
// The check of a reduction over axes against a function of a list of numbers.

#include "ops.hpp"
#include <xgrad/ops/shape.hpp>

namespace xgrad::test
{

inline const std::vector<Shape>& reduced_shapes()
{
    static const std::vector<Shape> all = {{},        {1},       {6},     {37},    {3, 4},       {1, 5},         {5, 1},
                                           {2, 3, 4}, {2, 1, 3}, {3, 20}, {20, 3}, {2, 3, 2, 5}, {2, 2, 1, 3, 2}};
    return all;
}

/** The elements that are reduced to each element of the result, in row-major order. */
template <class T>
struct Groups
{
    Shape kept, dropped;
    std::vector<std::vector<std::size_t>> positions; // flat, in x, for each element of the result

    Groups(const Shape& shape, std::size_t subset)
    {
        for (std::size_t axis = 0; axis < shape.size(); ++axis) {
            const bool reduced = (subset >> axis & 1) != 0;
            kept.push_back(reduced ? 1 : shape[axis]);
            if (!reduced)
                dropped.push_back(shape[axis]);
        }
        Array<std::int32_t> number = empty_array<std::int32_t>(kept);
        for (std::size_t i = 0; i < number.size(); ++i)
            number.data()[i] = static_cast<std::int32_t>(i);
        positions.resize(number.size());
        std::size_t position = 0;
        for_each_index(
            shape, [&](const Index& i) { positions[static_cast<std::size_t>(at(number, i))].push_back(position++); });
    }
};

inline Axes axes_of(std::size_t subset, std::size_t dimension)
{
    Axes axes{};
    for (std::size_t axis = 0; axis < dimension; ++axis)
        if ((subset >> axis & 1) != 0)
            axes.push_back(axis % 2 == 0 ? static_cast<Axis>(axis)
                                         : static_cast<Axis>(axis) - static_cast<Axis>(dimension));
    return axes;
}

/** Value and gradient of a reduction over every subset of the axes.
 *  @param value  the value of a list of numbers   @param weight  ∂value/∂(the i-th of them) */
template <class T, class F, class Value, class Weight>
void check_reduction(F f, Value value, Weight weight)
{
    for (const Shape& shape : reduced_shapes())
        for (std::size_t subset = 0; subset < std::size_t{1} << shape.size(); ++subset)
            for (const bool keepdims : {false, true}) {
                CAPTURE(to_string(shape));
                CAPTURE(subset);
                const Groups<T> groups(shape, subset);
                const Shape result = keepdims ? groups.kept : groups.dropped;
                const Array<T> x = numbers<T>(shape), g = numbers<T>(result, -2, 2, 2);
                Array<T> expected = empty_array<T>(result), gradient(shape, T(0));
                for (std::size_t i = 0; i < groups.positions.size(); ++i) {
                    std::vector<double> members;
                    for (const std::size_t position : groups.positions[i])
                        members.push_back(x.data()[position]);
                    expected.data()[i] = static_cast<T>(value(members));
                    for (std::size_t k = 0; k < members.size(); ++k)
                        gradient.data()[groups.positions[i][k]] = static_cast<T>(weight(members, k) * g.data()[i]);
                }
                const auto reduce = [&](const auto& v) { return f(v[0], axes_of(subset, shape.size()), keepdims); };
                check_close(reduce(Variables<T>{constant(Array<T>(x))}).value(), expected);
                check_close(gradients_of<T>(reduce, {x}, g)[0], gradient);
            }
}

} // namespace xgrad::test
