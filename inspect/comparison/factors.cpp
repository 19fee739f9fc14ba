#include <xgrad/inspect/comparison/factors.hpp>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace xgrad::detail
{

namespace
{

bool is(double a, double b, double tolerance = 1e-6) { return std::abs(a - b) <= tolerance * std::abs(b); }

struct Constant
{
    const char* name;
    double value;
};

const Constant constants[] = {
    {"ln 2", std::numbers::ln2},
    {"ln 10", std::numbers::ln10},
    {"π", std::numbers::pi},
    {"2π", 2 * std::numbers::pi},
    {"π/180", std::numbers::pi / 180},
    {"√π", std::sqrt(std::numbers::pi)},
    {"√(2π)", std::sqrt(2 * std::numbers::pi)},
};

constexpr double exactly = 1e-10; // roots of numbers are close to each other

} // namespace

bool is_simple(double factor) { return factor == 0 || is(factor, -1) || is(factor, 0.5) || is(factor, 2); }

std::string known_number(double factor)
{
    for (const Constant& constant : constants) {
        if (is(factor, constant.value))
            return constant.name;
        if (is(factor, 1 / constant.value))
            return constant.value == std::numbers::pi / 180 ? "180/π" : fmt::format("1/{}", constant.name);
    }
    const double square = factor > 1 ? factor * factor : 1 / (factor * factor), d = std::round(square);
    if (factor <= 0 || d < 2 || d > 4096 || !is(square, d, exactly) || std::sqrt(d) == std::round(std::sqrt(d)))
        return "";
    return fmt::format("{}√{:.0f}", factor > 1 ? "" : "1/", d);
}

std::string times_in_words(double factor)
{
    if (is(factor, 2))
        return "twice";
    if (is(factor, 0.5))
        return "half";
    const std::string known = known_number(factor);
    return known.empty() ? fmt::format("{:.6g} times", factor) : known + " times";
}

FactorReading read_factor(double factor, std::size_t elements, const FactorContext& context)
{
    const auto n = static_cast<double>(context.samples);
    if (is(factor, 1))
        return {};
    if (is(factor, -1))
        return {"the sign is wrong", true};
    std::vector<std::string> found;
    if (context.samples > 1 && is(factor, n))
        found.push_back(
            fmt::format("it is too large by the factor {}, the number of samples: a sum where the loss has the mean",
                        context.samples));
    if (context.samples > 1 && is(factor, 1 / n))
        found.push_back(
            fmt::format("it is too small by the factor {}, the number of samples: a mean where the loss has the sum",
                        context.samples));
    if (context.samples > 2 && (is(factor, n / (n - 1)) || is(factor, (n - 1) / n)))
        found.push_back(fmt::format("it is {} times the right one, with N = {} samples",
                                    factor > 1 ? "N/(N − 1)" : "(N − 1)/N", context.samples));
    if (is(factor, 2))
        found.push_back(context.has_squared_error
                            ? "it is twice as large: the ½ of a squared error is missing, or the 2 of its derivative "
                              "is there twice"
                            : "it is twice as large");
    if (is(factor, 0.5))
        found.push_back(context.has_squared_error
                            ? "it is half as large: the ½ of a squared error is there twice, or the 2 of its "
                              "derivative is missing"
                            : "it is half as large");
    if (const std::string known = known_number(factor); !known.empty() && found.empty())
        found.push_back(known.find("√") != std::string::npos && known.find("π") == std::string::npos
                            ? fmt::format("it is {} times the right one: a root such as the 1/√d of attention", known)
                            : fmt::format("it is {} times the right one", known));
    if (!found.empty())
        return {fmt::format("{}", fmt::join(found, "; or: ")), true};
    if (elements < 3)
        return {};
    const double inverse = 1 / factor;
    if (inverse > 1 && inverse < 1e6 && is(inverse, std::round(inverse)))
        return {
            fmt::format("it is too small by the constant factor {:.0f}: perhaps a mean where a sum is meant", inverse),
            false};
    if (factor > 1)
        return {fmt::format("it is too large by the constant factor {:.6g}", factor), false};
    return {fmt::format("it is {:.6g} times the right one", factor), false};
}

} // namespace xgrad::detail
