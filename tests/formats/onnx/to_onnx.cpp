// Networks as ONNX models: nodes, names, shapes and weights. runtime.cpp has what another program computes with them.

#include "wire.hpp"
#include <xgrad/formats/onnx/to_onnx.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/training/onnx.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <set>

using namespace xgrad;
using namespace xgrad::test;
using onnx::Dimension;
using onnx::Model;
using onnx::Node;

namespace
{

using Network = std::function<Variable<float>(const Variable<float>&)>;
using Integers = std::vector<std::int64_t>;

Array<float> counted(const Shape& shape)
{
    Array<float> array = empty_array<float>(shape);
    for (std::size_t i = 0; i < array.size(); ++i)
        array.data()[i] = static_cast<float>(i % 13) / 8 - 0.5f;
    return array;
}

/** A network as a model, with two and with three samples of a shape. */
Model exported(const Network& network, const Shape& sample, const Parameters<float>& parameters = {})
{
    Shape smaller{2}, larger{3};
    for (const std::size_t extent : sample) {
        smaller.push_back(extent);
        larger.push_back(extent);
    }
    return onnx::to_onnx<float>(network, parameters, counted(smaller), counted(larger));
}

std::vector<std::string> ops_of(const Model& model)
{
    std::vector<std::string> ops;
    for (const Node& node : model.graph.nodes)
        ops.push_back(node.op);
    return ops;
}

Array<float> weights_of(const Model& model, const std::string& name)
{
    const onnx::Tensor* tensor = model.graph.find(name);
    REQUIRE_MESSAGE(tensor != nullptr, name);
    return tensor->array().as<float>();
}

std::string refusal(const Network& network, const Shape& sample)
{
    try {
        exported(network, sample);
    } catch (const Error& error) {
        return error.what();
    }
    return "(no error)";
}

using Strings = std::vector<std::string>;

} // namespace

TEST_CASE("to_onnx: a true convolution is a Conv with turned kernels, a bias and free images")
{
    const Variable<float> w = variable(counted({3, 2, 2, 2})), b = variable(counted({3}));
    const Parameters<float> parameters{{"c1.weight", w}, {"c1.bias", b}};
    const Network network = [&](const auto& x) {
        return relu(conv2d(x, w, {.padding = {1, 0, 2, 0}, .stride = {2, 1}}) + reshape(b, {1, 3, 1, 1}));
    };
    const Model model = exported(network, {2, 5, 6}, parameters);
    CHECK(model.opset == 17);
    CHECK(model.ir_version == 8);
    REQUIRE(ops_of(model) == Strings{"Conv", "Relu"});
    const Node& node = model.graph.nodes[0];
    CHECK(node.name == "c1.correlate2d");
    CHECK(node.inputs == Strings{"images", "c1.weight", "c1.bias"});
    CHECK(node.integers("kernel_shape") == Integers{2, 2});
    CHECK(node.integers("strides") == Integers{2, 1});
    CHECK(node.integers("pads") == Integers{1, 2, 0, 0});
    CHECK(node.integer("group") == 1);
    const Array<float> turned = weights_of(model, "c1.weight");
    REQUIRE(turned.shape() == Shape{3, 2, 2, 2});
    for (std::size_t map = 0; map < 6; ++map)
        for (std::size_t i = 0; i < 4; ++i)
            CHECK(turned.data()[map * 4 + i] == w.data()[map * 4 + 3 - i]);
    CHECK(weights_of(model, "c1.bias") == b.value());
    CHECK(model.graph.nodes[1].outputs == Strings{"logits"});
    CHECK(model.graph.inputs[0].name == "images");
    CHECK(model.graph.inputs[0].type == ElementType::float32);
    CHECK(*model.graph.inputs[0].shape ==
          std::vector<Dimension>{std::string("N"), std::int64_t{2}, std::int64_t{5}, std::int64_t{6}});
    CHECK((*model.graph.outputs[0].shape)[0] == Dimension(std::string("N")));
    CHECK(model.graph.initializers.size() == 2);

    const auto kernels = [&](const auto& x) { return correlate2d(x, w, {.padding = Padding::same, .dilation = 2}); };
    const Model plain = exported(kernels, {2, 5, 6}, parameters);
    CHECK(weights_of(plain, "c1.weight") == w.value());
    CHECK(plain.graph.nodes[0].integers("dilations") == Integers{2, 2});
    CHECK(plain.graph.nodes[0].integers("pads") == Integers{1, 1, 1, 1});
}

