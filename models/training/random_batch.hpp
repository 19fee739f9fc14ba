#pragma once

#include <xgrad/models/training/classifier.hpp>

#include <cstddef>
#include <cstdint>

namespace xgrad
{

/** Samples of random numbers, prepared for a classifier: images of random pixels, scenes, or windows of random
 *  characters, with random labels. */
Batch random_batch(const Classifier& classifier, std::size_t count, std::uint64_t seed);

} // namespace xgrad
