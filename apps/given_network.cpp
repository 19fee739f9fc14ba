#include "given_network.hpp"

#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/formats/onnx/load_onnx.hpp>
#include <xgrad/models/training/onnx.hpp>
#include <xgrad/models/training/onnx_file.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/loss.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

namespace xgrad::command
{

namespace
{

using V = Variable<double>;
using Loss = V (*)(const V& outputs, const Labels& labels);

constexpr const char* with_softmax = "softmax-cross-entropy";

/** 1 for the class, 0 for the others. */
V targets(const V& y, const Labels& labels) { return one_hot<double>(labels, y.shape()[1]); }

struct NamedLoss
{
    const char* name;
    Loss loss;
};

constexpr NamedLoss losses[] = {
    {with_softmax, [](const V& z, const Labels& labels) { return softmax_cross_entropy(z, labels); }},
    {"negative-log-likelihood",
     [](const V& log_p, const Labels& labels) { return negative_log_likelihood(log_p, labels); }},
    {"squared-error", [](const V& y, const Labels& labels) { return squared_error(y, targets(y, labels)); }},
    {"mean-squared-error",
     [](const V& y, const Labels& labels) {
         return squared_error(y, targets(y, labels)) * (2 / static_cast<double>(y.shape()[1]));
     }},
    {"binary-cross-entropy",
     [](const V& p, const Labels& labels) { return binary_cross_entropy(p, targets(p, labels)); }},
    {"hinge", [](const V& z, const Labels& labels) { return multiclass_hinge(z, labels); }},
};

} // namespace

std::vector<std::string> loss_names()
{
    std::vector<std::string> names;
    for (const NamedLoss& each : losses)
        names.emplace_back(each.name);
    return names;
}

onnx::Model onnx_of(const ModelArguments& model, std::uint64_t seed)
{
    if (!model.file.empty() && is_onnx(model.file)) // the weights in their own type
        return onnx::read_model(model.file);
    return to_onnx(model.make_finite(seed));
}

Handwritten given_network(const ModelArguments& model, const std::string& loss, std::uint64_t seed)
{
    const Classifier classifier = model.make_finite(seed);
    onnx::Model graph = onnx_of(model, seed);
    if (classifier.task != Task::image_classes)
        throw UsageError(fmt::format("[compare] {} finds the class of {}: compare is for networks that find that of "
                                     "images",
                                     model.shown(), answers_of(classifier.task)));
    const detail::OnnxImages images(graph.graph);
    if (loss == with_softmax)
        detail::take_softmax_off(graph.graph);
    const auto network = std::make_shared<const OnnxNetwork<double>>(std::move(graph));
    const auto criterion = std::find_if(std::begin(losses), std::end(losses), [&](const NamedLoss& each) {
                               return each.name == loss;
                           })->loss;
    const auto run = [=](Values& value, const Array<double>& batch, const Labels& labels) {
        const V x = value(network->inputs().at(0), constant(images.arranged(constant(batch)).value()));
        const V y =
            (*network)(x, [&](const onnx::Node&, const std::string& name, V& output) { output = value(name, output); });
        return criterion(detail::as_classes(y), labels);
    };
    Handwritten made{.parameters = network->parameters,
                     .preparation = classifier.preparation,
                     .loss = run,
                     .add_target = {},
                     .steps = {},
                     .mistakes = {}};
    made.channels = classifier.channels;
    made.height = classifier.height;
    made.width = classifier.width;
    made.classes = classifier.classes;
    return made;
}

} // namespace xgrad::command
