#include <xgrad/base/error.hpp>
#include <xgrad/base/installed.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/inspect/comparison/arrangement.hpp>
#include <xgrad/inspect/comparison/compare.hpp>
#include <xgrad/inspect/comparison/explanation.hpp>
#include <xgrad/inspect/comparison/trials.hpp>
#include <xgrad/inspect/difference.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <ostream>
#include <utility>

namespace xgrad
{

namespace
{

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/** A number as text; a NaN has no sign. */
std::string number(double x) { return std::isnan(x) ? "nan" : fmt::format("{:.8g}", x); }

double value_of(const std::function<Variable<double>()>& loss)
{
    const PauseRecording pause;
    return loss().item();
}

/** Fills in the finite difference for one element of a parameter, and whether it is at a kink. It is NaN if the loss
 *  throws at one of its two points. */
void set_finite_difference(TensorComparison& result, const std::function<Variable<double>()>& loss,
                           const Variable<double>& parameter, const CompareOptions& options)
{
    const auto f = [&] { return value_of(loss); };
    try {
        const detail::Slopes slopes = detail::one_sided_slopes(f, parameter, result.first, options.step);
        result.finite_difference = slopes.central;
        const double size = std::max(std::abs(slopes.above), std::abs(slopes.below));
        if (std::abs(slopes.above - slopes.below) <= 1e-3 * size + slopes.rounding)
            return;
        // of a smooth function the slopes come closer with the step
        const detail::Slopes closer = detail::one_sided_slopes(f, parameter, result.first, options.step / 4);
        result.at_kink = std::abs(closer.above - closer.below) >
                         0.6 * std::abs(slopes.above - slopes.below) + slopes.rounding + closer.rounding;
    } catch (...) {
        result.finite_difference = std::nan("");
    }
}

/** The cosine of the angle between two gradients, whose largest elements are given. */
double cosine_between(const Array<double>& a, double largest_a, const Array<double>& b, double largest_b)
{
    if (largest_a == 0 || largest_b == 0)
        return largest_a == largest_b ? 1 : 0;
    double dot = 0, a_square = 0, b_square = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double x = a.data()[i] / largest_a, y = b.data()[i] / largest_b; // the squares stay in range
        dot += x * y;
        a_square += x * x;
        b_square += y * y;
    }
    return dot / std::sqrt(a_square * b_square);
}

/** The flat index of the first element that is not finite; the size if all are finite. */
std::size_t first_not_finite(const Array<double>& values)
{
    const auto* const end = values.data() + values.size();
    return static_cast<std::size_t>(
        std::find_if(values.data(), end, [](double value) { return !std::isfinite(value); }) - values.data());
}

/** Fills in all of a comparison but the finite difference.
 *  @param size  the size of what is added up to the gradient, or 0 if it is not known */
void compare_values(TensorComparison& result, double tolerance, double size)
{
    const Array<double>&right = result.automatic, &wrong = result.by_hand;
    const double largest = detail::largest_of(right), rounding = detail::cancellation * size,
                 allowed = std::max({tolerance * largest, rounding, 1e-300});
    bool differs = false;
    result.largest_absolute = 0;
    for (std::size_t i = 0; i < right.size(); ++i) {
        const double difference = std::abs(right.data()[i] - wrong.data()[i]);
        result.largest_absolute = std::max(result.largest_absolute, difference);
        if (!differs && !(difference <= allowed)) { // NaN differs
            differs = true;
            result.first = i;
        }
    }
    if (!differs)
        result.first = static_cast<std::size_t>(
            std::max_element(right.begin(), right.end(), [](double a, double b) { return std::abs(a) < std::abs(b); }) -
            right.begin());
    const bool is_rounding = largest <= rounding;
    const double relative_to = is_rounding ? size : largest;
    result.largest_relative = relative_to > 0 ? result.largest_absolute / relative_to : result.largest_absolute;
    const double largest_wrong = detail::largest_of(wrong);
    result.cosine = is_rounding && size > 0 ? (largest_wrong <= rounding ? 1 : 0)
                                            : cosine_between(right, largest, wrong, largest_wrong);
    result.agrees = !differs;
}

TensorComparison compare_one(const std::string& name, const Array<double>& right,
                             const HandwrittenGradient& handwritten, const CompareOptions& options)
{
    TensorComparison result{.name = name, .shape = right.shape(), .automatic = right};
    if (std::strcmp(handwritten.scalar(), "double") != 0) {
        result.problem = fmt::format("it is {}, double is needed", handwritten.scalar());
        return result;
    }
    Array<double>& wrong = result.by_hand;
    const Clock::time_point start = Clock::now();
    result.problem = detail::thrown_by([&] {
        const PauseRecording independent_of_outer_tapes;
        wrong = handwritten();
    });
    if (!result.problem.empty())
        return result;
    result.seconds = seconds_since(start);
    for (const auto& [who, gradient] : {std::pair("autodiff gives", &right), std::pair("it is", &std::as_const(wrong))})
        if (const std::size_t place = first_not_finite(*gradient); place < gradient->size()) {
            result.problem = fmt::format("{} {} at {}", who, number(gradient->data()[place]),
                                         detail::index_text(place, gradient->shape()));
            return result;
        }
    if (wrong.shape() != right.shape()) {
        result.problem =
            fmt::format("it has shape {}, {} is needed", to_string(wrong.shape()), to_string(right.shape()));
        return result;
    }
    compare_values(result, options.tolerance, 0);
    return result;
}

/** The sizes of what is added up to the gradients, and their order; zeros if they cannot be found. */
std::vector<double> sizes_and_turns(const std::function<Variable<double>()>& loss, const Parameters<double>& parameters,
                                    std::vector<TensorComparison>& tensors)
{
    std::vector<double> sizes;
    const std::string problem = detail::thrown_by([&] {
        const detail::Trials trials(loss, parameters);
        sizes = trials.sizes();
        const std::vector<std::size_t> turns = trials.turns();
        for (std::size_t i = 0; i < tensors.size(); ++i)
            tensors[i].turn = turns[i];
    });
    return problem.empty() ? sizes : std::vector<double>(parameters.size());
}

} // namespace

