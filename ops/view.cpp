#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/ops/view.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace xgrad
{

namespace
{

using Kind = AxisIndex::Kind;

/** A range of an axis as ascending positions, and whether they are taken from the last one to the first. */
struct Run
{
    Range range;
    bool is_reversed = false;
};

/** The positions of a range on an axis of n, by the rules of Python's slices. */
Run run_of(const AxisIndex& place, std::ptrdiff_t n)
{
    if (place.step() == 0)
        throw ShapeError("[view] the step of a range is 0: it may be negative, but has to lead on");
    const bool back = place.step() < 0;
    const std::ptrdiff_t lowest = back ? -1 : 0, highest = back ? n - 1 : n;
    const auto on_axis = [&](AxisIndex::Position position, std::ptrdiff_t missing) {
        if (!position)
            return missing;
        return std::clamp(*position < 0 ? *position + n : *position, lowest, highest);
    };
    const std::ptrdiff_t begin = on_axis(place.begin(), back ? highest : lowest),
                         end = on_axis(place.end(), back ? lowest : highest);
    const auto length = static_cast<std::size_t>(std::max<std::ptrdiff_t>(back ? begin - end : end - begin, 0));
    const auto step = back ? 0 - static_cast<std::size_t>(place.step()) : static_cast<std::size_t>(place.step());
    if (length == 0)
        return {{0, 0, 1}};
    const std::size_t way = (length - 1) / step * step, first = static_cast<std::size_t>(begin);
    return {{back ? first - way : first, way / step + 1, step}, back};
}

std::size_t index_of(const AxisIndex& place, std::size_t axis, const Shape& shape)
{
    const std::ptrdiff_t index = *place.begin(), n = static_cast<std::ptrdiff_t>(shape[axis]);
    if (index < -n || index >= n)
        throw ShapeError(fmt::format("[view] index {} is outside axis {} of shape {}", index, axis, to_string(shape)));
    return static_cast<std::size_t>(index < 0 ? index + n : index);
}

/** The places with one for each axis: an ellipsis, or the end, stands for as many whole axes as are missing. */
std::vector<AxisIndex> completed(std::span<const AxisIndex> places, const Shape& shape)
{
    const auto count = [&](auto is) {
        return static_cast<std::size_t>(std::count_if(places.begin(), places.end(), is));
    };
    const auto is_ellipsis = [](const AxisIndex& place) { return place.kind() == Kind::ellipsis; };
    const std::size_t taken =
        count([](const AxisIndex& place) { return place.kind() == Kind::index || place.kind() == Kind::range; });
    if (taken > shape.size())
        throw ShapeError(fmt::format("[view] {} places for the axes of shape {}", taken, to_string(shape)));
    if (count(is_ellipsis) > 1)
        throw ShapeError("[view] an ellipsis may stand once among the places");
    std::vector<AxisIndex> complete(places.begin(), places.end());
    auto hole = std::find_if(complete.begin(), complete.end(), is_ellipsis);
    if (hole != complete.end())
        hole = complete.erase(hole);
    complete.insert(hole, shape.size() - taken, all());
    return complete;
}

} // namespace

template <class T>
Variable<T> view(const Variable<T>& x, std::span<const AxisIndex> places)
{
    Ranges ranges;
    Axes reversed{};
    Shape shape;
    bool is_whole = true;
    for (const AxisIndex& place : completed(places, x.shape())) {
        const std::size_t axis = ranges.size();
        if (place.kind() == Kind::newaxis) {
            shape.push_back(1);
            continue;
        }
        if (place.kind() == Kind::index)
            ranges.push_back({index_of(place, axis, x.shape()), 1, 1});
        else {
            const Run run = run_of(place, static_cast<std::ptrdiff_t>(x.shape()[axis]));
            ranges.push_back(run.range);
            shape.push_back(run.range.count);
            if (run.is_reversed)
                reversed.push_back(static_cast<Axis>(axis));
        }
        is_whole = is_whole && ranges.back().count == x.shape()[axis];
    }
    const auto part = is_whole ? x : slice(x, ranges);
    return reshape(reversed.size() == 0 ? part : flip(part, reversed), shape);
}

#define XGRAD_INSTANTIATE(T) template Variable<T> view(const Variable<T>&, std::span<const AxisIndex>);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
