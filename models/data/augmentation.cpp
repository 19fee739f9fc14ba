#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/models/data/augmentation.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <vector>

namespace xgrad
{

namespace
{

using Floats = std::vector<float, PooledAllocator<float>>;

/** The change of one image: row i is read from row i + down, column j from column j + right or, mirrored, from
 *  W − 1 − j + right. */
struct Change
{
    bool mirrored = false;
    std::ptrdiff_t down = 0, right = 0;
    std::ptrdiff_t top = 0, left = 0; ///< the first row and column of the erased square
};

Change drawn(const Augmentation& a, std::size_t height, std::size_t width, Random& random)
{
    const auto either_way = [&](std::size_t most) {
        return static_cast<std::ptrdiff_t>(random.below(2 * most + 1)) - static_cast<std::ptrdiff_t>(most);
    };
    Change change;
    if (a.flip)
        change.mirrored = random.below(2) == 1;
    if (a.shift > 0) {
        change.down = either_way(a.shift);
        change.right = either_way(a.shift);
    }
    if (a.erase > 0) {
        const auto half = static_cast<std::ptrdiff_t>(a.erase / 2);
        change.top = static_cast<std::ptrdiff_t>(random.below(height)) - half;
        change.left = static_cast<std::ptrdiff_t>(random.below(width)) - half;
    }
    return change;
}

/** Writes the changed plane over `plane`. @param before  a copy of the plane */
void apply(const Change& change, std::size_t erase, std::size_t height, std::size_t width, float background,
           const float* before, float* plane)
{
    const auto rows = static_cast<std::ptrdiff_t>(height), columns = static_cast<std::ptrdiff_t>(width);
    const auto side = static_cast<std::ptrdiff_t>(erase);
    for (std::ptrdiff_t i = 0; i < rows; ++i) {
        const std::ptrdiff_t row = i + change.down;
        for (std::ptrdiff_t j = 0; j < columns; ++j) {
            const std::ptrdiff_t column = (change.mirrored ? columns - 1 - j : j) + change.right;
            const bool inside = row >= 0 && row < rows && column >= 0 && column < columns;
            *plane++ = inside ? before[row * columns + column] : background;
        }
    }
    plane -= rows * columns;
    for (std::ptrdiff_t i = std::max<std::ptrdiff_t>(change.top, 0); i < std::min(change.top + side, rows); ++i)
        for (std::ptrdiff_t j = std::max<std::ptrdiff_t>(change.left, 0); j < std::min(change.left + side, columns);
             ++j)
            plane[i * columns + j] = background;
}

} // namespace

void augment(Array<float>& images, const Augmentation& augmentation, float background, SampleRandom random)
{
    constexpr std::size_t most = std::size_t{1} << 20;
    if (images.dimension() != 4)
        throw ShapeError(
            fmt::format("[augment] images (N, C, H, W) are needed, the shape is {}", to_string(images.shape())));
    if (augmentation.shift > most || augmentation.erase > most)
        throw ShapeError(fmt::format("[augment] a shift of {} pixels and a square of {}: {} or less are needed",
                                     augmentation.shift, augmentation.erase, most));
    const std::size_t height = images.shape()[2], width = images.shape()[3], size = height * width;
    if (!augmentation.changes() || images.size() == 0)
        return;
    Floats before(size);
    float* plane = images.data();
    for (std::size_t n = 0; n < images.shape()[0]; ++n) {
        const Change change = drawn(augmentation, height, width, random[n]);
        for (std::size_t c = 0; c < images.shape()[1]; ++c, plane += size) {
            std::copy_n(plane, size, before.data());
            apply(change, augmentation.erase, height, width, background, before.data(), plane);
        }
    }
}

} // namespace xgrad
