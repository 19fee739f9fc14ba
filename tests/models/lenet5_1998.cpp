#include "maps.hpp"
#include "sampled_gradients.hpp"
#include <xgrad/models/networks/lenet5_1998.hpp>
#include <xgrad/ops/ops.hpp>

#include <cstdlib>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

using Outputs = LeNet5Of1998Options::Outputs;

constexpr const char* table_of_c3[] = {"x...xxx..xxxx.xx", "xx...xxx..xxxx.x", "xxx...xxx..x.xxx",
                                       ".xxx..xxxx..x.xx", "..xxx..xxxx.xx.x", "...xxx..xxxx.xxx"};

/** f(Σ_i x_i ⋆ k_ij + b_j) over the maps i that map j reads, 5×5 and valid (H-conv). */
template <class Reads>
Maps convolve(const Maps& x, const Convolution<double>& layer, Reads reads)
{
    const auto& k = layer.weight.value();
    const std::size_t size = x[0].size() - 4;
    Maps y(k.shape()[0], std::vector(size, std::vector<double>(size)));
    for (std::size_t j = 0; j < y.size(); ++j)
        for (std::size_t r = 0; r < size; ++r)
            for (std::size_t c = 0; c < size; ++c) {
                double u = layer.bias.value()(j);
                for (std::size_t i = 0; i < x.size(); ++i)
                    for (std::size_t a = 0; a < 5; ++a)
                        for (std::size_t b = 0; b < 5; ++b)
                            u += reads(i, j) ? x[i][r + a][c + b] * k(j, i, a, b) : 0;
                y[j][r][c] = squash(u);
            }
    return y;
}

std::vector<double> full(const std::vector<double>& x, const Linear<double>& layer)
{
    std::vector<double> u;
    for (std::size_t k = 0; k < layer.bias.size(); ++k) {
        u.push_back(layer.bias.value()(k));
        for (std::size_t i = 0; i < x.size(); ++i)
            u[k] += layer.weight.value()(k, i) * x[i];
    }
    return u;
}

std::vector<double> scores_of(const LeNet5Of1998<double>& net, const Array<double>& image)
{
    const auto all = [](std::size_t, std::size_t) { return true; };
    const auto connected = [](std::size_t i, std::size_t j) { return table_of_c3[i][j] == 'x'; };
    const Maps x2 = subsample(convolve(maps_of(image), net.c1, all), net.s2);
    const Maps x5 = convolve(subsample(convolve(x2, net.c3, connected), net.s4), net.c5, all);
    std::vector<double> x;
    for (const auto& map : x5)
        x.push_back(map[0][0]);
    x = full(x, net.f6);
    for (double& u : x)
        u = squash(u);
    if (net.f7)
        return full(x, *net.f7);
    std::vector<double> scores(10);
    for (std::size_t digit = 0; digit < 10; ++digit)
        for (std::size_t i = 0; i < 84; ++i) {
            const double away = x[i] - digit_prototypes<double>()(digit, i);
            scores[digit] -= away * away;
        }
    return scores;
}

/** y_label + ln(e^{−j} + Σ e^{−y}), the mean; as the smallest exponent and a sum of 1 and less. */
template <class T>
double equation_9(const Array<T>& distances, const Labels& labels, double j)
{
    double total = 0;
    for (std::size_t n = 0; n < labels.size(); ++n) {
        double nearest = j, terms = 0;
        for (std::size_t i = 0; i < distances.shape()[1]; ++i)
            nearest = std::min(nearest, static_cast<double>(distances(n, i)));
        for (std::size_t i = 0; i < distances.shape()[1]; ++i)
            terms += std::exp(nearest - static_cast<double>(distances(n, i)));
        total += static_cast<double>(distances(n, static_cast<std::size_t>(labels(n)))) - nearest +
                 std::log(terms + std::exp(nearest - j));
    }
    return total / static_cast<double>(labels.size());
}

} // namespace

