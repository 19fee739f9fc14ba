#pragma once

#include <xgrad/base/array.hpp>
#include <xgrad/base/sample_random.hpp>

namespace xgrad
{

/** The amounts by which images are distorted at random. The defaults suit handwritten digits of 28×28 pixels. If all
 *  are 0, an image stays as it is.
 *
 *  The affine part is that of LeCun et al. 1998. The elastic part is that of Simard et al. 2003: each pixel is moved by
 *  random numbers smoothed by a Gaussian. */
struct Distortion
{
    double shift = 1;      ///< pixels, along each axis, either way
    double scaling = 0.1;  ///< the factor 1 ± scaling, drawn for each axis, so it squeezes too; below 1
    double rotation = 7.5; ///< degrees, either way
    double shear = 0.1;    ///< columns for each row, either way
    double elastic = 0.8;  ///< pixels: the root mean square of the displacements along each axis
    double smoothness = 4; ///< pixels: the deviation σ of the Gaussian; at least 0.5
};

/** The place from which each pixel of a distorted image is read: rows and columns (2, H, W). It depends only on the
 *  parameters, the size and the random numbers.
 *  @throws ShapeError for a parameter that is negative, not finite or outside of its range */
Array<float> random_map(const Distortion& distortion, std::size_t height, std::size_t width, Random& random);

/** The images (N, C, H, W), read at the places of a map; between pixels by bilinear interpolation. Outside of an image
 *  there is background.
 *  @throws ShapeError if the map is not (2, H, W) */
Array<float> read_at(const Array<float>& images, const Array<float>& map, float background);

/** Distorts each of the images (N, C, H, W) by its own random map, which the generator of its sample draws. @throws
 * ShapeError for images of another rank, and as random_map does */
void distort(Array<float>& images, const Distortion& distortion, float background, SampleRandom random);

} // namespace xgrad
