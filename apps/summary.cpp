#include "command.hpp"
#include "text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

namespace xgrad::command
{

namespace
{

/** A shape as in the paper: 6@28x28 for six maps, 84 for units; 128x64 for the places of a sequence. */
std::string map_notation(const Shape& output)
{
    return output.size() == 3 ? fmt::format("{}@{}x{}", output[0], output[1], output[2])
                              : fmt::to_string(fmt::join(output, "x"));
}

void print(const Classifier& classifier)
{
    std::size_t name_width = 7, kind_width = 4, parameters = 0, connections = 0, multiply_adds = 0;
    for (const LayerSummary& layer : classifier.summary) {
        name_width = std::max(name_width, layer.name.size());
        kind_width = std::max(kind_width, layer.kind.size());
        parameters += layer.parameters;
        connections += layer.connections;
        multiply_adds += layer.multiply_adds;
    }
    const auto line = [&](const std::string& name, const std::string& kind, const std::string& output,
                          const std::string& p, const std::string& c, const std::string& m) {
        fmt::print("{:<{}} {:<{}}  {:>9}  {:>10}  {:>11}  {:>13}\n", name, name_width, kind, kind_width, output, p, c,
                   m);
    };
    line("layer", "kind", "output", "parameters", "connections", "multiply-adds");
    for (const LayerSummary& layer : classifier.summary)
        line(layer.name, layer.kind, map_notation(layer.output), grouped(layer.parameters), grouped(layer.connections),
             grouped(layer.multiply_adds));
    line("total", "", "", grouped(parameters), grouped(connections), grouped(multiply_adds));
}

struct Arguments
{
    ModelArguments model;
    Checksum checksum = Checksum::checked;
};

int run(Arguments& arguments)
{
    ModelArguments& model = arguments.model;
    model.read_file(arguments.checksum);
    const ModelOption* const option = model.open_choice();
    if (option == nullptr) {
        print(model.make(0, model.given));
        return success;
    }
    Choices choices = model.given;
    for (const std::string& value : option->values) {
        choices[option->name] = value;
        const Classifier classifier = model.make(0, choices);
        fmt::print("{}{}:\n", value == option->values.front() ? "" : "\n", value);
        print(classifier);
    }
    return success;
}

} // namespace

Verb summary(const Options& app)
{
    const Options verb = app.add_verb(
        "summary", "prints the layers of a model: shapes, parameters, connections, multiply-adds",
        "All numbers are for the forward pass of one image. Connections include the biases, as in LeCun et al. 1998.\n"
        "Example:\n  xgrad summary lenet5 --variant 1998");
    const auto arguments = std::make_shared<Arguments>();
    arguments->model.add_to(verb);
    add_unchecked(verb, arguments->checksum);
    return {verb, [arguments] { return run(*arguments); }};
}

} // namespace xgrad::command
