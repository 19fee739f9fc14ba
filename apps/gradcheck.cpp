#include "command.hpp"
#include "given_network.hpp"
#include "gradcheck/cases.hpp"
#include "text.hpp"
#include <xgrad/base/escape.hpp>
#include <xgrad/base/nearest.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/formats/onnx/load_onnx.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <variant>

namespace xgrad::command
{

namespace
{

using test::GradientCase;

struct Arguments
{
    std::string op;
    ModelArguments model;
    std::size_t elements = 20;
    std::uint64_t seed = 1;
    Checksum checksum = Checksum::checked;

    bool is_network() const { return !model.model.empty() || !model.file.empty(); }
    /** Takes an argument for what it is: a file, a model, or else an op. */
    void take(const std::string& word)
    {
        const auto& all = architectures();
        const bool is_model =
            std::any_of(all.begin(), all.end(), [&](const Architecture& each) { return each.name == word; });
        (is_model ? model.model : std::filesystem::is_regular_file(word) ? model.file : op) = word;
    }
};

bool takes_reals(const onnx::Graph& graph, const std::string& input)
{
    const auto found = std::find_if(graph.inputs.begin(), graph.inputs.end(),
                                    [&](const onnx::Value& each) { return each.name == input; });
    return !found->type || *found->type == ElementType::float32 || *found->type == ElementType::float64;
}

/** Random numbers for an input: two samples, and 28 where another extent is free. */
Array<double> random_input(const onnx::Value& input, Random& random)
{
    constexpr std::size_t samples = 2, usual = 28;
    Shape shape;
    for (const onnx::Dimension& dimension : input.shape.value_or(std::vector<onnx::Dimension>())) {
        const auto* const extent = std::get_if<std::int64_t>(&dimension);
        shape.push_back(extent != nullptr ? static_cast<std::size_t>(*extent) : shape.empty() ? samples : usual);
    }
    Array<double> values = empty_array<double>(shape);
    for (double& value : values)
        value = random.uniform(-1, 1);
    return values;
}

/** The names of the ops, each once, in the order of the cases. */
std::vector<std::string> op_names(const std::vector<GradientCase>& cases)
{
    std::vector<std::string> names;
    for (const GradientCase& each : cases)
        if (std::find(names.begin(), names.end(), each.op) == names.end())
            names.push_back(each.op);
    return names;
}

/** The error of a case; empty if there is none. */
std::string check(const GradientCase& each, std::size_t& compared, double& largest_error)
{
    const std::string name = each.variant.empty() ? each.op : fmt::format("{} ({})", each.op, each.variant);
    try {
        const GradientReport report = check_gradient(name, each.function, each.inputs);
        compared += report.compared;
        largest_error = std::max(largest_error, report.largest_error);
        return report.passed() ? "" : to_string(report);
    } catch (const std::exception& error) {
        return fmt::format("{}: {}", name, error.what());
    }
}

int run_network(const Arguments& arguments)
{
    const onnx::Model graph = onnx_of(arguments.model, arguments.seed);
    const OnnxNetwork<double> network(graph);
    Random random(arguments.seed);
    std::vector<std::string> names;
    std::vector<Array<double>> point;
    for (const onnx::Value& input : graph.graph.inputs)
        if (graph.graph.find(input.name) == nullptr) {
            names.push_back(input.name);
            point.push_back(random_input(input, random));
        }
    const std::size_t inputs = names.size();
    for (std::size_t i = 0; i < network.parameters.size(); ++i) {
        names.push_back(network.parameters.name(i));
        point.push_back(network.parameters[i].value());
    }
    std::size_t width = 5;
    for (const std::string& name : names)
        width = std::max(width, name.size());
    fmt::print("{}: {} weights of {} numbers; at most {} numbers of each array are compared, drawn by the seed {}\n\n",
               arguments.model.shown(), network.parameters.size(), grouped(network.parameters.element_count()),
               arguments.elements, arguments.seed);
    fmt::print("{:<{}}  derivatives  largest relative error\n", "array", width);
    bool passed = true;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i < inputs && !takes_reals(graph.graph, names[i]))
            continue;
        const auto function = [&](const Variables<double>& x) {
            std::map<std::string, Variable<double>> given;
            for (std::size_t k = 0; k < inputs; ++k)
                given[names[k]] = k == i ? x[0] : constant(Array<double>(point[k]));
            given[names[i]] = x[0];
            return network(given).at(network.outputs().at(0));
        };
        const GradientReport report = check_gradient(names[i], function, {point[i]},
                                                     {.order = 1, .seed = arguments.seed, .most = arguments.elements});
        passed = passed && (report.passed() || report.compared == 0);
        fmt::print("{:<{}}  {:>11}  {:>22.1e}{}\n", printable(names[i]), width, report.compared, report.largest_error,
                   report.mismatches.empty() ? "" : "  FAILED\n" + to_string(report));
        std::fflush(stdout);
    }
    fmt::print("\n{}\n", passed ? "all gradients agree with central differences" : "some gradients differ");
    return passed ? success : failure;
}

