#include "input_image.hpp"

#include <algorithm>
#include <cmath>

namespace xgrad::command
{

namespace
{

/** Calls visit(k, weight) for the pixels k of a row of `extent` that pixel j of n covers. Those at its ends count in
 *  part; the weights have the sum 1. */
template <class Visit>
void for_each_covered(std::size_t j, std::size_t extent, std::size_t n, const Visit& visit)
{
    const double size = static_cast<double>(extent) / static_cast<double>(n);
    const double begin = static_cast<double>(j) * size, end = begin + size;
    for (auto k = static_cast<std::size_t>(begin); k < extent && static_cast<double>(k) < end; ++k)
        visit(k, (std::min(end, static_cast<double>(k) + 1) - std::max(begin, static_cast<double>(k))) / size);
}

/** The image in another size: each pixel is the average of those that it covers. */
Array<float> scaled(const Array<float>& image, std::size_t height, std::size_t width)
{
    const std::size_t channels = image.shape()[0], from_height = image.shape()[1], from_width = image.shape()[2];
    Array<float> result = empty_array<float>({channels, height, width});
    float* to = result.data();
    for (std::size_t c = 0; c < channels; ++c)
        for (std::size_t i = 0; i < height; ++i)
            for (std::size_t j = 0; j < width; ++j) {
                double value = 0;
                for_each_covered(i, from_height, height, [&](std::size_t row, double row_weight) {
                    const float* const pixels = image.data() + (c * from_height + row) * from_width;
                    for_each_covered(j, from_width, width, [&](std::size_t column, double weight) {
                        value += row_weight * weight * static_cast<double>(pixels[column]);
                    });
                });
                *to++ = static_cast<float>(value);
            }
    return result;
}

/** The image in a frame of zeros, with its corner at a place. */
Array<float> framed(const Array<float>& image, std::size_t height, std::size_t width, std::size_t top, std::size_t left)
{
    const std::size_t channels = image.shape()[0], rows = image.shape()[1], columns = image.shape()[2];
    Array<float> frame({channels, height, width}, 0);
    for (std::size_t c = 0; c < channels; ++c)
        for (std::size_t i = 0; i < rows; ++i)
            std::copy_n(image.data() + (c * rows + i) * columns, columns,
                        frame.data() + (c * height + top + i) * width + left);
    return frame;
}

/** An extent divided by a scale, but at least 1. */
std::size_t shrunk(std::size_t extent, double scale)
{
    return std::max(std::size_t{1}, static_cast<std::size_t>(std::lround(static_cast<double>(extent) / scale)));
}

} // namespace

Array<float> fit(const Array<float>& image, std::size_t height, std::size_t width)
{
    const Shape& shape = image.shape();
    const double scale = std::max({1.0, static_cast<double>(shape[1]) / static_cast<double>(height),
                                   static_cast<double>(shape[2]) / static_cast<double>(width)});
    const std::size_t to_height = shrunk(shape[1], scale), to_width = shrunk(shape[2], scale);
    return framed(scaled(image, to_height, to_width), height, width, (height - to_height) / 2, (width - to_width) / 2);
}

} // namespace xgrad::command
