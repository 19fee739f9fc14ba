#include "run.hpp"

#include "difference.hpp"
#include <xgrad/base/error.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <sstream>

namespace agree
{

namespace
{

using Arrays = std::vector<Array<double>>;

/** The work of one library: results, gradients, second derivatives, and the message if it throws. */
struct Computed
{
    Arrays values, gradients, second;
    bool has_second = false;
    std::string refusal;
};

/** The weights of the sums that are differentiated. They are drawn once and used by both libraries. */
class Weights
{
  public:
    explicit Weights(Draw& draw) : draw_(draw) {}
    const Array<double>& operator()(std::size_t i, const Shape& shape)
    {
        while (drawn_.size() <= i)
            drawn_.push_back(draw_.normal(shape));
        return drawn_[i];
    }

  private:
    Draw& draw_;
    Arrays drawn_;
};

void compute_ours(const Configuration& c, Weights& upstream, Weights& weights, Computed& result)
{
    Variables xs;
    for (const Array<double>& x : c.inputs)
        xs.push_back(xgrad::variable(x));
    xgrad::Tape tape;
    Variables ys, vs;
    for (const Variable& y : c.ours(xs)) {
        result.values.push_back(y.value());
        if (y.requires_gradient()) {
            ys.push_back(y);
            vs.push_back(xgrad::constant<double>(upstream(result.values.size() - 1, y.shape())));
        } else {
            upstream(result.values.size() - 1, y.shape());
        }
    }
    if (!c.differentiable)
        return;
    const auto keep = [&](const Variables& gradients, Arrays& list) {
        for (std::size_t i = 0; i < xs.size(); ++i)
            list.push_back(gradients.empty() ? Array<double>(xs[i].shape(), 0) : Array<double>(gradients[i].value()));
    };
    const xgrad::GradientOptions options{.record = c.second_order, .unused_is_zero = true};
    const Variables gradients = ys.empty() ? Variables() : tape.vector_jacobian_product(ys, vs, xs, options);
    keep(gradients, result.gradients);
    if (!c.second_order)
        return;
    Variables recorded, us;
    for (std::size_t i = 0; i < gradients.size(); ++i)
        if (const Array<double>& u = weights(i, xs[i].shape()); gradients[i].requires_gradient()) {
            recorded.push_back(gradients[i]);
            us.push_back(xgrad::constant<double>(u));
        }
    keep(recorded.empty() ? Variables() : tape.vector_jacobian_product(recorded, us, xs, {.unused_is_zero = true}),
         result.second);
    result.has_second = true;
}

/** The gradients of Σ weights·results with respect to the inputs; undefined ones are zeros. */
Tensors gradients_of(const Tensors& ys, const Tensors& weights, const Tensors& xs, bool record)
{
    Tensors results, vs;
    for (std::size_t i = 0; i < ys.size(); ++i)
        if (ys[i].requires_grad()) {
            results.push_back(ys[i]);
            vs.push_back(weights[i]);
        }
    Tensors gradients(xs.size());
    if (!results.empty())
        gradients = torch::autograd::grad(results, xs, vs, true, record, true);
    for (std::size_t i = 0; i < xs.size(); ++i)
        if (!gradients[i].defined())
            gradients[i] = torch::zeros_like(xs[i]);
    return gradients;
}

void compute_theirs(const Configuration& c, Weights& upstream, Weights& weights, Computed& result)
{
    Tensors xs, vs, us;
    for (const Array<double>& x : c.inputs)
        xs.push_back(tensor(x).requires_grad_(c.differentiable));
    const Tensors ys = c.theirs(xs);
    for (std::size_t i = 0; i < ys.size(); ++i) {
        result.values.push_back(array(ys[i]));
        vs.push_back(tensor(upstream(i, result.values.back().shape())));
    }
    if (!c.differentiable)
        return;
    for (const Tensor& gradient : gradients_of(ys, vs, xs, false))
        result.gradients.push_back(array(gradient));
    if (!c.second_order)
        return;
    for (std::size_t i = 0; i < xs.size(); ++i)
        us.push_back(tensor(weights(i, c.inputs[i].shape())));
    try {
        for (const Tensor& second : gradients_of(gradients_of(ys, vs, xs, true), us, xs, false))
            result.second.push_back(array(second));
        result.has_second = true;
    } catch (const std::exception&) { // libtorch does not have it
        result.second.clear();
    }
}

template <class Compute>
Computed attempt(Compute compute, const Configuration& c, Weights& upstream, Weights& weights)
{
    Computed result;
    try {
        compute(c, upstream, weights, result);
    } catch (const xgrad::Error& error) {
        result.refusal = error.what();
    } catch (const c10::Error& error) {
        result.refusal = error.what_without_backtrace();
    } catch (const std::exception& error) {
        result.refusal = error.what();
    }
    return result;
}

constexpr std::array part_names{"value", "gradient", "second derivative", "refusal"};

/** Compares lists of arrays and notes the differences. */
void compare(const Configuration& c, Part part, const Arrays& ours, const Arrays& theirs, double& worst,
             Outcome& outcome)
{
    const auto report = [&](const Place& place, const std::string& text) {
        const char* reason = c.excuse ? c.excuse(place) : nullptr;
        if (reason)
            outcome.reasons.insert(reason);
        else if (worst = std::max(worst, place.relative); outcome.difference.empty())
            outcome.difference = std::string(part_names[static_cast<std::size_t>(part)]) + " " +
                                 std::to_string(place.array) + ": " + text;
    };
    if (ours.size() != theirs.size()) {
        report({part, 0, 0}, std::to_string(ours.size()) + " and " + std::to_string(theirs.size()) + " arrays");
        return;
    }
    for (std::size_t i = 0; i < ours.size(); ++i) {
        if (ours[i].shape() != theirs[i].shape()) {
            report({part, i, 0}, "shapes " + in_words(ours[i].shape()) + " and " + in_words(theirs[i].shape()));
            continue;
        }
        const std::vector<double> relative =
            relative_differences(ours[i], theirs[i], c.by_element && part != Part::second);
        for (std::size_t element = 0; element < relative.size(); ++element) {
            if (relative[element] <= bound) {
                worst = std::max(worst, relative[element]);
                continue;
            }
            std::ostringstream text;
            text.precision(17);
            text << "element " << element << " of " << in_words(ours[i].shape()) << ", xgrad "
                 << ours[i].data()[element] << ", libtorch " << theirs[i].data()[element];
            for (std::size_t k = 0; k < c.inputs.size(); ++k)
                if (c.inputs[k].shape() == ours[i].shape())
                    text << (k == 0 ? "; at " : ", ") << c.inputs[k].data()[element];
            report({part, i, element, relative[element]}, text.str());
        }
    }
}

} // namespace

void Worst::include(const Worst& other)
{
    values = std::max(values, other.values);
    gradients = std::max(gradients, other.gradients);
    second = std::max(second, other.second);
}

Outcome run(const Family& family, std::uint64_t seed, std::uint64_t index)
{
    Draw draw(seed, family.name, index);
    const Configuration c = family.draw(draw);
    Outcome outcome;
    for (const Array<double>& x : c.inputs)
        outcome.text += (outcome.text.empty() ? "" : " ") + in_words(x.shape());
    outcome.text += (draw.text().empty() ? "" : ", ") + draw.text();
    Weights upstream(draw), weights(draw);
    const Computed ours = attempt(compute_ours, c, upstream, weights);
    const Computed theirs = attempt(compute_theirs, c, upstream, weights);
    if (!ours.refusal.empty() || !theirs.refusal.empty()) {
        outcome.both_refused = !ours.refusal.empty() && !theirs.refusal.empty();
        if (outcome.both_refused)
            return outcome;
        if (const char* reason = c.excuse ? c.excuse({Part::refusal, 0, 0}) : nullptr)
            outcome.reasons.insert(reason);
        else
            outcome.difference = ours.refusal.empty() ? "only libtorch refuses: " + theirs.refusal
                                                      : "only xgrad refuses: " + ours.refusal;
        return outcome;
    }
    compare(c, Part::values, ours.values, theirs.values, outcome.worst.values, outcome);
    compare(c, Part::gradients, ours.gradients, theirs.gradients, outcome.worst.gradients, outcome);
    outcome.has_second = ours.has_second && theirs.has_second;
    if (outcome.has_second)
        compare(c, Part::second, ours.second, theirs.second, outcome.worst.second, outcome);
    return outcome;
}

} // namespace agree
