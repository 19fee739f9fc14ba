#pragma once
// The functions of one element, a row each. All else is made from these rows: the kernels of every instruction set, the
// gradients, the functions that a formula may call, the ops, what comparisons know of a derivative, and most tests.

#include <cstdint>
#include <limits>

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
    ROW(sin,      x, vector::sin<T>(x),                                g * cos(x))                                     \
    ROW(cos,      x, vector::cos<T>(x),                                -(g * sin(x)))                                  \
    ROW(exp2,     y, vector::exp2<T>(x),                               g * (0.693147180559945309 * y))                 \
    ROW(expm1,    x, vector::expm1<T>(x),                              g * exp(x))                                     \
    ROW(log2,     x, vector::log2<T>(x),                               g / (0.693147180559945309 * x))                 \
    ROW(log10,    x, vector::log10<T>(x),                              g / (2.302585092994045684 * x))                 \
    ROW(cbrt,     y, vector::cbrt<T>(x),                               g / (3 * (y * y)))                              \
    ROW(cube,     x, x * x * x,                                        3 * g * (x * x))                                \
    ROW(tan,      y, vector::tan<T>(x),                                g * (1 + y * y))                                \
    ROW(asin,     x, vector::asin<T>(x),                               g / sqrt((1 - x) * (1 + x)))                    \
    ROW(acos,     x, vector::acos<T>(x),                               -(g / sqrt((1 - x) * (1 + x))))                 \
    ROW(atan,     x, vector::atan<T>(x),                               g / (1 + x * x))                                \
    ROW(sinh,     x, vector::sinh<T>(x),                               g * cosh(x))                                    \
    ROW(cosh,     x, vector::cosh<T>(x),                               g * sinh(x))                                    \
    ROW(asinh,    y, vector::asinh<T>(x),                              g / cosh(y))                                    \
    ROW(acosh,    y, vector::acosh<T>(x),                              g / sinh(y))                                    \
    ROW(atanh,    x, vector::atanh<T>(x),                              g / ((1 - x) * (1 + x)))                        \
    ROW(erf,      x, vector::erf<T>(x),                                1.128379167095512574 * g * exp(-(x * x)))       \
    ROW(erfc,     x, vector::erfc<T>(x),                               -1.128379167095512574 * g * exp(-(x * x)))      \
    ROW(lgamma,   x, vector::lgamma<T>(x),                             g * digamma(x))                                 \
    ROW(digamma,  x, vector::digamma<T>(x),                            g * polygamma(x, 1))                            \
    ROW(tgamma,   x, XGRAD_OF_EACH(tgamma, x),                         g * (tgamma(x) * digamma(x)))                   \
    ROW(deg2rad,  x, x * 0.017453292519943296,                         0.017453292519943296 * g)                       \
    ROW(rad2deg,  x, x * 57.29577951308232088,                         57.29577951308232088 * g)                       \
    ROW(tanh,     y, vector::tanh<T>(x),                               g * (1 - y * y))                                \
    ROW(sigmoid,  y, vector::sigmoid<T>(x),                            g * (y * (1 - y)))                              \
    ROW(softplus, x, vector::softplus<T>(x),                           g * sigmoid(x))                                 \
    ROW(relu,     y, where(x <= 0, 0, x),                              where(y > 0, g, 0))                             \
    ROW(gelu,     x, 0.5 * x * erfc(-0.707106781186547524 * x),                                                        \
                     g * (0.5 * erfc(-0.707106781186547524 * x) + 0.398942280401432678 * x * exp(-0.5 * (x * x))))     \
    ROW(gelu_tanh, x, x * sigmoid(1.595769121605730712 * x * (1 + 0.044715 * (x * x))),                                \
                     g * (sigmoid(1.595769121605730712 * x * (1 + 0.044715 * (x * x)))                                 \
                          * (1 + 1.595769121605730712 * x * (1 + 0.134145 * (x * x))                                   \
                                 * sigmoid(-1.595769121605730712 * x * (1 + 0.044715 * (x * x))))))                    \
    ROW(silu,     x, x * sigmoid(x),                                   g * (sigmoid(x) * (1 + x * sigmoid(-x))))       \
    ROW(mish,     x, x * tanh(softplus(x)),                                                                            \
                     g * (tanh(softplus(x)) + x * sigmoid(x) * (1 - square(tanh(softplus(x))))))                       \
    ROW(selu,     x, 1.050700987355480493 * elu(x, 1.673263242354377285),                                              \
                     g * where(x > 0, 1.050700987355480493, 1.758099340847376625 * exp(minimum(x, 0))))                \
    ROW(softsign, x, x / (1 + abs(x)),                                 g / square(1 + abs(x)))                         \
    ROW(hard_sigmoid, x, clip((x + 3) / 6, 0, 1),                       g * inside(x, -3, 3) / 6)                      \
    ROW(hard_swish, x, x * hard_sigmoid(x),                                                                            \
                     g * (hard_sigmoid(x) + clip(x, -3, 3) * inside(x, -3, 3) / 6))

