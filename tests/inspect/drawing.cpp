#include "files.hpp"
#include <xgrad/base/random.hpp>
#include <xgrad/inspect/drawing/drawing.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace xgrad;
using xgrad::test::contains;
using xgrad::test::count;

namespace
{

/** The groups of a pattern, for each line that has it. */
std::vector<std::vector<std::string>> matches(const std::string& text, const char* pattern)
{
    const std::regex regex(pattern);
    std::vector<std::vector<std::string>> found;
    std::istringstream lines(text);
    std::smatch match;
    for (std::string line; std::getline(lines, line);)
        if (std::regex_search(line, match, regex))
            found.emplace_back(match.begin() + 1, match.end());
    return found;
}

struct Network
{
    std::string name, model;
    Choices choices;
    std::vector<std::string> layers;
};

const std::vector<Network> networks = {
    {"mlp", "mlp", {}, {"layer1", "layer2", "layer3", "loss"}},
    {"LeNet-5", "lenet5", {}, {"c1", "c3", "c5", "f6", "f7", "loss"}},
    {"LeNet-5 of 1998", "lenet5", {{"variant", "1998"}}, {"c1", "s2", "c3", "s4", "c5", "f6", "loss"}},
    {"Bouvrie's", "bouvrie", {}, {"c1", "s2", "c3", "s4", "f5", "loss"}},
    {"Bouvrie's with combinations",
     "bouvrie",
     {{"combination", "yes"}, {"sparsity", "entropy"}},
     {"c1", "s2", "c3", "s4", "f5", "loss"}}};

struct Recorded
{
    Classifier classifier;
    Graph recording;
};

Recorded record(const Network& network, bool backward = true)
{
    const Classifier classifier = make_classifier(network.model, 1, network.choices);
    const std::size_t extent = 28 + 2 * classifier.preparation.padding;
    const auto images = variable(Random(2).normal<float>({2, 1, extent, extent}, 0, 1));
    const Labels labels{3, 8};
    const auto loss = [&] { return classifier.loss(images, labels); };
    const auto record_it = backward ? graph_of_gradient<float> : graph_of_loss<float>;
    return {classifier, record_it(loss, classifier.parameters, {{"x", images}})};
}

/** The layer of each value, "" for none. */
std::vector<std::string> layers_of(const Graph& graph)
{
    std::vector<std::string> layers;
    for (const GraphValue& value : graph.values)
        layers.push_back(value.layer == Graph::none ? "" : graph.layers[value.layer]);
    return layers;
}

struct Box
{
    std::string kind;
    double left, top, right, bottom;

    bool holds(const Box& other) const
    {
        return left <= other.left && top <= other.top && other.right <= right && other.bottom <= bottom;
    }
    bool overlaps(const Box& other) const
    {
        return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
    }
};

std::vector<Box> boxes_of(const std::string& svg)
{
    std::vector<Box> boxes;
    for (const auto& match :
         matches(svg, "<rect class=\"(\\w+)\" x=\"(.*?)\" y=\"(.*?)\" width=\"(.*?)\" height=\"(.*?)\""))
    {
        const double x = std::stod(match[1]), y = std::stod(match[2]);
        boxes.push_back({match[0], x, y, x + std::stod(match[3]), y + std::stod(match[4])});
    }
    return boxes;
}

} // namespace

TEST_CASE("to_dot draws ops as boxes, leaves as ellipses and arrows in the direction of the computation")
{
    const auto x = variable<double>({{1, 2}, {3, 4}});
    CHECK(to_dot(graph_of_loss<double>([&] { return sum(tanh(x) * x); }, {{"x", x}})) ==
          "digraph xgrad {\n"
          "    graph [fontname=\"sans-serif\", fontsize=12, color=\"#c8ced6\"];\n"
          "    node [shape=box, style=filled, fontname=\"sans-serif\", fontsize=11, color=\"#3a6ea5\", "
          "fillcolor=\"#eaf2fb\"];\n"
          "    v0 [shape=ellipse, label=\"x\\n(2,2)\"];\n"
          "    v1 [label=\"tanh\\n(2,2)\"];\n"
          "    v2 [label=\"multiply\\n(2,2)\"];\n"
          "    v3 [label=\"sum\\n()\"];\n"
          "    v0 -> v1;\n"
          "    v1 -> v2;\n"
          "    v0 -> v2;\n"
          "    v2 -> v3;\n"
          "}\n");
}

