// The evals of bench/gradbench against plain loops, whose derivatives are those of dual numbers.

#include "bench/evals.hpp"
#include "bench/gradbench/descent.hpp"

#include <cmath>
#include <numbers>
#include <tuple>
#include <utility>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

DualNumber log_of_sum(const Duals& x)
{
    DualNumber sum = 0;
    for (const DualNumber& each : x)
        sum += exp(each);
    return log(sum);
}

DualNumber sigmoid(DualNumber x) { return DualNumber(1) / (DualNumber(1) + exp(-x)); }

} // namespace

TEST_CASE("gradbench: hello, lse, llsq and ode are those of plain loops")
{
    Draw draw(1);
    check_close(result(gradbench::hello(), "square", 3.), {9});
    check_close(result(gradbench::hello(), "double", 3.), {6});

    for (const std::size_t n : {1u, 2u, 9u}) {
        const Numbers x = draw.numbers(n, -3, 3);
        const Function lse = [](const Duals& u) { return Duals{log_of_sum(u)}; };
        check_close(result(gradbench::lse(), "primal", {{"x", x}}), values(lse, x));
        check_close(result(gradbench::lse(), "gradient", {{"x", x}}), jacobian(lse, x));

        const Function llsq = [](const Duals& u) {
            DualNumber sum = 0;
            for (int i = 0; i < 7; ++i) {
                const double t = -1 + i * 2 / 6.;
                DualNumber rest = (t > 0) - (t < 0), power = 1;
                for (const DualNumber& each : u) {
                    rest -= each * power;
                    power *= t;
                }
                sum += rest * rest;
            }
            return Duals{sum * DualNumber(0.5)};
        };
        check_close(result(gradbench::llsq(), "primal", {{"x", x}, {"n", 7}}), values(llsq, x));
        check_close(result(gradbench::llsq(), "gradient", {{"x", x}, {"n", 7}}), jacobian(llsq, x));

        constexpr int steps = 3;
        const Function ode = [](const Duals& u) {
            const auto derivative = [&](const Duals& y) {
                Duals dy{u[0]};
                for (std::size_t i = 1; i < u.size(); ++i)
                    dy.push_back(u[i] * y[i - 1]);
                return dy;
            };
            const double h = 2. / steps;
            Duals y(u.size());
            for (int step = 0; step < steps; ++step) {
                const auto moved = [&](const Duals& k, double by) {
                    Duals at = y;
                    for (std::size_t i = 0; i < at.size(); ++i)
                        at[i] += k[i] * DualNumber(by);
                    return at;
                };
                const Duals k1 = derivative(y), k2 = derivative(moved(k1, h / 2)), k3 = derivative(moved(k2, h / 2)),
                            k4 = derivative(moved(k3, h));
                for (std::size_t i = 0; i < y.size(); ++i)
                    y[i] += (k1[i] + DualNumber(2) * k2[i] + DualNumber(2) * k3[i] + k4[i]) * DualNumber(h / 6);
            }
            return y;
        };
        const json input = {{"x", x}, {"s", steps}};
        check_close(result(gradbench::ode(), "primal", input), values(ode, x));
        const Numbers all = jacobian(ode, x);
        check_close(result(gradbench::ode(), "gradient", input), Numbers(all.end() - static_cast<int>(n), all.end()));
    }
}

