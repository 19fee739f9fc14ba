#pragma once
// What becomes of a convolution's sums. The paths hand them over while they are in a cache: rows of a chunk of images
// in the lanes, or rows of one image.

#include "../elementwise/elementwise.ipp"
#include "../pooling/pooling.ipp"
#include "lanes.ipp"
#include <xgrad/kernels/convolution/layer.hpp>

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

/** Brings the places of winners in the lanes back to the images. They are whole numbers as wide as T. */
template <class T>
void winners_from_lanes(const T* places, std::size_t count, std::size_t images, std::int32_t* to, std::size_t distance)
{
    constexpr std::size_t w = lanes<T>;
    if constexpr (sizeof(T) == sizeof(std::int32_t))
        return from_lanes(places, count, images, reinterpret_cast<T*>(to), distance);
    T square[w * w];
    for (std::size_t q = 0; q < count; q += w) {
        const std::size_t some = count - q < w ? count - q : w;
        transpose_square(places + q * w, w, some, images, square, w, true, false);
        for (std::size_t n = 0; n < images; ++n) {
            Index<T> at;
            __builtin_memcpy(&at, square + n * w, sizeof at);
            store_indices<T>(to + n * distance + q, at, some);
        }
    }
}

/** The largest of each 2×2 block of two rows of images in the lanes, and its place in the plane.
 *  @param first  the place of the first element */
template <class T>
void halve_rows(const T* rows, std::size_t width, std::size_t first, T bias, T* largest, T* place)
{
    constexpr std::size_t w = lanes<T>;
    using Whole = decltype(Index<T>{}[0] + Index<T>{}[0]);
    for (std::size_t j = 0; j + 1 < width; j += 2, rows += 2 * w, largest += w, place += w) {
        const auto sum = [&](std::size_t offset) { return load_vector(rows + offset * w) + bias; };
        const auto at = [&](std::size_t offset) { return Index<T>{} + static_cast<Whole>(first + j + offset); };
        Simd<T> best = sum(0);
        Index<T> winner = at(0);
        for (const std::size_t offset : {std::size_t{1}, width, width + 1})
            meet<T>(sum(offset), at(offset), best, winner);
        store_vector(largest, best);
        __builtin_memcpy(place, &winner, sizeof winner);
    }
}

/** The sums are the result, or go through the end of a layer. One code for both keeps the library small. */
template <class T>
class Sums
{
  public:
    explicit Sums(T* y) : end_{nullptr, {}, y} {}
    explicit Sums(const Finish<T>& end) : end_(end) {}

    /** The same for the images from n on. */
    Sums after(const Window& w, std::size_t n) const
    {
        Finish<T> end = end_;
        end.y += n * w.maps * plane_of_result(w.out_height, w.out_width);
        if (end.halves())
            end.winner += end.y - end_.y;
        return Sums(end);
    }

    // Images in the lanes: the number of rows that are handed over together, those that are needed, and the rows of all
    // maps of a group. The maps lie `pitch` vectors apart.
    std::size_t rows_together(const ImageCorrelation& s) const
    {
        return end_.halves() ? 2 : rows_that_fill_squares<T>(s.down, s.across);
    }
    std::size_t rows_needed(const ImageCorrelation& s) const
    {
        return end_.halves() ? s.down.outputs / 2 * 2 : s.down.outputs;
    }
    void take(const ImageCorrelation& s, const Chunk& chunk, Range rows, T* sums, std::size_t pitch) const
    {
        constexpr std::size_t w = lanes<T>;
        if (!end_.halves()) {
            const std::size_t width = s.across.outputs, image = s.all_maps * s.plane();
            T* const to = end_.y + chunk.first * image + chunk.map * s.plane() + rows.begin * width;
            for (std::size_t o = 0; o < s.maps; ++o, sums += pitch * w) {
                if (end_.bias)
                    finish(sums, rows.size() * width * w, end_.bias[chunk.map + o]);
                from_lanes(sums, rows.size() * width, chunk.images, to + o * s.plane(), image);
            }
            return;
        }
        const std::size_t plane = plane_of_result(s.down.outputs, s.across.outputs), size = plane * w;
        T* const largest = scratch<Purpose::blocks_of_layer, T>(2 * s.maps * size);
        T* const places = largest + s.maps * size;
        for (std::size_t o = 0; o < s.maps; ++o) {
            const std::size_t offset = o * size + rows.begin / 2 * (s.across.outputs / 2) * w;
            halve_rows(sums + o * pitch * w, s.across.outputs, rows.begin * s.across.outputs, end_.bias[chunk.map + o],
                       largest + offset, places + offset);
        }
        if (rows.end < rows_needed(s))
            return;
        activate(largest, s.maps * size);
        const std::size_t to = (chunk.first * s.all_maps + chunk.map) * plane, distance = s.all_maps * plane;
        from_lanes(largest, s.maps * plane, chunk.images, end_.y + to, distance);
        winners_from_lanes(places, s.maps * plane, chunk.images, end_.winner + to, distance);
    }

    // One image: the place of its sums, and the rows of some maps that are complete.
    T* image(const Window& w, std::size_t n) const
    {
        const std::size_t size = w.maps * w.out_height * w.out_width;
        return end_.halves() ? scratch<Purpose::sums_of_layer, T>(size) : end_.y + n * size;
    }
    void take(const Window& w, std::size_t n, Range maps, Range rows) const
    {
        if (!end_.bias)
            return;
        const std::size_t plane = w.out_height * w.out_width, begin = rows.begin * w.out_width;
        T* const sums = image(w, n);
        if (plane == 1) { // a vector of maps
            binary(Binary::add, Operands::vector_vector, sums + maps.begin, end_.bias + maps.begin, sums + maps.begin,
                   maps.size());
            activate(sums + maps.begin, maps.size());
        } else if (!end_.halves()) {
            for (std::size_t o = maps.begin; o < maps.end; ++o)
                finish(sums + o * plane + begin, rows.size() * w.out_width, end_.bias[o]);
        } else if (rows.end == w.out_height) {
            halve(w, n, maps, sums);
        }
    }

  private:
    std::size_t plane_of_result(std::size_t height, std::size_t width) const
    {
        return end_.halves() ? height / 2 * (width / 2) : height * width;
    }
    void activate(T* u, std::size_t n) const
    {
        if (end_.activation)
            unary(end_.activation->function, u, u, n, end_.activation->a, end_.activation->b);
    }
    void add_bias(T* u, std::size_t n, T bias) const { binary(Binary::add, Operands::vector_scalar, u, &bias, u, n); }
    void finish(T* u, std::size_t n, T bias) const
    {
        add_bias(u, n, bias);
        activate(u, n);
    }
    /** Halves whole planes of one image. */
    void halve(const Window& w, std::size_t n, Range maps, T* sums) const
    {
        Window blocks;
        blocks.channels = blocks.maps = blocks.groups = maps.size();
        blocks.height = w.out_height;
        blocks.width = w.out_width;
        blocks.out_height = w.out_height / 2;
        blocks.out_width = w.out_width / 2;
        blocks.kernel_height = blocks.kernel_width = blocks.stride_height = blocks.stride_width = 2;
        const std::size_t plane = w.out_height * w.out_width, result = blocks.out_height * blocks.out_width;
        for (std::size_t o = maps.begin; o < maps.end; ++o)
            add_bias(sums + o * plane, plane, end_.bias[o]);
        const std::size_t to = (n * w.maps + maps.begin) * result;
        max_pool2d(blocks, sums + maps.begin * plane, end_.y + to, end_.winner + to);
        activate(end_.y + to, maps.size() * result);
    }

    Finish<T> end_;
};

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
