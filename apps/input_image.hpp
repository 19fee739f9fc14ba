#pragma once
// Images of files, brought to the size that a network reads. All are (C, H, W), from 0 to 1.

#include <xgrad/base/array.hpp>

#include <cstddef>

namespace xgrad::command
{

/** The image in the middle of a frame of zeros with the given size. A larger image is shrunk by averaging and keeps its
 *  proportions; an image is never enlarged. */
Array<float> fit(const Array<float>& image, std::size_t height, std::size_t width);

} // namespace xgrad::command