TEST_CASE("gradbench: a mixture of normal distributions is that of plain loops")
{
    for (const auto& [d, k, n, m, gamma] : {std::tuple{3u, 2u, 5u, 2, 1.5}, {1u, 3u, 4u, 0, 1.}, {4u, 1u, 1u, 1, 0.7}})
    {
        const std::size_t dimensions = d, means = k, points = n, lower = d * (d - 1) / 2;
        const double freedom = m, precision = gamma;
        Draw draw(d);
        const json input = {{"d", d},
                            {"k", k},
                            {"n", n},
                            {"m", m},
                            {"gamma", gamma},
                            {"x", draw.matrix(n, d)},
                            {"alpha", draw.numbers(k)},
                            {"mu", draw.matrix(k, d)},
                            {"q", draw.matrix(k, d)},
                            {"l", draw.matrix(k, lower)}};
        const Numbers x = flat(input.at("x"));
        const Function posterior = [=](const Duals& all) {
            const DualNumber *alpha = all.data(), *mu = alpha + means, *q = mu + means * dimensions,
                             *l = q + means * dimensions;
            const double pi = std::numbers::pi, degrees = static_cast<double>(dimensions) + freedom + 1;
            DualNumber sum = 0;
            for (std::size_t p = 0; p < points; ++p) {
                Duals terms;
                for (std::size_t c = 0; c < means; ++c) {
                    DualNumber term = alpha[c];
                    for (std::size_t i = 0; i < dimensions; ++i) {
                        DualNumber z = exp(q[c * dimensions + i]) * (x[p * dimensions + i] - mu[c * dimensions + i]);
                        for (std::size_t j = 0, start = 0; j < i; start += dimensions - 1 - j, ++j)
                            z += l[c * lower + start + (i - j - 1)] * (x[p * dimensions + j] - mu[c * dimensions + j]);
                        term += q[c * dimensions + i] - DualNumber(0.5) * z * z - 0.5 * std::log(2 * pi);
                    }
                    terms.push_back(term);
                }
                sum += log_of_sum(terms) - log_of_sum(Duals(alpha, alpha + means));
            }
            for (std::size_t c = 0; c < means; ++c) {
                for (std::size_t i = 0; i < dimensions; ++i) {
                    const DualNumber e = exp(q[c * dimensions + i]);
                    sum += DualNumber(freedom) * q[c * dimensions + i] - DualNumber(precision * precision / 2) * e * e;
                    sum -= std::lgamma(degrees / 2 - static_cast<double>(i) / 2);
                }
                for (std::size_t i = 0; i < lower; ++i)
                    sum -= DualNumber(precision * precision / 2) * l[c * lower + i] * l[c * lower + i];
                const double size = static_cast<double>(dimensions);
                sum += degrees * size * (std::log(precision) - std::log(2.) / 2) - size * (size - 1) / 4 * std::log(pi);
            }
            return Duals{sum};
        };
        Numbers at;
        for (const char* name : {"alpha", "mu", "q", "l"})
            for (const double each : flat(input.at(name)))
                at.push_back(each);
        check_close(result(gradbench::gmm(), "objective", input), values(posterior, at));
        const json gradient = result(gradbench::gmm(), "jacobian", input);
        check_close(json{gradient.at("alpha"), gradient.at("mu"), gradient.at("q"), gradient.at("l")},
                    jacobian(posterior, at));
    }
}

TEST_CASE("gradbench: a recurrent network is that of plain loops")
{
    constexpr std::size_t layers = 2, bits = 3, count = 5;
    Draw draw(4);
    const json input = {{"main_params", draw.matrix(2 * layers, 4 * bits)},
                        {"extra_params", draw.matrix(3, bits)},
                        {"state", draw.matrix(2 * layers, bits)},
                        {"sequence", draw.matrix(count, bits, 0, 1)}};
    const Numbers state = flat(input.at("state")), sequence = flat(input.at("sequence"));
    const Function loss = [&](const Duals& all) {
        const DualNumber* extra = all.data() + 8 * layers * bits;
        Duals now(state.begin(), state.end());
        DualNumber total = 0;
        for (std::size_t t = 0; t + 1 < count; ++t) {
            Duals x;
            for (std::size_t i = 0; i < bits; ++i)
                x.push_back(extra[i] * sequence[t * bits + i]);
            for (std::size_t layer = 0; layer < layers; ++layer)
                for (std::size_t i = 0; i < bits; ++i) {
                    const DualNumber* w = all.data() + 8 * layer * bits + i;
                    const auto affine = [&](std::size_t gate, DualNumber u) {
                        return w[gate * bits] * u + w[(4 + gate) * bits];
                    };
                    DualNumber &hidden = now[2 * layer * bits + i], &cell = now[(2 * layer + 1) * bits + i];
                    cell = sigmoid(affine(0, x[i])) * cell + sigmoid(affine(1, hidden)) * tanh(affine(3, hidden));
                    x[i] = hidden = sigmoid(affine(2, x[i])) * tanh(cell);
                }
            DualNumber sum = 2;
            for (std::size_t i = 0; i < bits; ++i) {
                x[i] = x[i] * extra[bits + i] + extra[2 * bits + i];
                sum += exp(x[i]);
            }
            for (std::size_t i = 0; i < bits; ++i)
                total += (x[i] - log(sum)) * sequence[(t + 1) * bits + i];
        }
        return Duals{-total / DualNumber((count - 1) * bits)};
    };
    Numbers at = flat(input.at("main_params"));
    for (const double each : flat(input.at("extra_params")))
        at.push_back(each);
    check_close(result(gradbench::lstm(), "objective", input), values(loss, at));
    check_close(result(gradbench::lstm(), "jacobian", input), jacobian(loss, at));
}