int run(Arguments& arguments)
{
    if (arguments.is_network()) {
        arguments.model.read_file(arguments.checksum);
        arguments.model.require_one("one network is checked");
        return run_network(arguments);
    }
    const std::string& wanted = arguments.op;
    const std::vector<GradientCase> cases = test::gradient_cases();
    std::vector<std::string> ops = op_names(cases);
    if (!wanted.empty()) {
        if (std::find(ops.begin(), ops.end(), wanted) == ops.end())
            throw UsageError(detail::no_such("op", wanted, ops) + "\nOr give a model, a checkpoint or an ONNX file.");
        ops = {wanted};
    }
    std::size_t width = 2;
    for (const std::string& op : ops)
        width = std::max(width, op.size());

    fmt::print("{:<{}}  cases  derivatives  largest relative error\n", "op", width);
    std::vector<std::string> failures;
    for (const std::string& op : ops) {
        const std::size_t failures_before = failures.size();
        std::size_t count = 0, compared = 0;
        double largest_error = 0;
        for (const GradientCase& each : cases) {
            if (each.op != op)
                continue;
            ++count;
            const std::string failure = check(each, compared, largest_error);
            if (!failure.empty())
                failures.push_back(failure);
        }
        fmt::print("{:<{}}  {:>5}  {:>11}  {:>22.1e}{}\n", op, width, count, grouped(compared), largest_error,
                   failures.size() > failures_before ? "  FAILED" : "");
        std::fflush(stdout);
    }
    for (const std::string& failure : failures)
        fmt::print("\n{}\n", failure);
    fmt::print("\n{}\n", failures.empty()
                             ? "all gradients agree with central differences, those of first and of second order"
                             : fmt::format("{} cases failed", failures.size()));
    return failures.empty() ? success : failure;
}

} // namespace

Verb gradcheck(const Options& app)
{
    const Options verb = app.add_verb(
        "gradcheck", "compares the gradients of the ops, or of a network, with central differences",
        "Each op runs over a sweep of shapes and options, in double; the gradients of the gradients are checked too.\n"
        "Of a network all weights and the input are checked, in double, for two random samples.\n"
        "Examples:\n  xgrad gradcheck matmul\n  xgrad gradcheck lenet5\n  xgrad gradcheck anybodys.onnx");
    const auto arguments = std::make_shared<Arguments>();
    verb.add(
        "OP", [arguments](const std::string& word) { arguments->take(word); },
        "one op, a model, a checkpoint, or a network in ONNX [all ops]");
    verb.add("--elements", arguments->elements, "numbers of each array of a network that are compared [20]")
        .check(positive());
    verb.add("--seed", arguments->seed, "seed of these, and of weights and samples [1]").check(not_negative());
    add_unchecked(verb, arguments->checksum);
    return {verb, [arguments] { return run(*arguments); }};
}

} // namespace xgrad::command
