#pragma once
// The functions of one element as the C library and the calculus book have them: a row for each function, and more rows
// for other numbers.

#include <xgrad/kernels/elementwise/functions.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace xgrad::test
{

struct FunctionRow
{
    using L = long double;

    std::string name;
    kernels::Unary function;
    L (*value)(L);
    L (*slope)(L);
    double ulp;          ///< the largest error of the value, in units of the last place
    double low, high;    ///< the range in which its derivative exists, except kinks at 0 and at its numbers
    double a = 0, b = 0; ///< the numbers of the function
    bool steps = false;  ///< true if it is a constant to gradients
};

/** The derivatives of ln Γ, as sums that Euler and Maclaurin continue. */
struct Gamma
{
    using L = long double;
    static L psi(L x)
    {
        if (x <= 0)
            return x == std::floor(x) ? std::numeric_limits<L>::quiet_NaN() : psi(1 - x) - pi / std::tan(turn(x));
        L sum = 0;
        for (; x < 100; ++x)
            sum -= 1 / x;
        return sum + std::log(x) - 1 / (2 * x) - 1 / (12 * x * x) + 1 / (120 * x * x * x * x) - 1 / (252 * power(x, 6));
    }
    static L psi1(L x)
    {
        if (x <= 0)
            return x == std::floor(x) ? std::numeric_limits<L>::quiet_NaN()
                                      : power(pi / std::sin(turn(x)), 2) - psi1(1 - x);
        L sum = 0;
        for (; x < 100; ++x)
            sum += 1 / (x * x);
        return sum + 1 / x + 1 / (2 * x * x) + 1 / (6 * power(x, 3)) - 1 / (30 * power(x, 5)) + 1 / (42 * power(x, 7));
    }
    static L psi2(L x)
    {
        L sum = 0;
        for (; x < 100; ++x)
            sum -= 2 / (x * x * x);
        return sum - 1 / (x * x) - 1 / power(x, 3) - 1 / (2 * power(x, 4)) + 1 / (6 * power(x, 6)) -
               1 / (6 * power(x, 8));
    }

  private:
    inline static const L pi = std::acos(-1.0L);
    static L turn(L x) { return pi * (x - std::round(x)); }
    static L power(L x, int n) { return n == 0 ? 1 : x * power(x, n - 1); }
};

inline const std::vector<FunctionRow>& function_rows()
{
    using L = long double;
    using kernels::Unary;
    static constexpr auto logistic = [](L x) {
        return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
    };
    static constexpr auto sign = [](L x) { return x > 0 ? 1 : x < 0 ? -1 : x; };
    static constexpr auto zero = [](L) { return L(0); };
    static constexpr auto sech2 = [](L x) { return 1 / (std::cosh(x) * std::cosh(x)); };
    static const L root2 = std::sqrt(2.0L), root2pi = std::sqrt(2 * std::acos(-1.0L));
    static constexpr auto normal = [](L x) { return std::erfc(-x / root2) / 2; };
    static constexpr auto gate = [](L x) {
        return logistic(2 * std::sqrt(2 / std::acos(-1.0L)) * (x + 0.044715L * x * x * x));
    };
    static constexpr auto soft = [](L x) { return std::tanh(std::log1p(std::exp(x))); };
    static constexpr auto hard = [](L x) { return x < -3 ? L(0) : x > 3 ? L(1) : x / 6 + 0.5L; };
    static const L lambda = 1.0507009873554804934193349852946L, alpha = 1.6732632423543772848170429916717L;
    static const L a = 1.7159, b = 2. / 3;
    // clang-format off
    static const std::vector<FunctionRow> rows = {
        {"exp", Unary::exp, [](L x) { return std::exp(x); }, [](L x) { return std::exp(x); }, 1.5, -3, 3},
        {"log", Unary::log, [](L x) { return std::log(x); }, [](L x) { return 1 / x; }, 1.5, 0.2, 5},
        {"log1p", Unary::log1p, [](L x) { return std::log1p(x); }, [](L x) { return 1 / (1 + x); }, 1.5, -0.8, 4},
        {"sqrt", Unary::sqrt, [](L x) { return std::sqrt(x); }, [](L x) { return 0.5L / std::sqrt(x); }, 0.51, 0.2, 5},
        {"abs", Unary::abs, [](L x) { return std::abs(x); }, sign, 0, -3, 3},
        {"square", Unary::square, [](L x) { return x * x; }, [](L x) { return 2 * x; }, 0.51, -3, 3},
        {"sin", Unary::sin, [](L x) { return std::sin(x); }, [](L x) { return std::cos(x); }, 1.5, -7, 7},
        {"cos", Unary::cos, [](L x) { return std::cos(x); }, [](L x) { return -std::sin(x); }, 1.5, -7, 7},
        {"exp2", Unary::exp2, [](L x) { return std::exp2(x); }, [](L x) { return std::exp2(x) * std::log(2.0L); }, 1.5, -3, 3},
        {"expm1", Unary::expm1, [](L x) { return std::expm1(x); }, [](L x) { return std::exp(x); }, 2, -3, 3},
        {"log2", Unary::log2, [](L x) { return std::log2(x); }, [](L x) { return 1 / (x * std::log(2.0L)); }, 1, 0.2, 5},
        {"log10", Unary::log10, [](L x) { return std::log10(x); }, [](L x) { return 1 / (x * std::log(10.0L)); }, 1, 0.2, 5},
        {"cbrt", Unary::cbrt, [](L x) { return std::cbrt(x); }, [](L x) { return std::cbrt(x) / (3 * x); }, 1, 0.2, 5},
        {"cube", Unary::cube, [](L x) { return x * x * x; }, [](L x) { return 3 * x * x; }, 1.5, -3, 3},
        {"tan", Unary::tan, [](L x) { return std::tan(x); }, [](L x) { return 1 / (std::cos(x) * std::cos(x)); }, 2, -1.2, 1.2},
        {"asin", Unary::asin, [](L x) { return std::asin(x); }, [](L x) { return 1 / std::sqrt(1 - x * x); }, 1, -0.9, 0.9},
        {"acos", Unary::acos, [](L x) { return std::acos(x); }, [](L x) { return -1 / std::sqrt(1 - x * x); }, 1.5, -0.9, 0.9},
        {"atan", Unary::atan, [](L x) { return std::atan(x); }, [](L x) { return 1 / (1 + x * x); }, 2, -3, 3},
        {"sinh", Unary::sinh, [](L x) { return std::sinh(x); }, [](L x) { return std::cosh(x); }, 2, -3, 3},
        {"cosh", Unary::cosh, [](L x) { return std::cosh(x); }, [](L x) { return std::sinh(x); }, 2, -3, 3},
        {"asinh", Unary::asinh, [](L x) { return std::asinh(x); }, [](L x) { return 1 / std::sqrt(x * x + 1); }, 2, -3, 3},
        {"acosh", Unary::acosh, [](L x) { return std::acosh(x); }, [](L x) { return 1 / std::sqrt(x * x - 1); }, 2, 1.2, 5},
        {"atanh", Unary::atanh, [](L x) { return std::atanh(x); }, [](L x) { return 1 / (1 - x * x); }, 2, -0.9, 0.9},
        {"erf", Unary::erf, [](L x) { return std::erf(x); }, [](L x) { return 2 / std::sqrt(std::acos(-1.0L)) * std::exp(-x * x); }, 1.5, -2, 2},
        {"erfc", Unary::erfc, [](L x) { return std::erfc(x); }, [](L x) { return -2 / std::sqrt(std::acos(-1.0L)) * std::exp(-x * x); }, 4.5, -2, 9},
        {"lgamma", Unary::lgamma, [](L x) { return std::lgamma(x); }, Gamma::psi, 8, 2.2, 6},
        {"tgamma", Unary::tgamma, [](L x) { return std::tgamma(x); }, [](L x) { return std::tgamma(x) * Gamma::psi(x); }, 5, 0.4, 4},
        {"digamma", Unary::digamma, Gamma::psi, Gamma::psi1, 8, 2, 6},
        {"polygamma 1", Unary::polygamma, Gamma::psi1, Gamma::psi2, 8, 0.8, 5, 1},
        {"deg2rad", Unary::deg2rad, [](L x) { return x * std::acos(-1.0L) / 180; }, [](L) { return std::acos(-1.0L) / 180; }, 1.5, -300, 300},
        {"rad2deg", Unary::rad2deg, [](L x) { return x / std::acos(-1.0L) * 180; }, [](L) { return 180 / std::acos(-1.0L); }, 1.5, -3, 3},
        {"tanh", Unary::tanh, [](L x) { return std::tanh(x); }, sech2, 1.5, -3, 3},
        {"sigmoid", Unary::sigmoid, logistic, [](L x) { return logistic(x) * logistic(-x); }, 3, -3, 3},
        {"softplus", Unary::softplus,
         [](L x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }, logistic, 3, -3, 3},
        {"relu", Unary::relu, [](L x) { return x <= 0 ? 0 : x; }, [](L x) { return L(x > 0); }, 0, -3, 3},
        // Far below 0 a rounding of the exponent, or of a subnormal gate, becomes many units of a tiny value.
        {"gelu", Unary::gelu, [](L x) { return x * normal(x); },
         [](L x) { return normal(x) + x * std::exp(-x * x / 2) / root2pi; }, 300, -3, 3},
        {"gelu_tanh", Unary::gelu_tanh, [](L x) { return x * gate(x); },
         [](L x) { return gate(x) + x * gate(x) * gate(-x) * 2 * std::sqrt(2 / std::acos(-1.0L)) * (1 + 0.134145L * x * x); }, 600, -3, 3},
        {"silu", Unary::silu, [](L x) { return x * logistic(x); },
         [](L x) { return logistic(x) + x * logistic(x) * logistic(-x); }, 50, -5, 5},
        {"mish", Unary::mish, [](L x) { return x * soft(x); },
         [](L x) { return soft(x) + x * logistic(x) * (1 - soft(x) * soft(x)); }, 50, -5, 5},
        {"elu", Unary::elu, [](L x) { return x > 0 ? x : 0.5L * std::expm1(x); },
         [](L x) { return x > 0 ? 1 : 0.5L * std::exp(x); }, 2, -3, 3, 0.5},
        {"selu", Unary::selu, [](L x) { return lambda * (x > 0 ? x : alpha * std::expm1(x)); },
         [](L x) { return lambda * (x > 0 ? 1 : alpha * std::exp(x)); }, 3, -3, 3},
        {"softsign", Unary::softsign, [](L x) { return x / (1 + std::abs(x)); },
         [](L x) { return 1 / ((1 + std::abs(x)) * (1 + std::abs(x))); }, 1.5, -3, 3},
        {"hard_sigmoid", Unary::hard_sigmoid, hard, [](L x) { return std::abs(x) <= 3 ? 1 / 6.0L : 0; }, 3, -5, 5},
        {"hard_swish", Unary::hard_swish, [](L x) { return x * hard(x); },
         [](L x) { return hard(x) + (std::abs(x) <= 3 ? x / 6 : 0); }, 3, -5, 5},
        {"leaky_relu", Unary::leaky_relu, [](L x) { return x > 0 ? x : 0.25L * x; },
         [](L x) { return x > 0 ? 1 : 0.25L; }, 0.51, -3, 3, 0.25},
        {"scaled_tanh", Unary::scaled_tanh, [](L x) { return a * std::tanh(b * x); },
         [](L x) { return a * b * sech2(b * x); }, 4, -3, 3, 1.7159, 2. / 3},
        {"-2 tanh(x/2)", Unary::scaled_tanh, [](L x) { return -2 * std::tanh(x / 2); },
         [](L x) { return -sech2(x / 2); }, 4, -3, 3, -2, 0.5},
        {"clip", Unary::clip, [](L x) { return x < -0.5L ? -0.5L : x > 1.5L ? 1.5L : x; },
         [](L x) { return L(!(x < -0.5L || x > 1.5L)); }, 0, -3, 3, -0.5, 1.5},
        {"pow 2", Unary::pow, [](L x) { return x * x; }, [](L x) { return 2 * x; }, 1, -3, 3, 2},
        {"pow 1", Unary::pow, [](L x) { return x; }, [](L) { return L(1); }, 0, -3, 3, 1},
        {"pow 3", Unary::pow, [](L x) { return x * x * x; }, [](L x) { return 3 * x * x; }, 1.5, -3, 3, 3},
        {"pow 4", Unary::pow, [](L x) { return x * x * x * x; }, [](L x) { return 4 * x * x * x; }, 2, -3, 3, 4},
        {"pow -3", Unary::pow, [](L x) { return 1 / (x * x * x); }, [](L x) { return -3 / (x * x * x * x); }, 1.5, 0.2,
         3, -3},
        {"pow 0", Unary::pow, [](L) { return L(1); }, zero, 0, -3, 3},
        {"pow 1.5", Unary::pow, [](L x) { return std::pow(x, 1.5L); }, [](L x) { return 1.5L * std::sqrt(x); }, 1.5,
         0.2, 3, 1.5},
        {"pow 0.5", Unary::pow, [](L x) { return std::pow(x, 0.5L); }, [](L x) { return 0.5L / std::sqrt(x); }, 0.51,
         0.2, 3, 0.5},
        {"pow 2.5", Unary::pow, [](L x) { return std::pow(x, 2.5L); }, [](L x) { return 2.5L * x * std::sqrt(x); }, 2,
         0.2, 3, 2.5},
        {"pow -0.5", Unary::pow, [](L x) { return std::pow(x, -0.5L); },
         [](L x) { return -0.5L / (x * std::sqrt(x)); }, 1.5, 0.2, 3, -0.5},
        {"pow -1", Unary::pow, [](L x) { return 1 / x; }, [](L x) { return -1 / (x * x); }, 0.51, 0.2, 3, -1},
        {"pow -2", Unary::pow, [](L x) { return 1 / (x * x); }, [](L x) { return -2 / (x * x * x); }, 2, 0.2, 3, -2},
        {"pow 0.25", Unary::pow, [](L x) { return std::pow(x, 0.25L); }, [](L x) { return 0.25L * std::pow(x, -0.75L); }, 1.5, 0.2, 3, 0.25},
        {"sign", Unary::sign, sign, zero, 0, -3, 3, 0, 0, true},
        {"floor", Unary::floor, [](L x) { return std::floor(x); }, zero, 0, -3, 3, 0, 0, true},
        {"ceil", Unary::ceil, [](L x) { return std::ceil(x); }, zero, 0, -3, 3, 0, 0, true},
        {"trunc", Unary::trunc, [](L x) { return std::trunc(x); }, zero, 0, -3, 3, 0, 0, true},
        {"round", Unary::round, [](L x) { return std::round(x); }, zero, 0, -3, 3, 0, 0, true},
        {"rint", Unary::rint, [](L x) { return std::rint(x); }, zero, 0, -3, 3, 0, 0, true},
        {"isnan", Unary::isnan, [](L x) { return L(std::isnan(x)); }, zero, 0, -3, 3, 0, 0, true},
        {"isinf", Unary::isinf, [](L x) { return L(std::isinf(x)); }, zero, 0, -3, 3, 0, 0, true},
        {"isfinite", Unary::isfinite, [](L x) { return L(std::isfinite(x)); }, zero, 0, -3, 3, 0, 0, true},
        {"step", Unary::step, [](L x) { return L(x > 0.5L); }, zero, 0, -3, 3, 0.5, 0, true},
        {"inside", Unary::inside, [](L x) { return L(x >= -0.5L && x <= 1.5L); }, zero, 0, -3, 3, -0.5, 1.5, true},
    };
    // clang-format on
    return rows;
}

} // namespace xgrad::test
