#include "files.hpp"
#include "models/training.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/models/networks/mlp.hpp>
#include <xgrad/ops/ops.hpp>
#include <xgrad/optim/curvature.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

constexpr std::size_t samples = 70, inputs = 3, classes = 4;

struct Points
{
    Array<double> x = Random(1).normal<double>({samples, inputs}, 0, 1);
    Labels labels = Labels(Shape{samples}, 0);

    Points()
    {
        for (std::size_t n = 0; n < samples; ++n)
            labels.data()[n] = static_cast<std::int32_t>(n % classes);
    }
    Variable<double> row(std::size_t n) const { return constant(detail::rows(x, n, n + 1)); }
    Labels label(std::size_t n) const { return detail::rows(labels, n, n + 1); }
};

/** The curvature of a network for points by cross-entropy. */
template <class Network>
std::vector<Array<double>> diagonal(const Network& network, const Points& points)
{
    return optim::gauss_newton_diagonal<double>(
        network.parameters(), samples,
        {[&](std::size_t n) { return network(points.row(n)); },
         [&](const Variable<double>& y, std::size_t n) { return softmax_cross_entropy(y, points.label(n)); }});
}

} // namespace

TEST_CASE("curvature: of a linear layer by squared error it is the mean of the squared inputs")
{
    Random random(2);
    const Points points;
    const Linear<double> layer(inputs, classes, random);
    const auto h =
        optim::gauss_newton_diagonal<double>(layer.parameters(), samples,
                                             {[&](std::size_t n) { return layer(points.row(n)); },
                                              [&](const Variable<double>& y, std::size_t n) {
                                                  return squared_error(y, one_hot<double>(points.label(n), classes));
                                              }});
    for (std::size_t i = 0; i < classes; ++i)
        for (std::size_t j = 0; j < inputs; ++j) {
            double mean = 0;
            for (std::size_t n = 0; n < samples; ++n)
                mean += points.x(n, j) * points.x(n, j) / samples;
            CHECK(h[0](i, j) == doctest::Approx(mean).epsilon(1e-12));
        }
    for (const double bias : h[1])
        CHECK(bias == doctest::Approx(1).epsilon(1e-12));
}

TEST_CASE("curvature: of softmax regression it is the mean of p(1 − p)·x²")
{
    Random random(3);
    const Points points;
    const Linear<double> layer(inputs, classes, random);
    const auto h = diagonal(layer, points);
    for (std::size_t i = 0; i < classes; ++i)
        for (std::size_t j = 0; j < inputs; ++j) {
            double mean = 0;
            for (std::size_t n = 0; n < samples; ++n) {
                double e[classes], sum = 0;
                for (std::size_t k = 0; k < classes; ++k) {
                    double u = layer.bias.value()(k);
                    for (std::size_t l = 0; l < inputs; ++l)
                        u += layer.weight.value()(k, l) * points.x(n, l);
                    sum += e[k] = std::exp(u);
                }
                const double p = e[i] / sum;
                mean += p * (1 - p) * points.x(n, j) * points.x(n, j) / samples;
            }
            CHECK(h[0](i, j) == doctest::Approx(mean).epsilon(1e-10));
        }
}

TEST_CASE("curvature: of a deep network it is the diagonal of JᵀHJ, from a Jacobian by differences")
{
    const Points points;
    const MLP<double> network({inputs, 5, classes}, 4);
    const auto h = diagonal(network, points);
    constexpr double step = 1e-6;
    for (std::size_t i = 0; i < h.size(); ++i)
        for (std::size_t k = 0; k < h[i].size(); ++k) {
            Variable<double> parameter = network.parameters()[i];
            double& w = parameter.mutable_data()[k];
            const double before = w;
            double expected = 0;
            for (std::size_t n = 0; n < samples; ++n) {
                w = before + step;
                const Array<double> above = network(points.row(n)).value();
                w = before - step;
                const Array<double> below = network(points.row(n)).value();
                w = before;
                const Array<double> p = softmax(network(points.row(n))).value();
                double slope = 0, square = 0; // Hessian of the cross-entropy: diag(p) − p·pᵀ
                for (std::size_t c = 0; c < classes; ++c) {
                    const double j = (above.data()[c] - below.data()[c]) / (2 * step);
                    slope += p.data()[c] * j;
                    square += p.data()[c] * j * j;
                }
                expected += (square - slope * slope) / samples;
            }
            CHECK(h[i].data()[k] == doctest::Approx(expected).epsilon(1e-5));
        }
}

TEST_CASE("curvature: the same bits for one thread and for two")
{
    const Points points;
    const MLP<double> network({inputs, 8, classes}, 5);
    const auto on = [&](std::size_t count) {
        const ThreadCount use(count);
        return diagonal(network, points);
    };
    CHECK(on(1) == on(2));
}

TEST_CASE("curvature: a criterion that curves downwards counts as flat; no samples are an error")
{
    Random random(6);
    const Points points;
    const Linear<double> layer(inputs, 1, random);
    const auto of = [&](std::size_t count) {
        return optim::gauss_newton_diagonal<double>(
            layer.parameters(), count,
            {[&](std::size_t n) { return layer(points.row(n)); },
             [&](const Variable<double>& y, std::size_t) { return -sum(y * y); }});
    };
    for (const Array<double>& part : of(samples))
        for (const double h : part)
            CHECK(h == 0);
    CHECK(contains(message_of<ShapeError>([&] { of(0); }), "no samples"));
}
