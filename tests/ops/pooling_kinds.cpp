#include "pooling.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/reduction.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

const std::vector<PoolingCase>& cases()
{
    static const std::vector<PoolingCase> all{
        {{2, 3, 4, 6}},
        {{1, 2, 5, 7}},
        {{2, 1, 7, 5}, {.size = 3, .stride = 2}},
        {{1, 2, 4, 5}, {.size = {2, 3}, .stride = 1}},
        {{1, 1, 9, 6}, {.size = {1, 2}, .stride = {2, 3}}},
        {{2, 2, 3, 4}, {.size = {3, 4}}},
        {{1, 1, 1, 1}, {.size = 1}},
        {{1, 2, 4, 5}, {.size = 3, .stride = 2, .padding = 1}, 1, 1, 1, 1},
        {{1, 1, 3, 4}, {.size = 2, .stride = 1, .padding = {1, 0, 0, 1}}, 1, 0, 0, 1},
        {{1, 1, 5, 4}, {.size = 3, .stride = 2, .padding = Padding::same}, 1, 1, 0, 1},
        {{1, 1, 3, 5}, {.size = {2, 3}, .stride = 1, .padding = Padding::full}, 1, 1, 2, 2},
        {{1, 1, 3, 3}, {.size = 2, .padding = 2}, 2, 2, 2, 2}, // some windows lie wholly in the padding
        {{1, 2, 6, 7}, {.size = 2, .stride = 1, .dilation = 2}},
        {{1, 1, 5, 6}, {.size = 2, .stride = 2, .padding = 1, .dilation = {1, 2}}, 1, 1, 1, 1},
    };
    return all;
}

/** The place of an element in the window of output y. */
Index in_window(const PoolingCase& c, const Index& y, const Index& i)
{
    const Size2d stride = stride_of(c.options);
    return {(i[2] + c.above - y[2] * u(stride.height)) / u(c.options.dilation.height),
            (i[3] + c.left - y[3] * u(stride.width)) / u(c.options.dilation.width)};
}

/** Non-negative numbers, about half of them 0: as after relu. */
template <class T>
Array<T> activations(const Shape& shape, unsigned seed = 1)
{
    Array<T> x = numbers<T>(shape, -2, 2, seed);
    for (T& value : x)
        value = std::max(value, T(0));
    return x;
}

} // namespace

TEST_CASE_TEMPLATE("square and L2 pooling are the sums of squares and their roots", T, float, double)
{
    for (const PoolingCase& c : cases()) {
        const Array<T> x = numbers<T>(c.x);
        const auto squares = [&](const Index& y) {
            double sum = 0;
            for (const Index& i : covered(c, y))
                sum += double(at(x, i)) * double(at(x, i));
            return sum;
        };
        check_against(
            result_shape(c), x, [&](const auto& v) { return square_pool2d(v, c.options); },
            [&](const Index& y, auto add) {
                for (const Index& i : covered(c, y))
                    add(i, 2 * at(x, i));
                return squares(y);
            });
        check_against(
            result_shape(c), x, [&](const auto& v) { return l2_pool2d(v, c.options); },
            [&](const Index& y, auto add) {
                const double norm = std::sqrt(squares(y));
                for (const Index& i : covered(c, y))
                    add(i, at(x, i) / norm);
                return norm;
            });
    }
}

TEST_CASE_TEMPLATE("the gradient of the norm of a window of zeros is 0, and of another one x/y", T, float, double)
{
    Array<T> values({1, 1, 2, 4}, T(0));
    values.data()[2] = 3;
    values.data()[7] = 4;
    const auto x = variable(std::move(values));
    Tape tape;
    const auto y = l2_pool2d(x);
    const auto first = tape.gradient(sum(y), x);
    check_equal(Array<T>(y.value()), generate<T>({1, 1, 1, 2}, [](const Index& i) { return i[3] == 0 ? 0 : 5; }));
    check_close(Array<T>(first.value()), generate<T>({1, 1, 2, 4}, [](const Index& i) {
                    return i[3] < 2 ? 0 : i[2] == 0 && i[3] == 2 ? 0.6 : i[2] == 1 && i[3] == 3 ? 0.8 : 0;
                }));
}

