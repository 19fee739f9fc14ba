#include "command.hpp"
#include "example.hpp"
#include "given_files.hpp"
#include "given_network.hpp"
#include "handwritten.hpp"
#include "held_against.hpp"
#include "planted_mistake.hpp"
#include "report.hpp"
#include "row_table.hpp"
#include "text.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/file.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/inspect/comparison/page.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

namespace xgrad::command
{

namespace
{

namespace fs = std::filesystem;

struct Arguments
{
    ModelArguments model;
    std::string data = "mnist-sample", plant, report;
    std::string weights, gradients, example; ///< files, and the folder of --write-example
    std::optional<std::string> loss;
    std::optional<double> tolerance;
    std::size_t samples = 4;
    std::uint64_t seed = 1;
    Checksum checksum = Checksum::checked;
};

Images training_images(const Arguments& arguments, const Handwritten& network)
{
    Dataset data = load_data(arguments.data);
    const Shape& shape = data.train.pixels.shape();
    const auto fits = [](std::size_t extent, std::size_t own) { return own == 0 || extent == own; };
    if (shape[1] != network.channels || !fits(shape[2], network.height) || !fits(shape[3], network.width))
        throw DataError(fmt::format("[compare] the network reads images of {}x{}x{}, {} has {}x{}x{}", network.channels,
                                    network.height, network.width, data.name, shape[1], shape[2], shape[3]));
    if (arguments.samples > data.train.size())
        throw UsageError(fmt::format("[compare] --samples {} is more than the {} training images of {}",
                                     arguments.samples, data.train.size(), data.name));
    return std::move(data.train);
}

/** Checks that the file can be written before anything is computed. */
void require_writable(const std::string& file)
{
    if (fs::is_directory(file))
        throw DataError(fmt::format("[compare] the report {} is a folder: give a file", file));
    const fs::path probe = file + ".part";
    write_atomically(probe, "");
    fs::remove(probe);
}

// Rows

Row row_of(const oracles::Step& step)
{
    const std::size_t dot = step.name.find('.');
    std::string layer = step.name.substr(0, dot);
    if (layer.size() == 2)
        layer[0] = static_cast<char>(layer[0] - 'a' + 'A');
    return {layer, step.name.substr(dot + 1), step.formula};
}

/** Tells what stands for what, where the names differ. */
void tell_matches(const std::vector<Match>& matches, const std::string& file)
{
    for (const Match& match : matches)
        if (match.given != match.name)
            fmt::print("{}: {} is {}{}\n", file, printable(match.given), match.name,
                       match.by_shape ? ", by its shape" : "");
}

/** The batch, and for a data set the one before it. */
struct Data
{
    Prepared now;
    std::optional<Prepared> before;
    std::string about; ///< "the first 4 images of mnist-sample"
};

Data data_of(const Arguments& arguments, const Handwritten& network)
{
    std::error_code ignored;
    if (fs::is_regular_file(arguments.data, ignored)) {
        Prepared batch = read_batch(arguments.data, network);
        std::string about = fmt::format("the {} images of {}", batch.labels.size(), arguments.data);
        return {std::move(batch), std::nullopt, std::move(about)};
    }
    const Images images = training_images(arguments, network);
    return {prepared(images, 0, arguments.samples, network.preparation),
            prepared(images, images.size() - arguments.samples, images.size(), network.preparation),
            fmt::format("the first {} images of {}", arguments.samples, arguments.data)};
}

/** The gradients by hand, and the precision that they can have. */
struct Found
{
    FoundByHand by_hand;
    double tolerance;
};

/** The gradients of a file, in place of those of the handwritten pass. Only the steps that it has stay. */
Found found_in_file(const Arguments& arguments, Handwritten& network, const Values& values)
{
    Wanted wanted;
    for (std::size_t p = 0; p < network.parameters.size(); ++p)
        wanted.parameters.emplace(network.parameters.name(p), network.parameters[p].shape());
    for (const auto& [name, value] : values.all())
        wanted.values.emplace(name, value.shape());
    GivenGradients given = read_gradients(arguments.gradients, wanted);
    tell_matches(given.matches, arguments.gradients);
    std::erase_if(network.steps, [&](const oracles::Step& step) { return !given.gradients.contains(step.name); });
    for (const auto& each : given.gradients)
        if (std::none_of(network.steps.begin(), network.steps.end(),
                         [&](const oracles::Step& step) { return step.name == each.first; }))
            network.steps.push_back({each.first, "", {}});
    constexpr double of_doubles = 1e-6, of_floats = 1e-4;
    if (!given.has_only_doubles && !arguments.tolerance)
        fmt::print("{}: not all numbers are of 64 bits; differences up to {:.0e} of the largest one are taken as "
                   "rounding\n",
                   arguments.gradients, of_floats);
    return {{std::move(given.gradients), {}}, given.has_only_doubles ? of_doubles : of_floats};
}

/** The gradients by hand: those of a file, or those of the handwritten pass, which runs here. */
Found found_by_hand(const Arguments& arguments, Handwritten& network, const Data& data, const Values& values)
{
    if (!arguments.gradients.empty())
        return found_in_file(arguments, network, values);
    return {found_in_training(network, data.now, data.before), CompareOptions().tolerance};
}

Report report_of(const Arguments& arguments, Handwritten& network)
{
    if (!arguments.weights.empty())
        tell_matches(read_weights(arguments.weights, network.parameters), arguments.weights);
    const Data data = data_of(arguments, network);
    const Values values = values_of(network, data.now.images, data.now.labels);
    const auto [found, usual] = found_by_hand(arguments, network, data, values);

    Report report;
    report.comparison =
        held_against(found, network, values, data.now, data.before, arguments.tolerance.value_or(usual));
    double by_hand = 0;
    std::size_t differing = 0;
    for (std::size_t i = 0; i < network.steps.size(); ++i) {
        const oracles::Step& step = network.steps[i];
        TensorComparison& tensor = report.comparison.tensors[i];
        const auto seconds = found.seconds.find(step.name);
        tensor.seconds = seconds == found.seconds.end() ? 0 : seconds->second;
        by_hand += tensor.seconds;
        differing += tensor.agrees ? 0 : 1;
        if (!network.has(step.name)) // its leaf is a probe
            tensor.value = values.all().at(step.name).value();
        report.rows.push_back(row_of(step));
    }
    report.title = "xgrad compare " + arguments.model.shown();
    report.about = arguments.model.shown();
    for (const auto& [option, value] : arguments.model.given)
        if (!arguments.model.checkpoint)
            report.about += " --" + option + (value == "yes" ? "" : " " + value);
    report.about += ": " + data.about;
    report.note = network.note;
    report.times = fmt::format("autodiff, forward and backward: {}; ", detail::time_text(report.comparison.seconds));
    report.times += arguments.gradients.empty()
                        ? fmt::format("by hand, backward alone and in plain loops: {}", detail::time_text(by_hand))
                        : fmt::format("by hand: {}", arguments.gradients);
    report.verdict = differing == 0 ? fmt::format("all {} rows agree", report.rows.size())
                                    : fmt::format("{} of {} rows differ", differing, report.rows.size());
    return report;
}

int write_example(const Arguments& arguments, const Handwritten& network)
{
    const std::string& model = arguments.model.model;
    const ExamplePrograms* const by_hand = example_programs(model);
    if (by_hand == nullptr || !arguments.model.given.empty())
        throw UsageError("--write-example is for mlp, lenet5 and bouvrie, without options");
    const Data data = data_of(arguments, network);
    write_example(arguments.example, *by_hand, network.parameters, data.now);
    const std::string folder = arguments.example;
    fmt::print("{0} has weights, a batch, and a backward pass by hand in three languages.\n\n"
               "  cd {0}\n"
               "  python3 backward.py       or   octave-cli backward.m   or   backward.cpp, which says how\n"
               "  {1} compare {2} --weights weights.npz --data batch.npz --gradients gradients.npz\n\n"
               "(Octave writes gradients.mat.) Make a mistake, and see what it says.\n",
               shell_word(folder), shell_word(fs::path(program()).filename().string()), model);
    return success;
}

bool has_handwritten_pass(const ModelArguments& model)
{
    const auto& all = handwritten_models();
    return !model.checkpoint &&
           std::any_of(all.begin(), all.end(), [&](const HandwrittenModel& each) { return each.name == model.model; });
}

/** The network, with its handwritten pass if there is one. */
Handwritten network_of(const Arguments& arguments)
{
    const ModelArguments& model = arguments.model;
    if (!has_handwritten_pass(model)) {
        if (arguments.gradients.empty() || !arguments.plant.empty() || !arguments.example.empty())
            throw UsageError(
                fmt::format("[compare] there is no handwritten pass of {}: give gradients of your own with "
                            "--gradients FILE",
                            model.shown()));
        return given_network(model, arguments.loss.value_or(loss_names().front()), arguments.seed);
    }
    if (arguments.loss)
        throw UsageError(fmt::format("[compare] {} has a loss of its own: leave --loss out", model.model));
    try {
        return make_handwritten(model.model, arguments.seed, model.given);
    } catch (const Error& error) {
        throw UsageError(error.what());
    }
}

int run(Arguments& arguments)
{
    arguments.model.read_file(arguments.checksum);
    Handwritten network = network_of(arguments);
    if (arguments.plant == "list")
        return list_mistakes(network.mistakes);
    if (!arguments.plant.empty() && !arguments.gradients.empty())
        throw UsageError("--plant is for the handwritten pass, and --gradients are of another one: leave one out");
    if (!arguments.example.empty())
        return write_example(arguments, network);
    std::string plant, unseen;
    if (!arguments.plant.empty()) {
        const oracles::Mistake mistake = find_mistake(network, arguments.plant, arguments.model, arguments.samples);
        network.steps = planted(std::move(network.steps), mistake);
        plant = fmt::format("planted: {} in {}: {}", mistake.name, mistake.step, mistake.what);
        unseen = mistake.unseen;
    }
    if (!arguments.report.empty())
        require_writable(arguments.report);

    Report report = report_of(arguments, network);
    report.planted = plant;
    if (report.comparison.agrees() && !plant.empty()) {
        report.verdict += ": " + unseen;
        report.planted += ", which is not seen: " + unseen;
    }
    fmt::print("{}\n{}{}\n", report.about, plant, plant.empty() ? "" : "\n");
    print_rows(report);
    if (!report.note.empty())
        fmt::print("\n{}\n", report.note);
    fmt::print("\n{}\n{}\n", report.times, report.verdict);
    if (!arguments.report.empty()) {
        write_atomically(arguments.report, html_page(report));
        fmt::print("the page: {}\n", arguments.report);
    }
    return report.comparison.agrees() ? success : failure;
}

} // namespace

Verb compare(const Options& app)
{
    const Options verb = app.add_verb(
        "compare", "compares the gradients of a model with those derived by hand",
        "Every gradient of a parameter, and every sensitivity, is a row; the exit code is 1 if one differs.\n"
        "Examples:\n  xgrad compare lenet5\n"
        "  xgrad compare bouvrie --plant missing-beta    plants a mistake and finds it\n"
        "  xgrad compare mlp --report mlp.html\n"
        "  xgrad compare mlp --weights w.npz --data batch.npz --gradients mine.npz   your own, of any program\n"
        "  xgrad compare net.onnx --data batch.npz --loss squared-error --gradients mine.npz\n"
        "  xgrad compare mlp --write-example mine        a folder to begin with");
    const auto arguments = std::make_shared<Arguments>();
    arguments->model.add_to(verb, [](const Architecture& each) {
        for (const HandwrittenModel& model : handwritten_models())
            if (model.name == each.name)
                return model.options;
        std::vector<ModelOption> options = options_for_users(each);
        std::erase_if(options, [](const ModelOption& option) { return option.name == "loss"; }); // it is --loss below
        return options;
    });
    verb.add("--data", arguments->data,
             "mnist, fashion-mnist, mnist-sample, a folder of images, or a file with arrays x and labels "
             "[mnist-sample]");
    verb.add("--weights", arguments->weights,
             "file of arrays with the weights: .npz, .mat, .safetensors, text of Octave")
        .type("FILE");
    verb.add("--gradients", arguments->gradients,
             "file of arrays with gradients that are compared in place of the handwritten pass")
        .type("FILE");
    verb.add("--loss", arguments->loss,
             fmt::format("the loss of a network without a handwritten pass here, a mean over the samples; one of {} "
                         "[{}]",
                         fmt::join(loss_names(), ", "), loss_names().front()))
        .check(one_of(loss_names()));
    verb.add("--tolerance", arguments->tolerance,
             "largest difference that is no mistake, relative to the largest number of a gradient [1e-6; 1e-4 if one "
             "is of less than 64 bits]")
        .check(positive());
    verb.add("--write-example", arguments->example,
             "writes weights, a batch and a backward pass in NumPy, Octave and C++ to begin with")
        .type("FOLDER");
    verb.add("--samples", arguments->samples, "number of training images, the first ones [4]").check(positive());
    verb.add("--seed", arguments->seed, "seed of the weights [1]").check(not_negative());
    verb.add("--plant", arguments->plant,
             "makes a mistake in the handwritten pass; 'list' shows those that the model can have")
        .type("MISTAKE");
    verb.add("--report", arguments->report, "writes a page with heat maps too").type("FILE.html");
    add_unchecked(verb, arguments->checksum);
    return {verb, [arguments] { return run(*arguments); }};
}

} // namespace xgrad::command