TEST_CASE("to_dot marks the gradients in the backward pass")
{
    const auto x = variable<double>({1, 2}), y = variable<double>({3, 4});
    const std::string dot = to_dot(graph_of_gradient<double>([&] { return sum(sin(x) * y); }, {{"x", x}, {"y", y}}));
    CHECK(contains(dot, "label=\"cos\\n(2)\""));
    CHECK(contains(dot, "label=\"∂E/∂x = multiply\\n(2)\""));
    CHECK(contains(dot, "label=\"∂E/∂y = multiply\\n(2)\""));
    const auto same = [&] { return sum(x + y); };
    CHECK(contains(to_dot(graph_of_gradient<double>(same, {{"x", x}, {"y", y}})), "∂E/∂x = ∂E/∂y = broadcast_to"));
}

TEST_CASE("to_dot writes numbers as they are, and other constants as such")
{
    const auto x = variable<float>({1, 2});
    const auto loss = [&] { return sum(x * constant<float>(2.5) + constant<float>({3, 4})); };
    const std::string dot = to_dot(graph_of_loss<float>(loss, {{"x", x}}));
    CHECK(contains(dot, "[shape=plaintext, fillcolor=transparent, label=\"2.5\"]"));
    CHECK(contains(dot, "[shape=plaintext, fillcolor=transparent, label=\"constant\\n(2)\"]"));
}

TEST_CASE("to_dot draws an operand that is read twice with two arrows")
{
    const auto x = variable<double>(3);
    CHECK(count(to_dot(graph_of_loss<double>([&] { return x * x; }, {{"x", x}})), "v0 -> v1;") == 2);
}

TEST_CASE("to_dot leaves out what changes nothing but the shape")
{
    const auto x = variable<double>({{1, 2, 3}, {4, 5, 6}});
    const auto loss = [&] { return sum(exp(reshape(transpose(reshape(x, {3, 2})), {6}))); };
    const std::string dot = to_dot(graph_of_loss<double>(loss, {{"x", x}}));
    CHECK_FALSE(contains(dot, "reshape"));
    CHECK(contains(dot, "transpose"));
    CHECK(count(dot, " -> ") == 3);
    // The same values in the same shape are another matter.
    CHECK(contains(to_dot(graph_of_loss<double>([&] { return relu(x); }, {{"x", x}})), "relu"));
}

TEST_CASE("a drawing goes through a long chain without recursion")
{
    const auto x = variable<double>(1);
    const auto loss = [&] {
        Variable<double> y = x;
        for (int i = 0; i < 20000; ++i)
            y = -y;
        return y;
    };
    const Graph recording = graph_of_loss<double>(loss, {{"x", x}});
    CHECK(count(to_dot(recording), " -> ") == 20000);
    CHECK(count(to_svg(recording), "<path class=\"to-forward\"") == 20000);
}

TEST_CASE("a drawing escapes what a name must not contain")
{
    const auto x = variable<double>(1);
    const Graph recording = graph_of_loss<double>([&] { return exp(x); }, {{"a\"b\\c<d&e", x}});
    CHECK(contains(to_dot(recording), "label=\"a\\\"b\\\\c<d&amp;e\\n()\""));
    CHECK(contains(to_svg(recording), ">a&quot;b\\c&lt;d&amp;e</text>"));
}

