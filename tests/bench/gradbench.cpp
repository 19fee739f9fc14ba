// The evals of bench/gradbench against plain loops, whose derivatives are those of dual numbers.

#include "bench/dual_number.hpp"
#include "bench/gradbench/descent.hpp"
#include "bench/gradbench/protocol.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <random>
#include <string>
#include <vector>

using namespace xgrad;
using namespace xgrad::test;
using gradbench::json;

namespace
{

using Numbers = std::vector<double>;
using Duals = std::vector<DualNumber>;

json result(const gradbench::Eval& eval, const std::string& function, const json& input)
{
    for (const gradbench::Function& each : eval.functions)
        if (each.name == function) {
            const gradbench::Computation computation = each.prepare(input);
            computation.compute();
            computation.compute(); // a second time must give the same
            return computation.output();
        }
    FAIL("no function " << function);
    return {};
}

Numbers flat(const json& lists)
{
    if (!lists.is_array())
        return {lists.get<double>()};
    Numbers all;
    for (const json& each : lists)
        for (const double x : flat(each))
            all.push_back(x);
    return all;
}

void check_close(const json& found, const Numbers& expected, double tolerance = 1e-11)
{
    const Numbers numbers = flat(found);
    REQUIRE(numbers.size() == expected.size());
    double largest = 1e-300;
    for (const double x : expected)
        largest = std::max(largest, std::abs(x));
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CAPTURE(i);
        CHECK(std::abs(numbers[i] - expected[i]) <= tolerance * largest);
    }
}

using Function = std::function<Duals(const Duals&)>;

/** ∂f/∂x, row by row. */
Numbers jacobian(const Function& f, const Numbers& x)
{
    Duals at(x.begin(), x.end());
    const std::size_t rows = f(at).size();
    Numbers matrix(rows * x.size());
    for (std::size_t k = 0; k < x.size(); ++k) {
        at[k].slope = 1;
        const Duals y = f(at);
        for (std::size_t i = 0; i < rows; ++i)
            matrix[i * x.size() + k] = y[i].slope;
        at[k].slope = 0;
    }
    return matrix;
}

Numbers values(const Function& f, const Numbers& x)
{
    Numbers result;
    for (const DualNumber& y : f(Duals(x.begin(), x.end())))
        result.push_back(y.value);
    return result;
}

class Draw
{
  public:
    explicit Draw(unsigned seed) : generator_(seed) {}
    Numbers numbers(std::size_t n, double low = -1, double high = 1)
    {
        Numbers x(n);
        for (double& each : x)
            each = std::uniform_real_distribution(low, high)(generator_);
        return x;
    }
    json matrix(std::size_t rows, std::size_t columns, double low = -1, double high = 1)
    {
        json lists = json::array();
        for (std::size_t i = 0; i < rows; ++i)
            lists.push_back(numbers(columns, low, high));
        return lists;
    }

  private:
    std::mt19937_64 generator_;
};

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

