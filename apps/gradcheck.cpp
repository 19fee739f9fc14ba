#include "command.hpp"
#include "gradcheck/cases.hpp"
#include "text.hpp"
#include <xgrad/base/nearest.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>

namespace xgrad::command
{

namespace
{

using test::GradientCase;

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

int run(const std::string& wanted)
{
    const std::vector<GradientCase> cases = test::gradient_cases();
    std::vector<std::string> ops = op_names(cases);
    if (!wanted.empty()) {
        if (std::find(ops.begin(), ops.end(), wanted) == ops.end())
            throw UsageError(detail::no_such("op", wanted, ops));
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
        "gradcheck", "compares the gradients of the ops with central differences",
        "Each op runs over a sweep of shapes and options, in double; the gradients of the gradients are checked too.\n"
        "Example:\n  xgrad gradcheck matmul");
    const auto op = std::make_shared<std::string>();
    verb.add("OP", *op, "one op [all]");
    return {verb, [op] { return run(*op); }};
}

} // namespace xgrad::command
