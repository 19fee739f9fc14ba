#pragma once
// Checks of the three faces of a convolution window against plain loops in double.

#include "kernels/kernels.hpp"
#include "ops.hpp"
#include "threads.hpp"
#include <xgrad/kernels/convolution/direct.hpp>
#include <xgrad/kernels/table.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace xgrad::test
{

using namespace kernels;

inline std::size_t images_size(const Window& w) { return w.batch * w.channels * w.height * w.width; }
inline std::size_t outputs_size(const Window& w) { return w.batch * w.maps * w.out_height * w.out_width; }
inline std::size_t kernels_size(const Window& w)
{
    return w.maps * (w.channels / w.groups) * w.kernel_height * w.kernel_width;
}

/** Calls f(x, w, y), the flat positions of the three factors, for every term of the trilinear form. */
template <class F>
void for_every_term(const Window& w, F f)
{
    const std::size_t channels = w.channels / w.groups, maps = w.maps / w.groups;
    for (std::size_t n = 0; n < w.batch; ++n)
        for (std::size_t o = 0; o < w.maps; ++o)
            for (std::size_t i = 0; i < w.out_height; ++i)
                for (std::size_t j = 0; j < w.out_width; ++j)
                    for (std::size_t c = 0; c < channels; ++c)
                        for (std::size_t u = 0; u < w.kernel_height; ++u)
                            for (std::size_t v = 0; v < w.kernel_width; ++v) {
                                const std::size_t h = i * w.stride_height + u * w.dilation_height;
                                const std::size_t k = j * w.stride_width + v * w.dilation_width;
                                if (h < w.pad_top || k < w.pad_left || h - w.pad_top >= w.height ||
                                    k - w.pad_left >= w.width)
                                    continue;
                                const std::size_t channel = n * w.channels + o / maps * channels + c;
                                f((channel * w.height + h - w.pad_top) * w.width + k - w.pad_left,
                                  ((o * channels + c) * w.kernel_height + u) * w.kernel_width + v,
                                  ((n * w.maps + o) * w.out_height + i) * w.out_width + j);
                            }
}

/** A sum in double and the sum of its terms' sizes, by which its rounding error is judged. */
struct Exact
{
    explicit Exact(std::size_t n) : sum(n, 0.0), size(n, 1.0) {}
    void add(std::size_t at, double term)
    {
        sum[at] += term;
        size[at] += std::abs(term);
    }
    /** The largest error of `values`, which has `guard` elements more that must not have been touched. */
    template <class T>
    double error(const std::vector<T>& values, T guard) const
    {
        double largest = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const double value = static_cast<double>(values[i]);
            if (i >= sum.size() ? values[i] != guard : !(std::abs(value) < infinity))
                return infinity;
            if (i < sum.size())
                largest = std::max(largest, std::abs(value - sum[i]) /
                                                (size[i] * static_cast<double>(std::numeric_limits<T>::epsilon())));
        }
        return largest;
    }
    std::vector<double> sum, size;
};

/** The three faces of one window, each followed by elements that must stay as they are. */
template <class T>
struct Faces
{
    std::vector<T> y, x, k;
    bool operator==(const Faces& other) const { return y == other.y && x == other.x && k == other.k; }
};

template <class T>
constexpr T guard = 77;

template <class T>
Faces<T> untouched_faces(const Window& w)
{
    const auto guarded = [](std::size_t n) { return std::vector<T>(n + 32, guard<T>); };
    return {guarded(outputs_size(w)), guarded(images_size(w)), guarded(kernels_size(w))};
}

template <class T>
Faces<T> by_table(const Window& w, const T* x, const T* k, const T* g, Faces<T> to)
{
    table<T>().correlate2d(w, x, k, to.y.data());
    table<T>().correlate2d_input(w, g, k, to.x.data());
    table<T>().correlate2d_kernel(w, x, g, to.k.data());
    return to;
}