TEST_CASE("gradbench: bundle adjustment is that of plain loops, also where a camera does not turn")
{
    Draw draw(7);
    Numbers camera = draw.numbers(11), point = draw.numbers(3), feature = draw.numbers(2);
    point[2] += 4;
    const double weight = 0.6;
    for (const bool turns : {true, false}) {
        if (!turns)
            std::fill_n(camera.begin(), 3, 0.);
        const json input = {{"n", 3},     {"m", 2},      {"p", 1100},      {"cam", camera},
                            {"x", point}, {"w", weight}, {"feat", feature}};
        const Function errors = [&](const Duals& u) { // 11 of the camera, 3 of the point, the weight
            Duals x, y;
            for (std::size_t i = 0; i < 3; ++i)
                x.push_back(u[11 + i] - u[3 + i]);
            const DualNumber square = u[0] * u[0] + u[1] * u[1] + u[2] * u[2];
            const DualNumber dot = u[0] * x[0] + u[1] * x[1] + u[2] * x[2];
            for (std::size_t i = 0; i < 3; ++i) {
                const std::size_t j = (i + 1) % 3, k = (i + 2) % 3;
                const DualNumber cross = u[j] * x[k] - u[k] * x[j];
                if (turns) {
                    const DualNumber angle = sqrt(square);
                    y.push_back(x[i] * cos(angle) + cross * sin(angle) / angle +
                                u[i] * dot * (DualNumber(1) - cos(angle)) / square);
                } else {
                    y.push_back(x[i] + cross);
                }
            }
            const DualNumber a = y[0] / y[2], b = y[1] / y[2], r = a * a + b * b;
            const DualNumber distortion = DualNumber(1) + u[9] * r + u[10] * r * r;
            return Duals{u[14] * (a * distortion * u[6] + u[7] - feature[0]),
                         u[14] * (b * distortion * u[6] + u[8] - feature[1]), DualNumber(1) - u[14] * u[14]};
        };
        Numbers at = camera;
        at.insert(at.end(), point.begin(), point.end());
        at.push_back(weight);
        const Numbers value = values(errors, at), slopes = jacobian(errors, at);
        const json objective = result(gradbench::ba(), "objective", input);
        check_close(objective.at("reproj_error").at("elements"), {value[0], value[1]});
        CHECK(objective.at("reproj_error").at("repeated") == 1100);
        check_close(objective.at("w_err").at("element"), {value[2]});
        const json sparse = result(gradbench::ba(), "jacobian", input);
        Numbers expected(slopes.begin(), slopes.begin() + 30);
        expected.push_back(slopes[44]);
        check_close(sparse.at("vals"), expected);
        CHECK(sparse.at("rows")[1] == 15);
        CHECK(sparse.at("rows").back() == 31 * 1100);
        CHECK(sparse.at("cols")[10] == 10);
        CHECK(sparse.at("cols")[11] == 33); // the first point
        CHECK(sparse.at("cols")[14] == 39); // the first weight
        CHECK(sparse.at("cols").back() == 39 + 1099);
    }
}