TEST_CASE("gradbench: a determinant is the sum over all permutations")
{
    for (const std::size_t n : {1u, 2u, 3u, 5u, 8u, 10u}) {
        const Numbers a = Draw(static_cast<unsigned>(n)).numbers(n * n);
        // Gauss' elimination for large ones, whose permutations are too many.
        const Function det = [n](Duals m) {
            DualNumber product = 1;
            for (std::size_t i = 0; i < n; ++i) {
                std::size_t pivot = i;
                for (std::size_t r = i; r < n; ++r)
                    if (std::abs(m[r * n + i].value) > std::abs(m[pivot * n + i].value))
                        pivot = r;
                for (std::size_t c = 0; c < n && pivot != i; ++c)
                    std::swap(m[i * n + c], m[pivot * n + c]);
                product *= pivot != i ? -m[i * n + i] : m[i * n + i];
                for (std::size_t r = i + 1; r < n; ++r) {
                    const DualNumber factor = m[r * n + i] / m[i * n + i];
                    for (std::size_t c = i; c < n; ++c)
                        m[r * n + c] -= factor * m[i * n + c];
                }
            }
            return Duals{product};
        };
        check_close(result(gradbench::det(), "primal", {{"A", a}, {"ell", n}}), values(det, a), 1e-10);
        check_close(result(gradbench::det(), "gradient", {{"A", a}, {"ell", n}}), jacobian(det, a), 1e-10);
    }
}

TEST_CASE("gradbench: Newton's direction goes from each centroid to the mean of its points")
{
    constexpr std::size_t points = 40, centroids = 3, dimensions = 2;
    Draw draw(6);
    const json input = {{"points", draw.matrix(points, dimensions)}, {"centroids", draw.matrix(centroids, dimensions)}};
    const Numbers p = flat(input.at("points")), c = flat(input.at("centroids"));
    double cost = 0;
    Numbers sums(c.size()), counts(centroids), expected;
    for (std::size_t i = 0; i < points; ++i) {
        const auto distance = [&](std::size_t j) {
            double sum = 0;
            for (std::size_t l = 0; l < dimensions; ++l)
                sum += std::pow(p[i * dimensions + l] - c[j * dimensions + l], 2);
            return sum;
        };
        std::size_t nearest = 0;
        for (std::size_t j = 1; j < centroids; ++j)
            nearest = distance(j) < distance(nearest) ? j : nearest;
        cost += distance(nearest);
        counts[nearest] += 1;
        for (std::size_t l = 0; l < dimensions; ++l)
            sums[nearest * dimensions + l] += p[i * dimensions + l];
    }
    for (std::size_t i = 0; i < c.size(); ++i)
        expected.push_back(c[i] - sums[i] / counts[i / dimensions]);
    check_close(result(gradbench::kmeans(), "cost", input), {cost});
    check_close(result(gradbench::kmeans(), "dir", input), expected);
}

TEST_CASE("gradbench: gradients nest in both modes")
{
    using gradbench::Mode;
    const Array<double> at{0.5, -2., 1.5};
    for (const Mode outer : {Mode::forward, Mode::reverse})
        for (const Mode inner : {Mode::forward, Mode::reverse}) {
            const auto cubes = [](const Variable<double>& x) { return sum(x * x * x); };
            const auto squares = [&](const Variable<double>& x) {
                return sum(square(gradbench::gradient(inner, cubes, x)));
            };
            const Variable<double> found = gradbench::gradient(outer, squares, constant(Array<double>(at)));
            check_close(gradbench::json_of(found), {36 * 0.125, 36 * -8., 36 * 3.375});
        }
}

TEST_CASE("gradbench: minima within minima, and a path along a gradient")
{
    // GradBench's own evals have these results.
    check_close(result(gradbench::particle(), "rr", {{"w", 0.}}), {0.2071918746486116}, 1e-8);
    check_close(result(gradbench::saddle(), "rr", {{"start", {1, 1}}}), Numbers(4, 8.246324826140356e-06), 1e-8);
}
