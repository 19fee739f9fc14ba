#include "files.hpp"
#include "long.hpp"
#include "ops.hpp"
#include <xgrad/base/random.hpp>
#include <xgrad/inspect/check.hpp>
#include <xgrad/inspect/comparison/compare.hpp>
#include <xgrad/ops/ops.hpp>

#include <chrono>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

Array<double> random_array(const Shape& shape, std::uint64_t seed = 1)
{
    return Random(seed).normal<double>(shape, 0, 1);
}

/** ½Σ(x ⋆ k)² as a function of the kernel, and its gradient x ⋆ (x ⋆ k). */
struct Problem
{
    Array<double> x = random_array({2, 3, 7, 7}, 2), k = random_array({4, 3, 3, 3}, 3);

    Variable<double> loss(const Variable<double>& kernel) const
    {
        return sum(square(correlate2d(constant(Array<double>(x)), kernel))) / 2;
    }
    Array<double> gradient(const Array<double>& kernel) const
    {
        const Variable<double> image = constant(Array<double>(x));
        return correlate2d_kernel(image, correlate2d(image, constant(Array<double>(kernel))), 3).value();
    }
    Comparison held_against(const std::function<Array<double>(const Array<double>&)>& by_hand) const
    {
        return compare([this](const Variable<double>& kernel) { return loss(kernel); }, k, by_hand, {.samples = 16});
    }
    /** The explanation of the gradient after a mistake. */
    template <class Mistake>
    std::string explanation_of(Mistake mistake) const
    {
        const Comparison result =
            held_against([&](const Array<double>& kernel) { return mistake(constant(gradient(kernel))).value(); });
        CHECK_FALSE(result.agrees());
        CHECK(result.tensors.front().autodiff ==
              doctest::Approx(result.tensors.front().finite_difference).epsilon(1e-6));
        return result.tensors.front().explanation;
    }
};

using V = const Variable<double>&;

} // namespace

TEST_CASE("compare: a right gradient agrees, and the report says how well")
{
    const Problem problem;
    const Comparison result = problem.held_against([&](const Array<double>& k) { return problem.gradient(k); });
    CHECK(result.agrees());
    const TensorComparison& kernel = result.tensors.front();
    CHECK(kernel.largest_relative < 1e-12);
    CHECK(kernel.cosine == doctest::Approx(1).epsilon(1e-12));
    CHECK(kernel.autodiff == doctest::Approx(kernel.finite_difference).epsilon(1e-6));
    CHECK(kernel.explanation.empty());
    CHECK(contains(to_string(result), "x (4,3,3,3): agrees"));
    check_equal(kernel.by_hand, problem.gradient(problem.k));
    check_close(kernel.automatic, kernel.by_hand, 1e-12);
}

TEST_CASE("compare: each usual mistake is named")
{
    const Problem problem;
    const auto says = [&](const auto& mistake, const std::string& part) {
        CHECK_MESSAGE(contains(problem.explanation_of(mistake), part), problem.explanation_of(mistake));
    };
    says([](V g) { return -g; }, "sign");
    says([](V g) { return 2 * g; }, "twice");
    says([](V g) { return 0.5 * g; }, "half");
    says([](V g) { return 16 * g; }, "a sum where the loss has the mean");
    says([](V g) { return g / 16; }, "a mean where the loss has the sum");
    says([](V g) { return g / 9; }, "too small by the constant factor 9");
    says([](V g) { return 3.7 * g; }, "too large by the constant factor 3.7");
    says([](V g) { return rot180(g); }, "rot180");
    says([](V g) { return transpose(g); }, "transposed");
    says([](V g) { return flip(g, 3); }, "flipped along axis 3");
    says([](V g) { return flip(g, 2); }, "flipped along axis 2");
    says([](V g) { return 16 * rot180(g); }, "rot180");
    says([](V g) { return concatenate<double>({slice(g, 1, 1, 3), slice(g, 1, 0, 1)}, 1); }, "along axis 1");
}

