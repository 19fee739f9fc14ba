#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/formula.hpp>
#include <xgrad/ops/indexing.hpp>
#include <xgrad/ops/loss.hpp>
#include <xgrad/ops/manipulation.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/shape.hpp>
#include <xgrad/ops/softmax.hpp>

#include <fmt/core.h>

#include <limits>

namespace xgrad
{

namespace
{

/** The number of samples of two arrays of the same shape. */
template <class T>
T samples(const char* op, const Variable<T>& y, const Variable<T>& t)
{
    if (y.shape() != t.shape() || y.dimension() == 0 || y.size() == 0)
        throw ShapeError(fmt::format("[{}] predictions of shape {} and targets of shape {}: the same (N, …) is needed",
                                     op, to_string(y.shape()), to_string(t.shape())));
    return static_cast<T>(y.shape()[0]);
}

/** k·z, where 0·∞ is 0. It is a formula, for variables too. */
template <class T, class K, class Z>
auto product(const K& k, const Z& z)
{
    constexpr T largest = std::numeric_limits<T>::max();
    return k * where(k > 0, z, where(k < 0, z, clip(z, -largest, largest)));
}

/** The losses of the samples, which are the first axis, from terms (N, …). */
template <class T>
Variable<T> reduced(const Variable<T>& terms, Reduction reduction)
{
    if (reduction == Reduction::mean)
        return sum(terms) / static_cast<T>(terms.shape()[0]);
    if (reduction == Reduction::sum)
        return sum(terms);
    return terms.dimension() == 1 ? terms : sum(flatten(terms, 1), 1);
}

/** The shape (N, …) of (N, classes, …). */
Shape without_classes(const Shape& shape)
{
    Shape rest = {shape[0]};
    for (std::size_t axis = 2; axis < shape.size(); ++axis)
        rest.push_back(shape[axis]);
    return rest;
}

/** Checks that there is a label for each sample of (N, classes, …), one of the classes or the ignored one. */
void check_labels(const char* op, const Shape& shape, const Labels& labels, std::optional<std::int32_t> ignored = {})
{
    if (shape.size() < 2 || element_count(shape) == 0 || labels.shape() != without_classes(shape))
        throw ShapeError(fmt::format("[{}] logits of shape {} and labels of shape {}: (N, classes) and (N) are needed, "
                                     "or (N, classes, …) and (N, …)",
                                     op, to_string(shape), to_string(labels.shape())));
    for (const std::int32_t label : labels)
        if (label != ignored && (label < 0 || static_cast<std::size_t>(label) >= shape[1]))
            throw ShapeError(
                fmt::format("[{}] label {} is not one of the {} classes 0 … {}", op, label, shape[1], shape[1] - 1));
}

/** @param shape  of the logits (N, classes, …) */
template <class T>
void check_options(const char* op, const Shape& shape, const Labels& labels, const LabelOptions<T>& options)
{
    check_labels(op, shape, labels, options.ignored);
    if (!(options.smoothing >= 0 && options.smoothing <= 1))
        throw ShapeError(fmt::format("[{}] a smoothing of {}: it must be from 0 to 1", op, options.smoothing));
    if (options.weights.has_value() && options.weights.shape() != Shape{shape[1]})
        throw ShapeError(fmt::format("[{}] weights of shape {} for {} classes: ({}) is needed", op,
                                     to_string(options.weights.shape()), shape[1], shape[1]));
}

/** The losses of logarithms (N, classes, …) for labels that fit. */
template <class T>
Variable<T> likelihood(const char* op, const Variable<T>& logarithms, Labels labels, const LabelOptions<T>& options)
{
    Array<T> counts = filled_array(labels.shape(), T{1});
    for (std::size_t n = 0; n < labels.size(); ++n)
        if (labels.data()[n] == options.ignored)
            labels.data()[n] = 0, counts.data()[n] = 0;
    const Variable<T> rows = moveaxis(logarithms, 1, -1); // (N, …, classes)
    const Variable<T> is_counted = constant(std::move(counts)), chosen = -take_last(rows, labels);
    const auto of_label = [&] {
        const Shape shape = labels.shape();
        labels.reshape(Shape{labels.size()});
        return is_counted * reshape(gather(options.weights, labels), shape);
    };
    const Variable<T> weights = options.weights.has_value() ? of_label() : is_counted;
    // An ignored sample may have infinite logarithms. So it is left out, not multiplied by 0.
    Variable<T> losses = where(is_counted, chosen * weights, 0);
    if (options.smoothing > 0) {
        const Variable<T> all = sum(options.weights.has_value() ? rows * options.weights : rows, -1);
        const double share = options.smoothing / static_cast<double>(rows.shape().back());
        losses = (1 - options.smoothing) * losses - share * where(is_counted, all, 0);
    }
    if (options.reduction == Reduction::none)
        return losses;
    if (options.reduction == Reduction::sum)
        return sum(losses);
    const Variable<T> total = sum(weights);
    if (!(total.item() > 0))
        throw ShapeError(fmt::format("[{}] all of {} samples are ignored or have the weight 0: a mean needs one that "
                                     "counts",
                                     op, weights.size()));
    return sum(losses) / total;
}

} // namespace

template <class T>
Variable<T> squared_error(const Variable<T>& y, const Variable<T>& t)
{
    const T n = samples("squared_error", y, t);
    return sum(square(y - t)) / (2 * n);
}

template <class T>
Variable<T> squared_error(const Variable<T>& y, const Variable<T>& t, Reduction reduction)
{
    samples("squared_error", y, t);
    return reduced(square(y - t), reduction) / 2;
}

template <class T>
Variable<T> absolute_error(const Variable<T>& y, const Variable<T>& t, Reduction reduction)
{
    samples("absolute_error", y, t);
    return reduced(abs(y - t), reduction);
}

template <class T>
Variable<T> huber(const Variable<T>& y, const Variable<T>& t, Number<T> delta, Reduction reduction)
{
    samples("huber", y, t);
    if (!(delta > 0))
        throw ShapeError(fmt::format("[huber] δ is {}: it must be positive", T(delta)));
    // With c = min(max(e, −δ), δ) both branches are c·(e − ½c).
    const auto terms = [delta = T(delta)](const auto& predicted, const auto& target) {
        const auto error = predicted - target;
        const auto within = clip(error, -delta, delta);
        return within * (error - 0.5 * within);
    };
    return reduced(elementwise("huber", terms, y, t), reduction);
}

template <class T>
Variable<T> smooth_l1(const Variable<T>& y, const Variable<T>& t, Number<T> beta, Reduction reduction)
{
    samples("smooth_l1", y, t);
    if (!(beta > 0))
        throw ShapeError(fmt::format("[smooth_l1] β is {}: it must be positive", T(beta)));
    return huber(y, t, beta, reduction) / beta;
}

template <class T>
Variable<T> hinge(const Variable<T>& y, const Variable<T>& t, Reduction reduction)
{
    samples("hinge", y, t);
    return reduced(relu(1 - t * y), reduction);
}

template <class T>
Variable<T> multiclass_hinge(const Variable<T>& y, const Labels& labels, Number<T> margin, Reduction reduction)
{
    if (y.dimension() != 2)
        throw ShapeError(
            fmt::format("[multiclass_hinge] scores of shape {}: (N, classes) is needed", to_string(y.shape())));
    check_labels("multiclass_hinge", y.shape(), labels);
    const Variable<T> excess = y - expand_dims(take_last(y, labels), 1) + margin;
    const Variable<T> others = 1 - place_last(constant(filled_array(labels.shape(), T{1})), labels, y.shape()[1]);
    return reduced(others * relu(excess), reduction);
}

template <class T>
Variable<T> kl_divergence(const Variable<T>& log_q, const Variable<T>& p, Reduction reduction)
{
    samples("kl_divergence", log_q, p);
    // p ln p = 0 at 0, and p ln q too, where both are 0
    const auto terms = [](const auto& logarithm, const auto& target) {
        return target * log(target + inside(target, 0, 0)) - product<T>(target, logarithm);
    };
    if (detail::parts_are_wanted())
        return reduced(p * (log(p) - log_q), reduction);
    return reduced(elementwise("kl_divergence", terms, log_q, p), reduction);
}

template <class T>
Variable<T> binary_cross_entropy(const Variable<T>& p, const Variable<T>& t)
{
    return binary_cross_entropy(p, t, Reduction::mean);
}

template <class T>
Variable<T> binary_cross_entropy(const Variable<T>& p, const Variable<T>& t, Reduction reduction)
{
    samples("binary_cross_entropy", p, t);
    if (detail::is_observed()) // as it is written
        return -reduced(t * log(p) + (1 - t) * log(1 - p), reduction);
    // t ln p = 0 where both are 0
    const auto term = [](const auto& s, const auto& q) { return s * log(q + inside(s, 0, 0) * inside(q, 0, 0)); };
    return -reduced(term(t, p) + term(1 - t, 1 - p), reduction);
}

template <class T>
Variable<T> binary_cross_entropy_with_logits(const Variable<T>& z, const Variable<T>& t)
{
    return binary_cross_entropy_with_logits(z, t, Reduction::mean);
}

template <class T>
Variable<T> binary_cross_entropy_with_logits(const Variable<T>& z, const Variable<T>& t, Reduction reduction)
{
    samples("binary_cross_entropy_with_logits", z, t);
    if (detail::parts_are_wanted())
        return reduced(softplus(z) - t * z, reduction);
    // The same as a sum of two terms of one sign, in which nothing cancels: softplus(−|z|) + (1 − t) z where z > 0.
    const auto terms = [](const auto& logit, const auto& target) {
        const auto up = logit > 0;
        return softplus(where(up, -logit, logit)) + product<T>(where(up, 1 - target, -target), logit);
    };
    return reduced(elementwise("cross_entropy_of_logits", terms, z, t), reduction);
}

template <class T>
Variable<T> softmax_cross_entropy(const Variable<T>& z, const Labels& labels)
{
    check_labels("softmax_cross_entropy", z.shape(), labels);
    const Variable<T> rows = moveaxis(z, 1, -1); // (N, …, classes)
    return -sum(take_last(log_softmax(rows), labels)) / static_cast<T>(labels.size());
}

template <class T>
Variable<T> negative_log_likelihood(const Variable<T>& log_p, const Labels& labels, const LabelOptions<T>& options)
{
    const char* const op = "negative_log_likelihood";
    check_options(op, log_p.shape(), labels, options);
    return likelihood(op, log_p, labels, options);
}

template <class T>
Variable<T> softmax_cross_entropy(const Variable<T>& z, const Labels& labels, const LabelOptions<T>& options)
{
    const char* const op = "softmax_cross_entropy";
    check_options(op, z.shape(), labels, options);
    return likelihood(op, log_softmax(z, 1), labels, options);
}

template <class T>
Variable<T> softmax_cross_entropy(const Variable<T>& z, const Variable<T>& t)
{
    return softmax_cross_entropy(z, t, Reduction::mean);
}

template <class T>
Variable<T> softmax_cross_entropy(const Variable<T>& z, const Variable<T>& t, Reduction reduction)
{
    samples("softmax_cross_entropy", z, t);
    if (z.dimension() < 2)
        throw ShapeError(fmt::format("[softmax_cross_entropy] the shape {} is not (N, classes) or (N, classes, …)",
                                     to_string(z.shape())));
    const auto n = static_cast<T>(z.size() / z.shape()[1]);
    const auto total = [&](const Variable<T>& terms) {
        if (reduction == Reduction::none)
            return -sum(terms, 1);
        return reduction == Reduction::mean ? -sum(terms) / n : -sum(terms);
    };
    const Variable<T> logarithms = log_softmax(z, 1);
    if (detail::parts_are_wanted())
        return total(t * logarithms);
    const auto terms = [](const auto& target, const auto& logarithm) { return product<T>(target, logarithm); };
    return total(elementwise("cross_entropy", terms, t, logarithms));
}

template <class T>
Variable<T> one_hot(const Labels& labels, std::size_t classes, T off, T on)
{
    if (labels.dimension() != 1)
        throw ShapeError(
            fmt::format("[one_hot] the labels must have one axis, their shape is {}", to_string(labels.shape())));
    Array<T> rows = filled_array(Shape{labels.size(), classes}, off);
    for (std::size_t n = 0; n < labels.size(); ++n) {
        const std::int32_t label = labels.data()[n];
        if (label < 0 || static_cast<std::size_t>(label) >= classes)
            throw ShapeError(fmt::format("[one_hot] label {} is not one of the {} classes", label, classes));
        rows.data()[n * classes + static_cast<std::size_t>(label)] = on;
    }
    return constant(std::move(rows));
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> squared_error(const Variable<T>&, const Variable<T>&);                                        \
    template Variable<T> absolute_error(const Variable<T>&, const Variable<T>&, Reduction);                            \
    template Variable<T> squared_error(const Variable<T>&, const Variable<T>&, Reduction);                             \
    template Variable<T> huber(const Variable<T>&, const Variable<T>&, Number<T>, Reduction);                          \
    template Variable<T> smooth_l1(const Variable<T>&, const Variable<T>&, Number<T>, Reduction);                      \
    template Variable<T> hinge(const Variable<T>&, const Variable<T>&, Reduction);                                     \
    template Variable<T> multiclass_hinge(const Variable<T>&, const Labels&, Number<T>, Reduction);                    \
    template Variable<T> kl_divergence(const Variable<T>&, const Variable<T>&, Reduction);                             \
    template Variable<T> binary_cross_entropy(const Variable<T>&, const Variable<T>&, Reduction);                      \
    template Variable<T> binary_cross_entropy_with_logits(const Variable<T>&, const Variable<T>&, Reduction);          \
    template Variable<T> negative_log_likelihood(const Variable<T>&, const Labels&, const LabelOptions<T>&);           \
    template Variable<T> softmax_cross_entropy(const Variable<T>&, const Labels&, const LabelOptions<T>&);             \
    template Variable<T> softmax_cross_entropy(const Variable<T>&, const Variable<T>&, Reduction);                     \
    template Variable<T> binary_cross_entropy(const Variable<T>&, const Variable<T>&);                                 \
    template Variable<T> binary_cross_entropy_with_logits(const Variable<T>&, const Variable<T>&);                     \
    template Variable<T> softmax_cross_entropy(const Variable<T>&, const Labels&);                                     \
    template Variable<T> softmax_cross_entropy(const Variable<T>&, const Variable<T>&);                                \
    template Variable<T> one_hot(const Labels&, std::size_t, T, T);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
