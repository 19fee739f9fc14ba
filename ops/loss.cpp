#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/formula.hpp>
#include <xgrad/ops/indexing.hpp>
#include <xgrad/ops/loss.hpp>
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

/** The shape (N, …) of (N, classes, …). */
Shape without_classes(const Shape& shape)
{
    Shape rest = {shape[0]};
    for (std::size_t axis = 2; axis < shape.size(); ++axis)
        rest.push_back(shape[axis]);
    return rest;
}

/** The array (N, …, classes) of (N, classes, …). */
template <class T>
Variable<T> classes_last(const Variable<T>& z)
{
    Axes order = {0};
    for (std::size_t axis = 2; axis < z.dimension(); ++axis)
        order.push_back(static_cast<std::ptrdiff_t>(axis));
    order.push_back(1);
    return permute(z, order);
}

} // namespace

template <class T>
Variable<T> squared_error(const Variable<T>& y, const Variable<T>& t)
{
    const T n = samples("squared_error", y, t);
    return sum(square(y - t)) / (2 * n);
}

template <class T>
Variable<T> binary_cross_entropy(const Variable<T>& p, const Variable<T>& t)
{
    const T n = samples("binary_cross_entropy", p, t);
    if (detail::is_observed()) // as it is written
        return -sum(t * log(p) + (1 - t) * log(1 - p)) / n;
    // t ln p = 0 where both are 0
    const auto term = [](const auto& s, const auto& q) { return s * log(q + inside(s, 0, 0) * inside(q, 0, 0)); };
    return -sum(term(t, p) + term(1 - t, 1 - p)) / n;
}

template <class T>
Variable<T> binary_cross_entropy_with_logits(const Variable<T>& z, const Variable<T>& t)
{
    const T n = samples("binary_cross_entropy_with_logits", z, t);
    if (detail::parts_are_wanted())
        return sum(softplus(z) - t * z) / n;
    // The same as a sum of two terms of one sign, in which nothing cancels: softplus(−|z|) + (1 − t) z where z > 0.
    const auto terms = [](const auto& logit, const auto& target) {
        const auto up = logit > 0;
        return softplus(where(up, -logit, logit)) + product<T>(where(up, 1 - target, -target), logit);
    };
    return sum(elementwise("cross_entropy_of_logits", terms, z, t)) / n;
}

template <class T>
Variable<T> softmax_cross_entropy(const Variable<T>& z, const Labels& labels)
{
    if (z.dimension() < 2 || z.size() == 0 || labels.shape() != without_classes(z.shape()))
        throw ShapeError(
            fmt::format("[softmax_cross_entropy] logits of shape {} and labels of shape {}: (N, classes) and (N) "
                        "are needed, or (N, classes, …) and (N, …)",
                        to_string(z.shape()), to_string(labels.shape())));
    for (const std::int32_t label : labels)
        if (label < 0 || static_cast<std::size_t>(label) >= z.shape()[1])
            throw ShapeError(fmt::format("[softmax_cross_entropy] label {} is not one of the {} classes 0 … {}", label,
                                         z.shape()[1], z.shape()[1] - 1));
    const Variable<T> rows = z.dimension() == 2 ? z : classes_last(z);
    return -sum(take_last(log_softmax(rows), labels)) / static_cast<T>(labels.size());
}

template <class T>
Variable<T> softmax_cross_entropy(const Variable<T>& z, const Variable<T>& t)
{
    samples("softmax_cross_entropy", z, t);
    if (z.dimension() < 2)
        throw ShapeError(fmt::format("[softmax_cross_entropy] the shape {} is not (N, classes) or (N, classes, …)",
                                     to_string(z.shape())));
    const auto n = static_cast<T>(z.size() / z.shape()[1]);
    const Variable<T> logarithms = log_softmax(z, 1);
    if (detail::parts_are_wanted())
        return -sum(t * logarithms) / n;
    const auto terms = [](const auto& target, const auto& logarithm) { return product<T>(target, logarithm); };
    return -sum(elementwise("cross_entropy", terms, t, logarithms)) / n;
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
    template Variable<T> binary_cross_entropy(const Variable<T>&, const Variable<T>&);                                 \
    template Variable<T> binary_cross_entropy_with_logits(const Variable<T>&, const Variable<T>&);                     \
    template Variable<T> softmax_cross_entropy(const Variable<T>&, const Labels&);                                     \
    template Variable<T> softmax_cross_entropy(const Variable<T>&, const Variable<T>&);                                \
    template Variable<T> one_hot(const Labels&, std::size_t, T, T);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
