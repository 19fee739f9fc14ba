#pragma once
// The ops of the table that `bench/ops --table` makes: what both libraries have, a row each.

#include "measure.hpp"

#include <cstddef>
#include <random>
#include <string>
#include <vector>

// ROW(name, xgrad's expression, libtorch's expression, low, high): of x, whose elements are drawn from low … high.
// clang-format off
#define BENCH_OPS(ROW)                                                     \
    ROW(exp,        exp(x),                torch::exp(x),         -3, 3)   \
    ROW(exp2,       exp2(x),               torch::exp2(x),        -3, 3)   \
    ROW(expm1,      expm1(x),              torch::expm1(x),       -3, 3)   \
    ROW(log,        log(x),                torch::log(x),         0.1, 5)  \
    ROW(log2,       log2(x),               torch::log2(x),        0.1, 5)  \
    ROW(log10,      log10(x),              torch::log10(x),       0.1, 5)  \
    ROW(log1p,      log1p(x),              torch::log1p(x),       -0.9, 5) \
    ROW(sqrt,       sqrt(x),               torch::sqrt(x),        0.1, 5)  \
    ROW(square,     square(x),             torch::square(x),      -3, 3)   \
    ROW(pow_2,      pow(x, 2),             torch::pow(x, 2),      0.1, 3)  \
    ROW(pow_3,      pow(x, 3),             torch::pow(x, 3),      0.1, 3)  \
    ROW(pow_half,   pow(x, 0.5),           torch::pow(x, 0.5),    0.1, 3)  \
    ROW(pow_third,  pow(x, 1. / 3),        torch::pow(x, 1. / 3), 0.1, 3)  \
    ROW(sin,        sin(x),                torch::sin(x),         -9, 9)   \
    ROW(cos,        cos(x),                torch::cos(x),         -9, 9)   \
    ROW(tan,        tan(x),                torch::tan(x),         -1, 1)   \
    ROW(asin,       asin(x),               torch::asin(x),        -0.9, 0.9) \
    ROW(acos,       acos(x),               torch::acos(x),        -0.9, 0.9) \
    ROW(atan,       atan(x),               torch::atan(x),        -3, 3)   \
    ROW(sinh,       sinh(x),               torch::sinh(x),        -3, 3)   \
    ROW(cosh,       cosh(x),               torch::cosh(x),        -3, 3)   \
    ROW(tanh,       tanh(x),               torch::tanh(x),        -3, 3)   \
    ROW(asinh,      asinh(x),              torch::asinh(x),       -3, 3)   \
    ROW(acosh,      acosh(x),              torch::acosh(x),       1.1, 3)  \
    ROW(atanh,      atanh(x),              torch::atanh(x),       -0.9, 0.9) \
    ROW(erf,        erf(x),                torch::erf(x),         -2, 2)   \
    ROW(erfc,       erfc(x),               torch::erfc(x),        -2, 2)   \
    ROW(lgamma,     lgamma(x),             torch::lgamma(x),      0.5, 5)  \
    ROW(digamma,    digamma(x),            torch::digamma(x),     0.5, 5)  \
    ROW(sigmoid,    sigmoid(x),            torch::sigmoid(x),     -3, 3)   \
    ROW(softplus,   softplus(x),           torch::softplus(x),    -3, 3)   \
    ROW(relu,       relu(x),               torch::relu(x),        -3, 3)   \
    ROW(leaky_relu, leaky_relu(x),         torch::leaky_relu(x),  -3, 3)   \
    ROW(elu,        elu(x),                torch::elu(x),         -3, 3)   \
    ROW(gelu,       gelu(x),               torch::gelu(x),        -3, 3)   \
    ROW(silu,       silu(x),               torch::silu(x),        -3, 3)   \
    ROW(mish,       mish(x),               torch::mish(x),        -3, 3)   \
    ROW(abs,        abs(x),                torch::abs(x),         -3, 3)   \
    ROW(floor,      floor(x),              torch::floor(x),       -3, 3)   \
    ROW(round,      rint(x),               torch::round(x),       -3, 3)   \
    ROW(clip,       clip(x, -1., 1.),      torch::clamp(x, -1, 1), -3, 3)  \
    ROW(add,        x + x,                 x + x,                 -3, 3)   \
    ROW(multiply,   x * x,                 x * x,                 -3, 3)   \
    ROW(divide,     1 / x,                 1 / x,                 0.1, 3)  \
    ROW(hypot,      hypot(x, x),           torch::hypot(x, x),    0.1, 3)  \
    ROW(atan2,      atan2(x, x),           torch::atan2(x, x),    0.1, 3)  \
    ROW(maximum,    maximum(x, x),         torch::maximum(x, x),  -3, 3)   \
    ROW(sum,        sum(x),                torch::sum(x),         -3, 3)   \
    ROW(mean,       mean(x),               torch::mean(x),        -3, 3)
// Of x as rows of 64 elements.
#define BENCH_OPS_OF_ROWS(ROW)                                             \
    ROW(softmax,     softmax(x),           torch::softmax(x, 1),     -3, 3) \
    ROW(log_softmax, log_softmax(x),       torch::log_softmax(x, 1), -3, 3) \
    ROW(standardize, standardize(x),       torch::layer_norm(x, {64}), -3, 3) \
    ROW(sum_rows,    sum(x, {1}),          torch::sum(x, 1),         -3, 3) \
    ROW(sum_columns, sum(x, {0}),          torch::sum(x, 0),         -3, 3) \
    ROW(max_rows,    max(x, {1}),          torch::amax(x, 1),        -3, 3) \
    ROW(transpose,   transpose(x),         x.t().contiguous(),       -3, 3)
// clang-format on

namespace bench
{

constexpr std::size_t row_length = 64;

/** Numbers between two bounds, the same for each library. */
template <class T>
std::vector<T> drawn(std::size_t count, double low, double high)
{
    std::mt19937 engine(1);
    std::uniform_real_distribution<double> distribution(low, high);
    std::vector<T> numbers(count);
    for (T& number : numbers)
        number = static_cast<T>(distribution(engine));
    return numbers;
}

/** The nanoseconds that f takes for an element: the least of some milliseconds. */
template <class F>
double nanoseconds(std::size_t elements, F f)
{
    f();
    double least = 1;
    for (int repeat = 0; repeat < 5; ++repeat)
        least = std::min(least, slice(f));
    return least * 1e9 / static_cast<double>(elements);
}

/** The names of the ops, in the table's order. */
inline std::vector<std::string> op_names()
{
    return {
#define BENCH_ROW(name, ...) #name,
        BENCH_OPS(BENCH_ROW) BENCH_OPS_OF_ROWS(BENCH_ROW)
#undef BENCH_ROW
    };
}

/** The name of a work, such as "sin/float/forward". */
inline std::string op_work(const std::string& op, const std::string& type, bool backward)
{
    return op + "/" + type + (backward ? "/backward" : "/forward");
}

} // namespace bench
