#include "input_image.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace xgrad::command
{

namespace
{

/** The pixels of a new image along an axis of an old one: pixel j covers `step` old ones from begin + j·step on. */
struct Grid
{
    double begin, step;
    std::size_t count;
};

/** Calls visit(k, weight) for the pixels k of a row of `extent` that pixel j of a grid covers. Those at its ends count
 *  in part. Within the row the weights have the sum 1. */
template <class Visit>
void for_each_covered(std::size_t j, const Grid& grid, std::size_t extent, const Visit& visit)
{
    const double begin = std::max(grid.begin + static_cast<double>(j) * grid.step, 0.0);
    const double end = grid.begin + static_cast<double>(j + 1) * grid.step;
    for (auto k = static_cast<std::size_t>(begin); k < extent && static_cast<double>(k) < end; ++k)
        visit(k, (std::min(end, static_cast<double>(k) + 1) - std::max(begin, static_cast<double>(k))) / grid.step);
}

/** The image in other pixels: each is the average of those that it covers, with zeros around the image. */
Array<float> sampled(const Array<float>& image, const Grid& rows, const Grid& columns)
{
    const std::size_t channels = image.shape()[0], height = image.shape()[1], width = image.shape()[2];
    Array<float> result = empty_array<float>({channels, rows.count, columns.count});
    float* to = result.data();
    for (std::size_t c = 0; c < channels; ++c)
        for (std::size_t i = 0; i < rows.count; ++i)
            for (std::size_t j = 0; j < columns.count; ++j) {
                double value = 0;
                for_each_covered(i, rows, height, [&](std::size_t row, double row_weight) {
                    const float* const pixels = image.data() + (c * height + row) * width;
                    for_each_covered(j, columns, width, [&](std::size_t column, double weight) {
                        value += row_weight * weight * static_cast<double>(pixels[column]);
                    });
                });
                *to++ = static_cast<float>(value);
            }
    return result;
}

/** The image in a frame of zeros, with its corner at a place. What is outside of the frame is cut off. */
Array<float> framed(const Array<float>& image, std::size_t height, std::size_t width, std::ptrdiff_t top,
                    std::ptrdiff_t left)
{
    const std::size_t channels = image.shape()[0], rows = image.shape()[1], columns = image.shape()[2];
    Array<float> frame({channels, height, width}, 0);
    for (std::size_t c = 0; c < channels; ++c)
        for (std::size_t i = 0; i < rows; ++i)
            for (std::size_t j = 0; j < columns; ++j) {
                const auto row = static_cast<std::size_t>(top + static_cast<std::ptrdiff_t>(i));
                const auto column = static_cast<std::size_t>(left + static_cast<std::ptrdiff_t>(j));
                if (row < height && column < width) // numbers below 0 have become large
                    frame.data()[(c * height + row) * width + column] = image.data()[(c * rows + i) * columns + j];
            }
    return frame;
}

/** An extent divided by a scale, but at least 1. */
std::size_t shrunk(std::size_t extent, double scale)
{
    return std::max(std::size_t{1}, static_cast<std::size_t>(std::lround(static_cast<double>(extent) / scale)));
}

struct Box
{
    std::size_t top, left, bottom, right; ///< the last two are one beyond

    std::size_t height() const { return bottom - top; }
    std::size_t width() const { return right - left; }
};

/** The pixels at the border of an image, or all others. */
std::vector<float> pixels_of(const Array<float>& image, bool at_border)
{
    const std::size_t height = image.shape()[1], width = image.shape()[2];
    std::vector<float> pixels;
    for (std::size_t i = 0; i < height; ++i)
        for (std::size_t j = 0; j < width; ++j)
            if ((i == 0 || j == 0 || i + 1 == height || j + 1 == width) == at_border)
                pixels.push_back(image.data()[i * width + j]);
    return pixels;
}

double mean_of(const std::vector<float>& pixels)
{
    return std::accumulate(pixels.begin(), pixels.end(), 0.0) / static_cast<double>(pixels.size());
}

/** The ground of an image: the median of its border, so that ink which touches the border does not count. */
float ground_of(const Array<float>& image)
{
    std::vector<float> border = pixels_of(image, true);
    const auto middle = border.begin() + static_cast<std::ptrdiff_t>(border.size() / 2);
    std::nth_element(border.begin(), middle, border.end());
    return *middle;
}

/** The ink of an image: 0 on the ground, about 1 where it is strongest. */
Array<float> ink_of(const Array<float>& image)
{
    constexpr float full = 0.9f, least = 0.01f; // MNIST's strongest ink is above the first, noise below the second
    const float ground = ground_of(image);
    const float contrast = *std::max_element(image.begin(), image.end()) - ground;
    const float factor = contrast < least ? 0.f : contrast < full ? 1 / contrast : 1.f;
    Array<float> ink = image;
    for (float& value : ink)
        value = std::clamp(factor * (value - ground), 0.f, 1.f);
    return ink;
}

/** The smallest box around all that is clearly ink. */
Box box_of(const Array<float>& ink)
{
    constexpr float clear = 0.2f;
    const std::size_t height = ink.shape()[1], width = ink.shape()[2];
    Box box{height, width, 0, 0};
    for (std::size_t i = 0; i < height; ++i)
        for (std::size_t j = 0; j < width; ++j)
            if (ink.data()[i * width + j] > clear)
                box = {std::min(box.top, i), std::min(box.left, j), std::max(box.bottom, i + 1),
                       std::max(box.right, j + 1)};
    return box.bottom == 0 ? Box{0, 0, 0, 0} : box;
}

constexpr std::size_t margin = 2; // in which the ink is faint

/** The grid that brings an extent to its size, with a margin on both sides. */
Grid with_margin(std::size_t begin, std::size_t extent, double scale)
{
    const auto count = static_cast<std::size_t>(std::ceil(static_cast<double>(extent) / scale - 1e-9)) + 2 * margin;
    return {static_cast<double>(begin) - static_cast<double>(margin) * scale, scale, count};
}

/** The place at which a digit begins along an axis of a frame, so that its centre of mass is in the middle. */
std::ptrdiff_t place_of(const Array<float>& digit, std::size_t axis, std::size_t frame)
{
    const std::size_t extent = digit.shape()[axis], width = digit.shape()[2];
    double mass = 0, moment = 0;
    for (std::size_t i = 0; i < digit.size(); ++i) {
        const auto value = static_cast<double>(digit.data()[i]);
        mass += value;
        moment += value * static_cast<double>(axis == 1 ? i / width : i % width);
    }
    // MNIST's centres round to pixel 14 of 28.
    const auto place = std::lround(static_cast<double>(frame / 2) - moment / mass);
    const auto most = static_cast<long>(frame) - static_cast<long>(extent - margin);
    return std::clamp(place, -static_cast<long>(margin), most);
}

} // namespace

Array<float> fit(const Array<float>& image, std::size_t height, std::size_t width)
{
    const Shape& shape = image.shape();
    const double scale = std::max({1.0, static_cast<double>(shape[1]) / static_cast<double>(height),
                                   static_cast<double>(shape[2]) / static_cast<double>(width)});
    const std::size_t to_height = shrunk(shape[1], scale), to_width = shrunk(shape[2], scale);
    const auto over = [](std::size_t extent, std::size_t count) {
        return Grid{0, static_cast<double>(extent) / static_cast<double>(count), count};
    };
    const auto place = [](std::size_t frame, std::size_t extent) {
        return static_cast<std::ptrdiff_t>((frame - extent) / 2);
    };
    return framed(sampled(image, over(shape[1], to_height), over(shape[2], to_width)), height, width,
                  place(height, to_height), place(width, to_width));
}

bool is_dark_on_light(const Array<float>& image)
{
    const std::vector<float> rest = pixels_of(image, false);
    return !rest.empty() && mean_of(pixels_of(image, true)) > mean_of(rest);
}

Array<float> inverted(Array<float> image)
{
    for (float& value : image)
        value = 1 - value;
    return image;
}

Array<float> as_digit(const Array<float>& image, std::size_t height, std::size_t width)
{
    const Array<float> ink = ink_of(image);
    const Box box = box_of(ink);
    if (box.height() == 0)
        return Array<float>({1, height, width}, 0);
    const std::size_t most_height = 5 * height / 7, most_width = 5 * width / 7;
    const double scale = std::max(static_cast<double>(box.height()) / static_cast<double>(most_height),
                                  static_cast<double>(box.width()) / static_cast<double>(most_width));
    const Array<float> digit =
        sampled(ink, with_margin(box.top, box.height(), scale), with_margin(box.left, box.width(), scale));
    return framed(digit, height, width, place_of(digit, 1, height), place_of(digit, 2, width));
}

} // namespace xgrad::command
