#include "command.hpp"
#include "text.hpp"
#include <xgrad/base/memory.hpp>
#include <xgrad/base/memory_use.hpp>
#include <xgrad/base/workers.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/training/random_batch.hpp>
#include <xgrad/optim/optimizer.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
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

/** Prints the most memory that the library holds while a new network makes training steps on random samples. */
void print_memory_of_step(const std::function<Classifier()>& make)
{
    release_unused_memory();
    const std::size_t before = memory_use().now;
    forget_peak_memory();
    const Classifier classifier = make();
    const TrainingOptions& options = classifier.defaults;
    const Batch batch = random_batch(classifier, options.batch, options.seed);
    const auto optimizer = optim::make_optimizer<float>(options.optimizer, classifier.parameters, 1e-9f);
    Generators generators = sample_generators(options.seed, 0, 0, options.batch);
    const auto loss = [&](std::size_t begin, std::size_t end) {
        return classifier.loss(constant(detail::rows(batch.images, begin, end)), detail::rows(batch.labels, begin, end),
                               Mode::training(SampleRandom(generators).part(begin, end)));
    };
    for (int step = 0; step < 2; ++step) // the second one has what the first one keeps
        optimizer->step(value_and_gradient(classifier.parameters, batch.labels.shape()[0], loss,
                                           {.chunk = classifier.looks_at_whole_batch ? options.batch : options.chunk})
                            .gradients);
    fmt::print("memory of a training step with batches of {} on {} thread{}: {}\n", options.batch, threads(),
               threads() == 1 ? "" : "s", bytes_in_words(memory_use().peak - before));
}

struct Arguments
{
    ModelArguments model;
    Checksum checksum = Checksum::checked;
    bool memory = false;
};

int run(Arguments& arguments)
{
    ModelArguments& model = arguments.model;
    model.read_file(arguments.checksum);
    const ModelOption* const option = model.open_choice();
    if (option == nullptr) {
        print(model.make(0, model.given));
        if (arguments.memory)
            print_memory_of_step([&] { return model.make(0, model.given); });
        return success;
    }
    Choices choices = model.given;
    for (const std::string& value : option->values) {
        choices[option->name] = value;
        const Classifier classifier = model.make(0, choices);
        fmt::print("{}{}:\n", value == option->values.front() ? "" : "\n", value);
        print(classifier);
        if (arguments.memory)
            print_memory_of_step([&] { return model.make(0, choices); });
    }
    return success;
}

} // namespace

Verb summary(const Options& app)
{
    const Options verb = app.add_verb(
        "summary", "prints the layers of a model: shapes, parameters, connections, multiply-adds",
        "All numbers are for the forward pass of one image. Connections include the biases, as in LeCun et al. 1998.\n"
        "Examples:\n  xgrad summary lenet5 --variant 1998\n  xgrad summary residual-cnn --memory");
    const auto arguments = std::make_shared<Arguments>();
    arguments->model.add_to(verb);
    add_unchecked(verb, arguments->checksum);
    verb.add_flag("--memory", arguments->memory,
                  "also measures the most memory that two training steps hold: weights, gradients, optimizer, tapes, "
                  "scratch memory and what is kept for reuse");
    return {verb, [arguments] { return run(*arguments); }};
}

} // namespace xgrad::command
