#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/optim/lbfgs.hpp>
#include <xgrad/optim/line_search.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

namespace xgrad::optim
{

namespace
{

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

/** a ← a + factor·b */
void add(Vector& a, double factor, const Vector& b)
{
    for (std::size_t i = 0; i < a.size(); ++i)
        a[i] += factor * b[i];
}

double largest_of(const Vector& a)
{
    return std::accumulate(a.begin(), a.end(), 0.0, [](double m, double x) { return std::max(m, std::abs(x)); });
}

double sum_of_sizes(const Vector& a)
{
    return std::accumulate(a.begin(), a.end(), 0.0, [](double m, double x) { return m + std::abs(x); });
}

/** A number for a message; a NaN has no sign there. */
std::string text_of(double x) { return std::isnan(x) ? "NaN" : fmt::to_string(x); }

/** A point with the loss and its gradient there. */
struct Point
{
    Vector x, g;
    double value = 0;

    bool is_finite() const { return std::isfinite(value) && std::isfinite(sum_of_sizes(g)); }
};

/** The last pairs s, y, which stand for the inverse of the Hessian. */
class History
{
  public:
    explicit History(std::size_t most) : most_(most) {}

    bool is_empty() const { return pairs_.empty(); }
    void clear() { pairs_.clear(); }

    /** Notes a step. One along which the slope has not grown is left out, as H would not be positive definite. */
    void note(const Point& from, const Point& to)
    {
        Pair pair{to.x, to.g, 0};
        add(pair.s, -1, from.x);
        add(pair.y, -1, from.g);
        const double sy = dot(pair.s, pair.y);
        if (!(sy > std::numeric_limits<double>::epsilon() * dot(pair.y, pair.y)))
            return;
        pair.rho = 1 / sy;
        pairs_.push_back(std::move(pair));
        if (pairs_.size() > most_)
            pairs_.pop_front();
    }

    /** The direction −H·g (algorithm 7.4). */
    Vector direction(const Vector& g) const
    {
        Vector q = g;
        std::vector<double> alpha(pairs_.size());
        for (std::size_t i = pairs_.size(); i-- > 0;) {
            alpha[i] = pairs_[i].rho * dot(pairs_[i].s, q);
            add(q, -alpha[i], pairs_[i].y);
        }
        if (!pairs_.empty()) {
            const Pair& last = pairs_.back();
            const double gamma = 1 / (last.rho * dot(last.y, last.y));
            for (double& element : q)
                element *= gamma;
        }
        for (std::size_t i = 0; i < pairs_.size(); ++i)
            add(q, alpha[i] - pairs_[i].rho * dot(pairs_[i].y, q), pairs_[i].s);
        for (double& element : q)
            element = -element;
        return q;
    }

  private:
    struct Pair
    {
        Vector s, y;
        double rho; // 1/sᵀy
    };

    std::size_t most_;
    std::deque<Pair> pairs_;
};

/** The loss as a function of one vector, which holds all parameters. */
template <class T>
class Objective
{
  public:
    Objective(const Parameters<T>& parameters, const typename LBFGS<T>::Loss& loss)
        : parameters_(parameters), loss_(loss)
    {}

    std::size_t evaluations() const { return evaluations_; }

    Vector position() const
    {
        Vector x;
        for (const Variable<T>& parameter : parameters_)
            x.insert(x.end(), parameter.data(), parameter.data() + parameter.size());
        return x;
    }

    void move_to(const Vector& x)
    {
        const double* from = x.data();
        for (Variable<T> parameter : parameters_) {
            std::transform(from, from + parameter.size(), parameter.mutable_data(),
                           [](double number) { return static_cast<T>(number); });
            from += parameter.size();
        }
    }

    /** The point where the parameters are. */
    Point here()
    {
        ++evaluations_;
        const ValueAndGradient<T> found = loss_();
        if (found.gradients.size() != parameters_.size())
            throw ShapeError(fmt::format("[lbfgs] the loss returned {} gradients for {} parameters",
                                         found.gradients.size(), parameters_.size()));
        Point point{position(), {}, static_cast<double>(found.value)};
        for (std::size_t i = 0; i < parameters_.size(); ++i) {
            const Variable<T>& g = found.gradients[i];
            if (g.shape() != parameters_[i].shape())
                throw ShapeError(fmt::format("[lbfgs] the gradient of '{}' has shape {}, the parameter has {}",
                                             parameters_.name(i), to_string(g.shape()),
                                             to_string(parameters_[i].shape())));
            point.g.insert(point.g.end(), g.data(), g.data() + g.size());
        }
        return point;
    }

