#pragma once

#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/parameters.hpp>
#include <xgrad/models/layers/layers.hpp>
#include <xgrad/models/layers/mode.hpp>
#include <xgrad/ops/arithmetic.hpp>

#include <concepts>
#include <utility>

namespace xgrad
{

/** A layer with a path around it (He et al. 2016): y = x + f(x). The layer f is anything that can be called with x, or
 *  with x and a Mode, and keeps the shape. Its parameters and its state have their own names. */
template <class T, class Layer>
struct Residual
{
    Layer layer;

    explicit Residual(Layer inner) : layer(std::move(inner)) {}

    /** @throws ShapeError if f(x) has another shape than x */
    Variable<T> operator()(const Variable<T>& x, const Mode& mode = Mode::evaluation()) const
    {
        const Variable<T> y = [&] {
            if constexpr (std::invocable<const Layer&, const Variable<T>&, const Mode&>)
                return layer(x, mode);
            else
                return layer(x);
        }();
        if (y.shape() != x.shape())
            throw ShapeError("[residual] the layer makes " + to_string(y.shape()) + " of " + to_string(x.shape()) +
                             ": the shapes must be the same");
        return x + y;
    }
    Parameters<T> parameters() const
    {
        if constexpr (requires { layer.parameters(); })
            return layer.parameters();
        else
            return {};
    }
    Parameters<T> state() const
    {
        if constexpr (requires { layer.state(); })
            return layer.state();
        else
            return {};
    }
};

/** The sum of the lines of the layer, if it has a summary, and the sums of the two paths. */
template <class T, class Layer>
LayerSummary summarize(std::string name, const Residual<T, Layer>& block, const Shape& output)
{
    LayerSummary line{std::move(name), "residual", output};
    line.parameters = block.parameters().element_count();
    line.connections = 2 * element_count(output);
    if constexpr (requires { block.layer.summary(); })
        for (const LayerSummary& part : block.layer.summary()) {
            line.connections += part.connections;
            line.multiply_adds += part.multiply_adds;
        }
    return line;
}

} // namespace xgrad
