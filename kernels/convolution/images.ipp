#pragma once
// Correlation with the images in the lanes (lanes.ipp), from all channels to all maps.

#include "connected.ipp"

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

/** Packs tile after tile of maps, taps in the order u, v, c. If `turned`, w is (channels, maps, …) and is read
 *  backwards. */
template <class T>
void pack_image_weights(const ImageCorrelation& s, const Cut& map_tiles, bool turned, const T* w, T* to)
{
    const std::size_t taps = s.taps();
    const std::size_t map = turned ? taps : s.channels * taps, channel = turned ? s.maps * taps : taps;
    for (std::size_t i = 0; i < map_tiles.count; ++i)
        for (std::size_t tap = 0; tap < taps; ++tap)
            for (std::size_t c = 0; c < s.channels; ++c) {
                const T* from = w + map_tiles.begin(i) * map + c * channel + (turned ? taps - 1 - tap : tap);
                for (std::size_t o = 0; o < map_tiles.length(i); ++o)
                    *to++ = from[o * map];
            }
}

/** Finds the runs of (v, c) that the outputs of row i meet in columns like j. Returns their number. */
template <class T>
std::size_t image_runs(const ImageCorrelation& s, std::size_t i, std::size_t j, Run* runs)
{
    const auto pixel = static_cast<std::ptrdiff_t>(s.channels * lanes<T>);
    const auto width = static_cast<std::ptrdiff_t>(s.across.source);
    const std::size_t from = s.across.first_tap(j), to = s.across.end_tap(j);
    const std::size_t end = s.down.end_tap(i), step = s.across.dilation == 1 ? to - from : 1;
    std::size_t count = 0;
    for (std::size_t u = s.down.first_tap(i); u < end; ++u)
        for (std::size_t v = from; v < to; v += step)
            runs[count++] = {static_cast<std::ptrdiff_t>((u * s.across.taps + v) * s.channels),
                             (s.down.at(i, u) * width + s.across.at(0, v)) * pixel, step * s.channels};
    return count;
}

/** Computes row i of all maps, which lie `pitch` vectors apart. */
template <class T>
void correlate_row(const ImageCorrelation& s, const Cut& map_tiles, const T* pack, std::size_t i, const T* in, T* to,
                   std::size_t pitch)
{
    constexpr std::size_t w = lanes<T>;
    const std::size_t width = s.across.outputs, pixel = s.channels * w;
    const auto widest = static_cast<std::size_t>(most_vectors(static_cast<int>(map_tiles.largest())));
    Run* runs = scratch<Purpose::runs_of_convolution, Run>(s.taps());
    Tile<T> tile;
    tile.runs = runs;
    tile.a_row = 1;
    tile.b_step = static_cast<std::ptrdiff_t>(w);
    tile.c_row = static_cast<std::ptrdiff_t>(pitch * w);
    tile.last = w;
    tile.accumulate = false;
    for (std::size_t begin = 0, end; begin < width; begin = end) {
        // Columns that meet the same taps go together.
        end = begin + 1;
        while (end < width && s.across.first_tap(end) == s.across.first_tap(begin) &&
               s.across.end_tap(end) == s.across.end_tap(begin))
            ++end;
        tile.run_count = image_runs<T>(s, i, begin, runs);
        const Cut column_tiles(end - begin, widest);
        for (std::size_t g = 0; g < column_tiles.count; ++g) {
            const std::size_t j = begin + column_tiles.begin(g), vectors = column_tiles.length(g);
            for (std::size_t t = 0; t < vectors; ++t)
                tile.b[t] = in + (j + t) * s.across.stride * pixel;
            for (std::size_t k = 0; k < map_tiles.count; ++k) {
                tile.a = pack + map_tiles.begin(k) * s.taps() * s.channels;
                tile.a_step = static_cast<std::ptrdiff_t>(map_tiles.length(k));
                tile.c = to + (map_tiles.begin(k) * pitch + j) * w;
                tiles<T>[map_tiles.length(k) - 1][vectors - 1](tile);
            }
        }
    }
}

template <class T, class Sums>
void correlate_images(const ImageCorrelation& s, std::size_t groups, std::size_t batch, bool turned, const T* source,
                      const T* weights, const Sums& sums)
{
    const Cut map_tiles(s.maps, most_rows);
    const std::size_t size = s.maps * s.channels * s.taps();
    for (std::size_t g = 0; batch > 0 && g < groups; ++g, weights += size) {
        const T* from = source + g * s.channels * s.source_plane();
        if (!turned && is_sparse(s, weights)) {
            correlate_connected(s, batch, g, from, weights, sums);
            continue;
        }
        T* pack = scratch<Purpose::weights_of_convolution, T>(size);
        pack_image_weights(s, map_tiles, turned, weights, pack);
        for (std::size_t n = 0; n < batch; n += lanes<T>)
            correlate_chunk(
                s, {s.channels, 1}, chunk_of<T>(s, n, batch, g), from + n * s.all_channels * s.source_plane(),
                [&](std::size_t i, const T* in, T* row, std::size_t pitch) {
                    correlate_row(s, map_tiles, pack, i, in, row, pitch);
                },
                sums);
    }
}

/** The number of images of the batch that go this way, by an estimate of clock ticks: none, full chunks, or all if the
 *  rest nearly fills a chunk.
 *  @param other  the ticks that an image takes the other way */
template <class T>
std::size_t images_in_lanes(const ImageCorrelation& s, std::size_t batch, double other)
{
    constexpr std::size_t cache = 1024 * 1024;
    const std::size_t elements = s.channels * s.source_plane() + s.maps * s.plane();
    // A border column is a tile of its own: with few maps it has too few sums to keep the multipliers busy.
    if (s.maps < 4 || batch < 2 || batch < lanes<T> * 3 / 4 || elements * lanes<T> * sizeof(T) > cache)
        return 0;
    std::size_t met = 0, rows_met = 0;
    for (std::size_t j = 0; j < s.across.outputs; ++j)
        met += s.across.end_tap(j) - s.across.first_tap(j);
    for (std::size_t i = 0; i < s.down.outputs; ++i)
        rows_met += s.down.end_tap(i) - s.down.first_tap(i);
    const double own = static_cast<double>(met * rows_met * s.channels * s.maps) / static_cast<double>(2 * lanes<T>) +
                       0.35 * static_cast<double>(elements);
    if (own >= other)
        return 0;
    const std::size_t rest = batch % lanes<T>;
    return rest * 4 >= lanes<T> * 3 ? batch : batch - rest;
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
