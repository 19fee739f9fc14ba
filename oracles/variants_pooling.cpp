// The formulas N23 and N27: pooling.
#include "variants_layers.hpp"

#include <cmath>

namespace oracles
{

namespace
{

using Values = std::vector<double>;

/** Pools x. `cover(c, i, j, add)` calls add(channel, row, column) for each element of a window. `pool(values, slopes,
 *  place)` returns their pooled value and sets its slope for each; `place` is the window's number. */
template <class Cover, class Pool>
Pass pooled(const Tensor& x, const Tensor& g, Cover cover, Pool pool)
{
    Pass pass{Tensor(g.shape), {Tensor(x.shape)}};
    std::size_t place = 0;
    for (std::size_t n = 0; n < g.shape[0]; ++n)
        for (std::size_t c = 0; c < g.shape[1]; ++c)
            for (std::size_t i = 0; i < g.shape[2]; ++i)
                for (std::size_t j = 0; j < g.shape[3]; ++j, ++place) {
                    Values values;
                    std::vector<double*> flows;
                    cover(c, i, j, [&](auto channel, auto a, auto b) {
                        values.push_back(x(n, channel, a, b));
                        flows.push_back(&pass.gradients[0](n, channel, a, b));
                    });
                    Values slopes(values.size());
                    pass.y.data[place] = pool(values, slopes, place);
                    for (std::size_t p = 0; p < flows.size(); ++p)
                        *flows[p] += g.data[place] * slopes[p];
                }
    return pass;
}

auto sliding(const PoolingWindow& window)
{
    return [window](auto c, auto i, auto j, auto add) {
        for (std::size_t u = 0; u < window.height; ++u)
            for (std::size_t v = 0; v < window.width; ++v)
                add(c, i * window.down + u, j * window.across + v);
    };
}

double largest(const Values& values, Values& slopes, std::size_t)
{
    std::size_t best = 0;
    for (std::size_t p = 1; p < values.size(); ++p)
        if (values[p] > values[best])
            best = p;
    slopes[best] = 1;
    return values[best];
}

double average(const Values& values, Values& slopes, std::size_t)
{
    double sum = 0;
    for (std::size_t p = 0; p < values.size(); ++p) {
        sum += values[p];
        slopes[p] = 1 / static_cast<double>(values.size());
    }
    return sum / static_cast<double>(values.size());
}

} // namespace

Pass n23(const Tensor& x, bool maximum, const Tensor& g)
{
    const std::size_t height = x.shape[2], width = x.shape[3], rows = g.shape[2], columns = g.shape[3];
    const auto cover = [&](auto c, auto i, auto j, auto add) {
        for (std::size_t a = i * height / rows; a * rows < (i + 1) * height; ++a)
            for (std::size_t b = j * width / columns; b * columns < (j + 1) * width; ++b)
                add(c, a, b);
    };
    return maximum ? pooled(x, g, cover, largest) : pooled(x, g, cover, average);
}

Pass n27_max(const Tensor& x, const PoolingWindow& window, const Tensor& g)
{
    return pooled(x, g, sliding(window), largest);
}

Pass n27_mean(const Tensor& x, const PoolingWindow& window, const Tensor& g)
{
    return pooled(x, g, sliding(window), average);
}

Pass n27_l2(const Tensor& x, const PoolingWindow& window, const Tensor& g)
{
    return pooled(x, g, sliding(window), [](const Values& values, Values& slopes, std::size_t) {
        double sum = 0;
        for (const double value : values)
            sum += value * value;
        for (std::size_t p = 0; p < values.size(); ++p)
            slopes[p] = values[p] / std::sqrt(sum);
        return std::sqrt(sum);
    });
}

Pass n27_distance(const Tensor& x, const PoolingWindow& window, double sigma, const Tensor& g)
{
    return pooled(x, g, sliding(window), [&](const Values& values, Values& slopes, std::size_t) {
        double sum = 0, total = 0;
        for (std::size_t p = 0; p < values.size(); ++p) {
            const double down = static_cast<double>(p / window.width) - static_cast<double>(window.height - 1) / 2;
            const double across = static_cast<double>(p % window.width) - static_cast<double>(window.width - 1) / 2;
            slopes[p] = std::exp(-(down * down + across * across) / (2 * sigma * sigma));
            sum += slopes[p] * values[p];
            total += slopes[p];
        }
        for (double& slope : slopes)
            slope /= total;
        return sum / total;
    });
}

Pass n27_maxout(const Tensor& x, std::size_t pieces, const Tensor& g)
{
    const auto cover = [pieces](auto c, auto i, auto j, auto add) {
        for (std::size_t k = 0; k < pieces; ++k)
            add(c * pieces + k, i, j);
    };
    return pooled(x, g, cover, largest);
}

Pass n27_stochastic(const Tensor& x, const PoolingWindow& window, const Tensor& drawn, const Tensor& g)
{
    return pooled(x, g, sliding(window), [&](const Values& values, Values& slopes, std::size_t place) {
        double found = 0; // stays 0 if no element of the window was drawn
        for (std::size_t p = 0; p < values.size(); ++p)
            if (values[p] == drawn.data[place]) {
                slopes[p] = 1;
                found = values[p];
            }
        return found;
    });
}

Pass n27_probability(const Tensor& x, const PoolingWindow& window, const Tensor& g)
{
    return pooled(x, g, sliding(window), [](const Values& values, Values& slopes, std::size_t) {
        double sum = 0, squares = 0;
        for (const double value : values) {
            sum += value;
            squares += value * value;
        }
        for (std::size_t p = 0; p < values.size(); ++p)
            slopes[p] = (2 * values[p] - squares / sum) / sum;
        return squares / sum;
    });
}

} // namespace oracles