TEST_CASE("to_onnx: the bytes say the same")
{
    const Variable<float> w = variable(counted({4, 3})), b = variable(counted({4}));
    const Network network = [&](const auto& x) { return tanh(matmul(x, w, {.b = true}) + b); };
    const Model model = exported(network, {3}, {{"f.weight", w}, {"f.bias", b}});
    const std::string bytes = onnx::model_bytes(model, "m");
    using wire::contents_of, wire::fields;
    CHECK(fields(bytes)[0].number == 1);
    CHECK(fields(bytes)[0].integer == 8);
    CHECK(contents_of(bytes, 2) == Strings{"xgrad"});
    CHECK(fields(contents_of(bytes, 8).at(0)).back().integer == 17);
    const std::string graph = contents_of(bytes, 7).at(0);
    const Strings nodes = contents_of(graph, 1);
    REQUIRE(nodes.size() == 2);
    CHECK(contents_of(nodes[0], 4) == Strings{"Gemm"});
    CHECK(contents_of(nodes[0], 1) == Strings{"images", "f.weight", "f.bias"});
    const Strings attributes = contents_of(nodes[0], 5);
    REQUIRE(attributes.size() == 2);
    CHECK(contents_of(attributes[1], 1) == Strings{"transB"});
    CHECK(fields(attributes[1])[1].number == 3);
    CHECK(fields(attributes[1])[1].integer == 1);
    CHECK(fields(attributes[1])[2].number == 20);
    CHECK(fields(attributes[1])[2].integer == 2);
    CHECK(contents_of(nodes[1], 4) == Strings{"Tanh"});
    CHECK(contents_of(nodes[1], 1) == contents_of(nodes[0], 2));
    CHECK(contents_of(nodes[1], 2) == Strings{"logits"});
    const std::string weights = contents_of(graph, 5).at(0);
    CHECK(contents_of(weights, 8) == Strings{"f.weight"});
    CHECK(fields(weights)[0].integer == 4);
    CHECK(fields(weights)[1].integer == 3);
    CHECK(fields(weights)[2].integer == 1);
    std::string raw;
    for (const float number : w.value())
        raw += bytes_of(number);
    CHECK(contents_of(weights, 9) == Strings{raw});
    const std::string type = contents_of(contents_of(graph, 11).at(0), 2).at(0);
    const std::string tensor = contents_of(type, 1).at(0);
    CHECK(fields(tensor)[0].integer == 1);
    const Strings extents = contents_of(contents_of(tensor, 2).at(0), 1);
    REQUIRE(extents.size() == 2);
    CHECK(contents_of(extents[0], 2) == Strings{"N"});
    CHECK(fields(extents[1])[0].integer == 3);
}

