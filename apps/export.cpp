#include "command.hpp"
#include "text.hpp"
#include <xgrad/models/training/onnx.hpp>
#include <xgrad/models/training/training.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <variant>

namespace xgrad::command
{

namespace
{

struct Arguments
{
    ModelArguments model;
    std::string output;
    std::uint64_t seed = 1;
    Checksum checksum = Checksum::checked;
};

/** An input or an output as it is reported: "images (N,1,32,32)". */
std::string shown(const onnx::Value& value)
{
    std::vector<std::string> extents;
    for (const onnx::Dimension& extent : value.shape.value())
        extents.push_back(std::visit([](const auto& held) { return fmt::to_string(held); }, extent));
    return fmt::format("{} ({})", value.name, fmt::join(extents, ","));
}

int run(Arguments& arguments)
{
    arguments.model.read_file(arguments.checksum);
    arguments.model.require_one("a file holds one network");
    const Classifier classifier = arguments.model.make_finite(arguments.seed);
    onnx::Model model = to_onnx(classifier);
    if (arguments.model.checkpoint)
        model.metadata.merge(about_data(arguments.model.checkpoint->metadata));
    onnx::write_model(arguments.output, model);
    std::size_t numbers = 0;
    for (const auto& each : model.graph.initializers)
        if (each.second.array().type() == ElementType::float32) // not shapes and positions
            numbers += each.second.array().size();
    fmt::print("{}: {}, {} nodes, {} numbers; {} to {}\n", arguments.output, classifier.name, model.graph.nodes.size(),
               grouped(numbers), shown(model.graph.inputs[0]), shown(model.graph.outputs[0]));
    return success;
}

} // namespace

Verb export_model(const Options& app)
{
    const Options verb =
        app.add_verb("export", "writes a model as an ONNX file",
                     "The file has the network as it is in evaluation, for any number of images. Its input is "
                     "\"images\", its output\n"
                     "\"logits\". A model that is named, and not a checkpoint, has its initial weights.\n"
                     "Example:\n  xgrad export xgrad-runs/lenet5/best.safetensors lenet5.onnx");
    const auto arguments = std::make_shared<Arguments>();
    Arguments& given = *arguments;
    given.model.add_to(verb);
    verb.add("FILE", given.output, "file to write to").required();
    verb.add("--seed", given.seed, "seed of the weights if MODEL is a name [1]").check(not_negative());
    add_unchecked(verb, given.checksum);
    return {verb, [arguments] { return run(*arguments); }};
}

} // namespace xgrad::command
