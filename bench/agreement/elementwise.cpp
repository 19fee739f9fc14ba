// Functions of one element.

#include "family.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/nan.hpp>
#include <xgrad/ops/two_arguments.hpp>

#include <cmath>
#include <vector>

namespace agree
{

namespace
{

/** The numbers that a function is given. Each configuration has ordinary ones from an interval, or hostile ones. */
struct Domain
{
    double low = -3, high = 3;
    bool hostile = true;
};

/** A reason for which the libraries may differ, and where it holds. */
struct Exception
{
    const char* reason;
    std::function<bool(double x, const Place& place)> holds;
};
using Exceptions = std::vector<Exception>;

const char* reason_at(const Exceptions& exceptions, double x, const Place& place)
{
    for (const Exception& exception : exceptions)
        if (exception.holds(x, place))
            return exception.reason;
    return nullptr;
}

bool is_nan(double x, const Place&) { return std::isnan(x); }

/** A function of each element. @param f, g  by xgrad and by libtorch */
template <class F, class G>
Family function(std::string name, F f, G g, Domain domain = {}, Exceptions exceptions = {})
{
    return {std::move(name), [=](Draw& d) {
                const Shape shape = d.shape(0, 5, {.may_be_empty = true});
                const bool hostile = domain.hostile && d.flag("hostile");
                const Array<double> x = hostile ? d.hostile(shape) : d.uniform(shape, domain.low, domain.high);
                Configuration c(
                    {x}, [f](const Variables& xs) { return f(xs[0]); }, [g](const Tensors& ts) { return g(ts[0]); });
                c.by_element = true;
                c.second_order = !hostile;
                return std::move(c).except([x, exceptions](const Place& place) -> const char* {
                    return place.part == Part::refusal ? nullptr
                                                       : reason_at(exceptions, x.data()[place.element], place);
                });
            }};
}

/** A function that has the same name in both libraries. */
template <class F>
Family function(std::string name, F f, Domain domain = {},
                Exceptions exceptions = {}) requires std::is_invocable_v<F, Variable> && std::is_invocable_v<F, Tensor>
{
    return function(std::move(name), f, f, domain, std::move(exceptions));
}

/** A function with a number that is drawn. */
template <class F, class G>
Family function_with(std::string name, const char* option, double low, double high, F f, G g,
                     Exceptions exceptions = {})
{
    return {std::move(name), [=](Draw& d) {
                const double s = d.real(option, low, high);
                return function(
                           "", [=](const Variable& x) { return f(x, s); }, [=](const Tensor& x) { return g(x, s); }, {},
                           exceptions)
                    .draw(d);
            }};
}

#define SAME(name) function(#name, [](const auto& x) { return name(x); })
#define SAME_IN(name, ...)                                                                                             \
    function(                                                                                                          \
        #name, [](const auto& x) { return name(x); }, __VA_ARGS__)

} // namespace

Families elementwise_families()
{
    constexpr Domain positive{0.05, 4}, unit{-0.95, 0.95};
    const Exception gradient_at_nan{"at NaN the gradient is xgrad's choice (docs/kinks.md), libtorch has another one",
                                    is_nan};
    const Exception trigamma{
        "libtorch's trigamma has a relative error of up to 1e-9; xgrad's last digits are those of mpmath",
        [](double, const Place& place) { return place.relative < 2e-9; }};
    const Exception pole{
        "at 0, −1, −2, … the digamma function has no value, xgrad's is NaN; libtorch's is ±∞ at 0, and its "
        "derivatives are large numbers",
        [](double x, const Place&) { return x <= 0 && std::trunc(x) == x; }};
    const Exception small_exponential{
        "libtorch computes eˣ − 1 by a difference, which loses the digits of small x; xgrad by expm1",
        [](double x, const Place& place) { return place.part == Part::values && x < 0 && x > -1e-5; }};
    return {
        SAME(exp),
        SAME_IN(log, positive),
        SAME_IN(log1p, {-0.9, 4}),
        SAME(exp2),
        SAME_IN(expm1, {},
                {{"libtorch's gradient is y + 1, which loses the digits of eˣ for x far below 0",
                  [](double x, const Place&) { return x < -10; }}}),
        SAME_IN(log2, positive),
        SAME_IN(log10, positive),
        SAME_IN(sqrt, positive),
        SAME_IN(abs, {}, {gradient_at_nan}),
        SAME_IN(sign, {}, {{"the sign of NaN is NaN, as in NumPy; libtorch's is 0", is_nan}}),
        SAME(floor),
        SAME(ceil),
        SAME(trunc),
        function(
            "rint", [](const Variable& x) { return rint(x); }, [](const Tensor& x) { return round(x); }),
        SAME(isnan),
        SAME(isinf),
        SAME(isfinite),
        SAME(square),
        function(
            "cube", [](const Variable& x) { return cube(x); }, [](const Tensor& x) { return pow(x, 3); }),
        SAME(sin),
        SAME(cos),
        SAME_IN(tan, {-1.4, 1.4}),
        SAME_IN(asin, unit),
        SAME_IN(acos, unit),
        SAME(atan),
        SAME(sinh),
        SAME(cosh),
        SAME(tanh),
        SAME_IN(asinh, {},
                {{"in libtorch's gradient x² overflows", [](double x, const Place&) { return std::abs(x) > 1e150; }}}),
        SAME_IN(acosh, {1.05, 5},
                {{"from −1 down the value is NaN, and xgrad's gradient too; libtorch's is that of |x|",
                  [](double x, const Place& place) { return place.part == Part::gradients && x <= -1; }},
                 {"in libtorch's gradient x² overflows", [](double x, const Place&) { return x > 1e150; }}}),
        SAME_IN(atanh, unit),
        SAME(erf),
        SAME(erfc),
        SAME_IN(lgamma, {}, {trigamma, pole}),
        SAME_IN(digamma, {}, {trigamma, pole}),
        {"polygamma",
         [=](Draw& d) {
             const auto n = d.integer("order", 0, 5);
             return function(
                        "", [=](const Variable& x) { return polygamma(x, static_cast<double>(n)); },
                        [=](const Tensor& x) { return torch::polygamma(n, x); }, {0.1, 6, false}, {trigamma})
                 .draw(d);
         }},
        SAME(deg2rad),
        SAME(rad2deg),
        function("negative", [](const auto& x) { return -x; }),
        function("reciprocal", [](const auto& x) { return 1 / x; }),
        function(
            "rsqrt", [](const Variable& x) { return 1 / sqrt(x); }, [](const Tensor& x) { return rsqrt(x); }, positive),
        SAME(sigmoid),
        SAME_IN(relu, {}, {gradient_at_nan}),
        SAME(silu),
        SAME(mish),
        SAME_IN(selu, {}, {gradient_at_nan, small_exponential}),
        function(
            "elu", [](const Variable& x) { return elu(x); }, [](const Tensor& x) { return torch::elu(x); }, {},
            {gradient_at_nan, small_exponential}),
        function_with(
            "leaky_relu", "slope", -1, 1, [](const Variable& x, double s) { return leaky_relu(x, s); },
            [](const Tensor& x, double s) { return torch::leaky_relu(x, s); }),
        function_with(
            "elu_with_limit", "limit", 0.1, 2, [](const Variable& x, double s) { return elu(x, s); },
            [](const Tensor& x, double s) { return torch::elu(x, s); }, {gradient_at_nan, small_exponential}),
        function(
            "softplus", [](const Variable& x) { return softplus(x); },
            [](const Tensor& x) { return torch::softplus(x, 1, 40); }), // above 40 both are x
        function(
            "softsign", [](const Variable& x) { return softsign(x); },
            [](const Tensor& x) { return torch::nn::functional::softsign(x); }, {},
            {{"libtorch's gradient is a difference of two terms, which cancel far from 0",
              [](double x, const Place& place) { return place.part == Part::gradients && std::abs(x) > 1e4; }}}),
        function(
            "gelu", [](const Variable& x) { return gelu(x); }, [](const Tensor& x) { return torch::gelu(x); }),
        function(
            "gelu_tanh", [](const Variable& x) { return gelu_tanh(x); },
            [](const Tensor& x) { return torch::gelu(x, "tanh"); }),
        function(
            "hard_sigmoid", [](const Variable& x) { return hard_sigmoid(x); },
            [](const Tensor& x) { return torch::hardsigmoid(x); }, {-6, 6},
            {{"libtorch's gradient has a sixth of single precision, 3e-8 too large",
              [](double, const Place& place) { return place.part == Part::gradients && place.relative < 3.1e-8; }},
             {"at a corner xgrad's gradient is the slope between the bounds (docs/kinks.md), libtorch's is 0",
              [](double x, const Place&) { return std::abs(x) == 3; }},
             gradient_at_nan}),
        function(
            "hard_swish", [](const Variable& x) { return hard_swish(x); },
            [](const Tensor& x) { return torch::hardswish(x); }, {-6, 6},
            {{"at the corner 3 xgrad's gradient is the slope between the bounds (docs/kinks.md), libtorch's is 1",
              [](double x, const Place&) { return x == 3; }},
             gradient_at_nan}),
        function(
            "step", [](const Variable& x) { return step(x); },
            [](const Tensor& x) { return (x > 0).to(torch::kDouble); }),
        {"clip",
         [](Draw& d) {
             const double low = d.real("low", -2, 1), high = low + d.real("width", 0, 2);
             return function(
                        "", [=](const Variable& x) { return clip(x, low, high); },
                        [=](const Tensor& x) { return torch::clamp(x, low, high); })
                 .draw(d);
         }},
        {"nan_to_num",
         [](Draw& d) {
             const double nan = d.real("nan", -2, 2);
             return function(
                        "", [=](const Variable& x) { return nan_to_num(x, nan); },
                        [=](const Tensor& x) { return torch::nan_to_num(x, nan); })
                 .draw(d);
         }},
        function_with(
            "power_by_number", "exponent", -3, 3, [](const Variable& x, double s) { return pow(x, s); },
            [](const Tensor& x, double s) { return torch::pow(x, s); }),
        {"power_by_integer",
         [](Draw& d) {
             const auto n = d.integer("exponent", -4, 5);
             return function(
                        "", [=](const Variable& x) { return pow(x, static_cast<double>(n)); },
                        [=](const Tensor& x) { return torch::pow(x, n); })
                 .draw(d);
         }},
        function_with(
            "power_of_number", "base", 0.1, 3, [](const Variable& x, double s) { return pow(s, x); },
            [](const Tensor& x, double s) { return torch::pow(s, x); }),
    };
}

} // namespace agree
