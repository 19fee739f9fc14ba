#pragma once
// A handwritten backward pass, held against autodiff.

#include "handwritten.hpp"
#include <xgrad/inspect/comparison/compare.hpp>

#include <cstddef>
#include <optional>

namespace xgrad::command
{

/** A batch as the network reads it. */
struct Prepared
{
    Array<double> images; ///< (N, 1, H, W)
    Labels labels;        ///< (N), from 0
};

/** The images begin … end − 1, prepared for the network. */
Prepared prepared(const Images& all, std::size_t begin, std::size_t end, const Preparation& preparation);

/** The gradients of the handwritten pass as a training has them: the pass first runs over the batch before, if there is
 *  one, from which stale gradients come. */
FoundByHand found_in_training(const Handwritten& network, const Prepared& now, const std::optional<Prepared>& before);

/** The comparison of autodiff with the handwritten pass, with a probe for each value that has a step.
 *  @param before  the previous batch of the training, if there is one */
Comparison held_against(const FoundByHand& found, const Handwritten& network, const Values& values, const Prepared& now,
                        const std::optional<Prepared>& before, double tolerance);

} // namespace xgrad::command
