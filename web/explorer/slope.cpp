#include "slope.hpp"

#include <xgrad/base/error.hpp>
#include <xgrad/base/nearest.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/ops/ops.hpp>

#include <fmt/core.h>

#include <cmath>
#include <map>
#include <vector>

namespace xgrad::explorer
{

namespace
{

using V = Variable<double>;

V pooled(const V& x)
{
    if (x.dimension() != 2)
        throw ShapeError(fmt::format("[explorer] pooling takes a matrix, the shape is {}", to_string(x.shape())));
    const V y = max_pool2d(reshape(x, Shape{1, 1, x.shape()[0], x.shape()[1]}));
    return reshape(y, Shape{y.shape()[2], y.shape()[3]});
}

const std::map<std::string, V (*)(const V&)>& functions()
{
    static const std::map<std::string, V (*)(const V&)> all = {
        {"max_pool2d", pooled},
        {"maximum", [](const V& x) { return max(x); }},
        {"relu", [](const V& x) { return relu(x); }},
        {"leaky_relu", [](const V& x) { return leaky_relu(x, 0.1); }},
        {"abs", [](const V& x) { return abs(x); }},
        {"sign", [](const V& x) { return sign(x); }},
        {"tanh", [](const V& x) { return tanh(x); }},
        {"square", [](const V& x) { return square(x); }}};
    return all;
}

} // namespace

Slope slope_of(const std::string& function, const Array<double>& point, const std::optional<Array<double>>& g,
               double step)
{
    const auto found = functions().find(function);
    if (found == functions().end()) {
        std::vector<std::string> names;
        for (const auto& each : functions())
            names.push_back(each.first);
        throw Error("[explorer] " + detail::no_such("function", function, names));
    }
    if (!(step > 0) || std::isinf(step))
        throw Error(fmt::format("[explorer] a difference of {} was asked for: a positive step is needed", step));
    const auto loss = [&](const V& x) {
        const V y = found->second(x);
        return g ? sum(y * constant(Array<double>(*g))) : sum(y);
    };
    Slope slope;
    const V x = variable(Array<double>(point));
    {
        const PauseRecording pause;
        slope.value = found->second(x).value();
        slope.finite = Array<double>(point.shape(), 0.0);
        for (std::size_t i = 0; i < point.size(); ++i) {
            const auto at = [&](double offset) {
                Array<double> moved = point;
                moved.data()[i] += offset;
                return loss(constant(std::move(moved))).item();
            };
            slope.finite.data()[i] = (at(step) - at(-step)) / (2 * step);
        }
    }
    Tape tape;
    slope.gradient = tape.gradient(loss(x), x).value();
    return slope;
}

} // namespace xgrad::explorer
