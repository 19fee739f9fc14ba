#include "protocol.hpp"

#include <algorithm>

namespace xgrad::gradbench
{

namespace
{

constexpr std::size_t camera_parameters = 11, point_coordinates = 3;

/** Several observations: the camera's rotation (3), centre (3), focal length, principal point (2) and distortion (2),
 *  the point, the weight, and the place where it was seen. */
struct Observations
{
    Variable<double> camera, point, weight, feature; // (P, 11), (P, 3), (P), (P, 2)
};

using Vector = Variables<double>;

Variable<double> dot(const Vector& a, const Vector& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

/** x rotated about the axis r by the angle |r| (Rodrigues): x·cos θ + (r × x)·sin θ/θ + r·(r·x)·(1 − cos θ)/θ². */
Vector rotated(const Vector& r, const Vector& x)
{
    const Variable<double> square_of_angle = dot(r, r), none = square_of_angle <= 0;
    const Variable<double> angle = sqrt(where(none, 1., square_of_angle)), cosine = cos(angle),
                           of_cross = where(none, 1., sin(angle) / angle),
                           of_axis = dot(r, x) * where(none, 0.5, (1 - cosine) / square(angle)),
                           of_x = where(none, 1., cosine);
    Vector result;
    for (std::size_t i = 0; i < 3; ++i) {
        const std::size_t j = (i + 1) % 3, k = (i + 2) % 3;
        result.push_back(x[i] * of_x + (r[j] * x[k] - r[k] * x[j]) * of_cross + r[i] * of_axis);
    }
    return result;
}

/** The two weighted distances between where a camera sees a point and where it was seen, (P) each. */
Variables<double> reprojection_errors(const Observations& seen)
{
    const Variables<double> camera = unstack(seen.camera, 1), point = unstack(seen.point, 1),
                            feature = unstack(seen.feature, 1);
    const Vector in_camera =
        rotated({camera[0], camera[1], camera[2]}, {point[0] - camera[3], point[1] - camera[4], point[2] - camera[5]});
    const Variable<double> x = in_camera[0] / in_camera[2], y = in_camera[1] / in_camera[2];
    const Variable<double> square_of_radius = square(x) + square(y);
    const Variable<double> distortion = 1 + square_of_radius * (camera[9] + camera[10] * square_of_radius);
    return {seen.weight * (x * distortion * camera[6] + camera[7] - feature[0]),
            seen.weight * (y * distortion * camera[6] + camera[8] - feature[1])};
}

Variable<double> weight_error(const Variable<double>& weight) { return 1 - square(weight); }

/** The whole problem: N cameras, M points, and P observations of which camera sees which point. */
struct Problem
{
    Array<double> cameras, points, weights, features;
    Labels camera_of, point_of;

    explicit Problem(const json& input)
    {
        const std::size_t n = input.at("n"), m = input.at("m"), p = input.at("p");
        cameras = xt::broadcast(array_of(input.at("cam")), Shape{n, camera_parameters});
        points = xt::broadcast(array_of(input.at("x")), Shape{m, point_coordinates});
        weights = Array<double>(Shape{p});
        weights.fill(input.at("w"));
        features = xt::broadcast(array_of(input.at("feat")), Shape{p, std::size_t{2}});
        camera_of = Labels(Shape{p});
        point_of = Labels(Shape{p});
        for (std::size_t i = 0; i < p; ++i) {
            camera_of(i) = static_cast<std::int32_t>(i % n);
            point_of(i) = static_cast<std::int32_t>(i % m);
        }
    }
    std::size_t observations() const { return weights.size(); }
    /** Observations begin … end − 1, whose parts are leaves of a tape. */
    Observations part(std::size_t begin, std::size_t end) const
    {
        const auto leaf = [](const Variable<double>& x) { return as_leaf(x); };
        return {leaf(gather(constant(cameras), detail::rows(camera_of, begin, end))),
                leaf(gather(constant(points), detail::rows(point_of, begin, end))),
                leaf(constant(detail::rows(weights, begin, end))), constant(detail::rows(features, begin, end))};
    }
};

/** Observations that are differentiated at once, so that they stay in the cache. */
constexpr std::size_t chunk = 1024;

struct Errors
{
    std::vector<double> reprojection, weight;
};

json json_of(const Errors& errors)
{
    return {{"reproj_error",
             {{"elements", {errors.reprojection[0], errors.reprojection[1]}}, {"repeated", errors.weight.size()}}},
            {"w_err", {{"element", errors.weight[0]}, {"repeated", errors.weight.size()}}}};
}

Errors errors(const Problem& problem)
{
    Errors result;
    for (std::size_t begin = 0; begin < problem.observations(); begin += chunk) {
        const Observations seen = problem.part(begin, std::min(begin + chunk, problem.observations()));
        const Variable<double> pairs = stack(reprojection_errors(seen), 1), weights = weight_error(seen.weight);
        result.reprojection.insert(result.reprojection.end(), pairs.data(), pairs.data() + pairs.size());
        result.weight.insert(result.weight.end(), weights.data(), weights.data() + weights.size());
    }
    return result;
}

/** A matrix by its rows: row i has the elements row_begins[i] … row_begins[i + 1] − 1 of columns and values. */
struct SparseMatrix
{
    std::vector<std::size_t> row_begins{0}, columns;
    std::vector<double> values;

    void add(std::size_t first_column, std::size_t count, const double* row)
    {
        for (std::size_t i = 0; i < count; ++i)
            columns.push_back(first_column + i);
        values.insert(values.end(), row, row + count);
    }
    void end_row() { row_begins.push_back(columns.size()); }
};

json json_of(const SparseMatrix& matrix)
{
    // All blocks are the same, so the protocol wants the first one and the last element.
    const auto some = [](const auto& all) {
        constexpr std::size_t block = 2 * (camera_parameters + point_coordinates + 1);
        json result = json::array();
        for (std::size_t i = 0; i < std::min(block, all.size()); ++i)
            result.push_back(all[i]);
        result.push_back(all.back());
        return result;
    };
    return {{"rows", some(matrix.row_begins)}, {"cols", some(matrix.columns)}, {"vals", some(matrix.values)}};
}

/** The rows are the reprojection errors, in pairs, and then those of the weights. Each depends on one camera, one
 *  point and one weight, so two sweeps over all observations give all rows. */
SparseMatrix jacobian(const Problem& problem)
{
    const std::size_t first_point = problem.cameras.size(), first_weight = first_point + problem.points.size(),
                      count = problem.observations();
    SparseMatrix result;
    result.columns.reserve(31 * count);
    result.values.reserve(31 * count);
    std::vector<double> of_weights;
    for (std::size_t begin = 0; begin < count; begin += chunk) {
        const std::size_t end = std::min(begin + chunk, count);
        const Observations seen = problem.part(begin, end);
        const Variables<double> xs{seen.camera, seen.point, seen.weight};
        Tape tape;
        const Variables<double> errors = reprojection_errors(seen);
        const Variable<double> of_weight = weight_error(seen.weight), ones = ones_like(seen.weight);
        const GradientOptions keep{.keep_tape = true};
        Variables<double> rows[2];
        for (std::size_t row = 0; row < 2; ++row)
            rows[row] = tape.vector_jacobian_product<double>({errors[row]}, {ones}, xs, keep);
        const Variable<double> last = tape.vector_jacobian_product(of_weight, ones, seen.weight);
        of_weights.insert(of_weights.end(), last.data(), last.data() + last.size());
        for (std::size_t i = 0; i < end - begin; ++i)
            for (const Variables<double>& row : rows) {
                const auto camera = static_cast<std::size_t>(problem.camera_of(begin + i)),
                           point = static_cast<std::size_t>(problem.point_of(begin + i));
                result.add(camera_parameters * camera, camera_parameters, row[0].data() + camera_parameters * i);
                result.add(first_point + point_coordinates * point, point_coordinates,
                           row[1].data() + point_coordinates * i);
                result.add(first_weight + begin + i, 1, row[2].data() + i);
                result.end_row();
            }
    }
    for (std::size_t i = 0; i < count; ++i) {
        result.add(first_weight + i, 1, &of_weights[i]);
        result.end_row();
    }
    return result;
}

} // namespace

Eval ba()
{
    return {"ba",
            {{"objective",
              [](const json& input) { return computation([problem = Problem(input)] { return errors(problem); }); }},
             {"jacobian", [](const json& input) {
                  return computation([problem = Problem(input)] { return jacobian(problem); });
              }}}};
}

} // namespace xgrad::gradbench