TEST_CASE("compare: a bias gradient that is not summed is named")
{
    const Array<double> u = random_array({5, 4, 3, 3});
    const auto loss = [&](const Variable<double>& bias) {
        return sum(square(constant(Array<double>(u)) + reshape(bias, {1, 4, 1, 1}))) / 2;
    };
    const auto unsummed = [&](const Array<double>& bias) {
        return (constant(Array<double>(u)) + reshape(constant(Array<double>(bias)), {1, 4, 1, 1})).value();
    };
    const Comparison result = compare(loss, random_array({4}), unsummed);
    CHECK(contains(result.tensors.front().problem, "it has shape (5,4,3,3), (4) is needed"));
    CHECK(contains(result.tensors.front().explanation, "sum over axes 0, 2, 3 is missing"));
    CHECK(contains(to_string(result), "\n  see docs/mistakes.md#missing-sum"));
}

TEST_CASE("compare: differences that are no usual mistake are not explained")
{
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Random random(seed);
        const Shape shape = {1 + random.below(4), 1 + random.below(4), 2 + random.below(3), 2 + random.below(3)};
        const Array<double> right = random_array(shape, 1000 + seed), other = random_array(shape, 2000 + seed);
        const double size = random.uniform(0.001, 2);
        Array<double> wrong = right;
        for (std::size_t i = 0; i < wrong.size(); ++i)
            wrong.data()[i] += size * other.data()[i];
        CAPTURE(seed);
        CHECK(explain_difference(right, wrong, 16) == "no simple explanation");
    }
    CHECK(explain_difference(Array<double>{0.3}, Array<double>{0.7}) == "no simple explanation");
}

TEST_CASE("compare: what cannot be compared is reported, and the rest goes on")
{
    const Variable<double> a = variable<double>({1.0, 2.0, 3.0}), b = variable<double>({0.5, 0.25});
    const Parameters<double> parameters = {{"a", a}, {"b", b}};
    const auto loss = [&] { return sum(square(a)) / 2 + sum(b); };
    const HandwrittenGradient right = [] { return Array<double>{1.0, 1.0}; };
    const auto problem_of = [&](const HandwrittenGradient& wrong) {
        const Comparison result = compare(loss, parameters, {wrong, right});
        CHECK_FALSE(result.agrees());
        REQUIRE(result.tensors.size() == 2);
        CHECK(result.tensors[1].agrees);
        return result.tensors[0].problem;
    };
    CHECK(contains(problem_of([] { return Array<double>{1.0, 2.0}; }), "it has shape (2), (3) is needed"));
    CHECK(contains(problem_of([] { return Array<double>{1.0, not_a_number, 3.0}; }), "nan at (1)"));
    CHECK(problem_of([] { return Array<float>{1.0F, 2.0F, 3.0F}; }) == "it is float, double is needed");
    CHECK(problem_of([] { return Labels{1, 2, 3}; }) == "it is of another scalar type, double is needed");
    CHECK(contains(problem_of([]() -> Array<double> { throw std::runtime_error("no idea"); }), "no idea"));
    CHECK(contains(problem_of([]() -> Array<double> { throw 7; }), "not a std::exception"));
    CHECK_THROWS_AS(compare(loss, parameters, {right}), GraphError);
}

TEST_CASE("compare: a float gradient of one array is reported, not converted")
{
    const Comparison result = compare([](const Variable<double>& x) { return sum(square(x)) / 2; }, Array<double>{1, 2},
                                      [](const Array<double>& x) { return Array<float>(xt::cast<float>(x)); });
    CHECK_FALSE(result.agrees());
    CHECK(contains(to_string(result), "x (2): it is float, double is needed"));
}

TEST_CASE("compare: a loss that differs from run to run is named before anything is compared")
{
    Random random(1);
    const Variable<double> a = variable<double>({1.0, 2.0});
    const auto loss = [&] { return sum(a) * random.uniform(); };
    const Comparison result = compare(loss, Parameters<double>{{"a", a}}, {[] { return Array<double>{1.0, 1.0}; }});
    CHECK_FALSE(result.agrees());
    CHECK(result.tensors.empty());
    CHECK(contains(to_string(result), "not deterministic"));
}

