#include "maps.hpp"
#include "sampled_gradients.hpp"
#include <xgrad/models/networks/bouvrie.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** f(Σ_i x_i * k_ij + b_j), valid, with the kernel flipped (B9); k(j, i, row, column). */
template <class Kernel>
Maps convolve(const Maps& x, const Kernel& k, const Variable<double>& bias)
{
    const std::size_t size = x[0].size() - 4;
    Maps y(bias.size(), std::vector(size, std::vector<double>(size)));
    for (std::size_t j = 0; j < y.size(); ++j)
        for (std::size_t r = 0; r < size; ++r)
            for (std::size_t c = 0; c < size; ++c) {
                double u = bias.value()(j);
                for (std::size_t i = 0; i < x.size(); ++i)
                    for (std::size_t a = 0; a < 5; ++a)
                        for (std::size_t b = 0; b < 5; ++b)
                            u += x[i][r + a][c + b] * k(j, i, 4 - a, 4 - b);
                y[j][r][c] = squash(u);
            }
    return y;
}

Maps convolve(const Maps& x, const Convolution<double>& layer) { return convolve(x, layer.weight.value(), layer.bias); }

/** f(Σ_i α_ij (x_i * k_i) + b_j) (B14c). */
Maps convolve(const Maps& x, const Combination<double>& layer)
{
    const auto kernel = [&](std::size_t j, std::size_t i, std::size_t row, std::size_t column) {
        const auto& c = layer.scores.value();
        double total = 0;
        for (std::size_t other = 0; other < x.size(); ++other)
            total += std::exp(c(other, j));
        return std::exp(c(i, j)) / total * layer.kernels.value()(i, row, column);
    };
    return convolve(x, kernel, layer.bias);
}

} // namespace

TEST_CASE("bouvrie: its output is that of the notes' formulas (B3, B9, B14, B14c)")
{
    bool combination = false;
    SUBCASE("all connected") {}
    SUBCASE("combinations") { combination = true; }
    const Bouvrie<double> net(1, {.output_activation = Activation::scaled_tanh, .combination = combination});
    Random random(2);
    fill(random, net.parameters(), 0.5);
    const Array<double> image = random.uniform<double>({1, 1, 28, 28}, -1, 1);
    const Maps x2 = subsample(convolve(maps_of(image), net.c1), net.s2);
    const Maps x4 = subsample(std::visit([&](const auto& c3) { return convolve(x2, c3); }, net.c3), net.s4);
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
    Labels labels = empty_array<std::int32_t>({2});
    labels(0) = 1;
    labels(1) = 0;
    const auto y = constant<double>({{0.5, -0.5}, {0.25, 1}});
    const Bouvrie<double> squashed(1, {.output_activation = Activation::scaled_tanh, .classes = 2});
    CHECK(squashed.loss(y, labels).item() ==
          doctest::Approx((1.5 * 1.5 + 1.5 * 1.5 + 0.75 * 0.75 + 2.0 * 2.0) / 2 / 2).epsilon(1e-14));
    const Bouvrie<double> logistic(1, {.classes = 2});
    CHECK(logistic.loss(y, labels).item() ==
          doctest::Approx((0.5 * 0.5 + 1.5 * 1.5 + 0.75 * 0.75 + 1.0 * 1.0) / 2 / 2).epsilon(1e-14));
}

TEST_CASE("bouvrie: the gradient of every parameter agrees with differences")
{
    const std::vector<BouvrieOptions> choices{
        {},
        {.activation = Activation::sigmoid},
        {.output_activation = Activation::scaled_tanh},
        {.combination = true},
        {.combination = true, .sparsity = Sparsity::entropy, .sparsity_weight = 0.3},
        {.combination = true, .sparsity = Sparsity::power, .sparsity_weight = 0.3}};
    for (const BouvrieOptions& choice : choices) {
        const Bouvrie<double> net(3, choice);
        Random random(4);
        const Array<double> images = random.uniform<double>({2, 1, 28, 28}, -1, 1);
        Labels labels = empty_array<std::int32_t>({2});
        labels(0) = 7;
        labels(1) = 2;
        const auto loss = [&] { return net.loss(net(constant(Array<double>(images))), labels); };
        check_sampled_gradients(net.parameters(), loss);
    }
}

TEST_CASE("bouvrie: the loss has the penalty once, however the samples are divided (B18)")
{
    const BouvrieOptions plain{.combination = true};
    BouvrieOptions sparse = plain;
    sparse.sparsity = Sparsity::entropy;
    sparse.sparsity_weight = 0.7;
    const Bouvrie<double> without(1, plain), with(1, sparse);
    Random random(2);
    const Array<double> images = random.uniform<double>({5, 1, 28, 28}, -1, 1);
    const Labels labels = indices({3, 1, 4, 1, 5});
    const auto loss_in_chunks = [&](const Bouvrie<double>& net, std::size_t chunk) {
        const auto loss = [&](const Variable<double>& x, const Labels& t) { return net.loss(net(x), t); };
        return value_and_gradient(net.parameters(), images, labels, loss, {.chunk = chunk}).value;
    };
    const Array<double> weights = std::get<Combination<double>>(with.c3).weights().value();
    double entropy = 0;
    for (const double alpha : weights)
        entropy -= alpha * std::log(alpha);
    CHECK(loss_in_chunks(with, 5) == doctest::Approx(loss_in_chunks(without, 5) + 0.7 * entropy).epsilon(1e-12));
    CHECK(loss_in_chunks(with, 2) == doctest::Approx(loss_in_chunks(with, 5)).epsilon(1e-12));
}

TEST_CASE("bouvrie: a penalty needs combinations and a weight")
{
    check_shape_error([] { Bouvrie<float>(1, {.sparsity = Sparsity::entropy}); }, {"[bouvrie]", "combinations"});
    for (const double wrong : {-1.0, infinity, not_a_number})
        check_shape_error(
            [&] { Bouvrie<float>(1, {.combination = true, .sparsity = Sparsity::power, .sparsity_weight = wrong}); },
            {"[bouvrie]", "weight"});
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
    const Bouvrie<float> combined(1, {.combination = true});
    CHECK(combined.parameters().element_count() == 156 + 12 + (6 * 25 + 6 * 12 + 12) + 24 + 1930);
    const LayerSummary line = combined.summary()[2];
    CHECK(line.kind == "combination 5x5");
    CHECK(line.parameters == 6 * 25 + 6 * 12 + 12);
    CHECK(line.connections == lines[2].connections);
    CHECK(line.multiply_adds == lines[2].multiply_adds);
    CHECK_THROWS_AS(net(constant(Array<float>(Shape{1, 1, 32, 32}, 0.f))), ShapeError);
}