    Point at(const Vector& x)
    {
        move_to(x);
        return here();
    }

  private:
    const Parameters<T>& parameters_;
    const typename LBFGS<T>::Loss& loss_;
    std::size_t evaluations_ = 0;
};

/** Moves the parameters back to the last accepted point, whatever ends the minimisation. */
template <class T>
struct Return
{
    Objective<T>& objective;
    const Point& point;
    ~Return() { objective.move_to(point.x); }
};

/** Goes from a point along a direction. @return  true if a lower point, or one with a smaller slope, was found */
template <class T>
bool advance(Objective<T>& objective, Point& point, const Vector& direction, LineSearchOptions options)
{
    options.rounding = 10 * static_cast<double>(std::numeric_limits<T>::epsilon()) * std::abs(point.value);
    constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
    Point trial;
    const auto at = [&](double step) {
        Vector x = point.x;
        add(x, step, direction);
        trial = objective.at(x);
        return LinePoint{step, trial.value, trial.is_finite() ? dot(trial.g, direction) : not_a_number};
    };
    const LinePoint start{0, point.value, dot(point.g, direction)};
    const LineSearchResult result = strong_wolfe(at, start, options);
    if (!result.found) {
        if (!(result.point.value < point.value))
            return false;
        at(result.point.step); // the lowest point is not always the last one
    }
    point = std::move(trial);
    return true;
}

} // namespace

template <class T>
LBFGS<T>::LBFGS(const Parameters<T>& parameters, const Options& options) : parameters_(parameters), options_(options)
{
    if (options.history == 0 || options.max_evaluations == 0)
        throw Error(fmt::format("[lbfgs] a history of {} pairs and {} evaluations in a line search: both must be 1 or "
                                "more",
                                options.history, options.max_evaluations));
    if (!(options.tolerance > 0))
        throw Error(fmt::format("[lbfgs] the tolerance is {}: it must be greater than 0", options.tolerance));
}

template <class T>
Minimum LBFGS<T>::minimize(const Loss& loss)
{
    Objective<T> objective(parameters_, loss);
    Point point = objective.here();
    if (!point.is_finite())
        throw NumericalError(fmt::format("[lbfgs] the loss is {} at the start, and the sum of its gradient's sizes {}: "
                                         "both must be finite",
                                         text_of(point.value), text_of(sum_of_sizes(point.g))));
    const Return<T> whatever_ends{objective, point};
    History history(options_.history);
    Minimum minimum;
    const auto ended = [&](Convergence convergence) {
        minimum.convergence = convergence;
        minimum.evaluations = objective.evaluations();
        minimum.value = point.value;
        minimum.gradient = largest_of(point.g);
        return minimum;
    };
    while (largest_of(point.g) > options_.tolerance) {
        if (minimum.iterations == options_.max_iterations)
            return ended(Convergence::iterations_used_up);
        Vector direction = history.direction(point.g);
        if (!(dot(direction, point.g) < 0)) { // by rounding
            history.clear();
            direction = history.direction(point.g);
        }
        const Point before = point;
        // A gradient has no scale, so the first step changes the parameters by 1 at most.
        const double first = history.is_empty() ? std::min(1.0, 1 / sum_of_sizes(point.g)) : 1.0;
        if (advance(objective, point, direction, {.first = first, .largest_evaluations = options_.max_evaluations})) {
            history.note(before, point);
            ++minimum.iterations;
        } else if (history.is_empty()) {
            return ended(Convergence::line_search_failed);
        } else {
            history.clear();
        }
    }
    return ended(Convergence::converged);
}

std::string to_string(const Minimum& minimum)
{
    const char* const what = minimum.convergence == Convergence::converged            ? "converged"
                             : minimum.convergence == Convergence::iterations_used_up ? "not converged"
                                                                                      : "no lower point found";
    return fmt::format("{} after {} iterations and {} evaluations: loss {}, gradient {:.2g}", what, minimum.iterations,
                       minimum.evaluations, minimum.value, minimum.gradient);
}

#define XGRAD_INSTANTIATE(T) template class LBFGS<T>;
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad::optim
