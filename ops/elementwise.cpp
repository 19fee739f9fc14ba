#include <xgrad/base/error.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/detail/instantiate.hpp>
#include <xgrad/ops/detail/values.hpp>
#include <xgrad/ops/elementwise.hpp>

#include <fmt/core.h>

#include <utility>

namespace xgrad
{

using detail::map;
using detail::will_need_gradient;
using kernels::Binary;
using kernels::Unary;

namespace
{

// g·f'(x) from y = f(x), in one pass. In an ordinary backward pass their rules are not even made: what they capture
// would cost more than the op.

template <class T>
bool will_need_rules(const Variable<T>& g, const Variable<T>& y)
{
    return will_need_gradient(g) || will_need_gradient(y);
}

template <class T>
Variable<T> combine(Binary f, Variable<T>& g, const Variable<T>& y)
{
    Variable<T> x = will_need_gradient(y) ? uninitialized<T>(g.shape()) : detail::result_in_place_of(g);
    kernels::table<T>().binary(f, kernels::Operands::vector_vector, g.data(), y.data(), x.mutable_value().data(),
                               x.size());
    return x;
}

template <class T>
Variable<T> tanh_gradient(Variable<T> g, const Variable<T>& y)
{
    Variable<T> x = combine(Binary::tanh_gradient, g, y);
    if (!will_need_rules(g, y))
        return record("tanh_gradient", std::move(x));
    return record("tanh_gradient", std::move(x), //
                  wrt(g, [y = y](const auto& h) { return tanh_gradient(h, y); }),
                  wrt(y, [g, y = y](const auto& h) { return -2 * (h * g * y); }));
}

template <class T>
Variable<T> sigmoid_gradient(Variable<T> g, const Variable<T>& y)
{
    Variable<T> x = combine(Binary::sigmoid_gradient, g, y);
    if (!will_need_rules(g, y))
        return record("sigmoid_gradient", std::move(x));
    return record("sigmoid_gradient", std::move(x), //
                  wrt(g, [y = y](const auto& h) { return sigmoid_gradient(h, y); }),
                  wrt(y, [g, y = y](const auto& h) { return h * g * (1 - 2 * y); }));
}

template <class T>
Variable<T> relu_gradient(Variable<T> g, const Variable<T>& y)
{
    Variable<T> x = combine(Binary::relu_gradient, g, y);
    if (!will_need_rules(g, y))
        return record("relu_gradient", std::move(x));
    return record("relu_gradient", std::move(x), //
                  wrt(g, [y = y](const auto& h) { return relu_gradient(h, y); }),
                  wrt(y, [](const auto& h) { return 0 * h; }));
}

} // namespace

template <class T>
Variable<T> exp(Variable<T> x)
{
    return record("exp", map(Unary::exp, x), wrt(x, [](const auto& g, const auto& y) { return g * y; }));
}

template <class T>
Variable<T> log(Variable<T> x)
{
    return record("log", map(Unary::log, x, T{0}, T{0}, true), wrt(x, [x](const auto& g) { return g / x; }));
}

template <class T>
Variable<T> log1p(Variable<T> x)
{
    return record("log1p", map(Unary::log1p, x, T{0}, T{0}, true), wrt(x, [x](const auto& g) { return g / (1 + x); }));
}

template <class T>
Variable<T> sqrt(Variable<T> x)
{
    return record("sqrt", map(Unary::sqrt, x), wrt(x, [](const auto& g, const auto& y) { return g / (2 * y); }));
}

template <class T>
Variable<T> abs(Variable<T> x)
{
    return record("abs", map(Unary::abs, x, T{0}, T{0}, true), wrt(x, [x](const auto& g) { return g * sign(x); }));
}

template <class T>
Variable<T> sign(Variable<T> x)
{
    return record("sign", map(Unary::sign, x));
}

template <class T>
Variable<T> square(Variable<T> x)
{
    return record("square", map(Unary::square, x, T{0}, T{0}, true),
                  wrt(x, [x](auto g) { return 2 * std::move(g) * x; }));
}

template <class T>
Variable<T> sin(Variable<T> x)
{
    return record("sin", map(Unary::sin, x, T{0}, T{0}, true), wrt(x, [x](const auto& g) { return g * cos(x); }));
}

template <class T>
Variable<T> cos(Variable<T> x)
{
    return record("cos", map(Unary::cos, x, T{0}, T{0}, true), wrt(x, [x](const auto& g) { return -(g * sin(x)); }));
}

template <class T>
Variable<T> clip(Variable<T> x, std::type_identity_t<T> low, std::type_identity_t<T> high)
{
    if (!(low <= high))
        throw ShapeError(fmt::format("[clip] low = {} must not be above high = {}", low, high));
    return record("clip", map(Unary::clip, x, low, high, true),
                  wrt(x, [x, low, high](const auto& g) { return g * inside(x, low, high); }));
}

template <class T>
Variable<T> inside(Variable<T> x, std::type_identity_t<T> low, std::type_identity_t<T> high)
{
    return record("inside", map(Unary::inside, x, low, high));
}

template <class T>
Variable<T> step(Variable<T> x, std::type_identity_t<T> threshold)
{
    return record("step", map(Unary::step, x, threshold));
}

template <class T>
Variable<T> sigmoid(Variable<T> x)
{
    return record("sigmoid", map(Unary::sigmoid, x),
                  wrt(x, [](auto g, const auto& y) { return sigmoid_gradient(std::move(g), y); }));
}

template <class T>
Variable<T> tanh(Variable<T> x)
{
    return record("tanh", map(Unary::tanh, x),
                  wrt(x, [](auto g, const auto& y) { return tanh_gradient(std::move(g), y); }));
}

template <class T>
Variable<T> scaled_tanh(Variable<T> x, std::type_identity_t<T> a, std::type_identity_t<T> b)
{
    if (a == 0)
        throw ShapeError("[scaled_tanh] a must not be 0");
    return record("scaled_tanh", map(Unary::scaled_tanh, x, a, b),
                  wrt(x, [a, b](auto g, const auto& y) { return tanh_gradient((a * b) * std::move(g), y / a); }));
}

template <class T>
Variable<T> relu(Variable<T> x)
{
    return record("relu", map(Unary::relu, x),
                  wrt(x, [](auto g, const auto& y) { return relu_gradient(std::move(g), y); }));
}

template <class T>
Variable<T> leaky_relu(Variable<T> x, std::type_identity_t<T> slope)
{
    return record("leaky_relu", map(Unary::leaky_relu, x, slope, T{0}, true),
                  wrt(x, [x, slope](const auto& g) { return g * (slope + (1 - slope) * step(x)); }));
}

template <class T>
Variable<T> softplus(Variable<T> x)
{
    return record("softplus", map(Unary::softplus, x, T{0}, T{0}, true),
                  wrt(x, [x](const auto& g) { return g * sigmoid(x); }));
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
