// Classifiers that are made of ONNX files: those that the library wrote, and those of other programs.
#include "files.hpp"
#include "training.hpp"
#include <xgrad/base/base64.hpp>
#include <xgrad/base/error.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/training/evaluation.hpp>
#include <xgrad/models/training/onnx.hpp>
#include <xgrad/models/training/random_batch.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

Checkpoint read_again(const onnx::Model& model, const Choices& choices = {})
{
    return load_onnx_checkpoint(onnx::model_bytes(model, "it"), "it", choices);
}

/** The largest difference, relative to the largest element. */
double difference(const Array<float>& a, const Array<float>& b)
{
    REQUIRE(a.shape() == b.shape());
    double largest = 0, apart = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        largest = std::max(largest, std::abs(double{b.data()[i]}));
        apart = std::max(apart, std::abs(double{a.data()[i]} - double{b.data()[i]}));
    }
    return apart / largest;
}

Array<float> numbers(const Shape& shape, float step = 0.37f)
{
    Array<float> array(shape);
    for (std::size_t i = 0; i < array.size(); ++i)
        array.data()[i] = std::sin(step * static_cast<float>(i + 1));
    return array;
}

/** A linear classifier of 12 numbers, as other programs write it. */
onnx::Model linear(const std::vector<onnx::Dimension>& input, std::vector<onnx::Node> before = {},
                   std::vector<onnx::Node> after = {})
{
    onnx::Model model{.producer = "somebody"};
    model.graph.inputs = {{"x", ElementType::float32, input}};
    model.graph.initializers.emplace_back("w", Array<float>(numbers({5, 12})));
    model.graph.initializers.emplace_back("b", Array<float>(numbers({5}, 0.9f)));
    model.graph.nodes = std::move(before);
    const std::string read = model.graph.nodes.empty() ? "x" : model.graph.nodes.back().outputs[0];
    model.graph.nodes.push_back({"", "Flatten", "", {read}, {"flat"}});
    model.graph.nodes.push_back({"full", "Gemm", "", {"flat", "w", "b"}, {"z"}, {{"transB", std::int64_t{1}}}});
    for (onnx::Node& node : after)
        model.graph.nodes.push_back(std::move(node));
    model.graph.outputs = {{model.graph.nodes.back().outputs[0], ElementType::float32, {}}};
    return model;
}

/** The outputs of the linear classifier for images whose numbers it reads in their order. */
Array<float> by_hand(const Array<float>& images)
{
    const Array<float> w = numbers({5, 12}), b = numbers({5}, 0.9f);
    const std::size_t count = images.shape()[0];
    Array<float> y(Shape{count, 5});
    for (std::size_t n = 0; n < count; ++n)
        for (std::size_t k = 0; k < 5; ++k) {
            double sum = b(k);
            for (std::size_t i = 0; i < 12; ++i)
                sum += double{w(k, i)} * images.data()[n * 12 + i];
            y(n, k) = static_cast<float>(sum);
        }
    return y;
}

} // namespace

TEST_CASE("onnx classifier: each network that was exported comes back with its task, data, loss and parameters")
{
    for (const Architecture& each : architectures()) {
        CAPTURE(each.name);
        const Classifier own = make_classifier(each.name, 1);
        const Classifier again = load_classifier(read_again(to_onnx(own)));
        CHECK(again.name == "onnx");
        CHECK(again.task == own.task);
        CHECK(again.classes == own.classes);
        CHECK(again.height == own.height);
        CHECK(again.width == own.width);
        CHECK(again.preparation.padding == own.preparation.padding);
        CHECK(again.preparation.background == own.preparation.background);
        CHECK(again.preparation.foreground == own.preparation.foreground);
        CHECK(again.defaults.learning_rate == own.defaults.learning_rate);
        std::size_t same = 0, whole = 0;
        for (std::size_t i = 0; i < own.parameters.size(); ++i) {
            const auto found = again.parameters.places_of(own.parameters.name(i));
            if (found.size() != 1)
                continue;
            CHECK(again.parameters[found[0]].size() == own.parameters[i].size());
            same += own.parameters[i].size();
        }
        for (const Variable<float>& parameter : own.parameters)
            whole += parameter.size();
        CHECK(same > whole * 9 / 10); // the others were joined: biases, and what normalizes

        const Batch batch = random_batch(own, 3, 1);
        const Variable<float> images = constant(batch.images);
        CHECK(difference(again.logits(images).value(), own.logits(images).value()) <= 1e-5);
        CHECK(again.loss(images, batch.labels).item() ==
              doctest::Approx(own.loss(images, batch.labels).item()).epsilon(1e-5));
    }
}

