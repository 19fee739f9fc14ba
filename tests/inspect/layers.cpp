#include <xgrad/inspect/graph.hpp>
#include <xgrad/inspect/layers.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace xgrad;
using namespace xgrad::detail;

namespace
{

const PassValue data{}, constants{.is_constant = true};

PassValue parameter(const std::string& layer) { return {.layer = layer, .shape = {2}}; }
PassValue op(const std::string& name, std::vector<std::size_t> inputs, Shape shape = {2})
{
    return {.op = name, .inputs = std::move(inputs), .shape = std::move(shape)};
}

/** The layers of the values, "c1 - loss", with a dash for none. */
std::string listed(const Layers& layers)
{
    std::string all;
    for (const std::size_t layer : layers.of_values)
        all += (all.empty() ? "" : " ") + (layer == Layers::none ? "-" : layers.names[layer]);
    return all;
}
std::string layers(const std::vector<PassValue>& pass) { return listed(layers_of(pass)); }

/** The layers of the forward ops of a name, in their order. */
std::string layers_of_ops(const Graph& graph, const std::string& name)
{
    std::string all;
    for (std::size_t i = 0; i < graph.forward; ++i)
        if (graph.values[i].op == name)
            all += (all.empty() ? "" : " ") + graph.layers.at(graph.values[i].layer);
    return all;
}

} // namespace

TEST_CASE("layers: an op is of the layer whose parameter feeds it, else of its latest input's")
{
    const std::vector<PassValue> pass = {
        data,           parameter("a"),         op("multiply", {0, 1}), op("tanh", {2}),
        parameter("b"), op("multiply", {4, 3}), op("add", {5, 3}), // past the layer
        parameter("c"), op("multiply", {6, 7}), op("sum", {8}, {})};
    CHECK(layers(pass) == "- a a a b b b c c loss");
}

TEST_CASE("layers: the nearest parameter feeds, where the data are unknown")
{
    CHECK(layers({constants, parameter("a"), op("multiply", {0, 1}), op("tanh", {2}), parameter("b"),
                  op("reshape", {4}), op("multiply", {5, 3})}) == "a a a a b b b");
    CHECK(layers({constants, parameter("a"), op("correlate2d", {0, 1}), parameter("b"), op("square", {3}),
                  op("square", {4}), op("correlate2d", {2, 5})}) == "a a a b b b b"); // by its kernels
}

TEST_CASE("layers: a penalty on a layer's weights is the layer's, its sum with the loss is not")
{
    CHECK(layers({data, parameter("a"), op("multiply", {0, 1}), op("sum", {2}, {}), op("square", {1}),
                  op("sum", {4}, {}), op("add", {3, 5}, {})}) == "- a a loss a a loss");
}

TEST_CASE("layers: what squashes or arranges the last outputs is no loss, unless they are read twice")
{
    const std::vector<PassValue> outputs = {data, parameter("a"), op("multiply", {0, 1}, {3, 2})};
    const auto with = [&](std::vector<PassValue> later) {
        later.insert(later.begin(), outputs.begin(), outputs.end());
        return layers(later);
    };
    CHECK(with({op("permute", {2}, {2, 3}), op("log_softmax", {3}, {2, 3}), op("sum", {4}, {})}) == "- a a a a loss");
    CHECK(with({op("softplus", {2}, {3, 2}), op("add", {2, 3}, {3, 2})}) == "- a a loss loss");
    CHECK(layers({data, parameter("a"), op("multiply", {0, 1}, {1, 1}), op("sum", {2}, {})}) == "- a a loss");
}

TEST_CASE("layers: a block's sum is of the layer that weights it")
{
    CHECK(layers({data, parameter("a"), op("multiply", {0, 1}), op("block_sum", {2}), parameter("b"),
                  op("multiply", {4, 3})}) == "- a a b b b");
    CHECK(layers({data, parameter("a"), op("multiply", {0, 1}), op("block_sum", {2}), op("tanh", {3}), parameter("b"),
                  op("multiply", {5, 4})}) == "- a a a a b b");
}

TEST_CASE("layers: a constant is of the layer that reads it first")
{
    CHECK(layers({data, parameter("a"), constants, op("multiply", {1, 2}), op("multiply", {0, 3}), parameter("b"),
                  op("multiply", {5, 2}), op("multiply", {4, 6})}) == "- a a a a b b b");
}

TEST_CASE("layers stand in the order in which they meet the data, the loss behind them")
{
    const Layers found = layers_of({parameter("b"), data, parameter("a"), op("multiply", {1, 2}),
                                    op("multiply", {0, 3}), op("sum", {4}, {}), parameter("unused")});
    CHECK(found.names == std::vector<std::string>{"a", "b", "unused", "loss"});
    CHECK(layers_of({data, op("sum", {0}, {})}).names.empty());
    CHECK(layers({data, op("sum", {0}, {})}) == "- -");
}

TEST_CASE("layers: weights that are used again have their ops again")
{
    const auto x = variable<double>({1, 2}), u = variable<double>({3, 4}), v = variable<double>({5, 6});
    const auto loss = [&] { return sum(cos(sin(cos(x * u) * v) * u)); };
    const Graph graph = graph_of_gradient<double>(loss, {{"u.weight", u}, {"v.weight", v}}, {{"x", x}});
    CHECK(graph.layers == std::vector<std::string>{"u", "v", "loss"});
    CHECK(layers_of_ops(graph, "multiply") == "u v u");
    CHECK(layers_of_ops(graph, "cos") == "u u");
    CHECK(layers_of_ops(graph, "sin") == "v");
    CHECK(layers_of_ops(graph, "sum") == "loss");
    for (std::size_t i = 0; i < graph.forward; ++i)
        if (const std::size_t sensitivity = graph.sensitivities[i]; sensitivity != Graph::none)
            CHECK(graph.values[sensitivity].layer == graph.values[i].layer);
}
