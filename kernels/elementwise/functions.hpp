#pragma once
// The functions of one element, a row each. All else is made from these rows: the kernels of every instruction set, the
// gradients, the functions that a formula may call, the ops, what comparisons know of a derivative, and most tests.

#include <cstdint>

// A row is
//
//     ROW(name, reads, value, rule)
//
// value   the function of x, the lanes of a register;
// reads   what the rule reads: the argument x or the result y;
// rule    the gradient for x, linear in the upstream gradient g. It is evaluated on lanes and on variables.
//
// clang-format off
#define XGRAD_FUNCTIONS(ROW)                                                                                           \
    ROW(exp,      y, vector::exp<T>(x),                                g * y)                                          \
    ROW(log,      x, vector::log<T>(x),                                g / x)                                          \
    ROW(log1p,    x, vector::log1p<T>(x),                              g / (1 + x))                                    \
    ROW(sqrt,     y, xsimd::sqrt(x.all),                               g / (2 * y))                                    \
    ROW(abs,      x, xsimd::abs(x.all),                                g * sign(x))                                    \
    ROW(square,   x, x * x,                                            2 * g * x)                                      \
    ROW(sin,      x, XGRAD_OF_EACH(sin, x),                            g * cos(x))                                     \
    ROW(cos,      x, XGRAD_OF_EACH(cos, x),                            -(g * sin(x)))                                  \
    ROW(tanh,     y, vector::tanh<T>(x),                               g * (1 - y * y))                                \
    ROW(sigmoid,  y, vector::sigmoid<T>(x),                            g * (y * (1 - y)))                              \
    ROW(softplus, x, vector::softplus<T>(x),                           g * sigmoid(x))                                 \
    ROW(relu,     y, where(x <= 0, 0, x),                              where(y > 0, g, 0))

// With numbers: ROW(name, numbers, reads, value, rule). They are a, or a and b; b is 0 where it is not among them.
#define XGRAD_FUNCTIONS_OF_NUMBERS(ROW)                                                                                \
    ROW(leaky_relu,  (double a = 0.01),                      x, where(x > 0, x, a * x), g * where(x > 0, 1, a))       \
    ROW(scaled_tanh, (double a = 1.7159, double b = 2. / 3), y, a * tanh(b * x), g * ((b / a) * (a * a - y * y)))      \
    ROW(clip,        (double a, double b), x, vector::clip<T>(x, Lanes<T>(a), Lanes<T>(b)), g * inside(x, a, b))       \
    ROW(pow,         (double a), x, vector::each<T>(x, [a](T e) { return vector::power<T>(e, T(a)); }),                \
                     g * a * pow(x, a == 0 ? 0 : a - 1))

// Piecewise constant ones, to which no gradient flows: ROW(name, numbers, value).
#define XGRAD_STEPS(ROW)                                                                                               \
    ROW(sign,   (),                   where(x > 0, 1, where(x < 0, -1, x)))                                            \
    ROW(step,   (double a = 0),       where(x > a, 1, 0))                                                              \
    ROW(inside, (double a, double b), where(x >= a && x <= b, 1, 0))
// clang-format on

/** Continues a list of parameters with those of a row. */
#define XGRAD_MORE(...) __VA_OPT__(, ) __VA_ARGS__

namespace xgrad::kernels
{

/** The name of each function of one element. */
enum class Unary : std::uint8_t
{
#define XGRAD_ROW(name, ...) name,
    XGRAD_FUNCTIONS(XGRAD_ROW) XGRAD_FUNCTIONS_OF_NUMBERS(XGRAD_ROW) XGRAD_STEPS(XGRAD_ROW)
#undef XGRAD_ROW
};

/** The facts of a row: its names, what its rule reads, and the rule, which takes lanes, duals or variables. */
template <Unary>
struct Function;

#define XGRAD_DEFINE(name_, reads, rule_)                                                                              \
    template <>                                                                                                        \
    struct Function<Unary::name_>                                                                                      \
    {                                                                                                                  \
        static constexpr Unary unary = Unary::name_;                                                                   \
        static constexpr const char *name = #name_, *gradient = #name_ "_gradient";                                    \
        static constexpr bool reads_result = #reads[0] == 'y';                                                         \
        template <class G, class X, class N>                                                                           \
        static auto rule(const G& g, const X& reads, [[maybe_unused]] N a, [[maybe_unused]] N b)                       \
        {                                                                                                              \
            return rule_;                                                                                              \
        }                                                                                                              \
    };
#define XGRAD_ROW(name, reads, value, rule) XGRAD_DEFINE(name, reads, rule)
XGRAD_FUNCTIONS(XGRAD_ROW)
#undef XGRAD_ROW
#define XGRAD_ROW(name, numbers, reads, value, rule) XGRAD_DEFINE(name, reads, rule)
XGRAD_FUNCTIONS_OF_NUMBERS(XGRAD_ROW)
#undef XGRAD_ROW
#undef XGRAD_DEFINE

} // namespace xgrad::kernels
