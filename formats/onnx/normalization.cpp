// ONNX' normalizations, softmax, and resizing.
#include <xgrad/formats/onnx/call.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/indexing.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/repetition.hpp>
#include <xgrad/ops/shape.hpp>
#include <xgrad/ops/softmax.hpp>
#include <xgrad/ops/statistics.hpp>
#include <xgrad/ops/view.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace xgrad::onnx
{

namespace
{

/** A vector of the channels, axis 1, as an array that broadcasts to x. */
template <class T>
Variable<T> over_channels(const Variable<T>& v, std::size_t dimension)
{
    Shape shape(dimension, 1);
    shape[1] = element_count(v.shape());
    return reshape(v, shape);
}

/** The axes from one to the end. */
Axes axes_from(std::size_t first, std::size_t dimension)
{
    Axes axes = {};
    for (std::size_t i = first; i < dimension; ++i)
        axes.push_back(static_cast<Axis>(i));
    return axes;
}

/** x with mean 0 and variance 1 over axes. */
template <class T>
Variable<T> standardized(const Variable<T>& x, const Axes& axes, double epsilon)
{
    const Variable<T> centred = x - mean(x, axes, true);
    return centred / sqrt(mean(square(centred), axes, true) + epsilon);
}

template <class T>
Operands<T> batch_normalized(const Call<T>& call)
{
    const Variable<T> x = call.real(0);
    const std::size_t n = x.dimension();
    if (n < 2)
        call.refuse("needs a batch and channels");
    const double epsilon = call.node.real("epsilon", 1e-5f), momentum = call.node.real("momentum", 0.9f);
    Variable<T> mean_of = call.real(3), variance_of = call.real(4);
    Operands<T> running;
    if (call.node.integer("training_mode", 0) != 0) {
        Axes axes = axes_from(2, n);
        axes.push_back(0);
        const Variable<T> m = mean(x, axes), v = variance(x, axes);
        running = {momentum * mean_of + (1 - momentum) * m, momentum * variance_of + (1 - momentum) * v};
        mean_of = m, variance_of = v;
    }
    const Variable<T> scale = call.real(1) / sqrt(variance_of + epsilon);
    Operands<T> results = {(x - over_channels(mean_of, n)) * over_channels(scale, n) + over_channels(call.real(2), n)};
    results.insert(results.end(), running.begin(), running.end());
    return results;
}

template <class T>
Operands<T> layer_normalized(const Call<T>& call)
{
    const Variable<T> x = call.real(0);
    const Axes axes = axes_from(call.axis(call.node.integer("axis", -1), x.dimension()), x.dimension());
    const Variable<T> m = mean(x, axes, true);
    const Variable<T> r = 1 / sqrt(mean(square(x - m), axes, true) + double{call.node.real("epsilon", 1e-5f)});
    Variable<T> y = (x - m) * r * call.real(1);
    if (call.has(2))
        y = y + call.real(2);
    return {y, m, r};
}

/** x divided by (bias + α/size · Σ x² over the channels around)^β. */
template <class T>
Operands<T> locally_normalized(const Call<T>& call)
{
    const Variable<T> x = call.real(0);
    const std::int64_t size = call.node.integer("size");
    if (size < 1 || x.dimension() < 2)
        call.refuse("needs channels, and a size of at least 1");
    const double alpha = call.node.real("alpha", 1e-4f), beta = call.node.real("beta", 0.75f);
    const double bias = call.node.real("bias", 1);
    Borders borders(x.dimension());
    const auto before = static_cast<std::size_t>((size - 1) / 2);
    borders[1] = {before, static_cast<std::size_t>(size - 1) - before};
    const Variable<T> squares = pad(square(x), borders);
    const std::size_t channels = x.shape()[1];
    Variable<T> total = slice(squares, 1, 0, channels);
    for (std::size_t i = 1; i < static_cast<std::size_t>(size); ++i)
        total = total + slice(squares, 1, i, i + channels);
    return {x / pow(total * (alpha / static_cast<double>(size)) + bias, beta)};
}

/** Before opset 13, softmax is over all axes from one on together. */
template <class T, class F>
Operands<T> over_classes(const Call<T>& call, F f)
{
    const Variable<T> x = call.real(0);
    const std::size_t axis = call.axis(call.node.integer("axis", call.opset < 13 ? 1 : -1), x.dimension());
    if (call.opset >= 13)
        return {f(x, static_cast<Axis>(axis))};
    return {reshape(f(flatten(x, axis), -1), x.shape())};
}

/** The place of an element of a resized axis among the old ones: https://onnx.ai/onnx/operators/onnx__Resize.html */
template <class T>
double place_of(const Call<T>& call, const std::string& mode, double i, double from, double to, double scale)
{
    if (mode == "half_pixel")
        return (i + 0.5) / scale - 0.5;
    if (mode == "pytorch_half_pixel")
        return to > 1 ? (i + 0.5) / scale - 0.5 : 0;
    if (mode == "align_corners") // of an extent that is not rounded
        return to > 1 ? i * (from - 1) / (scale * from - 1) : 0;
    if (mode == "asymmetric")
        return i / scale;
    call.refuse(fmt::format("has the coordinate_transformation_mode '{}'", mode));
}

template <class T>
double rounded(const Call<T>& call, const std::string& mode, double x)
{
    if (mode == "round_prefer_floor")
        return std::ceil(x - 0.5);
    if (mode == "round_prefer_ceil")
        return std::floor(x + 0.5);
    if (mode == "floor" || mode == "ceil")
        return mode == "floor" ? std::floor(x) : std::ceil(x);
    call.refuse(fmt::format("has the nearest_mode '{}'", mode));
}

/** Resizes one axis: each element is the nearest one, or lies between two. */
template <class T>
Variable<T> resized(const Call<T>& call, const Variable<T>& x, std::size_t axis, std::size_t to, double scale,
                    bool is_linear)
{
    const std::size_t from = x.shape()[axis];
    const std::string places =
        call.node.text("coordinate_transformation_mode", call.opset < 11 ? "asymmetric" : "half_pixel");
    const std::string nearest = call.node.text("nearest_mode", call.opset < 11 ? "floor" : "round_prefer_floor");
    Labels lower(Shape{to}), upper(Shape{to});
    Shape along(x.dimension(), 1);
    along[axis] = to;
    Array<T> weights(along);
    const double last = static_cast<double>(from) - 1;
    for (std::size_t i = 0; i < to; ++i) {
        const double place =
            place_of(call, places, static_cast<double>(i), static_cast<double>(from), static_cast<double>(to), scale);
        const double below = is_linear ? std::floor(place) : rounded(call, nearest, place);
        lower.data()[i] = static_cast<std::int32_t>(std::clamp(below, 0., last));
        upper.data()[i] = static_cast<std::int32_t>(std::clamp(below + 1, 0., last));
        weights.data()[i] = static_cast<T>(place - below);
    }
    const auto at = static_cast<Axis>(axis);
    if (!is_linear)
        return gather(x, lower, at);
    const Variable<T> w = constant(std::move(weights));
    return (1 - w) * gather(x, lower, at) + w * gather(x, upper, at);
}

/** Resizes by scales or to sizes; the inputs moved when opset 11 added a region of interest, which is not taken. */
template <class T>
Operands<T> resized(const Call<T>& call)
{
    const std::string mode = call.node.text("mode", "nearest");
    if (mode != "nearest" && mode != "linear")
        call.refuse(fmt::format("has the mode '{}': xgrad has nearest and linear", mode));
    Variable<T> x = call.real(0);
    const std::size_t scales_at = call.node.op == "Upsample" || call.opset < 11 ? 1 : 2;
    std::vector<double> scales;
    if (call.has(scales_at)) {
        const Array<T> given = call.real(scales_at).value();
        scales.assign(given.begin(), given.end());
    } else if (call.node.op == "Upsample") {
        const std::vector<float> given = call.node.reals("scales");
        scales.assign(given.begin(), given.end());
    }
    const std::vector<std::int64_t> sizes =
        scales.empty() && call.has(3) ? call.integers(3) : std::vector<std::int64_t>();
    if (scales.size() + sizes.size() != x.dimension())
        call.refuse("needs a scale or a size for each axis");
    for (std::size_t axis = 0; axis < x.dimension(); ++axis) {
        const auto from = static_cast<double>(x.shape()[axis]);
        const double to = sizes.empty() ? std::floor(from * scales[axis]) : static_cast<double>(sizes[axis]);
        if (!(to >= 0 && to < 1e9) || (from == 0 && to > 0))
            call.refuse(fmt::format("would make {} elements of {} along axis {}", to, from, axis));
        if (to != from || (!scales.empty() && scales[axis] != 1))
            x = resized(call, x, axis, static_cast<std::size_t>(to), sizes.empty() ? scales[axis] : to / from,
                        mode == "linear");
    }
    return {x};
}

} // namespace

template <class T>
Table<T> normalization_table()
{
    return {
        {"BatchNormalization", batch_normalized<T>},
        {"LayerNormalization", layer_normalized<T>},
        {"LRN", locally_normalized<T>},
        {"Resize", [](const Call<T>& call) { return resized(call); }},
        {"Upsample", [](const Call<T>& call) { return resized(call); }},
        {"InstanceNormalization",
         [](const Call<T>& call) -> Operands<T> {
             const Variable<T> x = call.real(0);
             const std::size_t n = x.dimension();
             const Variable<T> y = standardized(x, axes_from(2, n), call.node.real("epsilon", 1e-5f));
             return {y * over_channels(call.real(1), n) + over_channels(call.real(2), n)};
         }},
        {"MeanVarianceNormalization",
         [](const Call<T>& call) -> Operands<T> {
             Axes axes = {};
             for (const std::int64_t axis : call.node.integers("axes", std::vector<std::int64_t>{0, 2, 3}))
                 axes.push_back(static_cast<Axis>(axis));
             const Variable<T> x = call.real(0), centred = x - mean(x, axes, true);
             return {centred / (sqrt(mean(square(centred), axes, true)) + 1e-9)};
         }},
        {"LpNormalization",
         [](const Call<T>& call) -> Operands<T> {
             const Variable<T> x = call.real(0);
             const auto axis = static_cast<Axis>(call.axis(call.node.integer("axis", -1), x.dimension()));
             const bool is_l1 = call.node.integer("p", 2) == 1;
             return {x / (is_l1 ? sum(abs(x), axis, true) : sqrt(sum(square(x), axis, true)))};
         }},
        {"Softmax",
         [](const Call<T>& call) {
             return over_classes(call, [](const auto& x, Axis axis) { return softmax(x, axis); });
         }},
        {"LogSoftmax",
         [](const Call<T>& call) {
             return over_classes(call, [](const auto& x, Axis axis) { return log_softmax(x, axis); });
         }},
    };
}

template Table<float> normalization_table();
template Table<double> normalization_table();

} // namespace xgrad::onnx
