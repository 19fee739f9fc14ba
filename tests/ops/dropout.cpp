#include "ops.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/dropout.hpp>

using namespace xgrad;
using namespace xgrad::test;

TEST_CASE_TEMPLATE("dropout leaves out elements and makes the others larger", T, float, double)
{
    for (const Shape& shape : {Shape{4, 500}, Shape{3, 7, 40}, Shape{2000}})
        for (const double p : {0.1, 0.5, 0.9}) {
            const Array<T> x = numbers<T>(shape, 1, 2);
            Random random(1);
            const Variable<T> y = dropout(constant(Array<T>(x)), p, random);
            const T scale = 1 / (1 - T(p));
            std::size_t left = 0;
            for (std::size_t i = 0; i < x.size(); ++i) {
                const bool is_left = y.data()[i] != 0;
                CHECK(y.data()[i] == (is_left ? x.data()[i] * scale : 0));
                left += is_left;
            }
            const auto count = static_cast<double>(x.size());
            CHECK(std::abs(static_cast<double>(left) - count * (1 - p)) < 4 * std::sqrt(count * p * (1 - p)));
        }
}

TEST_CASE_TEMPLATE("dropout passes the gradient where it passes the element", T, float, double)
{
    const Array<T> x = numbers<T>({5, 6}, 1, 2), g = numbers<T>({5, 6}, -2, 2, 3);
    const auto f = [](const auto& xs) {
        Random random(4);
        return dropout(xs[0], 0.4, random);
    };
    const Array<T> y = f(Variables<T>{constant(Array<T>(x))}).value();
    const Array<T> expected =
        generate<T>({5, 6}, [&](const Index& i) { return at(y, i) == 0 ? 0 : at(g, i) * (1 / (1 - T(0.4))); });
    check_close(gradients_of<T>(f, {x}, g)[0], expected);
}

TEST_CASE("dropout at its limits")
{
    const auto x = constant<double>({-1.0, 2.0, 3.0});
    Random random(1);
    const Random::State before = random.state();
    check_equal(dropout(x, 0, random).value(), x.value());
    CHECK(random.state() == before);
    check_equal(dropout(x, 1, random).value(), list<double>({0, 0, 0}));
    CHECK(dropout(constant(Array<double>(Shape{0, 3})), 0.5, random).shape() == Shape{0, 3});
    CHECK(dropout(constant(Array<double>(Shape{3, 0})), 0.5, random).shape() == Shape{3, 0});
    CHECK(dropout(constant<double>(2.0), 1, random).item() == 0);
    for (const double p : {-0.1, 1.1, not_a_number, infinity})
        check_shape_error([&] { dropout(leaf<double>({2}), p, random); }, {"[dropout]", "0 to 1"});
    Generators two = sample_generators(1, 0, 0, 2);
    check_shape_error([&] { dropout(leaf<double>({3, 2}), 0.5, two); }, {"sample 2", "2 samples"});
}

TEST_CASE("dropout draws for a sample from its generator, whatever is beside it")
{
    const Array<double> x(Shape{6, 50}, 1.0);
    Generators all = sample_generators(9, 1, 0, 6);
    const Array<double> whole = dropout(constant(Array<double>(x)), 0.5, all).value();
    for (std::size_t begin = 0; begin < 6; begin += 2) {
        Generators part = sample_generators(9, 1, begin, 2);
        const Array<double> y = dropout(constant(Array<double>(Shape{2, 50}, 1.0)), 0.5, part).value();
        CHECK(std::equal(y.begin(), y.end(), whole.data() + begin * 50));
    }
    for (std::size_t n = 1; n < 6; ++n)
        CHECK(!std::equal(whole.data(), whole.data() + 50, whole.data() + n * 50));
}
