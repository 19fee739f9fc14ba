#pragma once

#include <xgrad/models/data/dataset.hpp>

#include <cstddef>
#include <cstdint>

namespace xgrad
{

/** Images for training, and those held out of them. */
struct ValidationSplit
{
    Images train, validation;
};

/** Holds out `count` images, which the seed chooses: every set of that size is equally likely. Both parts keep the
 *  order of the images. The images are copied.
 *
 *  @throws ShapeError if there are not more than `count` images, or pixels and labels do not match */
ValidationSplit hold_out(const Images& images, std::size_t count, std::uint64_t seed);

} // namespace xgrad