TEST_CASE("the ten bitmaps are of ink and paper, and well apart")
{
    const Array<float>& bitmaps = digit_prototypes<float>();
    REQUIRE(bitmaps.shape() == Shape{10, 84});
    for (const float dot : bitmaps)
        CHECK(std::abs(dot) == 1);
    for (std::size_t a = 0; a < 10; ++a)
        for (std::size_t b = 0; b < a; ++b) {
            int different = 0;
            for (std::size_t i = 0; i < 84; ++i)
                different += bitmaps(a, i) != bitmaps(b, i);
            CAPTURE(a);
            CAPTURE(b);
            CHECK(different >= 8);
        }
    // A 7 is a bar at the top of the 7×12 dots, and ends at the lower left.
    for (std::size_t column = 0; column < 7; ++column)
        CHECK(bitmaps(7, column) == 1);
    CHECK(bitmaps(7, 11 * 7 + 1) == 1);
    CHECK(bitmaps(7, 11 * 7 + 6) == -1);
}

TEST_CASE_TEMPLATE("radial basis units are squared distances", T, float, double)
{
    const Array<T> prototypes = numbers<T>({4, 6}, -1, 1, 5), x = numbers<T>({3, 6}, -2, 2, 6);
    const Array<T> expected = generate<T>({3, 4}, [&](const Index& index) {
        double sum = 0;
        for (std::size_t i = 0; i < 6; ++i) {
            const double away = static_cast<double>(x(index[0], i)) - static_cast<double>(prototypes(index[1], i));
            sum += away * away;
        }
        return sum;
    });
    check_close(RadialBasis<T>(prototypes)(constant(Array<T>(x))).value(), expected);
}

TEST_CASE("a bitmap is as far from another as their dots differ, times 4")
{
    const Array<float>& bitmaps = digit_prototypes<float>();
    const auto distances = RadialBasis<float>()(constant(Array<float>(bitmaps)));
    for (std::size_t a = 0; a < 10; ++a)
        for (std::size_t b = 0; b < 10; ++b) {
            int different = 0;
            for (std::size_t i = 0; i < 84; ++i)
                different += bitmaps(a, i) != bitmaps(b, i);
            CHECK(distances.value()(a, b) == 4 * different);
        }
}

TEST_CASE_TEMPLATE("the losses of 1998", T, float, double)
{
    const Labels labels = indices({2, 0, 3});
    const T tolerance = std::is_same_v<T, float> ? T(1e-6) : T(1e-14);
    for (const double scale : {1.0, 30.0, 800.0}) { // e^{-800} is 0, in double too
        const Array<T> distances = numbers<T>({3, 4}, 0, scale, 7);
        const auto y = constant(Array<T>(distances));
        const double right = static_cast<double>(distances(0, 2)) + static_cast<double>(distances(1, 0)) +
                             static_cast<double>(distances(2, 3));
        CHECK(static_cast<double>(rbf_loss(y, labels).item()) == doctest::Approx(right / 3).epsilon(tolerance));
        for (const double j : {0.1, 20.0, 700.0}) {
            CAPTURE(scale);
            CAPTURE(j);
            CHECK(static_cast<double>(rbf_loss(y, labels, j).item()) ==
                  doctest::Approx(equation_9(distances, labels, j)).epsilon(tolerance));
        }
    }
}

TEST_CASE("equation 9 pulls at the right bitmap and pushes the near ones, but none that is farther than j")
{
    const Array<float> distances = {{300, 290, 500, 310}};
    const Labels label = indices({3});
    const Array<float> upstream = Array<float>(Shape{}, 1.0f);
    const auto slope = [&](double j) {
        return gradients_of<float>([&](const auto& xs) { return rbf_loss(xs[0], label, j); }, {distances}, upstream)[0];
    };
    check_close<float>(slope(100), {{0, 0, 0, 1}});
    check_close<float>(slope(900), {{-4.5398e-5f, -0.9999546f, 0, 1}}, 1e-6);
}