TEST_CASE("onnx classifier: LeNet-5 that was exported goes on learning like the original")
{
    Training first = make_training();
    finish(first);
    const Classifier& own = first.classifier();
    const Checkpoint file = read_again(to_onnx(own));
    const Classifier again = load_classifier(file);

    const Batch batch = random_batch(own, 8, 2);
    const auto gradients_of = [&](const Classifier& classifier) {
        const auto loss = [&](const Variable<float>&) { return classifier.loss(constant(batch.images), batch.labels); };
        Tape tape;
        return tape.gradient(loss({}), classifier.parameters);
    };
    const auto expected = gradients_of(own), found = gradients_of(again);
    REQUIRE(again.parameters.size() == own.parameters.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        CAPTURE(again.parameters.name(i));
        const std::size_t same = own.parameters.places_of(again.parameters.name(i)).at(0);
        CHECK(difference(found[i].value(), expected[same].value()) <= 1e-5);
    }

    const auto error_after = [&](const Classifier& classifier) {
        Training training(classifier, digits(), few_steps);
        finish(training);
        return std::pair(training.last()->error, training.checkpoint());
    };
    const double of_file = error_after(again).first;
    const auto [of_own, checkpoint] = error_after(own); // changes the weights of `own`
    CHECK(std::abs(of_own - of_file) <= 0.04);
    (void)checkpoint;
}

TEST_CASE("onnx classifier: a training is resumed, and exported with the new weights and the old graph")
{
    const onnx::Model model = to_onnx(make_classifier("lenet5", 3));
    Training whole(load_classifier(read_again(model)), digits(), few_steps);
    train_batches(whole, 5);
    Training part(load_classifier(read_again(model)), digits(), few_steps);
    train_batches(part, 2);
    const Folder folder;
    save_checkpoint(folder / "c.safetensors", part.checkpoint());
    const Checkpoint saved = load_checkpoint(folder / "c.safetensors");
    Training resumed(load_classifier(saved), digits(), few_steps);
    resumed.resume(saved);
    train_batches(resumed, 3);
    CHECK(same_checkpoints(resumed.checkpoint(), whole.checkpoint()));

    const onnx::Model after = to_onnx(resumed.classifier());
    CHECK(after.graph.nodes.size() == model.graph.nodes.size());
    CHECK(after.metadata == model.metadata);
    CHECK(after.graph.inputs.size() == 1);
    const Array<float> trained = after.graph.find("c1.weight")->array().as<float>();
    CHECK(trained == resumed.classifier().parameters["c1.weight"].value());
    CHECK(trained != model.graph.find("c1.weight")->array().as<float>());

    const onnx::Model other = to_onnx(make_classifier("mlp", 3));
    CHECK_THROWS_AS(restore(load_classifier(read_again(other)), saved), DataError);
}

TEST_CASE("onnx classifier: images come in the layout that the file's input has")
{
    const Array<float> images = numbers({2, 1, 3, 4}), colours = numbers({2, 3, 2, 2});
    const auto logits = [](const onnx::Model& model, const Array<float>& x) {
        return load_classifier(read_again(model)).logits(constant(x)).value();
    };
    CHECK(difference(logits(linear({"N", 1, 3, 4}), images), by_hand(images)) < 1e-6);
    CHECK(difference(logits(linear({"N", 3, 4}), images), by_hand(images)) < 1e-6);
    CHECK(difference(logits(linear({"N", 3, 2, 2}), colours), by_hand(colours)) < 1e-6);

    const onnx::Node back{"", "Transpose", "", {"x"}, {"t"}, {{"perm", std::vector<std::int64_t>{0, 3, 1, 2}}}};
    CHECK(difference(logits(linear({"N", 2, 2, 3}, {back}), colours), by_hand(colours)) < 1e-6);

    const Classifier of_pixels = load_classifier(read_again(linear({"N", 12}))); // three channels of 2x2
    CHECK(of_pixels.channels == 3);
    CHECK(of_pixels.height == 2);
    CHECK(difference(of_pixels.logits(constant(colours)).value(), by_hand(colours)) < 1e-6);
}

