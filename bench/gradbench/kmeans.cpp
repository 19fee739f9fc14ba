#include "protocol.hpp"

namespace xgrad::gradbench
{

namespace
{

/** Σᵢ minⱼ |cⱼ − pᵢ|², with |c − p|² = |p|² + (|c|² − 2·p·c). */
Variable<double> distance_to_nearest(const Variable<double>& points, const Variable<double>& centroids)
{
    const Variable<double> rest = sum(square(centroids), {1}) - 2 * matmul(points, centroids, {.b = true});
    return sum(square(points)) + sum(min(rest, {1}));
}

/** Newton's direction. Each point has one nearest centroid, so the Hessian is diagonal: H·1 is its diagonal. */
Variable<double> direction(const Variable<double>& points, const Variable<double>& centroids)
{
    Tape tape;
    const Variable<double> gradient =
        tape.gradient(distance_to_nearest(points, centroids), centroids, {.record = true});
    return gradient / tape.vector_jacobian_product(gradient, ones_like(centroids), centroids, {.keep_tape = true});
}

} // namespace

Eval kmeans()
{
    const auto cost = [](const json& input) {
        return computation([points = constant_of(input.at("points")), centroids = constant_of(input.at("centroids"))] {
            return distance_to_nearest(points, centroids).item();
        });
    };
    const auto dir = [](const json& input) {
        return computation([points = constant_of(input.at("points")), centroids = variable_of(input.at("centroids"))] {
            return direction(points, centroids);
        });
    };
    return {"kmeans", {{"cost", cost}, {"dir", dir}}};
}

} // namespace xgrad::gradbench
