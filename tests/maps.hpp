#pragma once
// Plain loops for the layers of the old networks, for one image.

#include "ops.hpp"
#include <xgrad/base/random.hpp>
#include <xgrad/models/layers/layers.hpp>

namespace xgrad::test
{

using Maps = std::vector<std::vector<std::vector<double>>>; // map, row, column

inline double squash(double u) { return 1.7159 * std::tanh(2.0 / 3 * u); }

/** The first map of the first image of (N, 1, H, W). */
inline Maps maps_of(const Array<double>& images)
{
    Maps x(1, std::vector(images.shape()[2], std::vector<double>(images.shape()[3])));
    for (std::size_t r = 0; r < x[0].size(); ++r)
        for (std::size_t c = 0; c < x[0][r].size(); ++c)
            x[0][r][c] = images(0, 0, r, c);
    return x;
}

/** f(β_j down(x_j) + b_j) (B14). */
inline Maps subsample(const Maps& x, const Subsampling<double>& layer)
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

/** Every element of every parameter uniform within ±limit. */
inline void fill(Random& random, const Parameters<double>& parameters, double limit)
{
    for (Variable<double> parameter : parameters)
        for (double& w : parameter.mutable_value())
            w = random.uniform(-limit, limit);
}

} // namespace xgrad::test
