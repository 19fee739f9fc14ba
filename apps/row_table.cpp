#include "row_table.hpp"

#include <xgrad/base/installed.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/inspect/comparison/arrangement.hpp>
#include <xgrad/inspect/comparison/page.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace xgrad::command
{

namespace
{

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

} // namespace

void print_rows(const Report& report)
{
    const std::vector<TensorComparison>& tensors = report.comparison.tensors;
    print_line("  layer", "δ of", "shape", "formula", "absolute", "relative", "cosine", "at", "autodiff", "by hand",
               "finite diff", "time");
    const auto number = [](double value) { return fmt::format("{:.4e}", value); };
    std::string layer, explanation;
    for (std::size_t i = 0; i < report.rows.size(); ++i) {
        const Row& row = report.rows[i];
        const TensorComparison& tensor = tensors[i];
        const std::string shown = (tensor.agrees ? "  " : "x ") + (row.layer == layer ? "" : row.layer);
        layer = row.layer;
        if (tensor.problem.empty())
            print_line(shown, row.of, to_string(tensor.shape), row.formula,
                       fmt::format("{:.1e}", tensor.largest_absolute), fmt::format("{:.1e}", tensor.largest_relative),
                       fmt::format("{:.5f}", tensor.cosine), detail::index_text(tensor.first, tensor.shape),
                       number(tensor.autodiff), number(tensor.handwritten),
                       (tensor.at_kink ? "~" : "") + number(tensor.finite_difference),
                       tensor.seconds > 0 ? detail::time_text(tensor.seconds) : "");
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
    if (std::any_of(tensors.begin(), tensors.end(), [](const TensorComparison& each) { return each.at_kink; }))
        fmt::print("\n~ at a kink, such as two equal maxima of a block, the finite difference is the mean of two "
                   "slopes (see {})\n",
                   detail::place_of_document("docs/kinks.md"));
}

} // namespace xgrad::command
