// ONNX' reductions and running sums.
#include <xgrad/formats/onnx/call.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/cumulative.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/manipulation.hpp>
#include <xgrad/ops/norm.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/repetition.hpp>
#include <xgrad/ops/sorting.hpp>
#include <xgrad/ops/statistics.hpp>
#include <xgrad/ops/view.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace xgrad::onnx
{

namespace
{

/** The axes that a reduction is over: an attribute, or an input since opset 13 or 18; all of them if there are none. */
template <class T>
Axes axes_of(const Call<T>& call)
{
    const std::size_t dimension = call[0].shape().size();
    const auto given = call.list("axes", 1);
    if (!given || given->empty())
        return Axes::all(dimension);
    Axes axes = {};
    for (const std::int64_t axis : *given)
        axes.push_back(static_cast<Axis>(call.axis(axis, dimension)));
    return axes;
}

/** Reduces by a function of an array, the axes and whether they are kept with extent 1. */
template <class T, class F>
Operands<T> reduce(const Call<T>& call, F f)
{
    const auto given = call.list("axes", 1);
    if (call.node.integer("noop_with_empty_axes", 0) != 0 && (!given || given->empty()))
        return {call[0]};
    const Axes axes = axes_of(call);
    const bool keepdims = call.node.integer("keepdims", 1) != 0;
    const Call<T> of_numbers = call.with({call[0]});
    return {lift(of_numbers, [&](auto x) { return f(x, axes, keepdims); })};
}

/** The index of the largest, or smallest, element along an axis, the first or the last one of several. */
template <class T, class F>
Operands<T> arg(const Call<T>& call, F f)
{
    const Variable<T> x = call.real(0);
    const std::size_t axis = call.axis(call.node.integer("axis", 0), x.dimension());
    const auto along = static_cast<Axis>(axis);
    const bool is_last = call.node.integer("select_last_index", 0) != 0;
    const Labels found = f(is_last ? flip(x, along) : x, along);
    Whole indices = xt::cast<std::int64_t>(found);
    if (is_last)
        indices = static_cast<std::int64_t>(x.shape()[axis]) - 1 - indices;
    if (call.node.integer("keepdims", 1) != 0)
        indices = Whole(xt::expand_dims(indices, axis));
    return {{indices, ElementType::int64}};
}

template <class T>
Operands<T> running_sum(const Call<T>& call)
{
    const std::size_t dimension = call[0].shape().size();
    const std::vector<std::int64_t> given = call.integers(1);
    if (given.size() != 1)
        call.refuse("needs one axis");
    const std::size_t axis = call.axis(given[0], dimension);
    const auto along = static_cast<Axis>(axis);
    const bool is_exclusive = call.node.integer("exclusive", 0) != 0, is_reverse = call.node.integer("reverse", 0) != 0;
    const Call<T> of_numbers = call.with({call[0]});
    return {lift(of_numbers, [&](auto x) {
        if (is_reverse)
            x = flip(x, along);
        if (is_exclusive) { // each element takes the sum of those before it
            Borders borders(dimension);
            borders[axis].before = 1;
            std::vector<AxisIndex> places(dimension, all());
            places[axis] = range({}, -1);
            x = pad(view(x, std::span<const AxisIndex>(places)), borders);
        }
        auto y = cumsum(x, along);
        return is_reverse ? flip(y, along) : y;
    })};
}

} // namespace

#define REDUCTION(NAME, EXPRESSION)                                                                                    \
    {                                                                                                                  \
        NAME, [](const Call<T>& call) {                                                                                \
            return reduce(call, [](auto x, const Axes& axes, bool keepdims) { return EXPRESSION; });                   \
        }                                                                                                              \
    }

template <class T>
Table<T> reduction_table()
{
    return {
        REDUCTION("ReduceSum", sum(x, axes, keepdims)),
        REDUCTION("ReduceMean", mean(x, axes, keepdims)),
        REDUCTION("ReduceMax", max(x, axes, keepdims)),
        REDUCTION("ReduceMin", min(x, axes, keepdims)),
        REDUCTION("ReduceProd", prod(x, axes, keepdims)),
        REDUCTION("ReduceL1", norm_l1(x, axes, keepdims)),
        REDUCTION("ReduceL2", norm_l2(x, axes, keepdims)),
        REDUCTION("ReduceSumSquare", norm_sq(x, axes, keepdims)),
        REDUCTION("ReduceLogSum", log(sum(x, axes, keepdims))),
        REDUCTION("ReduceLogSumExp", log_sum_exp(x, axes, keepdims)),
        {"ArgMax",
         [](const Call<T>& call) { return arg(call, [](const auto& x, Axis axis) { return argmax(x, axis); }); }},
        {"ArgMin",
         [](const Call<T>& call) { return arg(call, [](const auto& x, Axis axis) { return argmin(x, axis); }); }},
        {"CumSum", [](const Call<T>& call) { return running_sum(call); }},
        {"TopK",
         [](const Call<T>& call) -> Operands<T> {
             const std::vector<std::int64_t> count = call.integers(1);
             const auto x = call.real(0);
             const std::size_t axis = call.axis(call.node.integer("axis", -1), x.dimension());
             if (count.size() != 1 || count[0] < 0 || static_cast<std::size_t>(count[0]) > x.shape()[axis])
                 call.refuse("takes more elements than there are");
             const bool is_largest = call.node.integer("largest", 1) != 0;
             const auto [best, places] =
                 topk(is_largest ? x : -x, static_cast<std::size_t>(count[0]), static_cast<Axis>(axis));
             return {is_largest ? best : -best, {Whole(xt::cast<std::int64_t>(places)), ElementType::int64}};
         }},
    };
}

template Table<float> reduction_table();
template Table<double> reduction_table();

} // namespace xgrad::onnx
