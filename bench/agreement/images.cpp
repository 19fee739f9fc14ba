// Pooling and resampling of images.

#include "family.hpp"
#include <xgrad/ops/pooling.hpp>
#include <xgrad/ops/resampling.hpp>

#include <cmath>

namespace agree
{

namespace
{

/** Images and a window that slides over them. */
struct Window
{
    Shape images;
    Integers size, stride, padding, dilation;

    xgrad::PoolingOptions options() const
    {
        return {.size = {size[0], size[1]},
                .stride = {stride[0], stride[1]},
                .padding = {padding[0], padding[0], padding[1], padding[1]},
                .dilation = {dilation[0], dilation[1]}};
    }
};

/** Returns whether each place of a window of `size` elements has one that is inside of the image. Of a window that lies
 * in the padding, libtorch writes the gradient to some place in memory. */
bool reaches_image(std::int64_t extent, std::int64_t size, std::int64_t stride, std::int64_t padding,
                   std::int64_t dilation)
{
    for (std::int64_t begin = -padding; begin + dilation * (size - 1) < extent + padding; begin += stride) {
        bool reaches = false;
        for (std::int64_t i = begin; i <= begin + dilation * (size - 1); i += dilation)
            reaches = reaches || (i >= 0 && i < extent);
        if (!reaches)
            return false;
    }
    return true;
}

/** @param pads, dilates  whether there is padding, and dilation; libtorch has padding up to half of the window */
Window drawn_window(Draw& d, bool pads, bool dilates)
{
    Window w{{1 + d.below(3), 1 + d.below(3)}, {}, {}, {}, {}};
    for (int i = 0; i < 2; ++i) {
        w.size.push_back(d.integer("size", 1, 4));
        w.stride.push_back(d.integer("stride", 1, 4));
        w.padding.push_back(pads ? d.integer("padding", 0, w.size.back() / 2) : 0);
        w.dilation.push_back(dilates ? d.integer("dilation", 1, 2) : 1);
        const auto reach = w.dilation.back() * (w.size.back() - 1) + 1;
        const auto extent = std::max<std::int64_t>(1, reach - 2 * w.padding.back()) + size(d.below(8));
        if (!reaches_image(extent, w.size.back(), w.stride.back(), w.padding.back(), w.dilation.back())) {
            w.padding.back() = 0;
            w.dilation.back() = 1;
        }
        w.images.push_back(static_cast<std::size_t>(std::max(extent, w.size.back())));
    }
    return w;
}

template <class F, class G>
Family pooling(std::string name, bool pads, bool dilates, F f, G g)
{
    return {std::move(name), [=](Draw& d) {
                const Window w = drawn_window(d, pads, dilates);
                return Configuration(
                    {d.normal(w.images)}, [=](const Variables& xs) { return f(xs[0], w); },
                    [=](const Tensors& ts) { return g(ts[0], w); });
            }};
}

/** Images, and a size that they are brought to. */
template <class F, class G>
Family sized(std::string name, bool may_grow, F f, G g)
{
    return {std::move(name), [=](Draw& d) {
                const Shape images{1 + d.below(3), 1 + d.below(3), 1 + d.below(9), 1 + d.below(9)};
                const auto height = d.integer("height", 1, may_grow ? 12 : size(images[2])),
                           width = d.integer("width", 1, may_grow ? 12 : size(images[3]));
                return Configuration(
                    {d.normal(images)}, [=](const Variables& xs) { return f(xs[0], xgrad::Size2d(height, width)); },
                    [=](const Tensors& ts) {
                        return g(ts[0], Integers{height, width});
                    });
            }};
}

} // namespace

Families image_families()
{
    using xgrad::Interpolation;
    using xgrad::Size2d;
    return {
        {"max_pool2d",
         [](Draw& d) {
             const Window w = drawn_window(d, true, true);
             return Configuration(
                 {d.flag("ties") ? d.small_integers(w.images) : d.normal(w.images)},
                 [=](const Variables& xs) { return max_pool2d(xs[0], w.options()); },
                 [=](const Tensors& ts) { return torch::max_pool2d(ts[0], w.size, w.stride, w.padding, w.dilation); });
         }},
        {"mean_pool2d",
         [](Draw& d) {
             const bool count_padding = d.flag("count padding");
             return pooling(
                        "", true, false,
                        [=](const Variable& x, const Window& w) { return mean_pool2d(x, w.options(), count_padding); },
                        [=](const Tensor& x, const Window& w) {
                            return torch::avg_pool2d(x, w.size, w.stride, w.padding, false, count_padding);
                        })
                 .draw(d);
         }},
        pooling(
            "l2_pool2d", false, false, [](const Variable& x, const Window& w) { return l2_pool2d(x, w.options()); },
            [](const Tensor& x, const Window& w) {
                return sqrt(torch::avg_pool2d(x * x, w.size, w.stride) * (w.size[0] * w.size[1]));
            }),
        pooling(
            "square_pool2d", true, false,
            [](const Variable& x, const Window& w) { return square_pool2d(x, w.options()); },
            [](const Tensor& x, const Window& w) {
                return torch::avg_pool2d(x * x, w.size, w.stride, w.padding, false, true, 1);
            }),
        sized(
            "adaptive_mean_pool2d", false, [](const Variable& x, Size2d size) { return adaptive_mean_pool2d(x, size); },
            [](const Tensor& x, const Integers& size) { return torch::adaptive_avg_pool2d(x, size); }),
        sized(
            "adaptive_max_pool2d", false, [](const Variable& x, Size2d size) { return adaptive_max_pool2d(x, size); },
            [](const Tensor& x, const Integers& size) { return std::get<0>(torch::adaptive_max_pool2d(x, size)); }),
        sized(
            "global_mean_pool2d", false, [](const Variable& x, Size2d) { return global_mean_pool2d(x); },
            [](const Tensor& x, const Integers&) {
                return x.mean({2, 3});
            }),
        sized(
            "global_max_pool2d", false, [](const Variable& x, Size2d) { return global_max_pool2d(x); },
            [](const Tensor& x, const Integers&) {
                return torch::amax(x, {2, 3});
            }),
        {"maxout",
         [](Draw& d) {
             const std::size_t pieces = 1 + d.below(4), channels = 1 + d.below(4);
             Shape shape{1 + d.below(3), channels * pieces};
             Integers cut{size(shape[0]), size(channels), size(pieces)};
             for (const std::size_t extent : d.shape(0, 3)) {
                 shape.push_back(extent);
                 cut.push_back(size(extent));
             }
             return Configuration(
                 {d.normal(shape)}, [=](const Variables& xs) { return maxout(xs[0], pieces); },
                 [=](const Tensors& ts) { return torch::amax(ts[0].reshape(cut), 2); });
         }},
        sized(
            "resize_nearest", true, [](const Variable& x, Size2d size) { return resize(x, size); },
            [](const Tensor& x, const Integers& size) { return torch::upsample_nearest2d(x, size); }),
        sized(
            "resize_bilinear", true,
            [](const Variable& x, Size2d size) { return resize(x, size, Interpolation::bilinear); },
            [](const Tensor& x, const Integers& size) { return torch::upsample_bilinear2d(x, size, false); }),
        sized(
            "resize_corners", true,
            [](const Variable& x, Size2d size) { return resize(x, size, Interpolation::bilinear_corners); },
            [](const Tensor& x, const Integers& size) { return torch::upsample_bilinear2d(x, size, true); }),
        {"upsample",
         [](Draw& d) {
             const Shape images{1 + d.below(3), 1 + d.below(3), 1 + d.below(5), 1 + d.below(5)};
             const auto height = d.integer("height", 1, 3), width = d.integer("width", 1, 3);
             return Configuration(
                 {d.normal(images)},
                 [=](const Variables& xs) {
                     return upsample(xs[0], {height, width});
                 },
                 [=](const Tensors& ts) { return ts[0].repeat_interleave(height, 2).repeat_interleave(width, 3); });
         }},
        {"block_sum",
         [](Draw& d) {
             const auto height = d.integer("height", 1, 3), width = d.integer("width", 1, 3);
             const Shape images{1 + d.below(3), 1 + d.below(3), (1 + d.below(4)) * static_cast<std::size_t>(height),
                                (1 + d.below(4)) * static_cast<std::size_t>(width)};
             return Configuration(
                 {d.normal(images)},
                 [=](const Variables& xs) {
                     return block_sum(xs[0], {height, width});
                 },
                 [=](const Tensors& ts) {
                     return torch::avg_pool2d(ts[0], {height, width}, {}, 0, false, true, 1);
                 });
         }},
    };
}

} // namespace agree
