#include <xgrad/base/random.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/inspect/check.hpp>
#include <xgrad/inspect/difference.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <ostream>

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

/** The sum Σ_i c_i·f_i(x), without recording. */
double contract(const Function& f, const Variables<double>& xs, const Variables<double>& cs)
{
    const PauseRecording pause;
    const Variables<double> ys = f(xs);
    double total = 0, lost = 0; // a compensated sum, as differences of totals are divided by a small step
    for (std::size_t i = 0; i < ys.size(); ++i)
        for (std::size_t k = 0; k < ys[i].size(); ++k) {
            const double term = cs[i].data()[k] * ys[i].data()[k] - lost;
            const double sum = total + term;
            lost = (sum - total) - term;
            total = sum;
        }
    return total;
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
        const std::size_t count = xs[input].size();
        std::vector<double> numeric(count);
        double largest = 0;
        for (std::size_t k = 0; k < count; ++k) {
            numeric[k] = detail::central_difference([&] { return contract(f, xs, cs); }, xs[input], k, options.step);
            largest = std::max({largest, std::abs(numeric[k]), std::abs(gradients[input].data()[k])});
        }
        GradientMismatch worst;
        double worst_error = -1;
        for (std::size_t k = 0; k < count; ++k) {
            const double analytic = gradients[input].data()[k];
            const double error = std::abs(analytic - numeric[k]);
            const bool agrees = std::isfinite(error) && error <= options.absolute + options.relative * largest;
            if (std::isfinite(error) && largest > 0)
                report.largest_error = std::max(report.largest_error, error / largest);
            if (!agrees && (worst_error < 0 || error > worst_error)) {
                worst_error = std::isfinite(error) ? error : HUGE_VAL;
                worst = {report.op, order, input, k, analytic, numeric[k]};
            }
        }
        report.compared += count;
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
