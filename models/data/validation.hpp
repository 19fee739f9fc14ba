#pragma once

#include <xgrad/models/data/dataset.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

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

namespace detail
{

/** The images whose mark is `wanted`, in their order. @param marks  one for each image */
Images marked(const Images& images, const std::vector<bool>& marks, bool wanted);

} // namespace detail

} // namespace xgrad