TEST_CASE_TEMPLATE("the second gradients at windows of zeros are finite", T, float, double)
{
    const auto check_second = [](auto pool) {
        const auto x = variable(Array<T>({1, 1, 2, 4}, T(0)));
        Tape outer;
        Variable<T> first;
        {
            Tape inner;
            first = inner.gradient(sum(pool(x)), x);
        }
        for (const T value : first.value())
            CHECK(value == T(0));
        const auto second = outer.gradient(sum(first), x, {.unused_is_zero = true});
        for (const T value : second.value())
            CHECK(std::isfinite(value));
    };
    check_second([](const auto& x) { return l2_pool2d(x); });
    check_second([](const auto& x) { return probability_pool2d(x); });
    check_second([](const auto& x) { return square_pool2d(x); });
}

TEST_CASE_TEMPLATE("weighted pooling is the weighted mean of what is inside", T, float, double)
{
    for (const PoolingCase& c : cases()) {
        const Array<T> x = numbers<T>(c.x);
        const Array<T> weights = numbers<T>({u(c.options.size.height), u(c.options.size.width)}, 0.5, 3, 4);
        const auto total = [&](const Index& y) {
            double sum = 0;
            for (const Index& i : covered(c, y))
                sum += at(weights, in_window(c, y, i));
            return sum;
        };
        const auto mean = [&](const Index& y) {
            double sum = 0;
            for (const Index& i : covered(c, y))
                sum += double(at(weights, in_window(c, y, i))) * at(x, i);
            return covered(c, y).empty() ? 0 : sum / total(y);
        };
        check_against(
            result_shape(c), x, [&](const auto& v) { return weighted_pool2d(v, fixed(weights), c.options); },
            [&](const Index& y, auto add) {
                for (const Index& i : covered(c, y))
                    add(i, at(weights, in_window(c, y, i)) / total(y));
                return mean(y);
            },
            2 * few_roundings<T>);
        check_against(
            result_shape(c), weights, [&](const auto& w) { return weighted_pool2d(fixed(x), w, c.options); },
            [&](const Index& y, auto add) {
                for (const Index& i : covered(c, y))
                    add(in_window(c, y, i), (at(x, i) - mean(y)) / total(y));
                return mean(y);
            },
            4 * few_roundings<T>);

        // Equal weights of whatever size make the mean.
        check_close(Array<T>(weighted_pool2d(fixed(x), fixed(Array<T>(weights.shape(), T(7))), c.options).value()),
                    Array<T>(mean_pool2d(fixed(x), c.options).value()));
    }
}

TEST_CASE_TEMPLATE("weights of 0 leave elements out, and a window without weight gives 0", T, float, double)
{
    Array<T> x = list<T>({1, 2, 3, 4});
    x.reshape({1, 1, 2, 2});
    CHECK(weighted_pool2d(fixed(x), constant<T>({{0, 1}, {3, 0}})).item() == T(2.75));
    CHECK(weighted_pool2d(fixed(x), constant<T>({{0, 0}, {0, 0}})).item() == T(0));
}

TEST_CASE_TEMPLATE("distance weights are a Gaussian around the centre, of sum 1", T, float, double)
{
    for (const Size2d size : {Size2d(1), Size2d(2), Size2d(3, 4), Size2d(5, 1)})
        for (const double sigma : {0.5, 1.0, 10.0}) {
            const auto from_centre = [&](const Index& i) {
                const double down = double(i[0]) - (double(size.height) - 1) / 2;
                const double across = double(i[1]) - (double(size.width) - 1) / 2;
                return std::exp(-0.5 * (down * down + across * across) / (sigma * sigma));
            };
            const Shape shape{u(size.height), u(size.width)};
            double total = 0;
            for_each_index(shape, [&](const Index& i) { total += from_centre(i); });
            const Variable<T> weights = distance_weights<T>(size, sigma);
            CHECK(!weights.requires_gradient());
            check_close(Array<T>(weights.value()),
                        generate<T>(shape, [&](const Index& i) { return from_centre(i) / total; }));
        }
}