TEST_CASE("onnx classifier: a file that takes a fixed number of images takes others by parts")
{
    const onnx::Node fixed{"", "Reshape", "", {"x", "shape"}, {"r"}};
    onnx::Model model = linear({2, 1, 3, 4}, {fixed});
    Array<std::int64_t> shape(Shape{2});
    shape(0) = 2;
    shape(1) = 12;
    model.graph.initializers.emplace_back("shape", shape);
    const Classifier classifier = load_classifier(read_again(model));
    const Array<float> six = numbers({6, 1, 3, 4});
    CHECK(difference(classifier.logits(constant(six)).value(), by_hand(six)) < 1e-6);
    CHECK_THROWS_WITH_AS(classifier.logits(constant(numbers({3, 1, 3, 4}))),
                         "[onnx] the network takes 2 images at a time, and there are 3: export it with a free number "
                         "of images",
                         ShapeError);
}

TEST_CASE("onnx classifier: a softmax at the end is left to the loss")
{
    const Array<float> images = numbers({2, 1, 3, 4});
    const onnx::Model with = linear({"N", 1, 3, 4}, {}, {{"", "Softmax", "", {"z"}, {"p"}}});
    const Classifier classifier = load_classifier(read_again(with));
    CHECK(difference(classifier.logits(constant(images)).value(), by_hand(images)) < 1e-6);
    CHECK(to_onnx(classifier).graph.nodes.back().op == "Softmax"); // what is exported has it still
}

TEST_CASE("onnx classifier: running means are kept, numbers and bounds are constants")
{
    const onnx::Node norm{"bn", "BatchNormalization", "", {"x", "scale", "shift", "mean", "var"}, {"n"}};
    const onnx::Node cut{"", "Clip", "", {"n", "low", "high"}, {"c"}};
    const onnx::Node twice{"", "Mul", "", {"c", "two"}, {"m"}};
    onnx::Model model = linear({"N", 1, 3, 4}, {norm, cut, twice});
    for (const auto& [name, value] : std::map<std::string, float>{{"scale", 1}, {"shift", 0}, {"mean", 0}, {"var", 1}})
        model.graph.initializers.emplace_back(name, Array<float>(Shape{1}, value));
    for (const auto& [name, value] : std::map<std::string, float>{{"low", -9}, {"high", 9}, {"two", 2}})
        model.graph.initializers.emplace_back(name, Array<float>(Shape{}, value));
    const Classifier classifier = load_classifier(read_again(model));
    const auto names = [](const Parameters<float>& parameters) {
        std::set<std::string> all;
        for (std::size_t i = 0; i < parameters.size(); ++i)
            all.insert(parameters.name(i));
        return all;
    };
    CHECK(names(classifier.parameters) == std::set<std::string>{"b", "scale", "shift", "w"});
    CHECK(names(classifier.state) == std::set<std::string>{"mean", "var"});
}

TEST_CASE("onnx classifier: the summary has a line for each node that sees the images")
{
    const auto lines = load_classifier(read_again(linear({"N", 1, 3, 4}))).summary;
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].kind == "Flatten");
    CHECK(lines[1].name == "full");
    CHECK(lines[1].parameters == 65);
    CHECK(lines[1].multiply_adds == 60);
    CHECK(lines[1].connections == 65);
    CHECK(lines[1].output == Shape{5});

    // The numbers of LeNet-5 are those of its own summary.
    onnx::Model lenet5 = to_onnx(make_classifier("lenet5", 1));
    const auto total = [](const Classifier& classifier, std::size_t LayerSummary::*count) {
        return std::accumulate(classifier.summary.begin(), classifier.summary.end(), std::size_t{0},
                               [&](std::size_t sum, const LayerSummary& line) { return sum + line.*count; });
    };
    const Classifier own = make_classifier("lenet5", 1);
    lenet5.producer = "somebody"; // so that nothing is known of it
    const Classifier foreign = load_classifier(read_again(lenet5));
    CHECK(total(foreign, &LayerSummary::parameters) == total(own, &LayerSummary::parameters));
    CHECK(total(foreign, &LayerSummary::multiply_adds) == total(own, &LayerSummary::multiply_adds));
    CHECK(total(foreign, &LayerSummary::connections) == total(own, &LayerSummary::connections));
}

