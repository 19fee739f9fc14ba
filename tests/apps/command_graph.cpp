// The verb graph: the computation of a model as equations or as a drawing.
#ifdef XGRAD_COMMAND

#include "command.hpp"

using namespace xgrad;
using namespace xgrad::test;

namespace
{

std::string graph(const Words& more)
{
    Words words = {"graph"};
    words.insert(words.end(), more.begin(), more.end());
    const Result result = call(words);
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    return result.out;
}

} // namespace

TEST_CASE("command: graph prints equations, forward and, if it is asked to, backward")
{
    const std::string forward = graph({"bouvrie"});
    CHECK(contains(forward, "c1"));
    CHECK_FALSE(contains(forward, "∂E/∂"));
    const std::string both = graph({"bouvrie", "--backward"});
    CHECK(contains(both, "∂E/∂"));
    CHECK(contains(both, "[B13]"));
    CHECK(both.size() > forward.size());
    CHECK(both == graph({"bouvrie", "--backward", "--format", "text"}));
}

TEST_CASE("command: graph in each of its formats")
{
    CHECK(contains(graph({"mlp", "--format", "latex"}), "\\documentclass"));
    CHECK(graph({"mlp", "--format", "html"}).starts_with("<!DOCTYPE html>"));
    CHECK(graph({"mlp", "--format", "dot"}).starts_with("digraph xgrad {"));
    const std::string svg = graph({"mlp", "--format", "svg", "--backward"});
    CHECK(svg.starts_with("<svg "));
    CHECK(svg.ends_with("</svg>\n"));
    CHECK(contains(svg, "∂E/∂layer1.weight"));
}

TEST_CASE("command: graph draws each model, with its options")
{
    CHECK(contains(graph({"lenet5", "--format", "dot"}), "max_pool2d"));
    CHECK_FALSE(contains(graph({"lenet5", "--format", "dot", "--pooling", "mean"}), "max_pool2d"));
    CHECK(contains(graph({"lenet5", "--format", "dot", "--variant", "1998", "--backward"}), "∂E/∂s2.beta"));
    CHECK(contains(graph({"bouvrie", "--combination", "--format", "dot"}), "c3.scores"));
    CHECK(contains(graph({"pixel-labeller", "--format", "svg", "--backward"}), "(1,11,32,53)"));
    CHECK(contains(graph({"variants", "--kind", "dilated", "--format", "svg", "--backward"}), "∂E/∂"));
}

TEST_CASE("command: graph writes a file, or says why it cannot")
{
    const Folder folder;
    const Result result = call(folder, {"graph", "mlp", "--format", "dot", "--output", "mlp.dot"});
    CHECK(result.code == 0);
    CHECK(result.out.empty());
    CHECK(contents(folder / "mlp.dot") == graph({"mlp", "--format", "dot"}));
    check_error(call({"graph", "mlp", "--output", "/dev/null/graph"}), 1, "/dev/null/graph");
    check_error(call({"graph", "mlp", "--output", "no/folder/graph"}), 1, "no/folder/graph");
}

TEST_CASE("command: graph depends on its arguments alone")
{
    const Words words = {"bouvrie", "--backward", "--format", "svg"};
    CHECK(graph(words) == graph(words));
}

TEST_CASE("command: graph refuses what it does not know")
{
    check_error(call({"graph"}), 2, "MODEL");
    check_error(call({"graph", "lenet6"}), 2, "lenet6");
    check_error(call({"graph", "mlp", "--format", "png"}), 2, "svg");
    check_error(call({"graph", "mlp", "--pooling", "mean"}), 2, "[mlp]");
    check_error(call({"graph", "mlp", "--seed", "some"}), 2, "--seed");
    check_error(call({"graph", "variants"}), 2, "[variants] a graph shows one network: give --kind");
    const Result help = call({"graph", "--help"});
    CHECK(help.code == 0);
    CHECK(contains(help.out, "xgrad graph bouvrie --backward"));
}

#endif
