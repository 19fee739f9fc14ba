#include "command.hpp"
#include <xgrad/base/file.hpp>
#include <xgrad/inspect/derivation/derivation.hpp>
#include <xgrad/inspect/drawing/drawing.hpp>
#include <xgrad/models/training/classifier_graph.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>

namespace xgrad::command
{

namespace
{

using Format = std::string (*)(const Graph&);

const std::map<std::string, Format>& formats()
{
    static const std::map<std::string, Format> all = {
        {"text", to_text}, {"latex", to_latex}, {"html", to_html}, {"dot", to_dot}, {"svg", to_svg}};
    return all;
}

struct Arguments
{
    ModelArguments model;
    std::string format = "text", output;
    std::uint64_t seed = 1;
    bool backward = false;
    Checksum checksum = Checksum::checked;
};

int run(Arguments& arguments)
{
    arguments.model.read_file(arguments.checksum);
    arguments.model.require_one("a graph shows one network");
    const Classifier classifier = arguments.model.make(arguments.seed, arguments.model.given);
    const std::string graph = formats().at(arguments.format)(graph_of(classifier, arguments.seed, arguments.backward));
    if (arguments.output.empty())
        fmt::print("{}", graph);
    else
        write_atomically(arguments.output, graph);
    return success;
}

} // namespace

Verb graph(const Options& app)
{
    const Options verb =
        app.add_verb("graph", "writes what a model computes, and its backward pass: equations or a drawing",
                     "It records the loss of two random images, as in evaluation.\n"
                     "Examples:\n"
                     "  xgrad graph bouvrie --backward          the derivation of its gradients, written out\n"
                     "  xgrad graph lenet5 --backward --format svg --output lenet5.svg\n"
                     "  xgrad graph mlp --format dot | dot -Tpdf >mlp.pdf\n"
                     "  xgrad graph anybodys.onnx --backward");
    const auto arguments = std::make_shared<Arguments>();
    Arguments& given = *arguments;
    given.model.add_to(verb);
    std::vector<std::string> names;
    for (const auto& [name, format] : formats())
        names.push_back(name);
    verb.add_flag("--backward", given.backward, "writes the gradients of the parameters too");
    verb.add("--format", given.format, fmt::format("{} [text]", fmt::join(names, ", "))).check(one_of(names));
    verb.add("--output", given.output, "file to write to [stdout]");
    verb.add("--seed", given.seed, "seed of the weights and the images [1]").check(not_negative());
    add_unchecked(verb, given.checksum);
    return {verb, [arguments] { return run(*arguments); }};
}

} // namespace xgrad::command