// With numbers: ROW(name, numbers, reads, value, rule). They are a, or a and b; b is 0 where it is not among them.
#define XGRAD_FUNCTIONS_OF_NUMBERS(ROW)                                                                                \
    ROW(leaky_relu,  (double a = 0.01),                      x, where(x > 0, x, a * x), g * where(x > 0, 1, a))        \
    ROW(elu, (double a = 1), x, where(x > 0, x, a * expm1(minimum(x, 0))),                                             \
                     g * where(x > 0, 1, a * exp(minimum(x, 0))))                                                      \
    ROW(scaled_tanh, (double a = 1.7159, double b = 2. / 3), y, a * tanh(b * x), g * ((b / a) * (a * a - y * y)))      \
    ROW(clip,        (double a, double b), x, vector::clip<T>(x, Lanes<T>(a), Lanes<T>(b)), g * inside(x, a, b))       \
    ROW(pow,         (double a), x, power_of(x, a),                                                                    \
                     g * a * pow(x, a == 0 ? 0 : a - 1))                                                               \
    ROW(polygamma,   (double a), x, vector::polygamma<T>(a, x), g * polygamma(x, a + 1))

// Of two arguments: ROW(name, reads, value, rule of a, rule of b). Rules may read a and b, and y if `reads` is y.
#define XGRAD_FUNCTIONS_OF_TWO(ROW)                                                                                    \
    ROW(hypot,     y, vector::hypot<T>(a, b),     g * (a / or_one(y)),  g * (b / or_one(y)))                           \
    ROW(atan2,     x, vector::atan2<T>(a, b),                                                                          \
                   g * (b / or_one(hypot(a, b)) / or_one(hypot(a, b))),                                                \
                   -(g * (a / or_one(hypot(a, b)) / or_one(hypot(a, b)))))                                             \
    ROW(fmod,      y, vector::fmod<T>(a, b),      g,  -(g * rint((a - y) / b)))                                        \
    ROW(remainder, y, vector::remainder<T>(a, b), g,  -(g * rint((a - y) / b)))                                        \
    ROW(fdim,      x, where(a <= b, 0, a - b),    where(a > b, g, 0),  -where(a > b, g, 0))                            \
    ROW(fmax,      x, where(a >= b, a, where(b >= b, b, a)),                                                           \
                   where(a >= b, g, g * isnan(b)),  where(a >= b, 0, g * (1 - isnan(b))))                              \
    ROW(fmin,      x, where(a <= b, a, where(b <= b, b, a)),                                                           \
                   where(a <= b, g, g * isnan(b)),  where(a <= b, 0, g * (1 - isnan(b))))

// Piecewise constant ones, to which no gradient flows: ROW(name, value).
#define XGRAD_STEPS(ROW)                                                                                               \
    ROW(sign,     where(x > 0, 1, where(x < 0, -1, x)))                                                                \
    ROW(floor,    vector::floor<T>(x))                                                                                 \
    ROW(ceil,     vector::ceil<T>(x))                                                                                  \
    ROW(trunc,    vector::trunc<T>(x))                                                                                 \
    ROW(round,    vector::round<T>(x))                                                                                 \
    ROW(rint,     vector::rint<T>(x))                                                                                  \
    ROW(isnan,    where(x >= x, 0, 1))                                                                                 \
    ROW(isinf,    where(abs(x) > std::numeric_limits<T>::max(), 1, 0))                                                 \
    ROW(isfinite, where(abs(x) <= std::numeric_limits<T>::max(), 1, 0))

// The same with numbers: ROW(name, numbers, value).
#define XGRAD_STEPS_OF_NUMBERS(ROW)                                                                                    \
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
        XGRAD_STEPS_OF_NUMBERS(XGRAD_ROW)
#undef XGRAD_ROW
};

/** The number x ≥ 0, but 1 for 0. A rule divides by it where its gradient is stated to be 0 there. */
template <class X>
auto or_one(const X& x)
{
    return where(x <= 0, 1, x);
}

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
        static auto rule(const G& g, [[maybe_unused]] const X& reads, [[maybe_unused]] N a, [[maybe_unused]] N b)      \
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
