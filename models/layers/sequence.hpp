#pragma once

#include <xgrad/base/error.hpp>
#include <xgrad/models/layers/layers.hpp>
#include <xgrad/models/layers/mode.hpp>

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace xgrad
{

/** Layers one after the other, of any kind, for images of a shape (C, H, W):
 *
 *      Sequence<float> net({1, 28, 28});
 *      net.add("c1", Convolution<float>(1, 8, 5, random));
 *      net.add("relu1", [](const auto& x) { return relu(x); }, "relu");
 *      Classifier classifier = classifier_of("mine", net);
 *
 *  A layer is anything that can be called with x, or with x and a Mode. Its parameters() and state() get its name as a
 *  prefix. */
template <class T>
class Sequence
{
  public:
    /** @param image  the shape of the images, which only the summary needs */
    explicit Sequence(const Shape& image = {}) : image_(image) {}

    /** @param kind, window  the kind, and the number of inputs of each output, in the summary of a layer without a
     *                       `summarize` function, such as pooling */
    template <class Layer>
    Sequence& add(const std::string& name, Layer layer, const std::string& kind = {}, std::size_t window = 0)
    {
        Step step{.name = name, .apply = {}, .summarize = summary_of(layer, kind, window)};
        if constexpr (requires { layer.parameters(); })
            parameters_.add(name, layer.parameters());
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

    /** @throws Error if the sequence was made without the shape of an image */
    std::vector<LayerSummary> summary() const
    {
        if (image_.empty())
            throw Error("[sequence] its summary needs the shape of an image: Sequence<float> net({1, 28, 28})");
        Shape one = {1};
        for (const std::size_t extent : image_)
            one.push_back(extent);
        Variable<T> x = constant(Array<T>(one, T{0}));
        std::vector<LayerSummary> lines;
        for (const Step& step : steps_) {
            x = step.apply(x, Mode::evaluation());
            lines.push_back(step.summarize(step.name, Shape(x.shape().begin() + 1, x.shape().end())));
        }
        return lines;
    }

  private:
    struct Step
    {
        std::string name;
        std::function<Variable<T>(const Variable<T>& x, const Mode& mode)> apply;
        std::function<LayerSummary(const std::string& name, const Shape& output)> summarize;
    };

    template <class Layer>
    static auto summary_of(const Layer& layer, const std::string& kind, std::size_t window) -> decltype(Step::summarize)
    {
        if constexpr (requires { summarize("", layer, Shape()); })
            return [layer](const std::string& name, const Shape& output) { return summarize(name, layer, output); };
        else if constexpr (requires { summarize("", layer); })
            return [layer](const std::string& name, const Shape&) { return summarize(name, layer); };
        else {
            std::size_t parameters = 0;
            if constexpr (requires { layer.parameters(); })
                parameters = layer.parameters().element_count();
            return [kind, window, parameters](const std::string& name, const Shape& output) {
                LayerSummary line = summarize_pooling(name, kind, output, window);
                line.parameters = parameters;
                return line;
            };
        }
    }

    Shape image_;
    std::vector<Step> steps_;
    Parameters<T> parameters_, state_;
};

} // namespace xgrad