TEST_CASE("compare: an automatic gradient that is not finite agrees with nothing")
{
    const Comparison result = compare([](const Variable<double>& x) { return sum(sqrt(x)); }, Array<double>{0, 0, 0},
                                      [](const Array<double>&) {
                                          return Array<double>{7, 7, 7};
                                      });
    CHECK_FALSE(result.agrees());
    CHECK(result.tensors.front().problem == "autodiff gives inf at (0)");
    const Comparison nan = compare([](const Variable<double>& x) { return sum(sqrt(x) * x); }, Array<double>{1, 0},
                                   [](const Array<double>&) {
                                       return Array<double>{1.5, 0};
                                   });
    CHECK_FALSE(nan.agrees());
    CHECK(contains(nan.tensors.front().problem, "nan at (1)"));
}

TEST_CASE("compare: a loss that is not finite is named so")
{
    const auto problem_of = [](double x) {
        return compare([](const Variable<double>& y) { return sum(log(y)); }, Array<double>{x},
                       [](const Array<double>& y) { return y; })
            .problem;
    };
    CHECK(problem_of(-1) == "the loss is nan");
    CHECK(problem_of(0) == "the loss is -inf");
}

TEST_CASE("compare: a loss that throws beside the point leaves the parameter as it was")
{
    const Variable<double> a = variable<double>({1.0, 2.0}), b = variable<double>({3.0});
    const auto loss = [&] {
        if (a.value()(0) != 1 || b.value()(0) > 3)
            throw std::runtime_error("off the point");
        return sum(square(a)) / 2 + sum(square(b)) / 2;
    };
    const HandwrittenGradient of_a = [] { return Array<double>{2.0, 2.0}; }, of_b = [] { return Array<double>{3.0}; };
    const Comparison result = compare(loss, Parameters<double>{{"a", a}, {"b", b}}, {of_a, of_b});
    CHECK(a.value()(0) == 1);
    CHECK(b.value()(0) == 3);
    REQUIRE(result.tensors.size() == 2);
    CHECK(std::isnan(result.tensors[0].finite_difference));
    CHECK(contains(to_string(result), "by hand 2, finite difference –"));
    CHECK(result.tensors[1].agrees);

    CHECK_THROWS_WITH(check_gradient("throws",
                                     [](const Variables<double>& x) {
                                         if (x[0].data()[0] > 1)
                                             throw std::runtime_error("off the point");
                                         return x[0] * 2;
                                     },
                                     {Array<double>{1.0}}, {.order = 1}),
                      "off the point");
    CHECK_THROWS_WITH(compare([&]() -> Variable<double> { throw std::runtime_error("at the point"); },
                              Parameters<double>{{"a", a}}, {of_a}),
                      "at the point");
}

TEST_CASE("compare: a previous sample whose loss throws is told, and nothing is lost")
{
    const CompareOptions options{.previous = []() -> Variable<double> { throw std::runtime_error("no sample"); }};
    const auto loss = [](const Variable<double>& x) { return sum(square(x)) / 2; };
    const auto says = [&](auto by_hand) {
        return compare(loss, Array<double>{1, 2, 4}, by_hand, options).tensors.front().explanation;
    };
    CHECK(says([](const Array<double>& x) { return Array<double>(-x); }) == "the sign is wrong");
    CHECK(says([](const Array<double>& x) { return Array<double>(x * x * x); }) ==
          "no simple explanation (the loss of the previous sample was tried, but it threw: no sample)");
}

TEST_CASE("compare: without parameters there is nothing to compare")
{
    const Comparison result = compare([] { return constant<double>(1); }, Parameters<double>(), {});
    CHECK_FALSE(result.agrees());
    CHECK(to_string(result) == "there are no parameters");
    CHECK_THROWS_WITH(Parameters<double>({{"x", constant<double>({1.0})}}),
                      "[parameters] 'x' is not a leaf: make it with variable()");
}

