// Formulas in the papers' notation, held against plain loops.

#include <xgrad/base/random.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <web/explorer/notation.hpp>

using namespace xgrad;
using explorer::evaluate;
using explorer::NotationError;

namespace
{

using Arrays = std::map<std::string, Array<double>>;

Array<double> some(std::size_t rows, std::size_t columns, std::uint64_t seed)
{
    return Random(seed).normal<double>({rows, columns}, 0, 1);
}

double number(const std::string& formula, const Arrays& given = {}) { return evaluate(formula, given).data()[0]; }

/** The valid or full convolution, by its definition. */
Array<double> convolution(const Array<double>& a, const Array<double>& b, bool full)
{
    const auto extent = [&](std::size_t axis) { return static_cast<std::ptrdiff_t>(a.shape()[axis]); };
    const auto taps = [&](std::size_t axis) { return static_cast<std::ptrdiff_t>(b.shape()[axis]); };
    const std::ptrdiff_t rows = extent(0) + (full ? taps(0) - 1 : 1 - taps(0));
    const std::ptrdiff_t columns = extent(1) + (full ? taps(1) - 1 : 1 - taps(1));
    Array<double> y({static_cast<std::size_t>(rows), static_cast<std::size_t>(columns)}, 0.0);
    for (std::ptrdiff_t r = 0; r < rows; ++r)
        for (std::ptrdiff_t c = 0; c < columns; ++c)
            for (std::ptrdiff_t u = 0; u < taps(0); ++u)
                for (std::ptrdiff_t v = 0; v < taps(1); ++v) {
                    const std::ptrdiff_t i = r + (full ? 0 : taps(0) - 1) - u, j = c + (full ? 0 : taps(1) - 1) - v;
                    if (i >= 0 && j >= 0 && i < extent(0) && j < extent(1))
                        y(r, c) += a(i, j) * b(u, v);
                }
    return y;
}

void check_equal(const Array<double>& a, const Array<double>& b)
{
    REQUIRE(a.shape() == b.shape());
    for (std::size_t i = 0; i < a.size(); ++i)
        CHECK(a.data()[i] == doctest::Approx(b.data()[i]).epsilon(1e-12));
}

std::size_t place_of_error(const std::string& formula, const Arrays& given = {})
{
    try {
        evaluate(formula, given);
    } catch (const NotationError& error) {
        return error.place();
    }
    FAIL("'", formula, "' was computed");
    return 0;
}

} // namespace

TEST_CASE("notation: operators bind as in MATLAB")
{
    CHECK(number("1 + 2*3") == 7);
    CHECK(number("(1 + 2)*3") == 9);
    CHECK(number("-2^2") == -4);
    CHECK(number("2^-1") == 0.5);
    CHECK(number("6/2/3") == 1);
    CHECK(number("1 - 2 − 3") == -4);
    CHECK(number("2.*3 ∘ 2") == 12);
    CHECK(number("1.5e1 + .5") == 15.5);
    CHECK(number("1 + 1 == 2") == 1);
    CHECK(number("3²") == 9);
    CHECK(number("--2") == 2);
}

TEST_CASE("notation: matrices, transposes and broadcasts")
{
    const Arrays given = {{"W", some(2, 3, 1)}, {"x", some(3, 1, 2)}, {"δ", some(2, 1, 3)}};
    const Array<double>&W = given.at("W"), &x = given.at("x"), &d = given.at("δ");
    Array<double> u({2, 1}, 0.0), outer({2, 3}, 0.0);
    for (std::size_t i = 0; i < 2; ++i)
        for (std::size_t j = 0; j < 3; ++j) {
            u(i, 0) += W(i, j) * x(j, 0);
            outer(i, j) = d(i, 0) * x(j, 0);
        }
    check_equal(evaluate("W*x", given), u);
    check_equal(evaluate("delta*x'", given), outer);
    check_equal(evaluate("δ*xᵀ", given), outer);
    check_equal(evaluate("(x*δ')'", given), outer);
    CHECK(evaluate("W .* δ", given).shape() == Shape{2, 3});
    CHECK(evaluate("sum(W, 1)", given).shape() == Shape{1, 3});
    CHECK(number("sum(W)", given) == doctest::Approx(number("sum(sum(W, 1), 2)", given)));
}

