// Functions of two elements, which broadcast.

#include "family.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/comparison.hpp>
#include <xgrad/ops/two_arguments.hpp>

#include <cmath>

namespace agree
{

namespace
{

/** The kinds of numbers that a function of two elements is given. */
enum class Numbers : unsigned char
{
    normal,
    positive,
    integers, ///< small ones, many of which are equal
    hostile
};

/** The reason for a difference at a pair of numbers, or null. */
using Reason = std::function<const char*(double a, double b, const Place& place)>;

constexpr const char* few_bits =
    "numbers below 2.2e-308 have few bits, and products with them lose them in another order";
bool has_few_bits(double x) { return x != 0 && std::abs(x) < 2.3e-308; }

/** The reason for a difference of maximum and minimum. */
const char* of_equals(double a, double b, const Place& place)
{
    if (place.part == Part::gradients && a == b)
        return "of equals the first one has all of xgrad's gradient (docs/kinks.md), each has half of libtorch's";
    return std::isnan(a) || std::isnan(b)
               ? "at NaN the gradient is xgrad's choice (docs/kinks.md), libtorch has another one"
               : nullptr;
}

Array<double> drawn(Draw& d, const Shape& shape, Numbers numbers)
{
    switch (numbers) {
    case Numbers::hostile:
        return d.hostile(shape);
    case Numbers::integers:
        return d.small_integers(shape);
    case Numbers::positive:
        return d.uniform(shape, 0.1, 3);
    default:
        return d.normal(shape);
    }
}

/** A function of pairs. @param f, g  by xgrad and by libtorch @param ordinary  the numbers besides small integers and
 *  hostile ones */
template <class F, class G>
Family pair(std::string name, F f, G g, Reason reason = {},
            Numbers ordinary = Numbers::normal) requires std::is_invocable_v<G, Tensor, Tensor>
{
    return {std::move(name), [=](Draw& d) {
                const auto numbers = d.choice<Numbers>("numbers", {{"ordinary", ordinary},
                                                                   {"ordinary", ordinary},
                                                                   {"integers", Numbers::integers},
                                                                   {"hostile", Numbers::hostile}});
                const Shape whole = d.shape(0, 5, {.may_be_empty = true});
                // Sums over broadcast axes would mix hostile numbers.
                const bool broadcast = numbers == ordinary && d.flag("broadcast"), swapped = d.one_in(2);
                const Shape part = broadcast ? d.broadcastable(whole) : whole;
                const Array<double> a = drawn(d, swapped ? part : whole, numbers),
                                    b = drawn(d, swapped ? whole : part, numbers);
                Configuration c(
                    {a, b}, [f](const Variables& xs) { return f(xs[0], xs[1]); },
                    [g](const Tensors& ts) { return g(ts[0], ts[1]); });
                c.by_element = !broadcast;
                c.second_order = numbers == ordinary;
                if (reason && !broadcast)
                    c.excuse = [a, b, reason](const Place& place) {
                        return place.part == Part::refusal
                                   ? nullptr
                                   : reason(a.data()[place.element], b.data()[place.element], place);
                    };
                return c;
            }};
}

template <class F>
Family pair(std::string name, F f, Reason reason = {}, Numbers ordinary = Numbers::normal) requires
    std::is_invocable_v<F, Variable, Variable> && std::is_invocable_v<F, Tensor, Tensor>
{
    return pair(std::move(name), f, f, std::move(reason), ordinary);
}

} // namespace

Families pair_families()
{
    return {
        pair("add", [](const auto& a, const auto& b) { return a + b; }),
        pair("subtract", [](const auto& a, const auto& b) { return a - b; }),
        pair("multiply", [](const auto& a, const auto& b) { return a * b; }),
        pair("divide", [](const auto& a, const auto& b) { return a / b; }),
        pair(
            "pow", [](const auto& a, const auto& b) { return pow(a, b); },
            [](double a, double b, const Place& place) -> const char* {
                if (place.part == Part::gradients && place.array == 0 && std::isnan(a) && b == 0)
                    return "NaN⁰ is 1; xgrad's gradient for NaN is NaN, libtorch's is 0";
                return has_few_bits(a) || has_few_bits(b) ? few_bits : nullptr;
            },
            Numbers::positive),
        pair(
            "maximum", [](const auto& a, const auto& b) { return maximum(a, b); }, of_equals),
        pair(
            "minimum", [](const auto& a, const auto& b) { return minimum(a, b); }, of_equals),
        pair("fmax", [](const auto& a, const auto& b) { return fmax(a, b); }),
        pair("fmin", [](const auto& a, const auto& b) { return fmin(a, b); }),
        pair(
            "hypot", [](const auto& a, const auto& b) { return hypot(a, b); },
            [](double a, double b, const Place& place) -> const char* {
                if (place.part == Part::gradients && a == 0 && b == 0)
                    return "at the origin xgrad's gradient is 0 (docs/kinks.md), libtorch's is NaN";
                return has_few_bits(a) || has_few_bits(b) ? few_bits : nullptr;
            }),
        pair(
            "atan2", [](const auto& a, const auto& b) { return atan2(a, b); },
            [](double a, double b, const Place& place) -> const char* {
                if (place.part != Part::gradients)
                    return nullptr;
                if (a == 0 && b == 0)
                    return "at the origin xgrad's gradient is 0 (docs/kinks.md), libtorch's is NaN";
                const double r = std::hypot(a, b);
                return r > 1e150 || r < 1e-150 ? "in libtorch's gradient a² + b² overflows, or underflows to 0"
                                               : nullptr;
            }),
        pair(
            "fmod", [](const auto& a, const auto& b) { return fmod(a, b); },
            [](double a, double b, const Place& place) -> const char* {
                if (place.part == Part::gradients && (std::isnan(std::fmod(a, b))))
                    return "where the value is NaN xgrad's gradient for b is NaN, libtorch's may be ±∞";
                if (place.array == 1 && place.relative * std::abs(a / b) < 2)
                    return "libtorch rounds the quotient before it cuts off its fraction, so its gradient for b may "
                           "belong to the next quotient";
                return std::abs(a / b) > 0x1p53 ? "libtorch does not compute remainders of quotients that exceed 2⁵³"
                                                : nullptr;
            },
            Numbers::positive),
        pair(
            "fdim", [](const Variable& a, const Variable& b) { return fdim(a, b); },
            [](const Tensor& a, const Tensor& b) { return relu(a - b); },
            [](double a, double b, const Place&) -> const char* {
                if (std::isinf(a) && a == b)
                    return "fdim(∞, ∞) is 0 as in C; libtorch has no fdim, and relu(a − b) is NaN";
                return std::isnan(a) || std::isnan(b) ? "at NaN the gradient is xgrad's choice (docs/kinks.md)"
                                                      : nullptr;
            }),
        pair(
            "less", [](const Variable& a, const Variable& b) { return less(a, b); },
            [](const Tensor& a, const Tensor& b) { return a < b; }),
        pair(
            "less_equal", [](const Variable& a, const Variable& b) { return less_equal(a, b); },
            [](const Tensor& a, const Tensor& b) { return a <= b; }),
        pair("greater", [](const auto& a, const auto& b) { return greater(a, b); }),
        pair("greater_equal", [](const auto& a, const auto& b) { return greater_equal(a, b); }),
        pair(
            "equal", [](const Variable& a, const Variable& b) { return equal(a, b); },
            [](const Tensor& a, const Tensor& b) { return a == b; }),
        pair("not_equal", [](const auto& a, const auto& b) { return not_equal(a, b); }),
        pair("logical_and", [](const auto& a, const auto& b) { return logical_and(a, b); }),
        pair("logical_or", [](const auto& a, const auto& b) { return logical_or(a, b); }),
        pair("isclose", [](const auto& a, const auto& b) { return isclose(a, b); }),
        pair(
            "where", [](const Variable& a, const Variable& b) { return where(a > b, a * b, b); },
            [](const Tensor& a, const Tensor& b) { return where(a > b, a * b, b); }),
    };
}

} // namespace agree