TEST_CASE("to_onnx: shapes that contain the number of samples are free of it")
{
    const Network flatten_pieces = [](const auto& x) { return reshape(x, {x.shape()[0] * 2, 6}); };
    const Model flat = exported(flatten_pieces, {3, 4});
    CHECK(flat.graph.nodes[0].op == "Reshape");
    CHECK(flat.graph.find(flat.graph.nodes[0].inputs[1])->array().as<std::int64_t>() == Array<std::int64_t>{-1, 6});
    CHECK(*flat.graph.outputs[0].shape == std::vector<Dimension>{std::string(), std::int64_t{6}});

    const Network part = [](const auto& x) { return slice(x, 1, 1, 3); };
    const Node slice = exported(part, {3, 4}).graph.nodes[0];
    CHECK(slice.op == "Slice");
    const Model sliced = exported(part, {3, 4});
    CHECK(sliced.graph.find(slice.inputs[3])->array().as<std::int64_t>() == Array<std::int64_t>{1});

    // A constant with an axis of samples is expanded from one.
    const Network with_zeros = [](const auto& x) {
        return matmul(constant(Array<float>(Shape{x.shape()[0], 3}, 2.0f)), x, {.a = true});
    };
    const Model expanded = exported(with_zeros, {4});
    CHECK(ops_of(expanded) == Strings{"Shape", "Concat", "Expand", "Gemm"});
}

TEST_CASE("to_onnx: what does not depend on the input becomes a weight")
{
    const Variable<float> w = variable(counted({2, 3})), v = variable(counted({3}));
    const Network network = [&](const auto& x) { return x * softmax(w) + exp(v) / sum(v); };
    const Model model = exported(network, {2, 3}, {{"w", w}, {"v", v}});
    CHECK(ops_of(model) == Strings{"Mul", "Add"});
    CHECK(weights_of(model, "w") == softmax(w).value());
    CHECK(weights_of(model, "v") == (exp(v) / sum(v)).value());
    CHECK(model.graph.initializers.size() == 2);
}

TEST_CASE("to_onnx: a normalization is one node with its scale and its bias")
{
    const Variable<float> scale = variable(counted({4})), bias = variable(counted({4}));
    const Network network = [&](const auto& x) { return standardize(x, 1e-3f) * scale + bias; };
    const Model model = exported(network, {3, 4}, {{"norm.weight", scale}, {"norm.bias", bias}});
    REQUIRE(ops_of(model) == Strings{"LayerNormalization"});
    CHECK(model.graph.nodes[0].inputs == Strings{"images", "norm.weight", "norm.bias"});
    CHECK(model.graph.nodes[0].real("epsilon") == 1e-3f);
    CHECK(model.graph.initializers.size() == 2);
    // A value that something else reads keeps its node.
    const Network both = [&](const auto& x) {
        const auto y = standardize(x);
        return y * scale + y;
    };
    CHECK(ops_of(exported(both, {3, 4}, {{"norm.weight", scale}})) == Strings{"LayerNormalization", "Mul", "Add"});
}

TEST_CASE("to_onnx: a mean is one node, unless something else reads its sum")
{
    const Network network = [](const auto& x) { return mean(x, {1, 2}); };
    const Model model = exported(network, {3, 4});
    REQUIRE(ops_of(model) == Strings{"ReduceMean"});
    CHECK(model.graph.nodes[0].integers("axes") == Integers{1, 2});
    CHECK(model.graph.nodes[0].integer("keepdims") == 0);
    CHECK(ops_of(exported([](const auto& x) { return sum(x, {1}) / 2; }, {3})) == Strings{"ReduceSum", "Div"});
    const Network both = [](const auto& x) {
        const auto y = sum(x, {1});
        return y / 3 + y;
    };
    CHECK(ops_of(exported(both, {3})) == Strings{"ReduceSum", "Div", "Add"});
}