TEST_CASE("radial basis units and losses of other shapes")
{
    const auto distances = leaf<float>({2, 10});
    check_shape_error([] { RadialBasis<float>(numbers<float>({10})); }, {"[rbf]", "(10)"});
    check_shape_error([] { RadialBasis<float>()(leaf<float>({2, 83})); }, {"[rbf]", "(2,83)", "(N, 84)"});
    check_shape_error([] { RadialBasis<float>()(leaf<float>({84})); }, {"[rbf]", "(84)", "(N, 84)"});
    for (const bool discriminative : {true, false}) {
        const auto loss = [&](const Labels& labels) {
            return discriminative ? rbf_loss(distances, labels, 1) : rbf_loss(distances, labels);
        };
        check_shape_error([&] { loss(indices({1, 2, 3})); }, {"[rbf_loss]", "(2,10)", "(3)"});
        check_shape_error([&] { loss(indices({1, 10})); }, {"[rbf_loss]", "label 10", "10 units"});
        check_shape_error([&] { loss(indices({-1, 0})); }, {"[rbf_loss]", "label -1"});
    }
    CHECK_THROWS_WITH_AS(rbf_loss(distances, indices({1, 2}), 0), "[rbf_loss] j is 0: it must be positive", Error);
    CHECK_THROWS_AS(rbf_loss(distances, indices({1, 2}), not_a_number), Error);
}

TEST_CASE("LeNet-5 of 1998 reads as in the paper: 60,000 parameters and 340,908 connections")
{
    struct Line
    {
        const char* name;
        Shape output;
        std::size_t parameters, connections;
    };
    std::vector<Line> expected = {{"C1", {6, 28, 28}, 156, 122304},
                                  {"S2", {6, 14, 14}, 12, 5880},
                                  {"C3", {16, 10, 10}, 1516, 151600},
                                  {"S4", {16, 5, 5}, 32, 2000},
                                  {"C5", {120, 1, 1}, 48120, 48120},
                                  {"F6", {84}, 10164, 10164},
                                  {"RBF", {10}, 0, 840}};
    for (const Outputs outputs : {Outputs::rbf, Outputs::softmax}) {
        if (outputs == Outputs::softmax)
            expected.back() = {"F7", {10}, 850, 850};
        const LeNet5Of1998<float> net(1, {.outputs = outputs});
        const auto summary = net.summary();
        REQUIRE(summary.size() == expected.size());
        std::size_t parameters = 0, connections = 0;
        for (std::size_t i = 0; i < summary.size(); ++i) {
            CAPTURE(summary[i].name);
            CHECK(summary[i].name == expected[i].name);
            CHECK(summary[i].output == expected[i].output);
            CHECK(summary[i].parameters == expected[i].parameters);
            CHECK(summary[i].connections == expected[i].connections);
            parameters += summary[i].parameters;
            connections += summary[i].connections;
        }
        CHECK(parameters == (outputs == Outputs::rbf ? 60000 : 60850));
        CHECK(connections == (outputs == Outputs::rbf ? 340908 : 340918));
        // The 900 weights of C3 outside the table are stored, and are no parameters.
        CHECK(net.parameters().element_count() == parameters + 900);
    }
}

TEST_CASE("LeNet-5 of 1998: its parameters are named after their layers")
{
    const char* const names[] = {"c1.weight", "c1.bias",   "s2.beta", "s2.bias",   "c3.weight", "c3.bias",   "s4.beta",
                                 "s4.bias",   "c5.weight", "c5.bias", "f6.weight", "f6.bias",   "f7.weight", "f7.bias"};
    const auto with_rbf = LeNet5Of1998<float>(1).parameters();
    const auto with_softmax = LeNet5Of1998<float>(1, {.outputs = Outputs::softmax}).parameters();
    REQUIRE(with_rbf.size() == 12);
    REQUIRE(with_softmax.size() == 14);
    for (std::size_t i = 0; i < 14; ++i) {
        CHECK(with_softmax.name(i) == names[i]);
        if (i < 12)
            CHECK(with_rbf.name(i) == names[i]);
    }
}

