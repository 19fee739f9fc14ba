#pragma once
// The parts of the axes of an array that a view takes, spelled as xtensor spells them.

#include <concepts>
#include <cstddef>
#include <optional>
#include <type_traits>

namespace xgrad
{

/** A part of an axis in a view: an index, a range, all of it, a new axis, or all axes that others leave. */
class AxisIndex
{
  public:
    enum class Kind
    {
        index,
        range,
        newaxis,
        ellipsis
    };
    using Position = std::optional<std::ptrdiff_t>;

    template <std::integral Number>
    requires(!std::same_as<Number, bool>) constexpr AxisIndex(Number index) : begin_(static_cast<std::ptrdiff_t>(index))
    {}
    constexpr explicit AxisIndex(Kind kind, Position begin = {}, Position end = {}, std::ptrdiff_t step = 1)
        : kind_(kind), begin_(begin), end_(end), step_(step)
    {}

    constexpr Kind kind() const { return kind_; }
    constexpr Position begin() const { return begin_; } ///< The beginning of a range, or an index.
    constexpr Position end() const { return end_; }
    constexpr std::ptrdiff_t step() const { return step_; }

  private:
    Kind kind_ = Kind::index;
    Position begin_, end_;
    std::ptrdiff_t step_ = 1;
};

/** The positions begin, begin + step, … before `end`, as Python's begin:end:step. Negative ones count from the end of
 *  the axis; `{}` or std::nullopt stands for one that is not given, so `range({}, {}, -1)` reverses. What lies outside
 *  the axis is left out. */
constexpr AxisIndex range(AxisIndex::Position begin, AxisIndex::Position end, std::ptrdiff_t step = 1)
{
    return AxisIndex(AxisIndex::Kind::range, begin, end, step);
}
/** The whole axis. */
constexpr AxisIndex all() { return AxisIndex(AxisIndex::Kind::range); }
/** A new axis of extent 1. */
constexpr AxisIndex newaxis() { return AxisIndex(AxisIndex::Kind::newaxis); }
/** The whole of all axes that the other places leave. */
constexpr AxisIndex ellipsis() { return AxisIndex(AxisIndex::Kind::ellipsis); }

} // namespace xgrad
