#pragma once
// Correlation with images in the lanes, for kernels of which many are all zero, as a connection table leaves them. It
// goes map by map, over the taps of the other kernels only. Each column of a row has a sum of its own, which keeps the
// multipliers busy.

#include "../product/tile.ipp"
#include "lanes.ipp"

#include <cstdint>

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

/** The taps of one map. */
template <class T>
struct Taps
{
    const T* weight;
    const std::uint32_t* offset; // of the element that each tap meets
    std::size_t count;
};

/** A tile of one map: c[t] = Σ weight·x[offset + t] over the taps, for vectors t < V side by side. */
template <class T, int V>
void tap_tile(const Taps<T>& taps, const T* x, T* c)
{
    constexpr std::size_t w = lanes<T>;
    Simd<T> sum[V] = {};
    for (std::size_t p = 0; p < taps.count; ++p) {
        const T* from = x + taps.offset[p];
        const T weight = taps.weight[p];
        XGRAD_UNROLL
        for (std::size_t t = 0; t < V; ++t)
            sum[t] += weight * load_vector(from + t * w);
    }
    XGRAD_UNROLL
    for (std::size_t t = 0; t < V; ++t)
        store_vector(c + t * w, sum[t]);
}

constexpr std::size_t most_tap_vectors = 12;

template <class T>
using TapTile = void (*)(const Taps<T>&, const T*, T*);

template <class T, int... V>
constexpr std::array<TapTile<T>, most_tap_vectors> all_tap_tiles(std::integer_sequence<int, V...>)
{
    return {tap_tile<T, V + 1>...};
}

/** The tiles by their width: tap_tiles<T>[vectors − 1]. */
template <class T>
constexpr auto tap_tiles = all_tap_tiles<T>(std::make_integer_sequence<int, most_tap_vectors>{});

template <class T>
bool is_zero(const T* w, std::size_t n)
{
    std::size_t i = 0;
    while (i < n && w[i] == T(0))
        ++i;
    return i == n;
}

/** Returns whether so many kernels of w (maps, channels, taps) are all zero that leaving them out is worth it. It is
 *  false for padded images, because all outputs must have the same taps. It is false for strides across, because the
 *  columns of a row must lie side by side. */
template <class T>
bool is_sparse(const ImageCorrelation& s, const T* w)
{
    constexpr std::size_t least_columns = 8;
    const auto is_whole = [](const Direction& d) { return d.first_tap(0) == 0 && d.end_tap(d.outputs - 1) == d.taps; };
    if (s.across.stride != 1 || s.across.outputs < least_columns || !is_whole(s.down) || !is_whole(s.across))
        return false;
    std::size_t zero = 0;
    for (std::size_t k = 0; k < s.maps * s.channels; ++k)
        zero += is_zero(w + k * s.taps(), s.taps());
    return 3 * zero >= s.maps * s.channels;
}

/** Does the same as correlate_images, for one group and forward, without the kernels that are all zero. */
template <class T, class Sums>
void correlate_connected(const ImageCorrelation& s, std::size_t batch, std::size_t group, const T* source, const T* w,
                         const Sums& sums)
{
    const std::size_t pixels = s.source_plane(), most = s.maps * s.channels * s.taps();
    T* weights = scratch<Purpose::weights_of_convolution, T>(most);
    auto* offsets = scratch<Purpose::order_of_convolution, std::uint32_t>(most);
    auto* taps = scratch<Purpose::runs_of_convolution, Taps<T>>(s.maps);
    for (std::size_t o = 0; o < s.maps; ++o) {
        taps[o] = {weights, offsets, 0};
        for (std::size_t c = 0; c < s.channels; ++c, w += s.taps()) {
            if (is_zero(w, s.taps()))
                continue;
            for (std::size_t u = 0; u < s.down.taps; ++u)
                for (std::size_t v = 0; v < s.across.taps; ++v) {
                    *weights++ = w[u * s.across.taps + v];
                    *offsets++ = static_cast<std::uint32_t>(
                        (c * pixels + u * s.down.dilation * s.across.source + v * s.across.dilation) * lanes<T>);
                }
            taps[o].count += s.taps();
        }
    }
    const Cut column_tiles(s.across.outputs, most_tap_vectors);
    const auto make_row = [&](std::size_t i, const T* in, T* to, std::size_t pitch) {
        const T* row = in + i * s.down.stride * s.across.source * lanes<T>;
        for (std::size_t o = 0; o < s.maps; ++o)
            for (std::size_t g = 0; g < column_tiles.count; ++g)
                tap_tiles<T>[column_tiles.length(g) - 1](taps[o], row + column_tiles.begin(g) * lanes<T>,
                                                         to + (o * pitch + column_tiles.begin(g)) * lanes<T>);
    };
    for (std::size_t n = 0; n < batch; n += lanes<T>)
        correlate_chunk(s, {1, pixels}, chunk_of<T>(s, n, batch, group), source + n * s.all_channels * pixels, make_row,
                        sums);
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