TEST_CASE("LeNet-5 of 1998: weights start uniform in ±2.4/fan-in, subsampling as the mean, and the seed decides")
{
    const LeNet5Of1998<double> net(1, {.outputs = Outputs::softmax}), same(1, {.outputs = Outputs::softmax}), other(2);
    const auto check_range = [](const Variable<double>& weights, double fan_in) {
        double largest = 0;
        for (const double w : weights.value())
            largest = std::max(largest, std::abs(w));
        CHECK(largest <= 2.4 / fan_in);
        CHECK(largest > 0.9 * 2.4 / fan_in);
    };
    check_range(net.c1.weight, 25);
    check_range(net.c5.weight, 400);
    check_range(net.f6.weight, 120);
    check_range(net.f7->weight, 84);
    check_range(slice(net.c3.weight, 0, 0, 6), 75);    // three maps
    check_range(slice(net.c3.weight, 0, 6, 15), 100);  // four
    check_range(slice(net.c3.weight, 0, 15, 16), 150); // all
    for (const double beta : net.s4.beta.value())
        CHECK(beta == 0.25);
    CHECK(net.f6.weight.value() == same.f6.weight.value());
    CHECK(net.f6.weight.value() != other.f6.weight.value());
}

TEST_CASE("LeNet-5 of 1998: its scores are those of the formulas (H-conv, B14, B3)")
{
    for (const Outputs outputs : {Outputs::rbf, Outputs::softmax}) {
        const LeNet5Of1998<double> net(1, {.outputs = outputs});
        Random random(2);
        fill(random, net.parameters(), 0.2);
        const Array<double> image = random.uniform<double>({1, 1, 32, 32}, -0.1, 1.175);
        const auto scores = net(constant(Array<double>(image)));
        const std::vector<double> expected = scores_of(net, image);
        REQUIRE(scores.shape() == Shape{1, 10});
        for (std::size_t digit = 0; digit < 10; ++digit)
            CHECK(scores.value()(0, digit) == doctest::Approx(expected[digit]).epsilon(1e-12));
    }
}

TEST_CASE("LeNet-5 of 1998: what it learns by")
{
    const auto scores = constant(numbers<double>({2, 10}, -50, -10));
    const Labels labels = indices({4, 9});
    const auto loss = [&](const LeNet5Of1998Options& options) {
        return LeNet5Of1998<double>(1, options).loss(scores, labels).item();
    };
    CHECK(loss({.j = 15}) == doctest::Approx(equation_9(Array<double>(-scores.value()), labels, 15)).epsilon(1e-14));
    CHECK(loss({.discriminative = false}) ==
          doctest::Approx(-(scores.value()(0, 4) + scores.value()(1, 9)) / 2).epsilon(1e-14));
    CHECK(loss({.outputs = Outputs::softmax}) == softmax_cross_entropy(scores, labels).item());
}

TEST_CASE("LeNet-5 of 1998: its gradients against differences")
{
    for (const LeNet5Of1998Options& options :
         {LeNet5Of1998Options{}, {.j = 90}, {.discriminative = false}, {.outputs = Outputs::softmax}})
    {
        const LeNet5Of1998<double> net(3, options);
        Random random(4);
        const auto images = constant(random.uniform<double>({2, 1, 32, 32}, -0.1, 1.175));
        const Labels labels = indices({7, 2});
        check_sampled_gradients(
            net.parameters(), [&] { return net.loss(net(images), labels); }, 1e-5);
    }
}

TEST_CASE("LeNet-5 of 1998: images of another size")
{
    const LeNet5Of1998<float> net(1);
    CHECK(net(leaf<float>({3, 1, 32, 32})).shape() == Shape{3, 10});
    check_shape_error([&] { net(leaf<float>({3, 1, 28, 28})); }, {"[lenet5_1998]", "(3,1,28,28)", "pad 28x28"});
    check_shape_error([&] { net(leaf<float>({3, 1, 36, 36})); }, {"[lenet5_1998]", "(3,1,36,36)"});
}
