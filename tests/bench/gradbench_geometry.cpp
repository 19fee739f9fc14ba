// The evals of bench/gradbench on cameras and hands against plain loops, whose derivatives are those of dual numbers.

#include "bench/evals.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

using namespace xgrad;
using namespace xgrad::test;

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