/** The three faces computed in pieces, which are the same for any number of threads. */
template <class T>
void check_pieces(const Window& w)
{
    const auto x = uniform<T>(images_size(w), 1), k = uniform<T>(kernels_size(w), 2),
               g = uniform<T>(outputs_size(w), 3);
    const Faces<T> untouched = untouched_faces<T>(w);
    const auto on_threads = [&](std::size_t threads, Faces<T> result) {
        const xgrad::test::Threads set(threads);
        correlate2d_direct(w, x.data(), k.data(), result.y.data());
        correlate2d_input_direct(w, g.data(), k.data(), result.x.data());
        correlate2d_kernel_direct(w, x.data(), g.data(), result.k.data());
        return result;
    };
    const Faces<T> one = on_threads(1, untouched), whole = by_table(w, x.data(), k.data(), g.data(), untouched);
    CHECK(one == on_threads(3, untouched));
    const auto difference = [](const std::vector<T>& a, const std::vector<T>& b) {
        double largest = 0, size = 0;
        for (std::size_t i = 0; i < a.size(); ++i) {
            largest = std::max(largest, static_cast<double>(std::abs(a[i] - b[i])));
            size = std::max(size, static_cast<double>(std::abs(b[i])));
        }
        return largest / size / static_cast<double>(std::numeric_limits<T>::epsilon());
    };
    CAPTURE(w.height);
    CHECK(difference(one.y, whole.y) < 64);
    CHECK(difference(one.x, whole.x) < 64);
    CHECK(difference(one.k, whole.k) < 64);
}

/** A function that returns whether map o reads channel c of its group. */
using Connected = bool (*)(std::size_t o, std::size_t c);

inline bool is_connected(std::size_t, std::size_t) { return true; }

template <class T>
std::vector<T> connected_kernels(const Window& w, Connected connected)
{
    auto k = uniform<T>(kernels_size(w), 2);
    const std::size_t channels = w.channels / w.groups, taps = w.kernel_height * w.kernel_width;
    for (std::size_t i = 0; i < k.size(); ++i)
        if (!connected(i / taps / channels, i / taps % channels) || (connected != is_connected && i % taps == 0))
            k[i] = 0; // the first tap of the others, too: one zero is not a kernel of zeros
    return k;
}

template <class T>
void check_faces(const Window& w, Connected connected = is_connected)
{
    const auto x = uniform<T>(images_size(w), 1), k = connected_kernels<T>(w, connected),
               g = uniform<T>(outputs_size(w), 3);
    Exact images(x.size()), kernels(k.size()), outputs(g.size());
    for_every_term(w, [&](std::size_t xi, std::size_t ki, std::size_t gi) {
        const auto xv = static_cast<double>(x[xi]), kv = static_cast<double>(k[ki]), gv = static_cast<double>(g[gi]);
        images.add(xi, kv * gv);
        kernels.add(ki, xv * gv);
        outputs.add(gi, xv * kv);
    });
    const Faces<T> faces = by_table(w, x.data(), k.data(), g.data(), untouched_faces<T>(w));
    const double forward = outputs.error(faces.y, guard<T>), input = images.error(faces.x, guard<T>),
                 kernel = kernels.error(faces.k, guard<T>);
    if (!(forward < 4 && input < 4 && kernel < 4))
        FAIL_CHECK("batch " << w.batch << " channels " << w.channels << " maps " << w.maps << " groups " << w.groups
                            << " image " << w.height << "x" << w.width << " kernel " << w.kernel_height << "x"
                            << w.kernel_width << " stride " << w.stride_height << "," << w.stride_width << " dilation "
                            << w.dilation_height << "," << w.dilation_width << " pad " << w.pad_top << "," << w.pad_left
                            << " output " << w.out_height << "x" << w.out_width << ": errors " << forward << ", "
                            << input << ", " << kernel);
}

inline void check_both(const Window& w, Connected connected = is_connected)
{
    check_faces<float>(w, connected);
    check_faces<double>(w, connected);
}

/** A window with the outputs that fit; `bottom` and `right` are the padding on the far sides. */
inline Window fitted(Window w, std::size_t bottom, std::size_t right)
{
    w.out_height =
        (w.height + w.pad_top + bottom - (w.kernel_height - 1) * w.dilation_height - 1) / w.stride_height + 1;
    w.out_width = (w.width + w.pad_left + right - (w.kernel_width - 1) * w.dilation_width - 1) / w.stride_width + 1;
    return w;
}

inline Window square(std::size_t batch, std::size_t channels, std::size_t maps, std::size_t image, std::size_t kernel,
                     std::size_t pad = 0, std::size_t stride = 1)
{
    Window w;
    w.batch = batch;
    w.channels = channels;
    w.maps = maps;
    w.height = w.width = image;
    w.kernel_height = w.kernel_width = kernel;
    w.pad_top = w.pad_left = pad;
    w.stride_height = w.stride_width = stride;
    return fitted(w, pad, pad);
}

} // namespace xgrad::test