TEST_CASE_TEMPLATE("probability pooling is the mean under the probabilities x/Σx", T, float, double)
{
    for (const PoolingCase& c : cases()) {
        const Array<T> x = activations<T>(c.x);
        check_against(
            result_shape(c), x, [&](const auto& v) { return probability_pool2d(v, c.options); },
            [&](const Index& y, auto add) {
                double total = 0, mean = 0;
                for (const Index& i : covered(c, y))
                    total += at(x, i);
                if (total == 0)
                    return 0.0;
                for (const Index& i : covered(c, y))
                    mean += at(x, i) / total * at(x, i);
                for (const Index& i : covered(c, y))
                    add(i, (2 * at(x, i) - mean) / total);
                return mean;
            },
            8 * few_roundings<T>);
    }
}

TEST_CASE_TEMPLATE("stochastic pooling gives an element of each window, and the gradient goes to its place", T, float,
                   double)
{
    for (const PoolingCase& c : cases()) {
        const Array<T> x = activations<T>(c.x); // its positive elements differ from each other
        const auto pool = [&](const auto& v) {
            Random random(3);
            return stochastic_pool2d(v, c.options, random);
        };
        const Array<T> drawn = pool(fixed(x)).value();
        check_against(result_shape(c), x, pool, [&](const Index& y, auto add) {
            std::size_t positive = 0, found = 0;
            for (const Index& i : covered(c, y)) {
                positive += at(x, i) > 0;
                if (at(drawn, y) > 0 && at(x, i) == at(drawn, y)) {
                    ++found;
                    add(i, 1);
                }
            }
            CHECK(found == (positive > 0 ? 1 : 0));
            return positive > 0 ? at(drawn, y) : 0;
        });
    }
}

TEST_CASE("stochastic pooling draws in proportion, and probability pooling is its mean")
{
    Array<double> x = list<double>({1, 0, 4, 3});
    x.reshape({1, 1, 2, 2});
    Random random(7);
    std::vector<int> drawn(5);
    const int draws = 20'000;
    double sum = 0;
    for (int i = 0; i < draws; ++i) {
        const double y = stochastic_pool2d(fixed(x), {}, random).item();
        ++drawn[static_cast<std::size_t>(y)];
        sum += y;
    }
    CHECK(drawn[0] == 0);
    CHECK(drawn[1] / double(draws) == doctest::Approx(1 / 8.).epsilon(0.05));
    CHECK(drawn[4] / double(draws) == doctest::Approx(4 / 8.).epsilon(0.03));
    CHECK(drawn[3] / double(draws) == doctest::Approx(3 / 8.).epsilon(0.03));
    CHECK(probability_pool2d(fixed(x)).item() == 26 / 8.);
    CHECK(sum / draws == doctest::Approx(26 / 8.).epsilon(0.01));
}

TEST_CASE("stochastic pooling takes one random number for each window, whatever the input")
{
    Random one(5), other(5);
    stochastic_pool2d(fixed(activations<double>({2, 3, 4, 5})), {}, one);
    stochastic_pool2d(fixed(Array<float>({1, 2, 6, 6}, 0.f)), {.size = 3, .stride = 2}, other);
    for (int i = 0; i < 16; ++i) // after 24 and 8 numbers
        other.next();
    CHECK(one.next() == other.next());
}

TEST_CASE_TEMPLATE("a NaN spoils the windows that see it and no other", T, float, double)
{
    for (const PoolingOptions& options : {PoolingOptions{}, PoolingOptions{.size = 3, .stride = 1}}) {
        Array<T> x = numbers<T>({1, 2, 6, 6}, 0, 2);
        const Index place{0, 1, 3, 2};
        at(x, place) = T(not_a_number);
        Random random(1);
        for (const Array<T>& y :
             {Array<T>(square_pool2d(fixed(x), options).value()), Array<T>(l2_pool2d(fixed(x), options).value()),
              Array<T>(weighted_pool2d(fixed(x), distance_weights<T>(options.size, 1), options).value()),
              Array<T>(stochastic_pool2d(fixed(x), options, random).value()),
              Array<T>(probability_pool2d(fixed(x), options).value())})
            for_each_index(y.shape(), [&](const Index& i) {
                const std::vector<Index> window = covered({x.shape(), options}, i);
                const bool sees = std::find(window.begin(), window.end(), place) != window.end();
                CHECK(std::isnan(at(y, i)) == sees);
            });
    }
}

