#include "command.hpp"
#include "handwritten.hpp"
#include "report.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/file.hpp>
#include <xgrad/base/installed.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/inspect/comparison/arrangement.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>

namespace xgrad::command
{

namespace
{

namespace fs = std::filesystem;

struct Arguments
{
    std::string model, data = "mnist-sample", plant, report;
    std::size_t samples = 4;
    std::uint64_t seed = 1;
    Choices given;
};

struct Prepared
{
    Array<double> images;
    Labels labels;
};

/** The images begin … end − 1, prepared for the network. */
Prepared prepared(const Images& all, std::size_t begin, std::size_t end, const Preparation& preparation)
{
    const Images part{detail::rows(all.pixels, begin, end), detail::rows(all.labels, begin, end), all.classes};
    const Batch batch = part.batches(end - begin, preparation)[0];
    return {Array<double>(xt::cast<double>(batch.images)), batch.labels};
}

Images training_images(const Arguments& arguments)
{
    Dataset data = load_data(arguments.data);
    const Shape& shape = data.train.pixels.shape();
    if (shape[1] != 1 || shape[2] != 28 || shape[3] != 28)
        throw DataError(fmt::format("[compare] the handwritten passes are for images of 28x28, {} has {}x{}", data.name,
                                    shape[2], shape[3]));
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

// Mistakes

std::vector<std::string> models_that_can_have(const std::string& mistake)
{
    std::vector<std::string> names;
    for (const HandwrittenModel& model : handwritten_models()) {
        const oracles::Mistakes all = make_handwritten(model.name, 1, {}).mistakes;
        if (std::any_of(all.begin(), all.end(), [&](const auto& each) { return each.name == mistake; }))
            names.push_back(model.name);
    }
    return names;
}

/** The mistake to plant. @throws UsageError if this network, or this number of samples, cannot have it */
oracles::Mistake find_mistake(const Arguments& arguments, const Handwritten& network)
{
    std::vector<std::string> names;
    for (const oracles::Mistake& mistake : network.mistakes) {
        names.push_back(mistake.name);
        if (mistake.name != arguments.plant)
            continue;
        const auto option = arguments.given.find(mistake.needs);
        if (!mistake.needs.empty() &&
            (option == arguments.given.end() || option->second == "no" || option->second == "none"))
            throw UsageError(fmt::format("[{}] the mistake '{}' needs the option --{}", arguments.model, mistake.name,
                                         mistake.needs));
        if (mistake.needs_batch && arguments.samples < 2)
            throw UsageError(fmt::format("[{}] the mistake '{}' shows only with --samples 2 or more", arguments.model,
                                         mistake.name));
        return mistake;
    }
    const std::vector<std::string> others = models_that_can_have(arguments.plant);
    if (!others.empty())
        throw UsageError(fmt::format("[{}] it cannot have the mistake '{}'; these can: {}", arguments.model,
                                     arguments.plant, fmt::join(others, ", ")));
    throw UsageError(fmt::format("there is no mistake '{}'; {} can have: {}", arguments.plant, arguments.model,
                                 fmt::join(names, ", ")));
}

int list_mistakes(const Handwritten& network)
{
    std::size_t name = 7, step = 5;
    for (const oracles::Mistake& mistake : network.mistakes) {
        name = std::max(name, mistake.name.size());
        step = std::max(step, mistake.step.size());
    }
    fmt::print("{:<{}}  {:<{}}  what is done there\n", "mistake", name, "where", step);
    for (const oracles::Mistake& mistake : network.mistakes)
        fmt::print("{:<{}}  {:<{}}  {}{}\n", mistake.name, name, mistake.step, step, mistake.what,
                   mistake.needs.empty() ? "" : "; needs --" + mistake.needs);
    return success;
}

// Rows

/** The row of a step. */
Row row_of(const oracles::Step& step, const TensorComparison& tensor, const Values& values,
           const Parameters<double>& parameters)
{
    const std::size_t dot = step.name.find('.');
    std::string layer = step.name.substr(0, dot);
    if (layer.size() == 2)
        layer[0] = static_cast<char>(layer[0] - 'a' + 'A');
    const bool is_parameter = oracles::is_parameter(step.name);
    return {layer, step.name.substr(dot + 1), step.formula, tensor,
            is_parameter ? parameters[step.name].value() : values.all().at(step.name).value()};
}

std::string time_text(double seconds)
{
    return seconds < 1e-3 ? fmt::format("{:.3g} µs", 1e6 * seconds)
           : seconds < 1  ? fmt::format("{:.3g} ms", 1e3 * seconds)
                          : fmt::format("{:.3g} s", seconds);
}

void print_line(const std::string& layer, const std::string& of, const std::string& shape, const std::string& formula,
                const std::string& absolute, const std::string& relative, const std::string& cosine,
                const std::string& at, const std::string& autodiff, const std::string& by_hand,
                const std::string& difference, const std::string& time)
{
    fmt::print("{:<8} {:<7} {:<13} {:<14} {:>8} {:>8} {:>8}  {:<11} {:>11} {:>11} {:>11} {:>9}\n", layer, of, shape,
               formula, absolute, relative, cosine, at, autodiff, by_hand, difference, time);
}

/** A text in lines of about 120 characters at most, all but the first indented. */
std::string wrapped(const std::string& text)
{
    std::string lines;
    std::size_t begin = 0;
    while (text.size() - begin > 120) {
        const std::size_t end = std::min(text.find(' ', begin + 110), text.size());
        lines += text.substr(begin, end - begin) + (end == text.size() ? "" : "\n           ");
        begin = std::min(end + 1, text.size());
    }
    return lines + text.substr(begin);
}

void print_rows(const std::vector<Row>& rows)
{
    print_line("  layer", "δ of", "shape", "formula", "absolute", "relative", "cosine", "at", "autodiff", "by hand",
               "finite diff", "time");
    const auto number = [](double value) { return fmt::format("{:.4e}", value); };
    std::string layer, explanation;
    for (const Row& row : rows) {
        const TensorComparison& tensor = row.tensor;
        const std::string shown = (tensor.agrees ? "  " : "x ") + (row.layer == layer ? "" : row.layer);
        layer = row.layer;
        if (tensor.problem.empty())
            print_line(shown, row.of, to_string(tensor.shape), row.formula,
                       fmt::format("{:.1e}", tensor.largest_absolute), fmt::format("{:.1e}", tensor.largest_relative),
                       fmt::format("{:.5f}", tensor.cosine), detail::index_text(tensor.first, tensor.shape),
                       number(tensor.autodiff), number(tensor.handwritten),
                       (tensor.at_kink ? "~" : "") + number(tensor.finite_difference), time_text(tensor.seconds));
        else
            fmt::print("{:<8} {:<7} {:<13} {:<14} {}\n", shown, row.of, to_string(tensor.shape), row.formula,
                       tensor.problem);
        if (tensor.agrees || tensor.explanation == explanation) // the mistake of the row above continues
            continue;
        explanation = tensor.explanation;
        fmt::print(
            "         ^ {}\n",
            wrapped(explanation + (tensor.page.empty() ? "" : "; see " + detail::place_of_document(tensor.page))));
    }
    if (std::any_of(rows.begin(), rows.end(), [](const Row& row) { return row.tensor.at_kink; }))
        fmt::print("\n~ at a kink, such as two equal maxima of a block, the finite difference is the mean of two "
                   "slopes (see {})\n",
                   detail::place_of_document("docs/kinks.md"));
}

/** The comparison of autodiff with the handwritten pass, with a probe for each value that has a step. */
Comparison held_against(const FoundByHand& found, const Handwritten& network, const Values& values, const Prepared& now,
                        const Prepared& before)
{
    Parameters<double> probes, all;
    std::vector<HandwrittenGradient> by_hand;
    for (const oracles::Step& step : network.steps) {
        const bool is_parameter = oracles::is_parameter(step.name);
        if (!is_parameter)
            probes.add(step.name, variable(Array<double>(values.all().at(step.name).shape(), 0.0)));
        all.add(step.name, (is_parameter ? network.parameters : probes)[step.name]);
        by_hand.emplace_back([&found, name = step.name] { return found.gradients.at(name); });
    }
    const auto loss_of = [&](const Prepared& batch) {
        Values probed(probes);
        return network.loss(probed, batch.images, batch.labels);
    };
    CompareOptions options{.samples = now.labels.size()};
    options.previous = [&] { return loss_of(before); };
    Comparison comparison = xgrad::compare([&] { return loss_of(now); }, all, by_hand, options);
    if (!comparison.problem.empty())
        throw Error(comparison.problem);
    return comparison;
}

Report report_of(const Arguments& arguments, const Handwritten& network)
{
    const Images images = training_images(arguments);
    const Prepared now = prepared(images, 0, arguments.samples, network.preparation);
    const Prepared before = prepared(images, images.size() - arguments.samples, images.size(), network.preparation);
    run_by_hand(network, before.images, before.labels); // as in training: stale gradients come from here
    const FoundByHand found = run_by_hand(network, now.images, now.labels);
    Values values;
    {
        const PauseRecording pause;
        network.loss(values, now.images, now.labels);
    }
    Comparison comparison = held_against(found, network, values, now, before);

    Report report;
    double by_hand = 0;
    std::size_t differing = 0;
    for (std::size_t i = 0; i < network.steps.size(); ++i) {
        const oracles::Step& step = network.steps[i];
        TensorComparison& tensor = comparison.tensors[i];
        tensor.seconds = found.seconds.at(step.name);
        by_hand += tensor.seconds;
        differing += tensor.agrees ? 0 : 1;
        report.rows.push_back(row_of(step, tensor, values, network.parameters));
    }
    report.title = "xgrad compare " + arguments.model;
    report.about = arguments.model;
    for (const auto& [option, value] : arguments.given)
        report.about += " --" + option + (value == "yes" ? "" : " " + value);
    report.about += fmt::format(": the first {} images of {}", arguments.samples, arguments.data);
    report.note = network.note;
    report.times = fmt::format("autodiff, forward and backward: {}; by hand, backward alone and in plain loops: {}",
                               time_text(comparison.seconds), time_text(by_hand));
    report.verdict = differing == 0 ? fmt::format("all {} rows agree", report.rows.size())
                                    : fmt::format("{} of {} rows differ", differing, report.rows.size());
    return report;
}

int run(const Arguments& arguments)
{
    Handwritten network;
    try {
        network = make_handwritten(arguments.model, arguments.seed, arguments.given);
    } catch (const Error& error) {
        throw UsageError(error.what());
    }
    if (arguments.plant == "list")
        return list_mistakes(network);
    std::string plant, unseen;
    if (!arguments.plant.empty()) {
        const oracles::Mistake mistake = find_mistake(arguments, network);
        network.steps = planted(std::move(network.steps), mistake);
        plant = fmt::format("planted: {} in {}: {}", mistake.name, mistake.step, mistake.what);
        unseen = ": " + mistake.unseen;
    }
    if (!arguments.report.empty())
        require_writable(arguments.report);

    Report report = report_of(arguments, network);
    report.planted = plant;
    if (report.agrees())
        report.verdict += unseen;
    fmt::print("{}\n{}{}\n", report.about, plant, plant.empty() ? "" : "\n");
    print_rows(report.rows);
    if (!report.note.empty())
        fmt::print("\n{}\n", report.note);
    fmt::print("\n{}\n{}\n", report.times, report.verdict);
    if (!arguments.report.empty()) {
        write_atomically(arguments.report, html_page(report));
        fmt::print("the page: {}\n", arguments.report);
    }
    return report.agrees() ? success : failure;
}

} // namespace

Verb compare(CLI::App& app)
{
    CLI::App* verb = app.add_subcommand("compare", "compares the gradients of a model with those derived by hand");
    verb->footer("Every gradient of a parameter, and every sensitivity, is a row; the exit code is 1 if one differs.\n"
                 "Examples:\n  xgrad compare lenet5\n"
                 "  xgrad compare bouvrie --plant missing-beta    plants a mistake and finds it\n"
                 "  xgrad compare mlp --report mlp.html");
    const auto arguments = std::make_shared<Arguments>();
    std::vector<std::string> names;
    std::vector<std::pair<std::string, std::vector<ModelOption>>> models;
    for (const HandwrittenModel& model : handwritten_models()) {
        names.push_back(model.name);
        models.emplace_back(model.name, model.options);
    }
    verb->add_option("MODEL", arguments->model, "the model")->required()->check(one_of(names));
    verb->add_option("--data", arguments->data,
                     "mnist, fashion-mnist, mnist-sample or a folder of IDX files [mnist-sample]");
    verb->add_option("--samples", arguments->samples, "number of training images, the first ones [4]")
        ->check(positive());
    verb->add_option("--seed", arguments->seed, "seed of the weights [1]")->check(not_negative());
    verb->add_option("--plant", arguments->plant,
                     "makes a mistake in the handwritten pass; 'list' shows those that the model can have")
        ->type_name("MISTAKE");
    verb->add_option("--report", arguments->report, "writes a page with heat maps too")->type_name("FILE.html");
    add_model_options(*verb, models, arguments->given);
    return {verb, [arguments] { return run(*arguments); }};
}

} // namespace xgrad::command
