#include "ops.hpp"
#include <xgrad/graph/random.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/bouvrie.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

using Maps = std::vector<std::vector<std::vector<double>>>; // map, row, column

double squash(double u) { return 1.7159 * std::tanh(2.0 / 3 * u); }

/** f(Σ_i x_i * k_ij + b_j), valid, with the kernel flipped (B9). */
Maps convolve(const Maps& x, const Convolution<double>& layer)
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
                            u += x[i][r + a][c + b] * k(j, i, 4 - a, 4 - b);
                y[j][r][c] = squash(u);
            }
    return y;
}

/** f(β_j down(x_j) + b_j) (B14). */
Maps subsample(const Maps& x, const Subsampling<double>& layer)
{
    const std::size_t size = x[0].size() / 2;
    Maps y(x.size(), std::vector(size, std::vector<double>(size)));
    for (std::size_t j = 0; j < x.size(); ++j)
        for (std::size_t r = 0; r < size; ++r)
            for (std::size_t c = 0; c < size; ++c) {
                const double down =
                    x[j][2 * r][2 * c] + x[j][2 * r][2 * c + 1] + x[j][2 * r + 1][2 * c] + x[j][2 * r + 1][2 * c + 1];
                y[j][r][c] = squash(layer.beta.value()(j) * down + layer.bias.value()(j));
            }
    return y;
}

void fill(Random& random, const Variable<double>& parameter)
{
    Variable<double> shared = parameter;
    for (double& x : shared.mutable_value())
        x = random.uniform(-0.5, 0.5);
}

} // namespace

TEST_CASE("bouvrie: its output is that of the notes' formulas (B3, B9, B14)")
{
    const Bouvrie<double> net(1);
    Random random(2);
    for (const Variable<double>& parameter : net.parameters())
        fill(random, parameter);
    const Array<double> image = random.uniform<double>({1, 1, 28, 28}, -1, 1);
    Maps x(1, std::vector(28, std::vector<double>(28)));
    for (std::size_t r = 0; r < 28; ++r)
        for (std::size_t c = 0; c < 28; ++c)
            x[0][r][c] = image(0, 0, r, c);

    const Maps x4 = subsample(convolve(subsample(convolve(x, net.c1), net.s2), net.c3), net.s4);
    const auto y = net(constant(Array<double>(image)));
    REQUIRE(y.shape() == Shape{1, 10});
    for (std::size_t k = 0; k < 10; ++k) {
        double u = net.f5.bias.value()(k);
        for (std::size_t i = 0; i < 192; ++i)
            u += net.f5.weight.value()(k, i) * x4[i / 16][i / 4 % 4][i % 4];
        CHECK(y.value()(0, k) == doctest::Approx(squash(u)).epsilon(1e-12));
    }
}

TEST_CASE("bouvrie: the loss is half the squared distance to one-of-c targets (B1, B2)")
{
    Labels labels = empty<std::int32_t>({2});
    labels(0) = 1;
    labels(1) = 0;
    const auto y = constant<double>({{0.5, -0.5}, {0.25, 1}});
    const Bouvrie<double> squashed(1, {.classes = 2});
    CHECK(squashed.loss(y, labels).item() ==
          doctest::Approx((1.5 * 1.5 + 1.5 * 1.5 + 0.75 * 0.75 + 2.0 * 2.0) / 2 / 2).epsilon(1e-14));
    const Bouvrie<double> logistic(1, {.activation = Activation::sigmoid, .classes = 2});
    CHECK(logistic.loss(y, labels).item() ==
          doctest::Approx((0.5 * 0.5 + 1.5 * 1.5 + 0.75 * 0.75 + 1.0 * 1.0) / 2 / 2).epsilon(1e-14));
}

TEST_CASE("bouvrie: the gradient of every parameter agrees with differences")
{
    for (const Activation activation : {Activation::scaled_tanh, Activation::sigmoid}) {
        const Bouvrie<double> net(3, {.activation = activation});
        const Parameters<double> parameters = net.parameters();
        Random random(4);
        const Array<double> images = random.uniform<double>({2, 1, 28, 28}, -1, 1);
        Labels labels = empty<std::int32_t>({2});
        labels(0) = 7;
        labels(1) = 2;
        const auto loss = [&] { return net.loss(net(constant(Array<double>(images))), labels); };
        const auto [value, gradients] = value_and_gradient(parameters, loss);
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            Variable<double> parameter = parameters[i];
            const std::size_t index = parameter.size() / 2;
            double& w = parameter.mutable_value().data()[index];
            const double before = w, step = 1e-5;
            w = before + step;
            const double above = loss().item();
            w = before - step;
            const double below = loss().item();
            w = before;
            CAPTURE(parameters.name(i));
            CHECK(gradients[i].data()[index] == doctest::Approx((above - below) / (2 * step)).epsilon(1e-6));
        }
    }
}

TEST_CASE("bouvrie: the sizes of its layers")
{
    const Bouvrie<float> net(1);
    CHECK(net.parameters().element_count() == 156 + 12 + 1812 + 24 + 1930);
    const auto lines = net.summary();
    REQUIRE(lines.size() == 5);
    CHECK(lines[1].parameters == 12);
    CHECK(lines[1].connections == 6 * 12 * 12 * 5);
    CHECK(lines[2].output == Shape{12, 8, 8});
    CHECK_THROWS_AS(net(constant(Array<float>(Shape{1, 1, 32, 32}, 0.f))), ShapeError);
}
