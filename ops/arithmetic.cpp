#include <xgrad/base/instantiate.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/detail/formula.hpp>
#include <xgrad/ops/detail/values.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/reduction.hpp>

namespace xgrad
{

using detail::map;
using detail::map_with;
using detail::zip;
using kernels::Binary;
using kernels::Unary;

namespace
{

/** Tells observers of the number that an op takes. */
auto with_number(double s, bool first = false)
{
    return [s, first] { return Attributes{.numbers = {s}, .number_first = first}; };
}

} // namespace

// The gradient of an operand that was broadcast is summed back to its shape.

template <class T>
Variable<T> add(Variable<T> a, Variable<T> b)
{
    return record(
        "add", [&] { return zip("add", Binary::add, a, b); },
        wrt(a, [](const auto& g, const Shape& shape) { return sum_to(g, shape); }),
        wrt(b, [](const auto& g, const Shape& shape) { return sum_to(g, shape); }));
}

template <class T>
Variable<T> operator+(Variable<T> a, Variable<T> b)
{
    return add(std::move(a), std::move(b));
}

template <class T>
Variable<T> subtract(Variable<T> a, Variable<T> b)
{
    return record(
        "subtract", [&] { return zip("subtract", Binary::subtract, a, b); },
        wrt(a, [](const auto& g, const Shape& shape) { return sum_to(g, shape); }),
        wrt(b, [](const auto& g, const Shape& shape) { return sum_to(-g, shape); }));
}

template <class T>
Variable<T> multiply(Variable<T> a, Variable<T> b)
{
    return record(
        "multiply", [&] { return zip("multiply", Binary::multiply, a, b); },
        wrt(a, [b](const auto& g, const Shape& shape) { return sum_to(g * b, shape); }),
        wrt(b, [a](const auto& g, const Shape& shape) { return sum_to(g * a, shape); }));
}

template <class T>
Variable<T> divide(Variable<T> a, Variable<T> b)
{
    return record(
        "divide", [&] { return zip("divide", Binary::divide, a, b); },
        wrt(a, [b](const auto& g, const Shape& shape) { return sum_to(g / b, shape); }),
        wrt(b, [b](const auto& g, const auto& y, const Shape& shape) { return sum_to(-(g * y / b), shape); }));
}

template <class T>
Variable<T> pow(Variable<T> a, Variable<T> b)
{
    return record(
        "pow", [&] { return zip("pow", Binary::power, a, b); },
        wrt(a,
            [a, b](const auto& g, const Shape& shape) {
                const auto both_zero = inside(a, 0, 0) * inside(b, 0, 0); // 0·0⁰ there, not 0·0⁻¹
                return sum_to(g * b * pow(a, b - 1 + both_zero), shape);
            }),
        wrt(b, [a, b](const auto& g, const auto& y, const Shape& shape) {
            const auto zero = inside(a, 0, 0) * (b >= 0); // log 1 = 0 there
            return sum_to(g * y * log(a + zero), shape);
        }));
}

template <class T>
Variable<T> maximum(Variable<T> a, Variable<T> b)
{
    return record(
        "maximum", [&] { return zip("maximum", Binary::maximum, a, b); },
        wrt(a, [a, b](const auto& g, const Shape& shape) { return sum_to(g * greater_equal(a, b), shape); }),
        wrt(b, [a, b](const auto& g, const Shape& shape) { return sum_to(g * greater(b, a), shape); }));
}

template <class T>
Variable<T> minimum(Variable<T> a, Variable<T> b)
{
    return record(
        "minimum", [&] { return zip("minimum", Binary::minimum, a, b); },
        wrt(a, [a, b](const auto& g, const Shape& shape) { return sum_to(g * greater_equal(b, a), shape); }),
        wrt(b, [a, b](const auto& g, const Shape& shape) { return sum_to(g * greater(a, b), shape); }));
}

template <class T>
Variable<T> greater(Variable<T> a, Variable<T> b)
{
    return record(
        "greater", [&] { return zip("greater", Binary::greater, a, b); }, reads(a), reads(b));
}

template <class T>
Variable<T> greater_equal(Variable<T> a, Variable<T> b)
{
    return record(
        "greater_equal", [&] { return zip("greater_equal", Binary::greater_or_equal, a, b); }, reads(a), reads(b));
}

template <class T>
Variable<T> where(Variable<T> condition, Variable<T> a, Variable<T> b)
{
    const auto value = [&] {
        const auto choose = [](auto c, auto of_a, auto of_b) { return where(c <= 0 && c >= 0, of_b, of_a); };
        return detail::formula_value<decltype(choose), T, 3>("where", choose, {&condition, &a, &b});
    };
    return record(
        "where", value, reads(condition),
        wrt(a, [condition](const auto& g, const Shape& shape) { return sum_to(where(condition, g, 0), shape); }),
        wrt(b, [condition](const auto& g, const Shape& shape) { return sum_to(where(condition, 0, g), shape); }));
}

template <class T>
Variable<T> negative(Variable<T> x)
{
    return record(
        "negative", [&] { return map_with(Binary::multiply, x, T{-1}); },
        wrt(x, [](auto g) { return negative(std::move(g)); }));
}

template <class T>
Variable<T> add(Variable<T> x, Number<T> s)
{
    return record(
        "add", with_number(s), [&] { return map_with<T>(Binary::add, x, s); }, wrt(x, [](const auto& g) { return g; }));
}

template <class T>
Variable<T> multiply(Variable<T> x, Number<T> s)
{
    return record(
        "multiply", with_number(s), [&] { return map_with<T>(Binary::multiply, x, s); },
        wrt(x, [s](auto g) { return multiply(std::move(g), s); }));
}

template <class T>
Variable<T> divide(Variable<T> x, Number<T> s)
{
    return record(
        "divide", with_number(s), [&] { return map_with<T>(Binary::divide, x, s); },
        wrt(x, [s](auto g) { return divide(std::move(g), s); }));
}

template <class T>
Variable<T> subtract(Number<T> s, Variable<T> x)
{
    return record(
        "subtract", with_number(s, true), [&] { return map_with<T>(Binary::subtract, x, s, true); },
        wrt(x, [](const auto& g) { return -g; }));
}

template <class T>
Variable<T> divide(Number<T> s, Variable<T> x)
{
    return record(
        "divide", with_number(s, true), [&] { return map_with<T>(Binary::divide, x, s, true); },
        wrt(x, [x](const auto& g, const auto& y) { return -(g * y / x); }));
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> add(Variable<T>, Variable<T>);                                                                \
    template Variable<T> operator+(Variable<T>, Variable<T>);                                                          \
    template Variable<T> subtract(Variable<T>, Variable<T>);                                                           \
    template Variable<T> multiply(Variable<T>, Variable<T>);                                                           \
    template Variable<T> divide(Variable<T>, Variable<T>);                                                             \
    template Variable<T> pow(Variable<T>, Variable<T>);                                                                \
    template Variable<T> maximum(Variable<T>, Variable<T>);                                                            \
    template Variable<T> minimum(Variable<T>, Variable<T>);                                                            \
    template Variable<T> greater(Variable<T>, Variable<T>);                                                            \
    template Variable<T> greater_equal(Variable<T>, Variable<T>);                                                      \
    template Variable<T> where(Variable<T>, Variable<T>, Variable<T>);                                                 \
    template Variable<T> negative(Variable<T>);                                                                        \
    template Variable<T> add(Variable<T>, Number<T>);                                                                  \
    template Variable<T> multiply(Variable<T>, Number<T>);                                                             \
    template Variable<T> divide(Variable<T>, Number<T>);                                                               \
    template Variable<T> subtract(Number<T>, Variable<T>);                                                             \
    template Variable<T> divide(Number<T>, Variable<T>);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