TEST_CASE("compare: the cosine is in range, and 0 beside a gradient of zeros")
{
    const auto cosine = [](const Array<double>& point, const Array<double>& by_hand) {
        return compare([](const Variable<double>& x) { return sum(square(x)) / 2; }, point,
                       [&](const Array<double>&) { return by_hand; })
            .tensors.front()
            .cosine;
    };
    CHECK(cosine({0, 0}, {1, 1}) == 0);
    CHECK(cosine({1, 1}, {0, 0}) == 0);
    CHECK(cosine({0, 0}, {0, 0}) == 1);
    CHECK(cosine({1e-120, 1e-120}, {-1e-200, -1e-200}) == doctest::Approx(-1));
}

TEST_CASE("compare: an explanation says no more than it knows")
{
    const Array<double> a = random_array({6, 5}), bias = random_array({6});
    CHECK(explain_difference(a, a) == "nothing differs");
    CHECK(explain_difference(a, not_a_number * a) == "one of them is not finite");
    CHECK(explain_difference(empty_array<double>({0, 5}), random_array({3, 5})) == "no simple explanation");
    CHECK(explain_difference(random_array({3, 5}), empty_array<double>({0, 5})) == "no simple explanation");
    CHECK(explain_difference(a, 0.4 * a) == "it is 0.4 times the right one");
    CHECK(explain_difference(a, -0.25 * a) == "it is -0.25 times the right one");
    CHECK(explain_difference(a, -4 * a) == "it is -4 times the right one");
    CHECK(explain_difference(a, a / 4) ==
          "it is too small by the constant factor 4: perhaps a mean where a sum is meant");
    CHECK(contains(explain_difference(bias, random_array({1, 6})), "the right elements in another shape"));
    CHECK(explain_difference(bias, random_array({1, 6}, 2)) == "no simple explanation");
}

TEST_CASE("compare: the elements of a bias in another order are named if they are different enough")
{
    const Array<double> right = {0.5, -1.25, 3, 0.75, 2, -0.1}, wrong = {-1.25, 3, 0.5, 0.75, 2, -0.1};
    CHECK(contains(explain_difference(right, wrong), "along axis 0 are in another order: 1, 2, 0, 3, 4, 5"));
    Array<double> column = right, other = wrong;
    column.reshape(Shape{6, 1});
    other.reshape(Shape{6, 1});
    CHECK(contains(explain_difference(column, other), "another order: 1, 2, 0, 3, 4, 5"));
    CHECK(explain_difference(Array<double>{1, 2, 3, 3, 1}, Array<double>{2, 3, 1, 3, 1}) == "no simple explanation");
    for (std::uint64_t seed = 0; seed < 1000; ++seed)
        CHECK(explain_difference(random_array({4 + seed % 5}, seed), random_array({4 + seed % 5}, 5000 + seed)) ==
              "no simple explanation");
}

TEST_CASE("compare: many slices in another order, equal ones among them, are found soon")
{
    const std::size_t rows = 10000;
    const Array<double> right = random_array({rows, 3});
    Array<double> x = right, wrong = right;
    for (std::size_t i = 0; i < right.size(); ++i) // every second row is 0; the order is reversed in pairs of rows
        if (i / 3 % 4 >= 2)
            x.data()[i] = 0;
    for (std::size_t i = 0; i < right.size(); ++i)
        wrong.data()[i] = x.data()[(i + 6) % right.size()] * (1 + 1e-9);
    const auto start = std::chrono::steady_clock::now();
    CHECK(contains(explain_difference(x, wrong), "axis 0 are in another order: 2, 3, 4, 5, 6, 7, 8, 9, …"));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}

