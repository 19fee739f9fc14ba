// Convolution, its transpose and patches, in one, two and three dimensions.

#include "family.hpp"
#include <xgrad/ops/convolution.hpp>
#include <xgrad/ops/convolution_nd.hpp>
#include <xgrad/ops/linalg.hpp>
#include <xgrad/ops/patches.hpp>

namespace agree
{

namespace
{

/** A drawn convolution with n axes that the kernel slides along. */
struct Sliding
{
    std::size_t images, channels, maps; ///< channels and maps of each group
    std::int64_t groups;
    Shape image, kernel;
    Integers stride, dilation, before, after; ///< a number for each axis

    Shape x() const { return with({images, channels * static_cast<std::size_t>(groups)}, image); }
    Shape w() const { return with({maps * static_cast<std::size_t>(groups), channels}, kernel); }
    /** The number of places of the kernel along each axis. */
    Integers places() const
    {
        Integers result;
        for (std::size_t i = 0; i < image.size(); ++i)
            result.push_back(
                (size(image[i]) + before[i] + after[i] - dilation[i] * (size(kernel[i]) - 1) - 1) / stride[i] + 1);
        return result;
    }
    Shape y() const
    {
        Shape shape{images, maps * static_cast<std::size_t>(groups)};
        for (const std::int64_t extent : places())
            shape.push_back(static_cast<std::size_t>(extent));
        return shape;
    }
    /** The rows of the image that no place of the kernel reaches. */
    Integers output_padding() const
    {
        Integers result;
        const Integers n = places();
        for (std::size_t i = 0; i < image.size(); ++i)
            result.push_back(size(image[i]) + 2 * before[i] - dilation[i] * (size(kernel[i]) - 1) - 1 -
                             (n[i] - 1) * stride[i]);
        return result;
    }
    /** The borders in the order of libtorch, the last axis first. */
    Integers borders() const
    {
        Integers result;
        for (std::size_t i = image.size(); i-- > 0;) {
            result.push_back(before[i]);
            result.push_back(after[i]);
        }
        return result;
    }

