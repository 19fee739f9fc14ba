#include <xgrad/base/error.hpp>
#include <xgrad/base/xtensor.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/reduction.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <sstream>
#include <type_traits>

using namespace xgrad;

TEST_CASE("variables are made of numbers and nested lists")
{
    CHECK(variable<double>(3).shape() == Shape{});
    CHECK(variable<double>(3).item() == 3);
    CHECK(variable<float>({2}).shape() == Shape{1});
    CHECK(variable<float>({1, 2, 3}).shape() == Shape{3});
    CHECK(constant<double>({{1, 2, 3}, {4, 5, 6}}).shape() == Shape{2, 3});
    CHECK(constant<double>({{{1, 2}}, {{3, 4}}}).shape() == Shape{2, 1, 2});
    CHECK(variable<float>({{{{1, 2}, {3, 4}}}}).shape() == Shape{1, 1, 2, 2});
    CHECK(constant<double>({{1, 2, 3}, {4, 5, 6}}).value()(1, 0) == 4);
    CHECK(constant<double>({{7}, {8}}).shape() == Shape{2, 1});
    CHECK(constant<double>({{7}, {8}}).value()(1, 0) == 8);
    CHECK(variable<double>({{{{{1}, {2}}}}}).shape() == Shape{1, 1, 1, 2, 1});
    CHECK(variable<double>({{1.5f, 2}, {3u, -4L}}).value()(1, 1) == -4);
    CHECK(constant<float>({{}, {}}).shape() == Shape{2, 0});
    CHECK(variable<double>(3).is_leaf());
    CHECK_THROWS_WITH_AS(constant<double>({{1, 2}, {3}}),
                         "[numbers] the parts of a list in braces have shapes (2) and (1): they must be the same",
                         ShapeError);
    CHECK_THROWS_AS(constant<double>({{{1}, {2, 3}}, {{4}, {5}}}), ShapeError);
    CHECK_THROWS_AS(constant<double>({{1}, 2}), ShapeError);
}

TEST_CASE("a constant or a leaf may have another scalar type than the array it is made of")
{
    const auto x = constant<float>(Array<double>{0.1, 2.0});
    static_assert(std::is_same_v<decltype(x), const Variable<float>>);
    CHECK(x.value()(0) == 0.1f);
    const auto w = variable<double>(xt::xarray<int>{1, 2} + 1);
    CHECK(w.is_leaf());
    CHECK(w.value()(1) == 3.0);
}

TEST_CASE("arrays and labels are printed as xtensor prints them")
{
    std::ostringstream ours, theirs;
    ours << Array<double>{1.5, -2.0} << Labels{3, 4};
    theirs << xt::xarray<double>{1.5, -2.0} << xt::xarray<std::int32_t>{3, 4};
    CHECK(ours.str() == theirs.str());
}

TEST_CASE("variables are made of any xtensor expression, evaluated")
{
    xt::xarray<double> a{{1, 2}, {3, 4}};
    const auto x = variable(a + 1);
    a(0, 0) = 100;
    static_assert(std::is_same_v<decltype(x), const Variable<double>>);
    CHECK(x.value()(0, 0) == 2);
    CHECK(x.value()(1, 1) == 5);

    const xt::xarray<float, xt::layout_type::column_major> columns{{1, 2, 3}, {4, 5, 6}};
    const auto rows = constant(columns);
    CHECK(rows.data()[1] == 2); // row-major whatever it was made of
    CHECK(rows.data()[3] == 4);
}

TEST_CASE("an array is moved into a variable without a copy, or copied if it is kept")
{
    Array<float> values(Shape{100}, 1.0f);
    const float* storage = values.data();
    const auto copied = variable(values);
    CHECK(copied.data() != storage);
    const auto moved = variable(std::move(values));
    CHECK(moved.data() == storage);
}

TEST_CASE("the value of a variable that goes is an array of its own")
{
    double total = 0;
    for (const double each : (variable<double>({1, 2, 3}) * 2.0).value())
        total += each;
    CHECK(total == 12);

    auto x = constant<double>({1, 2, 3});
    const double* storage = x.data();
    const auto shared = x;
    CHECK(Variable<double>(shared).value().data() != storage);
    CHECK(shared.value()(2) == 3);
    Array<double> copied = std::move(x).value();
    CHECK(copied.data() != storage); // `shared` still has it
    auto alone = constant<double>({4, 5});
    storage = alone.data();
    CHECK(std::move(alone).value().data() == storage);
}

TEST_CASE("leaves need a gradient, constants do not")
{
    const auto x = variable<double>({1, 2});
    const auto c = constant<double>({1, 2});
    CHECK(x.requires_gradient());
    CHECK(x.is_leaf());
    CHECK_FALSE(c.requires_gradient());
    CHECK_FALSE(c.is_leaf());

    Tape tape;
    const auto y = x * c;
    CHECK(y.requires_gradient());
    CHECK_FALSE(y.is_leaf());
    CHECK_FALSE((c * c).requires_gradient());
}

