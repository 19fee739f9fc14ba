// ONNX' losses of class labels: (N, C, d…) scores and (N, d…) labels.
#include <xgrad/formats/onnx/call.hpp>
#include <xgrad/ops/loss.hpp>
#include <xgrad/ops/manipulation.hpp>
#include <xgrad/ops/softmax.hpp>

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace xgrad::onnx
{

namespace
{

template <class T>
Reduction reduction_of(const Call<T>& call)
{
    const std::string name = call.node.text("reduction", "mean");
    if (name == "none" || name == "sum" || name == "mean")
        return name == "none" ? Reduction::none : name == "sum" ? Reduction::sum : Reduction::mean;
    call.refuse(fmt::format("has the reduction '{}'", name));
}

/** The negative logarithm of the probability of each label. @param log_p  (N, C, d…) */
template <class T>
Operand<T> loss_of(const Call<T>& call, const Variable<T>& log_p)
{
    if (log_p.dimension() < 2)
        call.refuse("needs samples and classes");
    const Whole& given = call.whole(1);
    const std::size_t classes = log_p.shape()[1];
    LabelOptions<T> options{.reduction = reduction_of(call)};
    if (call.has(2))
        options.weights = call.real(2);
    Whole labels = given;
    if (call.node.find("ignore_index") != nullptr) {
        const std::int64_t ignored = call.node.integer("ignore_index");
        options.ignored = std::numeric_limits<std::int32_t>::min();
        for (std::int64_t& label : labels)
            label = label == ignored ? *options.ignored : label;
    }
    const Variable<T> rows = reshape(moveaxis(log_p, 1, -1), Shape{given.size(), classes});
    Labels flat = as_labels(labels);
    flat.reshape(Shape{given.size()});
    const Variable<T> loss = negative_log_likelihood(rows, flat, options);
    return options.reduction == Reduction::none ? reshape(loss, given.shape()) : loss;
}

} // namespace

template <class T>
Table<T> loss_table()
{
    return {
        {"NegativeLogLikelihoodLoss", [](const Call<T>& call) -> Operands<T> { return {loss_of(call, call.real(0))}; }},
        {"SoftmaxCrossEntropyLoss",
         [](const Call<T>& call) -> Operands<T> {
             const Variable<T> log_p = log_softmax(call.real(0), 1);
             return {loss_of(call, log_p), log_p};
         }},
    };
}

template Table<float> loss_table();
template Table<double> loss_table();

} // namespace xgrad::onnx
