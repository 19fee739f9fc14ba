#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/detail/values.hpp>
#include <xgrad/ops/elementwise.hpp>

#include <fmt/core.h>

#include <utility>

namespace xgrad
{

using detail::map;
using kernels::Binary;
using kernels::Unary;

namespace
{

// g·f'(x) from y = f(x), in one pass. In an ordinary backward pass their rules are not even made: what they capture
// would cost more than the op.

template <class T>
Variable<T> combine(Binary f, Variable<T>& g, const Variable<T>& y)
{
    const T* upstream = g.data();
    Variable<T> x = detail::result_in_place_of(g);
    kernels::table<T>().binary(f, kernels::Operands::vector_vector, upstream, y.data(), x.mutable_data(), x.size());
    return x;
}

template <class T>
Variable<T> tanh_gradient(Variable<T> g, const Variable<T>& y)
{
    const auto value = [&] { return combine(Binary::tanh_gradient, g, y); };
    if (!is_recording())
        return record("tanh_gradient", value);
    return record("tanh_gradient", value, //
                  wrt(g, [y = y](const auto& h) { return tanh_gradient(h, y); }),
                  wrt(y, [g, y = y](const auto& h) { return -2 * (h * g * y); }));
}

template <class T>
Variable<T> sigmoid_gradient(Variable<T> g, const Variable<T>& y)
{
    const auto value = [&] { return combine(Binary::sigmoid_gradient, g, y); };
    if (!is_recording())
        return record("sigmoid_gradient", value);
    return record("sigmoid_gradient", value, //
                  wrt(g, [y = y](const auto& h) { return sigmoid_gradient(h, y); }),
                  wrt(y, [g, y = y](const auto& h) { return h * g * (1 - 2 * y); }));
}

template <class T>
Variable<T> relu_gradient(Variable<T> g, const Variable<T>& y)
{
    const auto value = [&] { return combine(Binary::relu_gradient, g, y); };
    if (!is_recording())
        return record("relu_gradient", value);
    return record("relu_gradient", value, //
                  wrt(g, [y = y](const auto& h) { return relu_gradient(h, y); }),
                  wrt(y, [](const auto& h) { return 0 * h; }));
}

} // namespace

template <class T>
Variable<T> exp(Variable<T> x)
{
    return record(
        "exp", [&] { return map(Unary::exp, x); }, wrt(x, [](const auto& g, const auto& y) { return g * y; }));
}

template <class T>
Variable<T> log(Variable<T> x)
{
    return record(
        "log", [&] { return map(Unary::log, x); }, wrt(x, [x](const auto& g) { return g / x; }));
}

template <class T>
Variable<T> log1p(Variable<T> x)
{
    return record(
        "log1p", [&] { return map(Unary::log1p, x); }, wrt(x, [x](const auto& g) { return g / (1 + x); }));
}

template <class T>
Variable<T> sqrt(Variable<T> x)
{
    return record(
        "sqrt", [&] { return map(Unary::sqrt, x); }, wrt(x, [](const auto& g, const auto& y) { return g / (2 * y); }));
}

template <class T>
Variable<T> abs(Variable<T> x)
{
    return record(
        "abs", [&] { return map(Unary::abs, x); }, wrt(x, [x](const auto& g) { return g * sign(x); }));
}

template <class T>
Variable<T> sign(Variable<T> x)
{
    return record(
        "sign", [&] { return map(Unary::sign, x); }, reads(x));
}

template <class T>
Variable<T> square(Variable<T> x)
{
    return record(
        "square", [&] { return map(Unary::square, x); }, wrt(x, [x](auto g) { return 2 * std::move(g) * x; }));
}

template <class T>
Variable<T> sin(Variable<T> x)
{
    return record(
        "sin", [&] { return map(Unary::sin, x); }, wrt(x, [x](const auto& g) { return g * cos(x); }));
}

template <class T>
Variable<T> cos(Variable<T> x)
{
    return record(
        "cos", [&] { return map(Unary::cos, x); }, wrt(x, [x](const auto& g) { return -(g * sin(x)); }));
}

template <class T>
Variable<T> clip(Variable<T> x, std::type_identity_t<T> low, std::type_identity_t<T> high)
{
    if (!(low <= high))
        throw ShapeError(fmt::format("[clip] low = {} must not be above high = {}", low, high));
    return record(
        "clip", [&] { return map(Unary::clip, x, low, high); },
        wrt(x, [x, low, high](const auto& g) { return g * inside(x, low, high); }));
}

template <class T>
Variable<T> inside(Variable<T> x, std::type_identity_t<T> low, std::type_identity_t<T> high)
{
    return record(
        "inside", [&] { return map(Unary::inside, x, low, high); }, reads(x));
}

template <class T>
Variable<T> step(Variable<T> x, std::type_identity_t<T> threshold)
{
    return record(
        "step", [&] { return map(Unary::step, x, threshold); }, reads(x));
}

template <class T>
Variable<T> sigmoid(Variable<T> x)
{
    return record(
        "sigmoid", [&] { return map(Unary::sigmoid, x); },
        wrt(x, [](auto g, const auto& y) { return sigmoid_gradient(std::move(g), y); }));
}

template <class T>
Variable<T> tanh(Variable<T> x)
{
    return record(
        "tanh", [&] { return map(Unary::tanh, x); },
        wrt(x, [](auto g, const auto& y) { return tanh_gradient(std::move(g), y); }));
}

template <class T>
Variable<T> scaled_tanh(Variable<T> x, std::type_identity_t<T> a, std::type_identity_t<T> b)
{
    if (a == 0)
        throw ShapeError("[scaled_tanh] a must not be 0");
    return record(
        "scaled_tanh", [&] { return map(Unary::scaled_tanh, x, a, b); },
        wrt(x, [a, b](auto g, const auto& y) { return tanh_gradient((a * b) * std::move(g), y / a); }));
}

template <class T>
Variable<T> relu(Variable<T> x)
{
    return record(
        "relu", [&] { return map(Unary::relu, x); },
        wrt(x, [](auto g, const auto& y) { return relu_gradient(std::move(g), y); }));
}

template <class T>
Variable<T> leaky_relu(Variable<T> x, std::type_identity_t<T> slope)
{
    return record(
        "leaky_relu", [&] { return map(Unary::leaky_relu, x, slope, T{0}); },
        wrt(x, [x, slope](const auto& g) { return g * (slope + (1 - slope) * step(x)); }));
}

template <class T>
Variable<T> softplus(Variable<T> x)
{
    return record(
        "softplus", [&] { return map(Unary::softplus, x); }, wrt(x, [x](const auto& g) { return g * sigmoid(x); }));
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> exp(Variable<T>);                                                                             \
    template Variable<T> log(Variable<T>);                                                                             \
    template Variable<T> log1p(Variable<T>);                                                                           \
    template Variable<T> sqrt(Variable<T>);                                                                            \
    template Variable<T> abs(Variable<T>);                                                                             \
    template Variable<T> sign(Variable<T>);                                                                            \
    template Variable<T> square(Variable<T>);                                                                          \
    template Variable<T> sin(Variable<T>);                                                                             \
    template Variable<T> cos(Variable<T>);                                                                             \
    template Variable<T> clip(Variable<T>, std::type_identity_t<T>, std::type_identity_t<T>);                          \
    template Variable<T> inside(Variable<T>, std::type_identity_t<T>, std::type_identity_t<T>);                        \
    template Variable<T> step(Variable<T>, std::type_identity_t<T>);                                                   \
    template Variable<T> sigmoid(Variable<T>);                                                                         \
    template Variable<T> tanh(Variable<T>);                                                                            \
    template Variable<T> scaled_tanh(Variable<T>, std::type_identity_t<T>, std::type_identity_t<T>);                   \
    template Variable<T> relu(Variable<T>);                                                                            \
    template Variable<T> leaky_relu(Variable<T>, std::type_identity_t<T>);                                             \
    template Variable<T> softplus(Variable<T>);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
