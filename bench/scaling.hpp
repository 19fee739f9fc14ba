#pragma once
// The time of a training step on several ranks, from the figures of one machine: docs/many-machines.md.

#include <xgrad/base/ordered_sum.hpp>
#include <xgrad/base/shares.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>

namespace bench
{

/** A network between machines, or the memory between processes. */
struct Link
{
    double latency;   ///< seconds a message
    double bandwidth; ///< bytes a second
};

/** A network that is trained, with its times on one core. */
struct Trained
{
    std::size_t weights;
    double sample; ///< seconds a sample, forward and backward
    double rest;   ///< seconds a step for what each rank does: the optimizer
    double add;    ///< seconds a byte to add another rank's gradient
};

/** The samples of the rank that has most of a batch. */
inline std::size_t largest_share(std::size_t batch, std::size_t chunk, std::size_t ranks)
{
    using namespace xgrad::detail;
    const std::size_t chunks = (batch - 1) / chunk + 1;
    const Shares shares(leaves_of(chunks), ranks);
    std::size_t most = 0;
    for (std::size_t rank = 0; rank < ranks; ++rank)
        most = std::max(most, shares.end(rank) - shares.begin(rank));
    return std::min(most * added_together(chunks) * chunk, batch);
}

/** The time in which R ranks add up a gradient of G bytes and give it to all: 2·d·L + (1 − 1/R)·G·(2/B + a),
 *  d = ⌈log₂ R⌉.
 *
 *  A rank meets d others, and sends, receives and adds 1/2 + 1/4 + … + 1/R of the gradient. Then it meets them again.
 */
inline double tree_time(const Link& link, const Trained& net, std::size_t ranks)
{
    const auto depth = static_cast<double>(std::bit_width(ranks - 1));
    const double bytes = 4 * static_cast<double>(net.weights) * (1 - 1 / static_cast<double>(ranks));
    return 2 * depth * link.latency + bytes * (2 / link.bandwidth + net.add);
}

/** The time of a step of ranks that have a core each. */
inline double step_time(const Link& link, const Trained& net, std::size_t batch, std::size_t chunk, std::size_t ranks)
{
    const auto samples = static_cast<double>(largest_share(batch, chunk, ranks));
    return samples * net.sample + net.rest + (ranks > 1 ? tree_time(link, net, ranks) : 0);
}

} // namespace bench