TEST_CASE("layers: what squashes the last layer's outputs is a part of it, a penalty on a layer's weights too")
{
    for (const Network& network : networks) {
        CAPTURE(network.name);
        const Graph recording = record(network).recording;
        const std::vector<std::string> layers = layers_of(recording);
        CHECK(layers[recording.loss] == "loss");
        CHECK(layers[recording.sensitivities[recording.loss]] == "loss");
        for (std::size_t place = 0; place < layers.size(); ++place) {
            const std::string& name = recording.values[place].name;
            const bool is_of_images = name == "x" || recording.values[place].op == "reshape";
            CAPTURE(place);
            CHECK((is_of_images || layers[place] != ""));
            if (!name.empty())
                CHECK(layers[place] == name.substr(0, name == "x" ? 0 : name.find('.')));
        }
    }
    const auto layer_of = [](const Network& network, const char* op, bool last) {
        const Graph recording = record(network).recording;
        const std::vector<std::string> layers = layers_of(recording);
        std::string found;
        for (std::size_t place = 0; place < recording.forward; ++place)
            if (recording.values[place].op == op && (last || found.empty()))
                found = layers[place];
        return found;
    };
    CHECK(layer_of(networks[1], "max_pool2d", false) == "c1");
    CHECK(layer_of(networks[1], "max_pool2d", true) == "c3");
    CHECK(layer_of(networks[1], "log_softmax", true) == "f7");
    CHECK(layer_of(networks[1], "take_last", true) == "loss");
    CHECK(layer_of(networks[2], "square", true) == "loss"); // of distances to f6, which others read too
    CHECK(layer_of(networks[3], "block_sum", false) == "s2");
    CHECK(layer_of(networks[3], "sigmoid", true) == "f5");
    CHECK(layer_of(networks[3], "square", true) == "loss");
    CHECK(layer_of(networks[4], "softmax", false) == "c3");
    CHECK(layer_of(networks[4], "log", true) == "c3");
    CHECK(layer_of(networks[4], "add", true) == "loss");
}

TEST_CASE("layers: a gradient belongs to the layer of its parameter")
{
    for (const Network& network : networks) {
        CAPTURE(network.name);
        const auto [classifier, recording] = record(network);
        const std::vector<std::string> layers = layers_of(recording);
        for (std::size_t i = 0; i < classifier.parameters.size(); ++i)
            CHECK(classifier.parameters.name(i).starts_with(layers[recording.gradients[i]] + "."));
    }
}

TEST_CASE("to_dot: a gradient has the shape of its parameter")
{
    for (const Network& network : networks) {
        CAPTURE(network.name);
        const auto [classifier, recording] = record(network);
        const std::string dot = to_dot(recording);
        for (std::size_t i = 0; i < classifier.parameters.size(); ++i) {
            const std::string name = classifier.parameters.name(i);
            const std::string label = "label=\"∂E/∂" + name + " = [^\\\\]*\\\\n([^\"]*)\"";
            const auto shapes = matches(dot, label.c_str());
            REQUIRE(shapes.size() == 1);
            CHECK(shapes[0][0] == to_string(classifier.parameters[i].shape()));
        }
    }
}

TEST_CASE("to_dot of networks is well formed, with a cluster for each layer")
{
    for (const Network& network : networks)
        for (const bool backward : {false, true}) {
            CAPTURE(network.name);
            const auto [classifier, recording] = record(network, backward);
            const std::string dot = to_dot(recording);
            CHECK(count(dot, "{") == count(dot, "}"));
            CHECK(count(dot, "[") == count(dot, "]"));
            std::set<std::string> nodes, clusters;
            for (const auto& match : matches(dot, "^ +(v\\d+) \\["))
                CHECK(nodes.insert(match[0]).second);
            const auto arrows = matches(dot, "^ +(v\\d+) -> (v\\d+);$");
            CHECK(arrows.size() == count(dot, "->"));
            for (const auto& match : arrows) {
                CHECK(nodes.contains(match[0]));
                CHECK(nodes.contains(match[1]));
            }
            std::vector<std::string> names;
            for (const auto& match : matches(dot, "^ +subgraph (cluster\\d+) \\{"))
                CHECK(clusters.insert(match[0]).second);
            for (const auto& match : matches(dot, "^ {8}label=\"(.*)\";$"))
                names.push_back(match[0]);
            std::vector<std::string> expected = network.layers;
            if (backward)
                for (const std::string& layer : network.layers)
                    expected.push_back(layer + ", backward");
            CHECK(names == expected);
            CHECK(clusters.size() == names.size());
            for (std::size_t i = 0; i < classifier.parameters.size(); ++i) {
                CHECK(count(dot, "label=\"" + classifier.parameters.name(i) + "\\n") == 1);
                CHECK(count(dot, "∂E/∂" + classifier.parameters.name(i) + " = ") == backward);
            }
        }
}

