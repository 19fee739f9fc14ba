#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/detail/instantiate.hpp>
#include <xgrad/ops/detail/values.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/reduction.hpp>

namespace xgrad
{

using detail::map;
using detail::map_with;
using detail::will_need_gradient;
using detail::zip;
using kernels::Binary;
using kernels::Unary;

namespace
{

/** A rule for an operand that may have been broadcast: the one place where its gradient is summed back. */
template <class T, class Rule>
auto wrt_operand(const Variable<T>& x, Rule rule)
{
    return wrt(
        x, [ rule = std::move(rule),
             shape = x.shape() ](const auto&... g) requires std::is_invocable_v<const Rule&, decltype(g)...> {
            return sum_to(rule(g...), shape);
        });
}

} // namespace

template <class T>
Variable<T> add(Variable<T> a, Variable<T> b)
{
    return record("add", zip("add", Binary::add, a, b, false, false),
                  wrt_operand(a, [](const auto& g) { return g; }), //
                  wrt_operand(b, [](const auto& g) { return g; }));
}

template <class T>
Variable<T> subtract(Variable<T> a, Variable<T> b)
{
    return record("subtract", zip("subtract", Binary::subtract, a, b, false, false),
                  wrt_operand(a, [](const auto& g) { return g; }), //
                  wrt_operand(b, [](const auto& g) { return -g; }));
}

template <class T>
Variable<T> multiply(Variable<T> a, Variable<T> b)
{
    Variable<T> y = zip("multiply", Binary::multiply, a, b, will_need_gradient(b), will_need_gradient(a));
    return record("multiply", std::move(y), //
                  wrt_operand(a, [b](const auto& g) { return g * b; }),
                  wrt_operand(b, [a](const auto& g) { return g * a; }));
}

template <class T>
Variable<T> divide(Variable<T> a, Variable<T> b)
{
    Variable<T> y = zip("divide", Binary::divide, a, b, false, will_need_gradient(a) || will_need_gradient(b));
    return record("divide", std::move(y), //
                  wrt_operand(a, [b](const auto& g) { return g / b; }),
                  wrt_operand(b, [b](const auto& g, const auto& y) { return -(g * y / b); }));
}

template <class T>
Variable<T> pow(Variable<T> a, Variable<T> b)
{
    const bool saved = will_need_gradient(a) || will_need_gradient(b);
    Variable<T> y = zip("pow", Binary::power, a, b, saved, saved);
    return record("pow", std::move(y), //
                  wrt_operand(a, [a, b](const auto& g) { return g * b * pow(a, b - 1); }),
                  wrt_operand(b, [a](const auto& g, const auto& y) {
                      const auto is_zero = inside(a, 0, 0); // log 1 = 0 there
                      return g * y * log(a + is_zero);
                  }));
}

template <class T>
Variable<T> maximum(Variable<T> a, Variable<T> b)
{
    const bool saved = will_need_gradient(a) || will_need_gradient(b);
    Variable<T> y = zip("maximum", Binary::maximum, a, b, saved, saved);
    return record("maximum", std::move(y), //
                  wrt_operand(a, [a, b](const auto& g) { return g * greater_equal(a, b); }),
                  wrt_operand(b, [a, b](const auto& g) { return g * greater(b, a); }));
}

template <class T>
Variable<T> minimum(Variable<T> a, Variable<T> b)
{
    const bool saved = will_need_gradient(a) || will_need_gradient(b);
    Variable<T> y = zip("minimum", Binary::minimum, a, b, saved, saved);
    return record("minimum", std::move(y), //
                  wrt_operand(a, [a, b](const auto& g) { return g * greater_equal(b, a); }),
                  wrt_operand(b, [a, b](const auto& g) { return g * greater(a, b); }));
}

template <class T>
Variable<T> greater(Variable<T> a, Variable<T> b)
{
    return record("greater", zip("greater", Binary::greater, a, b, false, false));
}

template <class T>
Variable<T> greater_equal(Variable<T> a, Variable<T> b)
{
    return record("greater_equal", zip("greater_equal", Binary::greater_or_equal, a, b, false, false));
}

template <class T>
Variable<T> negative(Variable<T> x)
{
    return record("negative", map_with(Binary::multiply, x, T{-1}),
                  wrt(x, [](auto g) { return negative(std::move(g)); }));
}

template <class T>
Variable<T> add(Variable<T> x, std::type_identity_t<T> s)
{
    return record({"add", s}, map_with(Binary::add, x, s), wrt(x, [](const auto& g) { return g; }));
}

template <class T>
Variable<T> multiply(Variable<T> x, std::type_identity_t<T> s)
{
    return record({"multiply", s}, map_with(Binary::multiply, x, s),
                  wrt(x, [s](auto g) { return multiply(std::move(g), s); }));
}

template <class T>
Variable<T> divide(Variable<T> x, std::type_identity_t<T> s)
{
    return record({"divide", s}, map_with(Binary::divide, x, s),
                  wrt(x, [s](auto g) { return divide(std::move(g), s); }));
}

template <class T>
Variable<T> subtract(std::type_identity_t<T> s, Variable<T> x)
{
    return record({"subtract", s}, map_with(Binary::subtract, x, s, true), wrt(x, [](const auto& g) { return -g; }));
}

template <class T>
Variable<T> divide(std::type_identity_t<T> s, Variable<T> x)
{
    Variable<T> y = will_need_gradient(x) ? constant(s / x.value()) : map_with(Binary::divide, x, s, true);
    return record({"divide", s}, std::move(y), wrt(x, [x](const auto& g, const auto& y) { return -(g * y / x); }));
}

template <class T>
Variable<T> pow(Variable<T> x, std::type_identity_t<T> p)
{
    return record({"pow", p}, map(Unary::power, x, p, T{0}, true), //
                  wrt(x, [x, p](const auto& g) { return g * p * pow(x, p == 0 ? 0 : p - 1); }));
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> add(Variable<T>, Variable<T>);                                                                \
    template Variable<T> subtract(Variable<T>, Variable<T>);                                                           \
    template Variable<T> multiply(Variable<T>, Variable<T>);                                                           \
    template Variable<T> divide(Variable<T>, Variable<T>);                                                             \
    template Variable<T> pow(Variable<T>, Variable<T>);                                                                \
    template Variable<T> maximum(Variable<T>, Variable<T>);                                                            \
    template Variable<T> minimum(Variable<T>, Variable<T>);                                                            \
    template Variable<T> greater(Variable<T>, Variable<T>);                                                            \
    template Variable<T> greater_equal(Variable<T>, Variable<T>);                                                      \
    template Variable<T> negative(Variable<T>);                                                                        \
    template Variable<T> add(Variable<T>, std::type_identity_t<T>);                                                    \
    template Variable<T> multiply(Variable<T>, std::type_identity_t<T>);                                               \
    template Variable<T> divide(Variable<T>, std::type_identity_t<T>);                                                 \
    template Variable<T> subtract(std::type_identity_t<T>, Variable<T>);                                               \
    template Variable<T> divide(std::type_identity_t<T>, Variable<T>);                                                 \
    template Variable<T> pow(Variable<T>, std::type_identity_t<T>);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
