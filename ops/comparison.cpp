#include <xgrad/base/instantiate.hpp>
#include <xgrad/ops/comparison.hpp>
#include <xgrad/ops/detail/formula.hpp>

namespace xgrad
{

namespace
{

const auto is_zero = [](auto x) { return x <= 0 && x >= 0; };
const auto are_equal = [](auto u, auto v) { return u <= v && u >= v; };

/** The constant that a formula makes of two arrays. */
template <class T, class F>
Variable<T> indicator(const char* op, const Variable<T>& a, const Variable<T>& b, const F& formula)
{
    return record(
        op,
        [&] {
            return detail::formula_value<F, T, 2>(op, formula, {&a, &b});
        },
        reads(a), reads(b));
}

} // namespace

template <class T>
Variable<T> less(const Variable<T>& a, const Variable<T>& b)
{
    return indicator("less", a, b, [](auto u, auto v) { return where(u < v, 1, decltype(u)(0)); });
}

template <class T>
Variable<T> less_equal(const Variable<T>& a, const Variable<T>& b)
{
    return indicator("less_equal", a, b, [](auto u, auto v) { return where(u <= v, 1, decltype(u)(0)); });
}

template <class T>
Variable<T> equal(const Variable<T>& a, const Variable<T>& b)
{
    return indicator("equal", a, b, [](auto u, auto v) { return where(are_equal(u, v), 1, decltype(u)(0)); });
}

template <class T>
Variable<T> not_equal(const Variable<T>& a, const Variable<T>& b)
{
    return indicator("not_equal", a, b, [](auto u, auto v) { return where(are_equal(u, v), 0, decltype(u)(1)); });
}

template <class T>
Variable<T> logical_and(const Variable<T>& a, const Variable<T>& b)
{
    return indicator("logical_and", a, b,
                     [](auto u, auto v) { return where(is_zero(u) || is_zero(v), 0, decltype(u)(1)); });
}

template <class T>
Variable<T> logical_or(const Variable<T>& a, const Variable<T>& b)
{
    return indicator("logical_or", a, b,
                     [](auto u, auto v) { return where(is_zero(u) && is_zero(v), 0, decltype(u)(1)); });
}

template <class T>
Variable<T> isclose(const Variable<T>& a, const Variable<T>& b, Number<T> relative, Number<T> absolute)
{
    // Between two infinities of one sign the distance is NaN, and from a number to one it is not finite.
    return indicator("isclose", a, b, [r = T(relative), d = T(absolute)](auto u, auto v) {
        const auto bound = d + r * abs(v);
        return where(are_equal(u, v) || (abs(u - v) <= bound && isfinite(v) > 0), 1, decltype(u)(0));
    });
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> less(const Variable<T>&, const Variable<T>&);                                                 \
    template Variable<T> less_equal(const Variable<T>&, const Variable<T>&);                                           \
    template Variable<T> equal(const Variable<T>&, const Variable<T>&);                                                \
    template Variable<T> not_equal(const Variable<T>&, const Variable<T>&);                                            \
    template Variable<T> logical_and(const Variable<T>&, const Variable<T>&);                                          \
    template Variable<T> logical_or(const Variable<T>&, const Variable<T>&);                                           \
    template Variable<T> isclose(const Variable<T>&, const Variable<T>&, Number<T>, Number<T>);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
