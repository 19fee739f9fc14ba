#pragma once
// Images of files, brought to the size that a network reads. All are (C, H, W), from 0 to 1.

#include <xgrad/base/array.hpp>

#include <cstddef>

namespace xgrad::command
{

/** The image in the middle of a frame of zeros with the given size. A larger image is shrunk by averaging and keeps its
 *  proportions; an image is never enlarged. */
Array<float> fit(const Array<float>& image, std::size_t height, std::size_t width);

/** True if a grey image is dark on light: the pixels at its border are lighter, on average, than all others. */
bool is_dark_on_light(const Array<float>& image);

/** The image with 1 − v for each v. */
Array<float> inverted(Array<float> image);

/** A drawn digit as MNIST has it. The ground, as the border shows it, becomes 0, and weak ink becomes strong. The ink
 *  is scaled to 5/7 of the frame, 20x20 pixels of 28x28, keeps its proportions, and has its centre of mass in the
 *  middle. An image of MNIST stays as it is.
 *  @param image  a grey one, light on dark */
Array<float> as_digit(const Array<float>& image, std::size_t height, std::size_t width);

} // namespace xgrad::command