TEST_CASE("compare: a long tape is searched near what differs, and it is said" * test::is_long)
{
    const auto loss = [](const Variable<double>& x) {
        Variable<double> y = x;
        for (int i = 0; i < 8000; ++i)
            y = sin(y);
        return sum(y);
    };
    const auto start = std::chrono::steady_clock::now();
    const Comparison result = compare(loss, Array<double>{1, 2, 3}, [](const Array<double>& x) { return x; });
    CHECK(contains(to_string(result), "no simple explanation (the tape is long: only the wrong rules nearest"));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::minutes(1));
}

TEST_CASE("compare: a gradient by hand may be a variable")
{
    const auto loss = [](const Variable<double>& x) { return sum(square(x)) / 2; };
    CHECK(
        compare(loss, Array<double>{1, 2}, [](const Array<double>& x) { return constant(Array<double>(x)); }).agrees());
    const HandwrittenGradient single = [] { return constant<float>({1.0F}); };
    CHECK(std::string(single.scalar()) == "float");
}

TEST_CASE("compare: a difference at a kink is marked in a row that differs, too, and the array has its name")
{
    const Comparison result = compare([](const Variable<double>& x) { return sum(relu(x)); }, Array<double>{0, 2},
                                      [](const Array<double>&) {
                                          return Array<double>{0.7, 1};
                                      },
                                      {.name = "pixels"});
    CHECK(result.tensors.front().at_kink);
    CHECK(contains(to_string(result), "pixels (2): differs"));
    CHECK(contains(to_string(result), "first at (0): autodiff"));
    CHECK(contains(to_string(result), "(at a kink)"));
    const Comparison smooth = compare([](const Variable<double>& x) { return sum(exp(x)); }, Array<double>{0, 2},
                                      [](const Array<double>&) {
                                          return Array<double>{0.7, 1};
                                      });
    CHECK_FALSE(smooth.tensors.front().at_kink);
}

TEST_CASE("compare: wrong rules that do not fit the shapes are not tried")
{
    const auto linear = [](const Shape& of_x, const Shape& of_w) {
        const Array<double> x = random_array(of_x), w = random_array(of_w, 2);
        return compare([&](const Variable<double>& v) { return sum(square(matmul(constant(x), v, {.b = true}))); }, w,
                       [](const Array<double>& v) { return Array<double>(v * v + 1); })
            .tensors.front()
            .explanation;
    };
    CHECK(linear({3, 3}, {2, 3}) == "no simple explanation"); // the batch has as many samples as inputs
    CHECK(linear({1, 2}, {1, 2}) == "no simple explanation");
}

TEST_CASE("compare: a gradient that is 0 up to rounding agrees with 0 and with other rounding")
{
    const Array<double> x = random_array({6, 3}), t = random_array({6, 3}, 2);
    const auto loss = [&](const Variable<double>& bias) {
        const Variable<double> u = constant(x) + bias, c = u - mean(u, {0}, true);
        return sum(square(c / sqrt(mean(square(c), {0}, true) + 1e-5) - constant(t)));
    };
    for (const double noise : {0.0, 1e-16, -3e-16})
        CHECK(compare(loss, random_array({3}), [&](const Array<double>&) {
                  return Array<double>{0, noise, -noise};
              }).agrees());
    CHECK_FALSE(compare(loss, random_array({3}), [](const Array<double>&) {
                    return Array<double>{0, 1e-3, 0};
                }).agrees());
}

TEST_CASE("compare: a factor that has two reasons has both")
{
    const auto explained = [](std::size_t samples, double factor) {
        const Array<double> x = random_array({samples, 1, 4, 4});
        const auto loss = [&](const Variable<double>& b) { return sum(square(mean_pool2d(constant(x) + b))); };
        return compare(loss, random_array({1}),
                       [&](const Array<double>& b) {
                           Tape tape;
                           const Variable<double> v = variable(Array<double>(b));
                           return Array<double>(factor * tape.gradient(loss(v), v).value());
                       },
                       {.samples = samples})
            .tensors.front()
            .explanation;
    };
    const std::string four = explained(4, 4);
    CHECK(contains(four, "the number of samples"));
    CHECK(contains(four, "the mean over a block is missing"));
    CHECK(contains(explained(2, 0.5), "; or: "));
}
