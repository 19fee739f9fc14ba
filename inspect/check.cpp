#include <xgrad/base/random.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/inspect/check.hpp>
#include <xgrad/inspect/difference.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <ostream>
#include <utility>

namespace xgrad
{

namespace
{

using Function = std::function<Variables<double>(const Variables<double>&)>;

/** An array of random numbers away from 0, all different. */
Array<double> random_upstream(Random& random, const Shape& shape)
{
    Array<double> values = empty_array<double>(shape);
    for (double& value : values)
        value = (random.uniform() < 0.5 ? -1 : 1) * random.uniform(0.5, 1.5);
    return values;
}

Variables<double> leaves(const std::vector<Array<double>>& values)
{
    Variables<double> xs;
    for (const Array<double>& value : values)
        xs.push_back(variable(Array<double>(value)));
    return xs;
}

/** A finite difference of Σ c·f, and how far it can be trusted. */
struct Difference
{
    double value = HUGE_VAL;
    double rounding = HUGE_VAL; ///< the error to expect of the terms' rounding
};

/** The values of f's results, without recording. */
std::vector<Array<double>> values_of(const Function& f, const Variables<double>& xs)
{
    const PauseRecording pause;
    std::vector<Array<double>> values;
    for (const Variable<double>& y : f(xs))
        values.emplace_back(y.value());
    return values;
}

/** The central difference of Σ c·f in an element over a length. Results that do not depend on the element cancel
 *  exactly, however large they are. */
Difference difference(const Function& f, Variables<double>& xs, const Variables<double>& cs, std::size_t input,
                      std::size_t index, double length)
{
    std::vector<Array<double>> above, below;
    const double distance = detail::on_both_sides(
        xs[input], index, length, [&] { above = values_of(f, xs); }, [&] { below = values_of(f, xs); });
    double total = 0, lost = 0; // a compensated sum
    double size = 0, size_of_all = 0;
    for (std::size_t i = 0; i < above.size(); ++i)
        for (std::size_t k = 0; k < above[i].size(); ++k) {
            const double upper = above[i].data()[k], lower = below[i].data()[k], c = cs[i].data()[k];
            const double largest = std::abs(c) * std::max(std::abs(upper), std::abs(lower));
            size_of_all += largest;
            if (upper == lower)
                continue;
            size += largest;
            const double term = c * (upper - lower) - lost, sum = total + term;
            lost = (sum - total) - term;
            total = sum;
        }
    if (total == 0) // the change may be less than a rounding
        size = size_of_all;
    constexpr double roundings = 8; // of a result, as a multiple of its last bit
    return {total / distance, roundings * std::numeric_limits<double>::epsilon() * size / distance};
}

/** An element's finite difference and the difference from it that is allowed. */
struct Expected
{
    double value, tolerance;