TEST_CASE("results are constants where nothing is recorded")
{
    const auto x = variable<double>({1, 2});
    CHECK_FALSE((x * x).requires_gradient());
    Tape tape;
    const PauseRecording pause;
    CHECK_FALSE((x * x).requires_gradient());
}

TEST_CASE("copies share the value and are the same variable to a tape")
{
    auto x = variable<double>({1, 2});
    const auto copy = x;
    CHECK(copy.data() == x.data());
    x.mutable_data()[0] = 7;
    CHECK(copy.data()[0] == 7);

    Tape tape;
    const auto dx = tape.gradient(sum(square(x)), copy);
    CHECK(dx.value() == Array<double>{14, 4});
}

TEST_CASE("as_leaf and stop_gradient cut a variable off")
{
    const auto x = variable<double>({1, 2});
    Tape tape;
    const auto y = x * x;
    CHECK(as_leaf(y).is_leaf());
    CHECK(as_leaf(y).data() != y.data());
    CHECK(detail::origin_of(as_leaf(x)) != detail::origin_of(x));
    CHECK_FALSE(stop_gradient(y).requires_gradient());
    CHECK(stop_gradient(y).data() == y.data());
    CHECK(y.requires_gradient());

    const auto dx = tape.gradient(sum(x * stop_gradient(x)), x);
    CHECK(dx.value() == Array<double>{1, 2});
}

TEST_CASE("item needs one element")
{
    CHECK(constant(Array<float>(Shape{1, 1}, 5.0f)).item() == 5);
    CHECK_THROWS_WITH_AS(constant<float>({1, 2}).item(), "[item] one element is needed, the shape is (2)", ShapeError);
    CHECK_THROWS_AS(Variable<float>(Array<float>(Shape{0}, 0.0f)).item(), ShapeError);
}

TEST_CASE("an empty variable is an error wherever it is used")
{
    const Variable<double> nothing;
    const auto x = variable<double>({1, 2});
    CHECK_FALSE(nothing.has_value());
    CHECK_FALSE(nothing.requires_gradient());
    CHECK_THROWS_WITH_AS(nothing.value(), "[variable] the variable is empty: it was default-constructed or moved from",
                         GraphError);
    CHECK_THROWS_AS(nothing.shape(), GraphError);
    CHECK_THROWS_AS(nothing.item(), GraphError);
    CHECK_THROWS_AS(sum(nothing), GraphError);

    Tape tape;
    CHECK_THROWS_AS(nothing * x, GraphError);
    CHECK_THROWS_AS(x * nothing, GraphError);
    CHECK(tape.size() == 0);
    CHECK_THROWS_AS(tape.gradient(nothing, x), GraphError);
    CHECK_THROWS_AS(tape.gradient(sum(x), nothing), GraphError);
    CHECK_THROWS_AS(as_leaf(nothing), GraphError);
}

TEST_CASE("a variable that was moved from is empty, not a leaf without a value")
{
    auto x = variable<double>({1, 2});
    Tape tape;
    const auto y = sum(square(x));
    const auto moved = std::move(x);
    CHECK_FALSE(x.has_value());
    CHECK_FALSE(x.requires_gradient());
    CHECK_THROWS_AS(tape.gradient(y, x, {.keep_tape = true}), GraphError);
    CHECK(tape.gradient(y, moved).value() == Array<double>{2, 4});
}

TEST_CASE("assignment takes over value and origin, self-assignment changes nothing")
{
    auto x = variable<double>({1, 2});
    const auto origin = detail::origin_of(x);
    auto& alias = x;
    x = alias;
    CHECK(detail::origin_of(x) == origin);
    CHECK(x.data()[1] == 2);
    x = constant<double>(5);
    CHECK(x.item() == 5);
    CHECK_FALSE(x.requires_gradient());
}

TEST_CASE("a buffer can be reused only by its single holder")
{
    auto x = constant<double>({1, 2});
    CHECK(detail::Access::is_only_holder(x));
    {
        const auto copy = x;
        CHECK_FALSE(detail::Access::is_only_holder(x));
    }
    CHECK(detail::Access::is_only_holder(x));
    CHECK_FALSE(detail::Access::is_only_holder(Variable<double>()));
}

TEST_CASE("an op works in its operand's buffer if nobody else holds it, and only then")
{
    auto x = constant<float>({1, 2, 3});
    const float* storage = x.data();
    const auto kept = tanh(x);
    CHECK(kept.data() != storage);
    CHECK(x.data()[0] == 1);
    const auto reused = tanh(std::move(x));
    CHECK(reused.data() == storage);
    CHECK(reused.value() == kept.value());
}

TEST_CASE("values lie at multiples of 64 bytes")
{
    for (std::size_t n : {1u, 3u, 16u, 17u, 1000u, 100000u}) {
        const auto x = constant(Array<float>(Shape{n}, 1.0f));
        CHECK(reinterpret_cast<std::uintptr_t>(x.data()) % 64 == 0);
        const auto y = exp(x);
        CHECK(reinterpret_cast<std::uintptr_t>(y.data()) % 64 == 0);
    }
}
