#pragma once

#include <xgrad/base/array.hpp>
#include <xgrad/base/sample_random.hpp>

#include <cstddef>

namespace xgrad
{

/** Random changes of an image that keep its class and move no pixel off the grid, unlike a Distortion. */
struct Augmentation
{
    bool flip = false;     ///< true to mirror an image, left for right, with probability ½
    std::size_t shift = 0; ///< pixels: a shift by a whole number of them along each axis, up to this much either way
    std::size_t erase = 0; ///< pixels: the side of a square that is erased (DeVries and Taylor 2017), 0 for none

    /** True if an image may change. */
    bool changes() const { return flip || shift > 0 || erase > 0; }
};

/** Changes each of the images (N, C, H, W) in its own way, which the generator of its sample draws; all channels of an
 *  image in the same way. Background comes in from outside, and fills the square. The centre of the square is any
 * pixel, so a part of it may lie outside.
 *  @throws ShapeError for images of another rank, and for a shift or a square of more than 2^20 pixels */
void augment(Array<float>& images, const Augmentation& augmentation, float background, SampleRandom random);

} // namespace xgrad
