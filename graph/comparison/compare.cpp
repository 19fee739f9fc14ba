#include <xgrad/graph/comparison/arrangement.hpp>
#include <xgrad/graph/comparison/compare.hpp>
#include <xgrad/graph/comparison/explanation.hpp>
#include <xgrad/graph/error.hpp>
#include <xgrad/graph/shape.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <exception>
#include <ostream>

namespace xgrad
{

namespace
{

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double value_of(const std::function<Variable<double>()>& loss)
{
    const PauseRecording pause;
    return loss().item();
}

/** (E(x + ε) − E(x − ε)) / 2ε for one element of a parameter (B22). */
double finite_difference(const std::function<Variable<double>()>& loss, Variable<double> parameter, std::size_t index,
                         double relative_step)
{
    double& x = parameter.mutable_value().data()[index];
    const double before = x, step = relative_step * std::max(1.0, std::abs(before));
    const volatile double above = before + step, below = before - step;
    x = above;
    const double upper = value_of(loss);
    x = below;
    const double lower = value_of(loss);
    x = before;
    return (upper - lower) / (above - below);
}

/** Everything but the finite difference. */
void compare_values(TensorComparison& result, const Array<double>& right, const Array<double>& wrong,
                    const CompareOptions& options)
{
    const double largest = detail::largest_of(right);
    double dot = 0, right_square = 0, wrong_square = 0;
    bool differs = false;
    for (std::size_t i = 0; i < right.size(); ++i) {
        const double a = right.data()[i], b = wrong.data()[i], difference = std::abs(a - b);
        dot += a * b;
        right_square += a * a;
        wrong_square += b * b;
        result.largest_absolute = std::max(result.largest_absolute, difference);
        if (!differs && difference > options.tolerance * std::max(largest, 1e-300)) {
            differs = true;
            result.first = i;
        }
    }
    if (!differs)
        result.first = static_cast<std::size_t>(
            std::max_element(right.begin(), right.end(), [](double a, double b) { return std::abs(a) < std::abs(b); }) -
            right.begin());
    result.largest_relative = largest > 0 ? result.largest_absolute / largest : result.largest_absolute;
    result.cosine = right_square * wrong_square > 0 ? dot / std::sqrt(right_square * wrong_square) : 1;
    result.agrees = !differs;
}

TensorComparison compare_one(const std::string& name, const std::function<Variable<double>()>& loss,
                             const Variable<double>& parameter, const Array<double>& right,
                             const HandwrittenGradient& handwritten, const CompareOptions& options)
{
    TensorComparison result{.name = name, .shape = parameter.shape(), .automatic = right};
    if (std::strcmp(handwritten.scalar(), "double") != 0) {
        result.problem = fmt::format("it is {}, double is needed", handwritten.scalar());
        return result;
    }
    Array<double>& wrong = result.by_hand;
    const Clock::time_point start = Clock::now();
    try {
        const PauseRecording independent_of_outer_tapes;
        wrong = handwritten();
    } catch (const std::exception& error) {
        result.problem = fmt::format("it threw: {}", error.what());
        return result;
    } catch (...) {
        result.problem = "it threw something that is no std::exception";
        return result;
    }
    result.seconds = seconds_since(start);
    const auto bad = std::find_if(wrong.begin(), wrong.end(), [](double value) { return !std::isfinite(value); });
    if (bad != wrong.end()) {
        result.problem = fmt::format("it is {} at flat index {}", *bad, bad - wrong.begin());
        return result;
    }
    if (wrong.shape() != right.shape()) {
        result.problem =
            fmt::format("it has shape {}, {} is needed", to_string(wrong.shape()), to_string(right.shape()));
        return result;
    }
    compare_values(result, right, wrong, options);
    if (right.size() > 0) {
        result.autodiff = right.data()[result.first];
        result.handwritten = wrong.data()[result.first];
        result.finite_difference = finite_difference(loss, parameter, result.first, options.step);
    }
    return result;
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
    const double once = value_of(loss), again = value_of(loss);
    if (!(once == again)) { // NaN too
        comparison.problem = fmt::format("the loss is not deterministic: {:.17g} in one run, {:.17g} in the next; a "
                                         "fixed seed for what it draws would make it so",
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
    for (std::size_t i = 0; i < parameters.size(); ++i)
        comparison.tensors.push_back(
            compare_one(parameters.name(i), loss, parameters[i], gradients[i].value(), handwritten[i], options));
    if (!comparison.agrees())
        detail::explain(comparison.tensors, loss, parameters, options);
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
            text += fmt::format("differs by {:.1e} (relative), cosine {:.4f}; first at flat index {}: autodiff "
                                "{:.8g}, by hand {:.8g}, finite difference {:.8g}",
                                each.largest_relative, each.cosine, each.first, each.autodiff, each.handwritten,
                                each.finite_difference);
        else
            text += each.problem;
        if (!each.explanation.empty())
            text += "\n  " + each.explanation;
        if (!each.page.empty())
            text += "\n  see " + each.page;
    }
    return text;
}

std::ostream& operator<<(std::ostream& out, const Comparison& comparison) { return out << to_string(comparison); }

} // namespace xgrad
