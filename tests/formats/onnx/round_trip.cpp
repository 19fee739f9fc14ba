// Networks that are exported, read again, and trained on.
#include <xgrad/formats/onnx/load_onnx.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/training/classifier.hpp>
#include <xgrad/models/training/onnx.hpp>
#include <xgrad/ops/loss.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace xgrad;

namespace
{

Array<float> images_of(const onnx::Model& model, std::size_t count)
{
    Shape shape = {count};
    const auto& extents = *model.graph.inputs.at(0).shape;
    for (std::size_t i = 1; i < extents.size(); ++i)
        shape.push_back(std::holds_alternative<std::int64_t>(extents[i])
                            ? static_cast<std::size_t>(std::get<std::int64_t>(extents[i]))
                            : 20);
    Array<float> images(shape);
    for (std::size_t i = 0; i < images.size(); ++i)
        images.data()[i] =
            shape.size() == 2 ? static_cast<float>(i * 7 % 60) : 0.01f * static_cast<float>(i * 37 % 101);
    return images;
}

} // namespace

TEST_CASE("onnx: every network that is exported and read again gives what it gave")
{
    for (const Architecture& each : architectures()) {
        CAPTURE(each.name);
        const Classifier classifier = make_classifier(each.name, 1);
        const onnx::Model model = to_onnx(classifier);
        const OnnxNetwork<float> network(model);
        const Array<float> images = images_of(model, 3);
        const Array<float> y = network(constant(images)).value();
        const Array<float> expected = classifier.logits(constant(images)).value();
        REQUIRE(y.shape() == expected.shape());
        float largest = 0, worst = 0;
        for (std::size_t i = 0; i < y.size(); ++i) {
            largest = std::max(largest, std::abs(expected.data()[i]));
            worst = std::max(worst, std::abs(y.data()[i] - expected.data()[i]));
        }
        CHECK(worst <= 1e-5f * largest);
    }
}

TEST_CASE("onnx: a network that was read learns")
{
    const onnx::Model model = to_onnx(make_classifier("lenet5", 1));
    const OnnxNetwork<float> network(model);
    const Array<float> x = images_of(model, 20);
    Labels labels(Shape{20});
    for (std::size_t i = 0; i < 20; ++i)
        labels.data()[i] = static_cast<std::int32_t>(i * 3 % 10);
    double first = 0, last = 0;
    for (int step = 0; step < 30; ++step) {
        Tape tape;
        const auto z = network(constant(x));
        const auto loss = softmax_cross_entropy(z, labels);
        const auto gradients = tape.gradient(loss, network.parameters);
        for (std::size_t i = 0; i < network.parameters.size(); ++i) {
            auto w = network.parameters[i];
            w.mutable_value() -= 0.1f * gradients[i].value();
        }
        (step == 0 ? first : last) = loss.item();
    }
    CHECK(last < first / 2);
}