TEST_CASE("gradbench: a hand's vertices and their Jacobian are those of plain loops")
{
    constexpr std::size_t bones = 22, vertices = 9, count = 7;
    Draw draw(8);
    std::vector<int> parents{-1};
    for (int finger = 0; finger < 5; ++finger)
        for (int joint = 0; joint < 4; ++joint)
            parents.push_back(joint == 0 ? 0 : 4 * finger + joint);
    parents.push_back(0);
    const auto matrices = [&] {
        json all = json::array();
        for (std::size_t i = 0; i < bones; ++i)
            all.push_back(draw.matrix(4, 4, -0.5, 0.5));
        return all;
    };
    json model = {{"bone_count", bones},
                  {"parents", parents},
                  {"base_relatives", matrices()},
                  {"inverse_base_absolutes", matrices()},
                  {"base_positions", draw.matrix(vertices, 4)},
                  {"weights", draw.matrix(vertices, bones)},
                  {"is_mirrored", true},
                  {"triangles", {{0, 1, 2}, {3, 4, 5}, {6, 7, 8}, {2, 5, 8}}}};
    const Numbers relatives = flat(model.at("base_relatives")), inverses = flat(model.at("inverse_base_absolutes")),
                  base = flat(model.at("base_positions")), weights = flat(model.at("weights")),
                  triangles = flat(model.at("triangles")), theta = draw.numbers(26);
    const std::vector<std::size_t> which = {0, 3, 1, 2, 3, 0, 1};
    const json points = draw.matrix(count, 3);
    const Numbers at_points = flat(points);

    using Matrix = Duals; // of any number of columns, row by row
    const auto product = [](const Matrix& a, const Matrix& b, std::size_t rows, std::size_t inner) {
        const std::size_t columns = b.size() / inner;
        Matrix c(rows * columns);
        for (std::size_t i = 0; i < rows; ++i)
            for (std::size_t j = 0; j < columns; ++j)
                for (std::size_t l = 0; l < inner; ++l)
                    c[i * columns + j] += a[i * inner + l] * b[l * columns + j];
        return c;
    };
    const auto four_by_four = [](const Numbers& all, std::size_t i) {
        return Matrix(all.begin() + static_cast<int>(16 * i), all.begin() + static_cast<int>(16 * i + 16));
    };
    const auto positions = [&](const Duals& t) {
        std::vector<Matrix> absolutes;
        Matrix skin(3 * vertices);
        for (std::size_t bone = 0; bone < bones; ++bone) {
            DualNumber x = 0, z = 0;
            const std::size_t finger = bone < 2 ? 5 : (bone - 2) / 4, joint = bone < 2 ? 3 : (bone - 2) % 4;
            if (finger < 5 && joint < 3) {
                const std::size_t first = 6 + 4 * finger;
                x = t[joint == 0 ? first : first + joint + 1];
                z = joint == 0 ? t[first + 1] : DualNumber(0);
            }
            const Matrix about_x = {1, 0, 0, 0, 0, cos(x), -sin(x), 0, 0, sin(x), cos(x), 0, 0, 0, 0, 1};
            const Matrix about_z = {cos(z), -sin(z), 0, 0, sin(z), cos(z), 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
            const Matrix relative = product(four_by_four(relatives, bone), product(about_z, about_x, 4, 4), 4, 4);
            absolutes.push_back(parents[bone] < 0
                                    ? relative
                                    : product(absolutes[static_cast<std::size_t>(parents[bone])], relative, 4, 4));
            const Matrix transform = product(absolutes.back(), four_by_four(inverses, bone), 4, 4);
            for (std::size_t v = 0; v < vertices; ++v)
                for (std::size_t i = 0; i < 3; ++i)
                    for (std::size_t j = 0; j < 4; ++j)
                        skin[i * vertices + v] += transform[4 * i + j] * base[4 * v + j] * weights[v * bones + bone];
        }
        for (std::size_t v = 0; v < vertices; ++v)
            skin[v] = -skin[v];
        const DualNumber angle = sqrt(t[0] * t[0] + t[1] * t[1] + t[2] * t[2]), s = sin(angle), c = cos(angle);
        Matrix turn(9);
        for (std::size_t i = 0; i < 3; ++i)
            for (std::size_t j = 0; j < 3; ++j) {
                turn[3 * i + j] = t[i] * t[j] / (angle * angle) * (DualNumber(1) - c) + (i == j ? c : DualNumber(0));
                if (i != j)
                    turn[3 * i + j] += t[3 - i - j] / angle * s * DualNumber((j + 3 - i) % 3 == 1 ? -1 : 1);
            }
        Matrix turned = product(turn, skin, 3, 3);
        for (std::size_t i = 0; i < turned.size(); ++i)
            turned[i] += t[3 + i / vertices];
        return turned;
    };
    for (const bool in_triangles : {false, true}) {
        const json us = in_triangles ? draw.matrix(count, 2) : json::array();
        const Numbers u = flat(us);
        const json input = {
            {"theta", theta}, {"us", us}, {"data", {{"model", model}, {"correspondences", which}, {"points", points}}}};
        // two numbers that are added to each point's own place in its triangle, then θ
        const Function errors = [&](const Duals& all) {
            const Matrix at = positions(Duals(all.begin() + 2, all.end()));
            Duals rest;
            for (std::size_t n = 0; n < count; ++n)
                for (std::size_t i = 0; i < 3; ++i) {
                    const auto corner = [&](std::size_t k) {
                        return at[i * vertices + static_cast<std::size_t>(triangles[3 * which[n] + k])];
                    };
                    DualNumber place = at[i * vertices + which[n]];
                    if (in_triangles) {
                        const DualNumber a = all[0] + u[2 * n], b = all[1] + u[2 * n + 1];
                        place = a * corner(0) + b * corner(1) + (DualNumber(1) - a - b) * corner(2);
                    }
                    rest.push_back(at_points[3 * n + i] - place);
                }
            return rest;
        };
        Numbers at{0, 0};
        at.insert(at.end(), theta.begin(), theta.end());
        check_close(result(gradbench::ht(), "objective", input), values(errors, at));
        const Numbers all = jacobian(errors, at);
        Numbers expected;
        for (std::size_t i = 0; i < all.size(); ++i)
            if (in_triangles || i % 28 >= 2)
                expected.push_back(all[i]);
        check_close(result(gradbench::ht(), "jacobian", input), expected);
    }
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
