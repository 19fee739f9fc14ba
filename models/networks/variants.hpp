#pragma once

#include <xgrad/models/training/classifier.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace xgrad
{

/** The names of the variants of convolution and pooling: "strided", "tiled", … Each is a small network. */
std::vector<std::string> variant_names();

/** A small network for 28×28 digits around one variant: first block · pooling · second block · full layer, with the
 *  variant's blocks. @throws Error if there is none of that name */
Classifier make_variant(const std::string& name, std::uint64_t seed);

} // namespace xgrad
