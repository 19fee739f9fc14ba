#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/comparison.hpp>
#include <xgrad/ops/shape.hpp>
#include <xgrad/ops/two_arguments.hpp>

namespace xgrad::test
{

namespace
{

struct Pair
{
    Shape a, b;
};

const std::vector<Pair>& broadcast_pairs()
{
    static const std::vector<Pair> pairs = {{{5}, {5}},
                                            {{2, 3}, {2, 3}},
                                            {{2, 3}, {3}},
                                            {{3}, {2, 3}},
                                            {{2, 3}, {2, 1}},
                                            {{2, 1}, {2, 3}},
                                            {{2, 1}, {1, 3}},
                                            {{1, 3}, {2, 1}},
                                            {{2, 3}, {}},
                                            {{}, {2, 3}},
                                            {{}, {}},
                                            {{1}, {4}},
                                            {{4}, {1}},
                                            {{1, 1}, {1}},
                                            {{2, 3, 4}, {3, 1}},
                                            {{3, 1}, {2, 3, 4}},
                                            {{2, 1, 3}, {2, 4, 1}},
                                            {{2, 1, 3, 1}, {2, 1, 2}},
                                            {{19}, {19}},
                                            {{3, 17}, {17}},
                                            {{3, 17}, {3, 1}},
                                            {{0, 3}, {3}}};
    return pairs;
}

using Make = Array<double> (*)(const Shape&, std::uint64_t);
using Binary = Variable<double> (*)(Variable<double>, Variable<double>);

Array<double> shifted(const Shape& shape, std::uint64_t seed) { return distinct(shape, seed, 0.1); }
Array<double> unshifted(const Shape& shape, std::uint64_t seed) { return distinct(shape, seed); }
Array<double> nonzero(const Shape& shape, std::uint64_t seed) { return away_from({-0.2, 0.2}, shape, seed); }

/** Adds cases of one op: over all broadcasts, with temporaries whose storage it may reuse, with constants, with itself.
 */
void sweep(Cases& cases, const char* op, Binary f, Make make_a, Make make_b)
{
    for (const Pair& pair : broadcast_pairs())
        cases.push_back(
            {op, to_string(pair.a) + " and " + to_string(pair.b), {make_a(pair.a, 1), make_b(pair.b, 2)}, [f](Xs x) {
                 return f(x[0], x[1]);
             }});
    const Array<double> a = make_a({2, 3}, 3), b = make_b({2, 3}, 4), row_a = make_a({3}, 5), row_b = make_b({3}, 6);
    const Variable<double> ca = constant(a), cb = constant(b), cra = constant(row_a), crb = constant(row_b);
    cases.push_back({op, "temporaries", {a, b}, [f](Xs x) { return f(1 * x[0], 1 * x[1]); }});
    cases.push_back({op, "temporary and row", {a, row_b}, [f](Xs x) { return f(1 * x[0], 1 * x[1]); }});
    cases.push_back({op, "row and temporary", {row_a, b}, [f](Xs x) { return f(1 * x[0], 1 * x[1]); }});
    cases.push_back({op, "constant first", {b}, [f, ca](Xs x) { return f(ca, x[0]); }});
    cases.push_back({op, "constant second", {a}, [f, cb](Xs x) { return f(x[0], cb); }});
    cases.push_back({op, "constant row first", {b}, [f, cra](Xs x) { return f(cra, 1 * x[0]); }});
    cases.push_back({op, "constant row second", {a}, [f, crb](Xs x) { return f(1 * x[0], crb); }});
    cases.push_back({op, "constant array and row", {row_b}, [f, ca](Xs x) { return f(ca, x[0]); }});
}

/** A product with a comparison. Comparisons are constants; as factors they choose where the gradient goes. */
Variable<double> choose_greater(Variable<double> a, Variable<double> b) { return a * b * greater(a, b); }
Variable<double> choose_greater_equal(Variable<double> a, Variable<double> b) { return a * b * greater_equal(a, b); }

Variable<double> choose_less(Variable<double> a, Variable<double> b) { return a * b * less(a, b); }
Variable<double> choose_less_equal(Variable<double> a, Variable<double> b) { return a * b * less_equal(a, b); }
Variable<double> choose_equal(Variable<double> a, Variable<double> b) { return a * b * (1 + equal(a, b)); }
Variable<double> choose_not_equal(Variable<double> a, Variable<double> b) { return a * b * not_equal(a, b); }
Variable<double> choose_close(Variable<double> a, Variable<double> b) { return a * b * isclose(a, b, 0.5, 0.12); }
Variable<double> choose_both(Variable<double> a, Variable<double> b) { return a * b * logical_and(a > 0, b > 0); }
Variable<double> choose_either(Variable<double> a, Variable<double> b) { return a * b * logical_or(a > 0, b > 0); }

Array<double> not_small(const Shape& shape, std::uint64_t seed) { return away_from({0}, shape, seed); }

Variable<double> one_minus_times(const Variable<double>& x) { return (1 - x) * x; }

} // namespace

Cases arithmetic_cases()
{
    Cases cases;
    sweep(cases, "add", add<double>, point, point);
    sweep(cases, "subtract", subtract<double>, point, point);
    sweep(cases, "multiply", multiply<double>, point, point);
    sweep(cases, "divide", divide<double>, point, nonzero);
    sweep(cases, "pow", pow<double>, positive, point);
    sweep(cases, "maximum", maximum<double>, unshifted, shifted);
    sweep(cases, "minimum", minimum<double>, unshifted, shifted);
    sweep(cases, "greater", choose_greater, unshifted, shifted);
    sweep(cases, "greater_equal", choose_greater_equal, unshifted, shifted);
    sweep(cases, "less", choose_less, unshifted, shifted);
    sweep(cases, "less_equal", choose_less_equal, unshifted, shifted);
    sweep(cases, "equal", choose_equal, unshifted, shifted);
    sweep(cases, "not_equal", choose_not_equal, unshifted, shifted);
    sweep(cases, "isclose", choose_close, unshifted, shifted);
    sweep(cases, "logical_and", choose_both, not_small, not_small);
    sweep(cases, "logical_or", choose_either, not_small, not_small);
    sweep(cases, "hypot", hypot<double>, nonzero, nonzero);
    sweep(cases, "atan2", atan2<double>, nonzero, nonzero);
    sweep(cases, "fmod", fmod<double>, point, positive);
    sweep(cases, "remainder", remainder<double>, point, positive);
    sweep(cases, "fdim", fdim<double>, unshifted, shifted);
    sweep(cases, "fmax", fmax<double>, unshifted, shifted);
    sweep(cases, "fmin", fmin<double>, unshifted, shifted);

    const Array<double> x23 = point({2, 3}), far = nonzero({2, 3}, 7), plus = positive({2, 3});
    const std::vector<GradientCase> others = {
        {"add", "x + x", {x23}, [](Xs x) { return x[0] + x[0]; }},
        {"add", "x + 2", {x23}, [](Xs x) { return x[0] + 2; }},
        {"add", "2 + x", {x23}, [](Xs x) { return 2 + x[0]; }},
        {"add", "temporary + 2", {x23}, [](Xs x) { return x[0] * x[0] + 2; }},
        {"subtract", "x - x", {x23}, [](Xs x) { return x[0] - x[0]; }},
        {"subtract", "x - 2", {x23}, [](Xs x) { return x[0] - 2; }},
        {"subtract", "2 - x", {x23}, [](Xs x) { return 2 - x[0]; }},
        {"subtract", "(1 - x) x", {x23}, [](Xs x) { return one_minus_times(x[0]); }},
        {"multiply", "x x", {x23}, [](Xs x) { return x[0] * x[0]; }},
        {"multiply", "x x x", {x23}, [](Xs x) { return x[0] * x[0] * x[0]; }},
        {"multiply",
         "x row, x its own",
         {point({1, 3})},
         [](Xs x) {
             return x[0] * reshape(x[0], {3, 1});
         }},
        {"multiply", "x 3", {x23}, [](Xs x) { return x[0] * 3; }},
        {"multiply", "3 x", {x23}, [](Xs x) { return 3 * x[0]; }},
        {"multiply", "0 x", {x23}, [](Xs x) { return 0 * x[0]; }},
        {"divide", "x / x", {far}, [](Xs x) { return x[0] / x[0]; }},
        {"divide", "x / 3", {x23}, [](Xs x) { return x[0] / 3; }},
        {"divide", "3 / x", {far}, [](Xs x) { return 3 / x[0]; }},
        {"divide", "3 / temporary", {far}, [](Xs x) { return 3 / (x[0] * 2); }},
        {"divide", "scalars", {positive({})}, [](Xs x) { return 1 / (1 + x[0]); }},
        {"logical_not", "x not", {x23}, [](Xs x) { return x[0] * logical_not(x[0] > 0); }},
        {"fma", "broadcast", {x23, point({3}, 2), point({2, 1}, 3)}, [](Xs x) { return fma(x[0], x[1], x[2]); }},
        {"fma", "of one", {x23}, [](Xs x) { return fma(x[0], x[0], x[0]); }},
        {"hypot", "with numbers", {far}, [](Xs x) { return hypot(x[0], 2) * hypot(0.5, x[0]); }},
        {"pow", "a number to the power x", {x23}, [](Xs x) { return pow(2, x[0]); }},
        {"pow", "x^x", {plus}, [](Xs x) { return pow(x[0], x[0]); }},
        {"pow", "x^3, both signs", {x23}, [](Xs x) { return pow(x[0], 3); }},
        {"pow", "x^2, both signs", {x23}, [](Xs x) { return pow(x[0], 2); }},
        {"pow", "x^1", {x23}, [](Xs x) { return pow(x[0], 1); }},
        {"pow", "x^0", {x23}, [](Xs x) { return pow(x[0], 0); }},
        {"pow", "x^-1", {far}, [](Xs x) { return pow(x[0], -1); }},
        {"pow", "x^0.5", {plus}, [](Xs x) { return pow(x[0], 0.5); }},
        {"pow", "temporary^2.5", {plus}, [](Xs x) { return pow(x[0] * 2, 2.5); }},
        {"pow", "2^x", {x23}, [](Xs x) { return pow(constant<double>(2), x[0]); }},
        {"maximum", "x and x", {x23}, [](Xs x) { return maximum(x[0], x[0]); }},
        {"minimum", "x and x", {x23}, [](Xs x) { return minimum(x[0], x[0]); }},
        {"negative", "(2,3)", {x23}, [](Xs x) { return -x[0]; }},
        {"negative", "scalar", {point({})}, [](Xs x) { return -x[0]; }},
        {"negative", "of a temporary", {x23}, [](Xs x) { return -(x[0] * x[0]); }},
    };
    cases.insert(cases.end(), others.begin(), others.end());
    for (const Pair& pair : broadcast_pairs())
        for (const char* kind : {"a condition for each of a", "a condition for each of b"}) {
            const Shape& shape = std::string(kind).back() == 'a' ? pair.a : pair.b;
            const auto condition = constant(Array<double>(xt::abs(unshifted(shape, 3)) - 0.5));
            cases.push_back({"where",
                             kind + (" of " + to_string(pair.a)) + " and b of " + to_string(pair.b),
                             {unshifted(pair.a, 1), unshifted(pair.b, 2)},
                             [condition](Xs x) {
                                 return where(condition > 0, x[0] * x[0], 3 * x[1]) + where(condition, 2, x[1] * x[1]);
                             }});
        }
    return cases;
}

} // namespace xgrad::test
