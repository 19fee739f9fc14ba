#pragma once
// The functions of one element as the C library and the calculus book have them: a row for each function, and more rows
// for other numbers.

#include <xgrad/kernels/elementwise/functions.hpp>

#include <cmath>
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
    static const L a = 1.7159, b = 2. / 3;
    // clang-format off
    static const std::vector<FunctionRow> rows = {
        {"exp", Unary::exp, [](L x) { return std::exp(x); }, [](L x) { return std::exp(x); }, 1.5, -3, 3},
        {"log", Unary::log, [](L x) { return std::log(x); }, [](L x) { return 1 / x; }, 1.5, 0.2, 5},
        {"log1p", Unary::log1p, [](L x) { return std::log1p(x); }, [](L x) { return 1 / (1 + x); }, 1.5, -0.8, 4},
        {"sqrt", Unary::sqrt, [](L x) { return std::sqrt(x); }, [](L x) { return 0.5L / std::sqrt(x); }, 0.51, 0.2, 5},
        {"abs", Unary::abs, [](L x) { return std::abs(x); }, sign, 0, -3, 3},
        {"square", Unary::square, [](L x) { return x * x; }, [](L x) { return 2 * x; }, 0.51, -3, 3},
        {"sin", Unary::sin, [](L x) { return std::sin(x); }, [](L x) { return std::cos(x); }, 1, -7, 7},
        {"cos", Unary::cos, [](L x) { return std::cos(x); }, [](L x) { return -std::sin(x); }, 1, -7, 7},
        {"tanh", Unary::tanh, [](L x) { return std::tanh(x); }, sech2, 1.5, -3, 3},
        {"sigmoid", Unary::sigmoid, logistic, [](L x) { return logistic(x) * logistic(-x); }, 3, -3, 3},
        {"softplus", Unary::softplus,
         [](L x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }, logistic, 3, -3, 3},
        {"relu", Unary::relu, [](L x) { return x <= 0 ? 0 : x; }, [](L x) { return L(x > 0); }, 0, -3, 3},
        {"leaky_relu", Unary::leaky_relu, [](L x) { return x > 0 ? x : 0.25L * x; },
         [](L x) { return x > 0 ? 1 : 0.25L; }, 0.51, -3, 3, 0.25},
        {"scaled_tanh", Unary::scaled_tanh, [](L x) { return a * std::tanh(b * x); },
         [](L x) { return a * b * sech2(b * x); }, 4, -3, 3, 1.7159, 2. / 3},
        {"-2 tanh(x/2)", Unary::scaled_tanh, [](L x) { return -2 * std::tanh(x / 2); },
         [](L x) { return -sech2(x / 2); }, 4, -3, 3, -2, 0.5},
        {"clip", Unary::clip, [](L x) { return x < -0.5L ? -0.5L : x > 1.5L ? 1.5L : x; },
         [](L x) { return L(!(x < -0.5L || x > 1.5L)); }, 0, -3, 3, -0.5, 1.5},
        {"pow 2", Unary::pow, [](L x) { return x * x; }, [](L x) { return 2 * x; }, 1, -3, 3, 2},
        {"pow -3", Unary::pow, [](L x) { return 1 / (x * x * x); }, [](L x) { return -3 / (x * x * x * x); }, 1, 0.2,
         3, -3},
        {"pow 0", Unary::pow, [](L) { return L(1); }, zero, 0, -3, 3},
        {"pow 1.5", Unary::pow, [](L x) { return std::pow(x, 1.5L); }, [](L x) { return 1.5L * std::sqrt(x); }, 1,
         0.2, 3, 1.5},
        {"sign", Unary::sign, sign, zero, 0, -3, 3, 0, 0, true},
        {"step", Unary::step, [](L x) { return L(x > 0.5L); }, zero, 0, -3, 3, 0.5, 0, true},
        {"inside", Unary::inside, [](L x) { return L(x >= -0.5L && x <= 1.5L); }, zero, 0, -3, 3, -0.5, 1.5, true},
    };
    // clang-format on
    return rows;
}

} // namespace xgrad::test