TEST_CASE_TEMPLATE("a negative activation or weight is refused by name", T, float, double)
{
    const auto x = variable(generate<T>({1, 1, 2, 2}, [](const Index& i) { return i[3] == 1 ? -0.5 : 1; }));
    const auto weights = constant<T>({{1, 1}, {1, -2}});
    Random random(1);
    Tape tape;
    CHECK_THROWS_WITH_AS(stochastic_pool2d(x, {}, random),
                         "[stochastic_pool2d] an element of the input is -0.5: 0 or more is needed, as after relu",
                         Error);
    CHECK_THROWS_WITH_AS(probability_pool2d(x),
                         "[probability_pool2d] an element of the input is -0.5: 0 or more is needed, as after relu",
                         Error);
    CHECK_THROWS_WITH_AS(weighted_pool2d(x, weights),
                         "[weighted_pool2d] an element of the weights is -2: 0 or more is needed", Error);
    CHECK(tape.size() == 0);
    CHECK_NOTHROW(stochastic_pool2d(relu(x), {}, random));
}

TEST_CASE_TEMPLATE("pooling of other kinds that does not fit is refused by name, and nothing is recorded", T, float,
                   double)
{
    const auto x = leaf<T>({1, 2, 3, 4}), flat = leaf<T>({3, 4});
    const auto weights = leaf<T>({4, 4});
    Random random(1);
    const PoolingOptions large{.size = 4};
    for (const auto& [image, parts] :
         {std::pair{flat, std::vector<std::string>{"(3,4)"}}, std::pair{x, std::vector<std::string>{"4x4", "3x4"}}})
    {
        const auto check = [&, more = parts](const std::string& op, auto pool) {
            std::vector<std::string> all = more;
            all.push_back("[" + op + "]");
            check_shape_error(pool, all);
        };
        const Variable<T> v = image;
        check("square_pool2d", [&] { square_pool2d(v, large); });
        check("l2_pool2d", [&] { l2_pool2d(v, large); });
        check("weighted_pool2d", [&] { weighted_pool2d(v, weights, large); });
        check("stochastic_pool2d", [&] { stochastic_pool2d(v, large, random); });
        check("probability_pool2d", [&] { probability_pool2d(v, large); });
        check("adaptive_mean_pool2d", [&] { adaptive_mean_pool2d(v, 4); });
        check("adaptive_max_pool2d", [&] { adaptive_max_pool2d(v, 4); });
    }
    check_shape_error([&] { global_mean_pool2d(flat); }, {"[global_mean_pool2d]", "(3,4)"});
    check_shape_error([&] { global_max_pool2d(flat); }, {"[global_max_pool2d]", "(3,4)"});
    check_shape_error([&] { weighted_pool2d(x, weights); }, {"[weighted_pool2d]", "(4,4)", "2x2"});
    check_shape_error([&] { adaptive_mean_pool2d(x, {0, 1}); }, {"[adaptive_mean_pool2d]", "0x1"});
    check_shape_error([&] { adaptive_max_pool2d(x, {1, 5}); }, {"[adaptive_max_pool2d]", "1x5", "3x4"});
    check_shape_error([&] { maxout(x, 3); }, {"[maxout]", "3 pieces", "axis 1", "(1,2,3,4)"});
    check_shape_error([&] { maxout(x, 0); }, {"[maxout]", "0 pieces"});
    check_shape_error([&] { maxout(x, 2, 4); }, {"[maxout]", "axis"});
    check_shape_error([] { distance_weights<T>({0, 3}, 1); }, {"[distance_weights]", "0x3"});
    check_shape_error([] { distance_weights<T>(3, 0); }, {"[distance_weights]", "sigma", "0"});
    check_shape_error([] { distance_weights<T>(3, not_a_number); }, {"[distance_weights]", "nan"});
}