bool Comparison::agrees() const
{
    return problem.empty() && !tensors.empty() &&
           std::all_of(tensors.begin(), tensors.end(), [](const TensorComparison& each) { return each.agrees; });
}

Comparison compare(const std::function<Variable<double>()>& loss, const Parameters<double>& parameters,
                   const std::vector<HandwrittenGradient>& handwritten, const CompareOptions& options)
{
    if (handwritten.size() != parameters.size())
        throw GraphError(
            fmt::format("[compare] {} handwritten gradients for {} parameters", handwritten.size(), parameters.size()));
    Comparison comparison;
    if (parameters.size() == 0) {
        comparison.problem = "there are no parameters";
        return comparison;
    }
    const double once = value_of(loss), again = value_of(loss);
    if (!std::isfinite(once)) {
        comparison.problem = "the loss is " + number(once);
        return comparison;
    }
    if (once != again) {
        comparison.problem = fmt::format("the loss is not deterministic: {:.17g} in one run, {:.17g} in the next; "
                                         "give the random numbers that it draws a fixed seed",
                                         once, again);
        return comparison;
    }
    const Clock::time_point start = Clock::now();
    Variables<double> gradients;
    {
        const PauseRecording independent_of_outer_tapes;
        Tape tape;
        gradients = tape.gradient(loss(), parameters, {.unused_is_zero = true});
    }
    comparison.seconds = seconds_since(start);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        comparison.tensors.push_back(compare_one(parameters.name(i), gradients[i].value(), handwritten[i], options));
        comparison.tensors.back().value = parameters[i].value();
    }
    std::vector<double> sizes(parameters.size());
    if (!comparison.agrees())
        sizes = sizes_and_turns(loss, parameters, comparison.tensors);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        TensorComparison& tensor = comparison.tensors[i];
        if (!tensor.problem.empty())
            continue;
        compare_values(tensor, options.tolerance, tensor.agrees ? 0 : sizes[i]);
        if (tensor.automatic.size() == 0)
            continue;
        tensor.autodiff = tensor.automatic.data()[tensor.first];
        tensor.handwritten = tensor.by_hand.data()[tensor.first];
        set_finite_difference(tensor, loss, parameters[i], options);
    }
    for (double& size : sizes)
        size *= detail::cancellation;
    if (!comparison.agrees())
        detail::explain(comparison.tensors, sizes, loss, parameters, options);
    return comparison;
}

std::string to_string(const Comparison& comparison)
{
    if (!comparison.problem.empty())
        return comparison.problem;
    std::string text;
    for (const TensorComparison& each : comparison.tensors) {
        text += fmt::format("{}{} {}: ", text.empty() ? "" : "\n", each.name, to_string(each.shape));
        if (each.problem.empty() && each.agrees)
            text += fmt::format("agrees, largest relative difference {:.1e}", each.largest_relative);
        else if (each.problem.empty())
            text += fmt::format("differs by {:.1e} (relative), cosine {:.4f}; first at {}: autodiff {:.8g}, by "
                                "hand {:.8g}, finite difference {}",
                                each.largest_relative, each.cosine, detail::index_text(each.first, each.shape),
                                each.autodiff, each.handwritten,
                                std::isnan(each.finite_difference) ? "–"
                                                                   : fmt::format("{:.8g}{}", each.finite_difference,
                                                                                 each.at_kink ? " (at a kink)" : ""));
        else
            text += each.problem;
        if (!each.explanation.empty())
            text += "\n  " + each.explanation;
        if (!each.page.empty())
            text += "\n  see " + detail::place_of_document(each.page);
    }
    return text;
}

std::ostream& operator<<(std::ostream& out, const Comparison& comparison) { return out << to_string(comparison); }

} // namespace xgrad