TEST_CASE("to_svg draws what to_dot does, in boxes that do not overlap")
{
    for (const Network& network : networks)
        for (const bool backward : {false, true}) {
            CAPTURE(network.name);
            const Graph recording = record(network, backward).recording;
            const std::string dot = to_dot(recording), whole_svg = to_svg(recording);
            const std::string svg = whole_svg.substr(0, whole_svg.find("<g class=\"legend\">"));
            const auto size = matches(svg, "<svg .*viewBox=\"0 0 (\\d+) (\\d+)\"");
            REQUIRE(size.size() == 1);
            const Box whole{"", 0, 0, std::stod(size[0][0]), std::stod(size[0][1])};
            std::vector<Box> nodes, clusters;
            for (const Box& box : boxes_of(svg)) {
                CHECK(whole.holds(box));
                (box.kind == "cluster" ? clusters : nodes).push_back(box);
            }
            CHECK(clusters.size() == network.layers.size() * (backward ? 2 : 1));
            CHECK(nodes.size() == matches(dot, "^ +v\\d+ \\[").size());
            CHECK(count(svg, "<path class=") == count(dot, "->"));
            std::size_t outside = 0;
            for (std::size_t i = 0; i < nodes.size(); ++i) {
                for (std::size_t j = 0; j < i; ++j)
                    CHECK_FALSE(nodes[i].overlaps(nodes[j]));
                std::size_t inside = 0;
                for (const Box& cluster : clusters) {
                    inside += cluster.holds(nodes[i]);
                    CHECK(cluster.holds(nodes[i]) == cluster.overlaps(nodes[i]));
                }
                outside += inside == 0;
            }
            CHECK(outside == 1); // the images
            std::multiset<std::string> dot_texts, svg_texts;
            for (const auto& match : matches(dot, "label=\"([^\"\\\\]+)"))
                dot_texts.insert(match[0]);
            for (const auto& match : matches(svg, ">([^<>()]+)</text>"))
                svg_texts.insert(match[0]);
            CHECK(dot_texts == svg_texts);
        }
}

TEST_CASE("to_svg has a title, and a legend of what is in the drawing")
{
    const auto x = variable<double>({1, 2});
    const auto legend_of = [](const std::string& svg) {
        std::string lines;
        for (const auto& match : matches(svg.substr(svg.find("<g class=\"legend\">")), ">([^<>]+)</text>"))
            lines += match[0] + "\n";
        return lines;
    };
    const std::string forward = to_svg(graph_of_loss<double>([&] { return sum(exp(x)); }, {{"x", x}}));
    CHECK(contains(forward, "role=\"img\">\n<title>A loss</title>\n"));
    CHECK(legend_of(forward) == "A loss\na leaf: a parameter or an input\nan op, with the shape of its result\n");
    const auto loss = [&] { return sum(exp(x) * x + constant<double>({1, 2})); };
    const std::string both = to_svg(graph_of_gradient<double>(loss, {{"x", x}}));
    CHECK(contains(both, "<title>A loss and its gradients</title>"));
    CHECK(legend_of(both) == "A loss and its gradients\na leaf: a parameter or an input\n"
                             "an op, with the shape of its result\na constant\nan op of the backward pass\n"
                             "the gradient of a leaf\na value that the backward pass reads\n");
    for (const std::string& svg : {forward, both}) {
        CHECK(contains(svg, "@media (prefers-color-scheme: dark)"));
        CHECK(count(svg, "<g ") == count(svg, "</g>"));
        const auto size = matches(svg, "<svg .*viewBox=\"0 0 (\\d+) (\\d+)\"");
        for (const auto& match : matches(svg, "<text x=\"70\" y=\"([0-9.]+)\""))
            CHECK(std::stod(match[0]) < std::stod(size[0][1]));
    }
}