    bool agrees(double analytic) const
    {
        const double error = std::abs(analytic - value);
        return std::isfinite(error) && error <= tolerance;
    }
};

/** The finite difference with which an element of the gradient is compared. A first one that agrees is enough. If it
 *  does not, further steps are tried, which fit numbers far from 1 and functions that bend fast or slowly: the one that
 *  changes least when it is halved decides. */
Expected expected(const Function& f, Variables<double>& xs, const Variables<double>& cs, std::size_t input,
                  std::size_t index, double analytic, const CheckOptions& options)
{
    const auto over = [&](double length) { return difference(f, xs, cs, input, index, length); };
    const auto allowed = [&](const Difference& d) {
        return options.absolute + options.relative * std::max(std::abs(d.value), std::abs(analytic));
    };
    const double x = std::abs(xs[input].data()[index]), usual = options.step * std::max(1.0, x);
    const Difference first = over(usual);
    if (const Expected simple{first.value, allowed(first)}; simple.agrees(analytic))
        return simple;
    Difference best = first;
    double error = HUGE_VAL;
    for (const double length : {usual, options.step * x, 100 * options.step * x, 100 * usual, 1e4 * usual}) {
        if (!(length > 0))
            continue;
        const Difference whole = over(length), half = over(length / 2);
        const double change = std::abs(whole.value - half.value) + half.rounding;
        if (change < error) {
            error = change;
            best = half;
        }
    }
    // A difference that is itself uncertain by more than this tells nothing, so it excuses nothing.
    constexpr double most = 0.01;
    const double size = std::max(std::abs(best.value), std::abs(analytic));
    return {best.value, allowed(best) + std::max(best.rounding, std::min(error, most * size))};
}

/** The elements of an input that are compared. */
std::vector<std::size_t> chosen(std::size_t size, const CheckOptions& options)
{
    std::vector<std::size_t> all(size);
    std::iota(all.begin(), all.end(), std::size_t{0});
    if (options.most == 0 || size <= options.most)
        return all;
    Random random(options.seed);
    for (std::size_t i = 0; i < options.most; ++i) // the first steps of a shuffle
        std::swap(all[i], all[i + random.below(size - i)]);
    all.resize(options.most);
    return all;
}

/** Compares the gradients of Σ c·f with differences and adds what disagrees to the report. */
void compare(GradientReport& report, int order, const Function& f, const std::vector<Array<double>>& point,
             const Variables<double>& cs, const CheckOptions& options)
{
    Variables<double> xs = leaves(point), gradients;
    {
        const PauseRecording independent_of_outer_tapes;
        Tape tape;
        gradients = tape.vector_jacobian_product(f(xs), cs, xs, {.unused_is_zero = true});
    }
    for (std::size_t input = 0; input < xs.size(); ++input) {
        const Array<double>& analytic = gradients[input].value();
        GradientMismatch worst;
        double worst_error = -1, largest = 0, largest_error = 0;
        const std::vector<std::size_t> elements = chosen(analytic.size(), options);
        for (const std::size_t k : elements) {
            const double value = analytic.data()[k];
            const Expected numeric = expected(f, xs, cs, input, k, value, options);
            const double error = std::abs(value - numeric.value);
            largest = std::max({largest, std::abs(numeric.value), std::abs(value)});
            if (std::isfinite(error))
                largest_error = std::max(largest_error, error);
            if (!numeric.agrees(value) && (worst_error < 0 || error > worst_error)) {
                worst_error = std::isfinite(error) ? error : HUGE_VAL;
                worst = {report.op, order, input, k, value, numeric.value};
            }
        }
        if (std::isfinite(largest) && largest > 0)
            report.largest_error = std::max(report.largest_error, largest_error / largest);
        report.compared += elements.size();
        if (worst_error >= 0)
            report.mismatches.push_back(worst);
    }
}

/** The gradients of Σ c·f with respect to x…, as a function of x…, c… */
Function gradient_of(const Function& f, std::size_t results)
{
    return [=](const Variables<double>& inputs) {
        const auto cs = inputs.end() - static_cast<std::ptrdiff_t>(results);
        const Variables<double> x(inputs.begin(), cs), c(cs, inputs.end());
        Tape tape; // part of the tape of `compare`, when that one records
        return tape.vector_jacobian_product(f(x), c, x, {.record = true, .unused_is_zero = true});
    };
}

/** The name of a derivative of this order: "gradient of the gradient". */
std::string words_for(int order)
{
    std::string words = "gradient";
    for (int further = 1; further < order; ++further)
        words += " of the gradient";
    return words;
}

} // namespace

GradientReport check_gradient(const std::string& op, const CheckedFunction& f, const std::vector<Array<double>>& xs,
                              const CheckOptions& options)
{
    GradientReport report;
    report.op = op;
    Random random(options.seed);
    Function function = [&](const Variables<double>& x) { return Variables<double>{f(x)}; };
    std::vector<Array<double>> point = xs;
    for (int order = 1;; ++order) {
        Variables<double> upstreams;
        {
            const PauseRecording pause;
            for (const Variable<double>& y : function(leaves(point)))
                upstreams.push_back(constant(random_upstream(random, y.shape())));
        }
        compare(report, order, function, point, upstreams, options);
        if (order >= options.order)
            return report;
        function = gradient_of(function, upstreams.size());
        for (const Variable<double>& upstream : upstreams)
            point.push_back(upstream.value());
    }
}

std::string to_string(const GradientReport& report)
{
    if (report.passed())
        return fmt::format("{}: {} derivatives agree, largest relative error {:.1e}", report.op, report.compared,
                           report.largest_error);
    std::string text = report.compared == 0 ? fmt::format("{}: nothing was compared", report.op) : std::string();
    for (const GradientMismatch& m : report.mismatches)
        text +=
            fmt::format("{}{}: the {} for input {} is wrong at flat index {}: analytic {:.10g}, numeric {:.10g}",
                        text.empty() ? "" : "\n", m.op, words_for(m.order), m.input, m.index, m.analytic, m.numeric);
    return text;
}

std::ostream& operator<<(std::ostream& out, const GradientReport& report) { return out << to_string(report); }

} // namespace xgrad
