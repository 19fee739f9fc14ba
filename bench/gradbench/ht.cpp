#include "protocol.hpp"

#include <algorithm>

namespace xgrad::gradbench
{

namespace
{

/** A hand of B bones and V vertices, and the points that some vertices, or places in triangles, should be at. */
struct Hand
{
    std::vector<std::ptrdiff_t> parents;            // an earlier bone, or −1
    Variable<double> base_relatives, base_inverses; // (B, 4, 4)
    Variable<double> skin;                          // (B·4, V), the vertices, times their weights for each bone
    Array<std::int32_t> triangles;                  // (triangles, 3)
    Labels correspondences;                         // (N), vertices or triangles
    Variable<double> points;                        // (N, 3)
    bool is_mirrored;

    explicit Hand(const json& data)
        : parents(data.at("model").at("parents").get<std::vector<std::ptrdiff_t>>()),
          base_relatives(constant_of(data.at("model").at("base_relatives"))),
          base_inverses(constant_of(data.at("model").at("inverse_base_absolutes"))),
          skin(weighted(constant_of(data.at("model").at("base_positions")),
                        constant_of(data.at("model").at("weights")))),
          triangles(labels_of(data.at("model").at("triangles"))),
          correspondences(labels_of(data.at("correspondences"))),
          points(constant_of(data.at("points"))),
          is_mirrored(data.at("model").at("is_mirrored"))
    {}
    static Variable<double> weighted(const Variable<double>& vertices, const Variable<double>& weights)
    {
        const Variable<double> all = einsum("vj,vb->bjv", {vertices, weights});
        return reshape(all, {all.shape()[0] * all.shape()[1], all.shape()[2]});
    }
    /** The vertices of the corners of the triangles in question. */
    Labels corners(std::size_t corner) const
    {
        Labels result(correspondences.shape());
        for (std::size_t i = 0; i < result.size(); ++i)
            result(i) = triangles(correspondences(i), corner);
        return result;
    }
};

/** The matrices of rows of elements, (…, 3, 3). */
Variable<double> matrices(const Variables<double>& elements)
{
    const Variable<double> rows = stack(elements, -1);
    Shape shape = rows.shape();
    shape.back() = 3;
    shape.push_back(3);
    return reshape(rows, shape);
}

/** The rotation about the axis r by the angle |r|. */
Variable<double> rotation(const Variable<double>& r)
{
    const Variable<double> angle = sqrt(sum(square(r)));
    if (angle.item() < 1e-4)
        return constant(Array<double>(xt::eye<double>(3)));
    const Variables<double> axis = unstack(r / angle);
    const Variable<double>&x = axis[0], &y = axis[1], &z = axis[2], s = sin(angle), c = cos(angle), d = 1 - c;
    return matrices({x * x + (1 - x * x) * c, x * y * d - z * s, x * z * d + y * s, //
                     x * y * d + z * s, y * y + (1 - y * y) * c, y * z * d - x * s, //
                     x * z * d - y * s, y * z * d + x * s, z * z + (1 - z * z) * c});
}

/** Rotations about the axes x, y and z, in this order, by the rows of (3, B): the angles of x, z and y. */
Variable<double> rotations(const Variable<double>& angles)
{
    const Variables<double> sines = unstack(sin(angles)), cosines = unstack(cos(angles));
    const Variable<double>&sx = sines[0], &sz = sines[1], &sy = sines[2], &cx = cosines[0], &cz = cosines[1],
          &cy = cosines[2];
    return matrices({cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx, //
                     sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx, //
                     -sy, cy * sx, cy * cx});
}

/** The angles of each bone, (3, B): each of the five fingers has two angles at its first of three joints, and one at
 *  each of the others. */
Variable<double> angles_of_bones(const Variable<double>& theta, std::size_t bones)
{
    Labels places(Shape{theta.size() - 6});
    std::size_t next = 0;
    for (std::size_t finger = 0; finger < 5; ++finger)
        for (std::size_t joint = 0; joint < 3; ++joint) {
            const std::size_t bone = 2 + 4 * finger + joint;
            places(next++) = static_cast<std::int32_t>(bone);
            if (joint == 0)
                places(next++) = static_cast<std::int32_t>(bones + bone);
        }
    return reshape(scatter_add(slice(theta, 0, 6, theta.size()), places, 3 * bones), {3, bones});
}

/** The transformations of the bones, each after its parent's, (B, 4, 4). Bones of the same depth are computed at once.
 */
Variable<double> absolutes(const Variable<double>& relatives, const Hand& hand)
{
    const std::size_t count = hand.parents.size();
    std::vector<std::size_t> depth(count, 0);
    std::vector<std::vector<std::int32_t>> levels;    // the bones of each depth
    Labels place(Shape{count}), in_all(Shape{count}); // of a bone in its level, and in all of them
    for (std::size_t bone = 0; bone < count; ++bone) {
        depth[bone] = hand.parents[bone] < 0 ? 0 : depth[static_cast<std::size_t>(hand.parents[bone])] + 1;
        levels.resize(std::max(levels.size(), depth[bone] + 1));
        place(bone) = static_cast<std::int32_t>(levels[depth[bone]].size());
        levels[depth[bone]].push_back(static_cast<std::int32_t>(bone));
    }
    Variables<double> results;
    std::int32_t done = 0;
    for (const std::vector<std::int32_t>& level : levels) {
        Labels bones(Shape{level.size()}), parents(bones);
        for (std::size_t i = 0; i < level.size(); ++i) {
            bones(i) = level[i];
            in_all(level[i]) = done++;
            parents(i) = results.empty() ? 0 : place(hand.parents[static_cast<std::size_t>(level[i])]);
        }
        const Variable<double> relative = gather(relatives, bones);
        results.push_back(results.empty() ? relative : matmul(gather(results.back(), parents), relative));
    }
    return gather(concatenate(results), in_all);
}

/** The positions of all vertices, (3, V), at the pose θ: rotation (3), translation (3), angles of the fingers (20). */
Variable<double> positions(const Variable<double>& theta, const Hand& hand)
{
    const std::size_t bones = hand.parents.size();
    Array<double> corner = xt::zeros<double>({4, 4});
    corner(3, 3) = 1;
    const Variable<double> turned =
        pad(rotations(angles_of_bones(theta, bones)), {{0, 0}, {0, 1}, {0, 1}}) + constant(corner);
    const Variable<double> transforms =
        slice(matmul(absolutes(matmul(hand.base_relatives, turned), hand), hand.base_inverses), 1, 0, 3);
    Variable<double> skin = matmul(reshape(permute(transforms, {1, 0, 2}), {3, 4 * bones}), hand.skin);
    if (hand.is_mirrored)
        skin = skin * reshape(constant<double>({-1, 1, 1}), {3, 1});
    return matmul(rotation(slice(theta, 0, 0, 3)), skin) + reshape(slice(theta, 0, 3, 6), {3, 1});
}

/** The distances between the points and where the hand is, (N, 3). @param us  (N, 2), places in triangles, or none */
Variable<double> errors(const Variable<double>& theta, const Variable<double>& us, const Hand& hand)
{
    const Variable<double> skin = positions(theta, hand);
    if (us.size() == 0)
        return hand.points - transpose(gather(skin, hand.correspondences, 1));
    const Variables<double> u = unstack(us, 1);
    return hand.points - transpose(u[0] * gather(skin, hand.corners(0), 1) + u[1] * gather(skin, hand.corners(1), 1) +
                                   (1 - u[0] - u[1]) * gather(skin, hand.corners(2), 1));
}

/** ∂errors/∂θ, (3·N, 26); before it, two columns of the derivatives by each point's own u₀ and u₁. */
Variable<double> derivatives(const Variable<double>& theta, const Variable<double>& us, const Hand& hand)
{
    const std::size_t rows = hand.points.size();
    Variables<double> columns;
    for (std::size_t i = 0; us.size() > 0 && i < 2; ++i) {
        Array<double> direction = xt::zeros<double>(us.shape());
        for (std::size_t row = 0; row < us.shape()[0]; ++row)
            direction(row, i) = 1;
        const auto of_us = [&](const Variable<double>& u) { return errors(theta, u, hand); };
        columns.push_back(reshape(jacobian_vector_product(of_us, us, constant(direction)), {rows, 1}));
    }
    const auto of_theta = [&](const Variable<double>& t) { return errors(t, us, hand); };
    columns.push_back(reshape(constant(jacobian(of_theta, theta)), {rows, theta.size()}));
    return concatenate(columns, 1);
}

} // namespace

Eval ht()
{
    const auto objective = [](const json& input) {
        return computation([theta = constant_of(input.at("theta")), us = constant_of(input.at("us")),
                            hand = Hand(input.at("data"))] { return ravel(errors(theta, us, hand)); });
    };
    const auto jacobian = [](const json& input) {
        return computation([theta = constant_of(input.at("theta")), us = constant_of(input.at("us")),
                            hand = Hand(input.at("data"))] { return derivatives(theta, us, hand); });
    };
    return {"ht", {{"objective", objective}, {"jacobian", jacobian}}};
}

} // namespace xgrad::gradbench
