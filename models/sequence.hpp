#pragma once

#include <xgrad/models/layers.hpp>
#include <xgrad/models/mode.hpp>

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace xgrad
{

/** Layers one after the other, of any kind:
 *
 *      Sequence<float> net;
 *      net.add("c1", Convolution<float>(1, 8, 5, random)).add("pool", [](const auto& x) { return max_pool2d(x); });
 *
 *  A layer is what can be called with x, or with x and a Mode. Its parameters() and state() get its name in front. */
template <class T>
class Sequence
{
  public:
    template <class Layer>
    Sequence& add(const std::string& name, Layer layer)
    {
        Step step{.name = name, .apply = {}, .summarize = summary_of(layer)};
        if constexpr (requires { layer.parameters(); }) {
            parameters_.add(name, layer.parameters());
            step.parameters = layer.parameters().element_count();
        }
        if constexpr (requires { layer.state(); })
            state_.add(name, layer.state());
        if constexpr (std::invocable<const Layer&, const Variable<T>&, const Mode&>)
            step.apply = std::move(layer);
        else
            step.apply = [layer = std::move(layer)](const Variable<T>& x, const Mode&) { return layer(x); };
        steps_.push_back(std::move(step));
        return *this;
    }

    Variable<T> operator()(Variable<T> x, const Mode& mode) const
    {
        for (const Step& step : steps_)
            x = step.apply(x, mode);
        return x;
    }

    const Parameters<T>& parameters() const { return parameters_; }
    const Parameters<T>& state() const { return state_; }

    /** For images of a shape (C, H, W). Of a layer that has no `summarize` function the connections are not known: 0.
     */
    std::vector<LayerSummary> summary(const Shape& image) const
    {
        Shape one = {1};
        for (const std::size_t extent : image)
            one.push_back(extent);
        Variable<T> x = constant(Array<T>(one, T{0}));
        std::vector<LayerSummary> lines;
        for (const Step& step : steps_) {
            x = step.apply(x, Mode::evaluation());
            Shape output;
            for (std::size_t axis = 1; axis < x.dimension(); ++axis)
                output.push_back(x.shape()[axis]);
            lines.push_back(step.summarize ? step.summarize(step.name, output)
                                           : LayerSummary{step.name, "", output, step.parameters});
        }
        return lines;
    }

  private:
    struct Step
    {
        std::string name;
        std::function<Variable<T>(const Variable<T>& x, const Mode& mode)> apply;
        std::function<LayerSummary(const std::string& name, const Shape& output)> summarize;
        std::size_t parameters = 0;
    };

    template <class Layer>
    static auto summary_of(const Layer& layer) -> decltype(Step::summarize)
    {
        if constexpr (requires { summarize("", layer, Shape()); })
            return [layer](const std::string& name, const Shape& output) { return summarize(name, layer, output); };
        else if constexpr (requires { summarize("", layer); })
            return [layer](const std::string& name, const Shape&) { return summarize(name, layer); };
        else
            return {};
    }

    std::vector<Step> steps_;
    Parameters<T> parameters_, state_;
};

} // namespace xgrad