  private:
    static Shape with(Shape first, const Shape& rest)
    {
        for (const std::size_t extent : rest)
            first.push_back(extent);
        return first;
    }
};

Sliding drawn_sliding(Draw& d, std::size_t axes, bool symmetric = false)
{
    Sliding s;
    s.images = 1 + d.below(d.one_in(8) ? 20 : 3);
    s.channels = 1 + d.below(3);
    s.maps = 1 + d.below(d.one_in(8) ? 20 : 3);
    s.groups = d.integer("groups", 1, 3);
    const std::size_t most = axes == 3 ? 5 : 10;
    for (std::size_t i = 0; i < axes; ++i) {
        s.stride.push_back(d.integer("stride", 1, 3));
        s.dilation.push_back(d.integer("dilation", 1, 2));
        s.kernel.push_back(1 + d.below(axes == 3 ? 3 : 5));
        const auto reach = s.dilation[i] * (size(s.kernel[i]) - 1) + 1;
        s.before.push_back(d.integer("before", 0, 3));
        s.after.push_back(symmetric ? s.before[i] : d.integer("after", 0, 3));
        const auto least = std::max<std::int64_t>(1, reach - s.before[i] - s.after[i]);
        s.image.push_back(static_cast<std::size_t>(least) + d.below(most));
    }
    return s;
}

xgrad::Size2d size2d(const Integers& n) { return {n[0], n[1]}; }
xgrad::Size3d size3d(const Integers& n) { return {n[0], n[1], n[2]}; }

xgrad::Convolution1dOptions options1d(const Sliding& s)
{
    return {.padding = {0, 0, s.before[0], s.after[0]},
            .stride = s.stride[0],
            .dilation = s.dilation[0],
            .groups = s.groups};
}

xgrad::ConvolutionOptions options2d(const Sliding& s, xgrad::Algorithm algorithm = xgrad::Algorithm::direct)
{
    return {.padding = {s.before[0], s.after[0], s.before[1], s.after[1]},
            .stride = size2d(s.stride),
            .dilation = size2d(s.dilation),
            .groups = s.groups,
            .algorithm = algorithm};
}

xgrad::Convolution3dOptions options3d(const Sliding& s)
{
    return {.padding = {s.before[0], s.after[0], s.before[1], s.after[1], s.before[2], s.after[2]},
            .stride = size3d(s.stride),
            .dilation = size3d(s.dilation),
            .groups = s.groups};
}

/** Cross-correlation by libtorch: the border is a padding of its own, so it may differ from side to side. */
Tensor correlated(const Tensor& x, const Tensor& w, const Sliding& s)
{
    const Integers none(s.image.size(), 0);
    return torch::convolution(torch::constant_pad_nd(x, s.borders()), w, {}, s.stride, none, s.dilation, false, none,
                              s.groups);
}

/** The transpose of it. The padding is the same on both sides. */
Tensor transposed(const Tensor& y, const Tensor& w, const Sliding& s)
{
    return torch::convolution(y, w, {}, s.stride, s.before, s.dilation, true, s.output_padding(), s.groups);
}

Tensor reversed(const Tensor& w)
{
    Integers axes;
    for (std::int64_t i = 2; i < w.dim(); ++i)
        axes.push_back(i);
    return w.flip(axes);
}

/** A convolution. @param f  (x, w, s) by xgrad @param g  the same by libtorch */
template <class F, class G>
Family convolution(std::string name, std::size_t axes, F f, G g)
{
    return {std::move(name), [=](Draw& d) {
                const Sliding s = drawn_sliding(d, axes);
                return Configuration(
                    {d.normal(s.x()), d.normal(s.w())}, [=](const Variables& xs) { return f(xs[0], xs[1], s); },
                    [=](const Tensors& ts) { return g(ts[0], ts[1], s); });
            }};
}

template <class F>
Family transposed_convolution(std::string name, std::size_t axes, F f)
{
    return {std::move(name), [=](Draw& d) {
                const Sliding s = drawn_sliding(d, axes, true);
                Configuration c(
                    {d.normal(s.y()), d.normal(s.w())}, [=](const Variables& xs) { return f(xs[0], xs[1], s); },
                    [=](const Tensors& ts) { return transposed(ts[0], ts[1], s); });
                const Integers rest = s.output_padding();
                bool allowed = true;
                for (std::size_t i = 0; i < rest.size(); ++i)
                    allowed = allowed && rest[i] < std::max(s.stride[i], s.dilation[i]);
                return std::move(c).except("libtorch takes no output padding of a stride or more", !allowed);
            }};
}

} // namespace

Families convolution_families()
{
    using xgrad::Algorithm;
    return {
        convolution(
            "correlate1d", 1,
            [](const Variable& x, const Variable& w, const Sliding& s) { return correlate1d(x, w, options1d(s)); },
            correlated),
        convolution(
            "correlate2d", 2,
            [](const Variable& x, const Variable& w, const Sliding& s) { return correlate2d(x, w, options2d(s)); },
            correlated),
        convolution(
            "correlate2d_by_fft", 2,
            [](const Variable& x, const Variable& w, const Sliding& s) {
                return correlate2d(x, w, options2d(s, Algorithm::fft));
            },
            correlated),
        convolution(
            "correlate3d", 3,
            [](const Variable& x, const Variable& w, const Sliding& s) { return correlate3d(x, w, options3d(s)); },
            correlated),
        convolution(
            "conv1d", 1,
            [](const Variable& x, const Variable& w, const Sliding& s) { return conv1d(x, w, options1d(s)); },
            [](const Tensor& x, const Tensor& w, const Sliding& s) { return correlated(x, reversed(w), s); }),
        convolution(
            "conv2d", 2,
            [](const Variable& x, const Variable& w, const Sliding& s) { return conv2d(x, w, options2d(s)); },
            [](const Tensor& x, const Tensor& w, const Sliding& s) { return correlated(x, reversed(w), s); }),
        convolution(
            "conv3d", 3,
            [](const Variable& x, const Variable& w, const Sliding& s) { return conv3d(x, w, options3d(s)); },
            [](const Tensor& x, const Tensor& w, const Sliding& s) { return correlated(x, reversed(w), s); }),
        transposed_convolution("correlate1d_input", 1,
                               [](const Variable& y, const Variable& w, const Sliding& s) {
                                   return correlate1d_input(y, w, size(s.image[0]), options1d(s));
                               }),
        transposed_convolution("correlate2d_input", 2,
                               [](const Variable& y, const Variable& w, const Sliding& s) {
                                   return correlate2d_input(y, w, {size(s.image[0]), size(s.image[1])}, options2d(s));
                               }),
        {"correlate_same",
         [](Draw& d) {
             const std::size_t channels = 1 + d.below(3);
             const auto dilation = d.integer("dilation", 1, 3);
             const Shape x{1 + d.below(3), channels, 3 + d.below(7), 3 + d.below(7)};
             return Configuration(
                 {d.normal(x), d.normal({1 + d.below(3), channels, 1 + d.below(4), 1 + d.below(4)})},
                 [=](const Variables& xs) {
                     return correlate2d(xs[0], xs[1], {.padding = xgrad::Padding::same, .dilation = dilation});
                 },
                 [=](const Tensors& ts) { return torch::conv2d(ts[0], ts[1], {}, 1, "same", dilation); });
         }},
        {"convolve",
         [](Draw& d) {
             const std::size_t n = 1 + d.below(8), m = 1 + d.below(8);
             return Configuration(
                 {d.normal({n}), d.normal({m})}, [](const Variables& xs) { return convolve(xs[0], xs[1]); },
                 [=](const Tensors& ts) {
                     return torch::conv1d(ts[0].view({1, 1, size(n)}), ts[1].view({1, 1, size(m)}).flip(2), {}, 1,
                                          size(m) - 1)
                         .flatten();
                 });
         }},
        {"patches",
         [](Draw& d) {
             const Sliding s = drawn_sliding(d, 2, true);
             const auto options = options2d(s);
             return Configuration(
                 {d.normal(s.x())},
                 [=](const Variables& xs) {
                     return patches(xs[0], {size(s.kernel[0]), size(s.kernel[1])},
                                    {options.padding, options.stride, options.dilation});
                 },
                 [=](const Tensors& ts) {
                     return torch::im2col(ts[0], sizes(s.kernel), s.dilation, s.before, s.stride).permute({2, 1, 0});
                 });
         }},
        {"patches_sum",
         [](Draw& d) {
             const Sliding s = drawn_sliding(d, 2, true);
             const auto options = options2d(s);
             const Integers places = s.places();
             const Shape p{static_cast<std::size_t>(places[0] * places[1]), s.x()[1] * s.kernel[0] * s.kernel[1],
                           s.images};
             return Configuration(
                 {d.normal(p)},
                 [=](const Variables& xs) {
                     return patches_sum(xs[0], {size(s.image[0]), size(s.image[1])},
                                        {size(s.kernel[0]), size(s.kernel[1])},
                                        {options.padding, options.stride, options.dilation});
                 },
                 [=](const Tensors& ts) {
                     return torch::col2im(ts[0].permute({2, 1, 0}).contiguous(), sizes(s.image), sizes(s.kernel),
                                          s.dilation, s.before, s.stride);
                 });
         }},
    };
}

} // namespace agree
