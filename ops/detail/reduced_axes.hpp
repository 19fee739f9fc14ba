#pragma once
// What reductions over axes have in common. Not for users.

#include <xgrad/base/error.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/core.h>

#include <array>

namespace xgrad::detail
{

/** The shapes that a reduction makes of a shape. */
struct ReducedAxes
{
    std::array<bool, Shape::capacity> reduced{};
    Shape kept;    // with extent 1 for a reduced axis
    Shape dropped; // without the reduced axes
    std::size_t count = 1;

    ReducedAxes(const char* op, const Shape& shape, const Axes& axes)
    {
        for (const Axis axis : axes) {
            bool& chosen = reduced[normalize_axis(op, axis, shape.size())];
            if (chosen)
                throw ShapeError(fmt::format("[{}] axis {} is named twice", op, axis));
            chosen = true;
        }
        for (std::size_t axis = 0; axis < shape.size(); ++axis) {
            kept.push_back(reduced[axis] ? 1 : shape[axis]);
            if (reduced[axis])
                count *= shape[axis];
            else
                dropped.push_back(shape[axis]);
        }
    }
};

/** Tells observers which axes are summed over. */
inline auto over(const std::array<bool, Shape::capacity>& reduced, std::size_t dimension)
{
    return [&reduced, dimension] {
        Attributes told;
        for (std::size_t axis = 0; axis < dimension; ++axis)
            if (reduced[axis])
                told.axes.push_back(axis);
        return told;
    };
}

/** @throws ShapeError if nothing is reduced to an element of the result */
inline void require_elements(const char* op, const Shape& shape, std::size_t count)
{
    if (count == 0)
        throw ShapeError(fmt::format("[{}] there is nothing to reduce in shape {}", op, to_string(shape)));
}

/** The elements that are reduced to each element of the result, as rows (…, count). */
template <class T>
Variable<T> rows_of(const Variable<T>& x, const ReducedAxes& r)
{
    Axes order{};
    for (const bool reduced : {false, true})
        for (std::size_t axis = 0; axis < x.dimension(); ++axis)
            if (r.reduced[axis] == reduced)
                order.push_back(static_cast<Axis>(axis));
    Shape rows = r.dropped;
    rows.push_back(r.count);
    return reshape(permute(x, order), rows);
}

} // namespace xgrad::detail