TEST_CASE("to_onnx: networks have the names of their parameters and layers")
{
    const Classifier lenet5 = make_classifier("lenet5", 1);
    const Model model = to_onnx(lenet5);
    CHECK(ops_of(model) == Strings{"Conv", "Relu", "MaxPool", "Conv", "Relu", "MaxPool", "Conv", "Relu", "Reshape",
                                   "Gemm", "Relu", "Gemm"});
    CHECK(model.graph.nodes[2].name == "c1.max_pool2d");
    CHECK(model.graph.initializers.size() == 11); // weights and biases of five layers, and a shape
    for (std::size_t i = 0; i < lenet5.parameters.size(); ++i)
        CHECK(weights_of(model, lenet5.parameters.name(i)) == lenet5.parameters[i].value());
    CHECK(*model.graph.outputs[0].shape == std::vector<Dimension>{std::string("N"), std::int64_t{10}});
    CHECK(model.metadata.at("model") == "lenet5");
    CHECK(model.metadata.at("option pooling") == "max");
    CHECK(model.metadata.at("padding") == "2");

    // Characters are places in a table, which the input chooses.
    const Model text = to_onnx(make_classifier("character-transformer", 1));
    CHECK(text.graph.nodes[1].op == "Cast");
    CHECK(text.graph.nodes[2].inputs == Strings{"symbols.weight", text.graph.nodes[1].name});
}

TEST_CASE("to_onnx: doubles, and a network that returns its input")
{
    const std::function<Variable<double>(const Variable<double>&)> network = [](const auto& x) { return x; };
    const Array<double> smaller{{1, 2}}, larger{{1, 2}, {3, 4}};
    const Model model = onnx::to_onnx<double>(
        network, {}, smaller, larger, {.input = "x", .output = "y", .axes = {"rows"}, .type = ElementType::float64});
    CHECK(ops_of(model) == Strings{"Identity"});
    CHECK(model.graph.nodes[0].inputs == Strings{"x"});
    CHECK(model.graph.outputs[0].name == "y");
    CHECK(model.graph.inputs[0].type == ElementType::float64);
    CHECK((*model.graph.inputs[0].shape)[0] == Dimension(std::string("rows")));
}

TEST_CASE("to_onnx: what ONNX cannot say is an error with the op's name")
{
    CHECK(contains(refusal([](const auto& x) { return lgamma(x); }, {3}),
                   "[onnx] the op 'lgamma' cannot be exported: ONNX has no operator for it"));
    CHECK(contains(refusal(
                       [](const auto& x) {
                           return elementwise(
                               "own", [](auto u) { return digamma(u); }, x);
                       },
                       {3}),
                   "digamma"));
    CHECK(contains(refusal([](const auto& x) { return sum(x) / static_cast<float>(x.size()); }, {3}),
                   "the op 'divide': its number is another one with an input of another shape"));
    CHECK(contains(refusal([](const auto& x) { return x * constant(Array<float>({1}, x.data()[x.size() - 1])); }, {3}),
                   "a constant: its numbers depend on the input"));
    CHECK(contains(refusal(
                       [](const auto& x) {
                           return x + constant(counted({x.shape()[0], 1}));
                       },
                       {3}),
                   "a constant: its numbers depend on the input"));
    CHECK(contains(refusal([](const auto&) { return constant(counted({3})); }, {3}), "does not depend on the input"));
    CHECK(contains(refusal([](const auto& x) { return x.shape()[0] == 2 ? exp(x) : x + 1; }, {3}), "it is another op"));
    CHECK(contains(refusal([](const auto& x) { return x.shape()[0] == 2 ? x : exp(x); }, {3}), "it has other ops"));
    CHECK(contains(refusal([](const auto& x) { return slice(x, 0, 0, x.shape()[0] - 1); }, {3}), "its part depends"));
    CHECK(contains(refusal([](const auto& x) { return mean_pool2d(x, {.size = 2, .dilation = 2}); }, {1, 5, 5}),
                   "a mean over windows with gaps"));
    CHECK(contains(refusal(
                       [](const auto& x) {
                           return reshape(slice(x, 1, 0, 0), {x.shape()[0], 0, 2});
                       },
                       {3}),
                   "its result is empty"));
}

TEST_CASE("to_onnx: the page on ONNX has every op that is exported")
{
    const std::string page = contents(XGRAD_SOURCE_DATA "/../docs/onnx.md");
    for (const std::string& op : onnx::exported_ops())
        CHECK_MESSAGE(contains(page, "`" + op + "`"), op);
}
