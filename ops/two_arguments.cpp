#include <xgrad/base/instantiate.hpp>
#include <xgrad/ops/detail/formula.hpp>
#include <xgrad/ops/detail/values.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/two_arguments.hpp>

namespace xgrad
{

using kernels::or_one;

// The functions of two arguments of kernels/elementwise/functions.hpp. A rule keeps the result if it reads it.

#define XGRAD_ROW(name, reads, value, rule_a, rule_b)                                                                  \
    template <class T>                                                                                                 \
    Variable<T> name(Variable<T> a, Variable<T> b)                                                                     \
    {                                                                                                                  \
        const auto compute = [&] { return detail::zip(#name, kernels::Binary::name, a, b); };                          \
        return record(#name, compute, wrt(a, XGRAD_RULE_##reads(rule_a)), wrt(b, XGRAD_RULE_##reads(rule_b)));         \
    }
#define XGRAD_RULE_x(rule) [a, b](const auto& g, const Shape& shape) { return sum_to(rule, shape); }
#define XGRAD_RULE_y(rule)                                                                                             \
    [a, b](const auto& g, [[maybe_unused]] const auto& y, const Shape& shape) { return sum_to(rule, shape); }
XGRAD_FUNCTIONS_OF_TWO(XGRAD_ROW)
#undef XGRAD_ROW

template <class T>
Variable<T> fma(const Variable<T>& a, const Variable<T>& b, const Variable<T>& c)
{
    const auto formula = [](auto u, auto v, auto w) { return decltype(u)(xsimd::fma(u.all, v.all, w.all)); };
    const auto compute = [&] { return detail::formula_value<decltype(formula), T, 3>("fma", formula, {&a, &b, &c}); };
    return record("fma", compute, //
                  wrt(a, [b](const auto& g, const Shape& shape) { return sum_to(g * b, shape); }),
                  wrt(b, [a](const auto& g, const Shape& shape) { return sum_to(g * a, shape); }),
                  wrt(c, [](const auto& g, const Shape& shape) { return sum_to(g, shape); }));
}

#define XGRAD_FLOAT(name, ...) template Variable<float> name(Variable<float>, Variable<float>);
#define XGRAD_DOUBLE(name, ...) template Variable<double> name(Variable<double>, Variable<double>);
XGRAD_FUNCTIONS_OF_TWO(XGRAD_FLOAT)
XGRAD_FUNCTIONS_OF_TWO(XGRAD_DOUBLE)

#define XGRAD_INSTANTIATE(T) template Variable<T> fma(const Variable<T>&, const Variable<T>&, const Variable<T>&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
