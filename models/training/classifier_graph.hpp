#pragma once

#include <xgrad/inspect/graph.hpp>
#include <xgrad/models/training/classifier.hpp>

#include <cstdint>

namespace xgrad
{

/** The graph of a classifier's loss for two random samples, whose leaf has the name "x".
 *  @param seed      the seed of the samples
 *  @param backward  true for the sweep that computes the gradients of the parameters, too */
Graph graph_of(const Classifier& classifier, std::uint64_t seed, bool backward);

} // namespace xgrad
