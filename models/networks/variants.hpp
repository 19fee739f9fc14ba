#pragma once

#include <xgrad/models/training/classifier.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace xgrad
{

/** The variants of convolution and pooling, each of which a small network is made of: "strided", "tiled", … */
std::vector<std::string> variant_names();

/** A small network for 28×28 digits around one variant: first block · pooling · second block · full layer, the blocks
 * of the variant. @throws Error if there is none of that name */
Classifier make_variant(const std::string& name, std::uint64_t seed);

} // namespace xgrad