TEST_CASE("notation: convolutions by their definition")
{
    const Arrays given = {{"a", some(6, 5, 4)}, {"b", some(3, 2, 5)}};
    const Array<double>&a = given.at("a"), &b = given.at("b");
    check_equal(evaluate("conv2(a, b, 'valid')", given), convolution(a, b, false));
    check_equal(evaluate("conv2(a, b)", given), convolution(a, b, true));
    check_equal(evaluate("xcorr2(a, rot180(b), 'full')", given), convolution(a, b, true));
    CHECK(evaluate("conv2(a, b, 'same')", given).shape() == a.shape());
    check_equal(evaluate("flipud(fliplr(a))", given), evaluate("rot180(a)", given));
}

TEST_CASE("notation: blocks")
{
    const Arrays given = {{"x", some(4, 4, 6)}, {"g", some(2, 2, 7)}};
    const Array<double>&x = given.at("x"), &g = given.at("g");
    const Array<double> up = evaluate("up(g, 2)", given), down = evaluate("down(x, 2)", given),
                        most = evaluate("maxpool(x, 2)", given), mask = evaluate("msk(x, 2)", given);
    for (std::size_t i = 0; i < 4; ++i)
        for (std::size_t j = 0; j < 4; ++j) {
            CHECK(up(i, j) == g(i / 2, j / 2));
            CHECK(mask(i, j) == (x(i, j) == most(i / 2, j / 2) ? 1 : 0));
        }
    CHECK(down(1, 0) == doctest::Approx(x(2, 0) + x(2, 1) + x(3, 0) + x(3, 1)));
    check_equal(evaluate("kron(g, ones(2))", given), up);
    CHECK(evaluate("msk(zeros(2, 2), 2)", {})(0, 0) == 1); // the first of equal ones
    CHECK(number("sum(msk(zeros(2, 2), 2))") == 1);
}

TEST_CASE("notation: an error names its place, in characters")
{
    const Arrays given = {{"x", some(3, 3, 8)}, {"δ", some(2, 2, 9)}};
    CHECK(place_of_error("x + y", given) == 4);
    CHECK(place_of_error("δ .* (δ + q)", given) == 10);
    CHECK(place_of_error("rot181(x)", given) == 0);
    CHECK(place_of_error("x .* δ", given) == 2);
    CHECK(place_of_error("(x", given) == 0);
    CHECK(place_of_error("x)", given) == 1);
    CHECK(place_of_error("", given) == 0);
    CHECK(place_of_error("conv2(x, δ, 'half')", given) == 0);
    CHECK(place_of_error("conv2(x, δ, 'half", given) == 12);
    CHECK(place_of_error("up(x, 1e9)", given) == 0);
    CHECK(place_of_error("ones(1e6, 1e6)", given) == 0);
    CHECK(place_of_error(std::string(1000, '(') + "1", given) > 50);
    CHECK(place_of_error("x $ x", given) == 2);
    CHECK_THROWS_WITH(evaluate("rot181(x)", given), doctest::Contains("did you mean 'rot180'?"));
}

TEST_CASE("notation: nonsense is an error, never a crash")
{
    const Arrays given = {{"x", some(4, 4, 10)}, {"δ", some(2, 2, 11)}};
    const char* const parts[] = {"x", "δ",  "(",    ")",      "+",     "-",    ".*",       "*",
                                 "'", ",",  "2",    "conv2(", "up(",   "msk(", "rot180(",  "'full'",
                                 "^", "==", "sum(", "ones(",  "down(", "ᵀ",    "softmax(", " "};
    Random random(12);
    std::size_t computed = 0;
    for (int n = 0; n < 3000; ++n) {
        std::string formula;
        for (std::uint64_t k = random.below(9); k-- > 0;)
            formula += parts[random.below(std::size(parts))];
        try {
            evaluate(formula, given);
            ++computed;
        } catch (const NotationError& error) {
            CHECK(error.place() <= formula.size());
        }
    }
    CHECK(computed > 10);
}