TEST_CASE("onnx classifier: options say how images are prepared and what the loss is")
{
    const onnx::Model model = linear({"N", 1, 3, 4});
    const Classifier usual = load_classifier(read_again(model));
    CHECK(usual.preparation.padding == 0);
    CHECK(usual.preparation.background == 0);
    CHECK(usual.preparation.foreground == 1);
    const Classifier other =
        load_classifier(read_again(model, {{"background", "-0.5"}, {"foreground", "2"}, {"loss", "squared-error"}}));
    CHECK(other.preparation.background == -0.5f);
    CHECK(other.preparation.foreground == 2);
    const Array<float> y = numbers({2, 5});
    Labels labels(Shape{2}, 1);
    double expected = 0;
    for (std::size_t i = 0; i < y.size(); ++i)
        expected += std::pow(y.data()[i] - (i % 5 == 1 ? 1 : 0), 2) / 4;
    CHECK(other.criterion(constant(y), labels).item() == doctest::Approx(expected));
    CHECK_THROWS_WITH_AS(read_again(model, {{"padding", "-1"}}), doctest::Contains("padding '-1'"), Error);
    CHECK_THROWS_AS(read_again(model, {{"loss", "hope"}}), Error);
}

TEST_CASE("onnx classifier: what is no classifier of images is an error that says what is needed")
{
    onnx::Model two = linear({"N", 1, 3, 4});
    two.graph.inputs.push_back({"second", ElementType::float32, std::vector<onnx::Dimension>{"N", 3}});
    CHECK_THROWS_WITH_AS(read_again(two), doctest::Contains("the input 'x' (N,1,3,4), 'second' (N,3)"), DataError);
    CHECK_THROWS_AS(read_again(linear({"N", 1, 1, 3, 4})), DataError);
    CHECK_THROWS_AS(read_again(linear({"N"})), DataError);
    onnx::Model unknown = linear({"N", 1, 3, 4});
    unknown.graph.inputs[0].shape.reset();
    CHECK_THROWS_WITH_AS(read_again(unknown), doctest::Contains("'x' (of unknown shape)"), DataError);
    const onnx::Node sum{"", "ReduceSum", "", {"z"}, {"s"}, {{"keepdims", std::int64_t{0}}}};
    CHECK_THROWS_WITH_AS(read_again(linear({"N", 1, 3, 4}, {}, {sum})), doctest::Contains("an array of shape ()"),
                         DataError);
    CHECK_THROWS_AS(read_again(linear({"N", 1, 5, 5})), Error); // 25 numbers for weights of 12
}

TEST_CASE("onnx classifier: a checkpoint with a damaged or a greedy graph is an error")
{
    const Checkpoint right = read_again(linear({"N", 1, 3, 4}));
    const auto with_graph = [&](const std::string& graph) {
        Checkpoint checkpoint = right;
        checkpoint.metadata["model.graph"] = graph;
        return checkpoint;
    };
    CHECK_NOTHROW(load_classifier(right));
    CHECK_THROWS_AS(load_classifier(with_graph("")), DataError);
    CHECK_THROWS_AS(load_classifier(with_graph("no base64!")), DataError);
    CHECK_THROWS_AS(load_classifier(with_graph("AAAA")), DataError);
    const std::string graph = right.metadata.at("model.graph");
    CHECK_THROWS_AS(load_classifier(with_graph(graph.substr(0, graph.size() / 8 * 4))), DataError);

    onnx::Model greedy = linear({"N", 1, 3, 4});
    greedy.graph.inputs.push_back(
        {"huge", ElementType::float32, std::vector<onnx::Dimension>{std::int64_t{1} << 20, std::int64_t{1} << 19}});
    Checkpoint lying = right;
    lying.metadata["model.graph"] = detail::to_base64(onnx::model_bytes(greedy, "it"));
    CHECK_THROWS_WITH_AS(load_classifier(lying), doctest::Contains("some are missing"), DataError);
}

TEST_CASE("base64: the vectors of RFC 4648, and every byte")
{
    const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : vectors) {
        CHECK(detail::to_base64(bytes) == text);
        CHECK(detail::from_base64(text) == bytes);
    }
    std::string all;
    for (int byte = 0; byte < 256; ++byte)
        all += static_cast<char>(byte);
    CHECK(detail::from_base64(detail::to_base64(all)) == all);
    for (const char* const bad : {"Zg=", "Zg", "Z===", "Zm9v\n", "Zm 9", "=Zg="})
        CHECK_THROWS_AS(detail::from_base64(bad), DataError);
}
