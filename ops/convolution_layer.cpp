#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/kernels/convolution/direct.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/convolution.hpp>
#include <xgrad/ops/convolution_layer.hpp>
#include <xgrad/ops/detail/convolution.hpp>
#include <xgrad/ops/detail/pooling.hpp>
#include <xgrad/ops/detail/values.hpp>
#include <xgrad/ops/pooling.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/core.h>

#include <array>
#include <optional>
#include <utility>

namespace xgrad
{

using detail::Wanted;
using detail::Winners;
using kernels::Rising;
using kernels::Unary;
using kernels::Window;

namespace
{

/** The activation, if it never falls and its rule can read the result. */
template <class T>
std::optional<Rising<T>> rising(Activation activation)
{
    switch (activation) {
    case Activation::sigmoid:
        return Rising<T>{Unary::sigmoid};
    case Activation::tanh:
        return Rising<T>{Unary::tanh};
    case Activation::scaled_tanh:
        return Rising<T>{Unary::scaled_tanh, T(1.7159), T(2. / 3)};
    case Activation::relu:
        return Rising<T>{Unary::relu};
    case Activation::leaky_relu:
        return Rising<T>{Unary::leaky_relu, T(0.01)};
    default:
        return {};
    }
}

Size2d plane(const Shape& shape)
{
    return {static_cast<std::ptrdiff_t>(shape[2]), static_cast<std::ptrdiff_t>(shape[3])};
}

template <class T>
Variable<T> by_ops(const Variable<T>& x, const Variable<T>& w, const Variable<T>& b, const LayerEnd& end,
                   const ConvolutionOptions& options)
{
    Variable<T> u = correlate2d(x, w, options);
    Variable<T> y = activate(end.activation, std::move(u) + reshape(b, {1, b.size(), 1, 1}));
    return end.halve ? max_pool2d(y) : y;
}

/** The layer as an op. @param blocks  the geometry of the blocks that are halved, if there are any */
template <class T>
Variable<T> in_one_pass(const Window& window, const std::optional<Rising<T>>& f, const std::optional<Window>& blocks,
                        const Variable<T>& x, const Variable<T>& w, const Variable<T>& b,
                        const ConvolutionOptions& options)
{
    const Window& result = blocks ? *blocks : window;
    Variable<T> y = uninitialized<T>({window.batch, window.maps, result.out_height, result.out_width});
    std::shared_ptr<Labels> winners;
    if (blocks)
        winners = std::allocate_shared<Labels>(PooledAllocator<Labels>(), empty_array<std::int32_t>(y.shape()));
    kernels::convolution_layer_direct<T>(window, {b.data(), f, y.mutable_data(), winners ? winners->data() : nullptr},
                                         x.data(), w.data());
    const auto tell = [&] {
        const double sums = static_cast<double>(window.batch * window.maps * window.out_height * window.out_width);
        return Attributes{.window = window,
                          .flop = sums * 2 * static_cast<double>(w.size() / std::max<std::size_t>(window.maps, 1))};
    };
    const auto of_sums = [x = x, w = w, blocks, winners = Winners(winners), options](Variable<T> g, Wanted wanted) {
        std::array<Variable<T>, 3> gradients;
        if (wanted[2])
            gradients[2] = sum(g, {0, 2, 3});
        if (!wanted[0] && !wanted[1])
            return gradients;
        const Variable<T> all = blocks ? detail::place_winners(*blocks, g, winners) : g;
        if (wanted[0])
            gradients[0] = correlate2d_input(all, w, plane(x.shape()), options);
        if (wanted[1])
            gradients[1] = correlate2d_kernel(x, all, plane(w.shape()), options);
        return gradients;
    };
    if (!f)
        return record("convolution_layer", tell, std::move(y), wrt_jointly(of_sums, x, w, b));
    const auto rule = [f = *f, of_sums](Variable<T> g, const Variable<T>& y, Wanted wanted) {
        return of_sums(detail::gradient_by_result(f, std::move(g), y), wanted);
    };
    return record("convolution_layer", tell, std::move(y), wrt_jointly(rule, x, w, b));
}

} // namespace

template <class T>
Variable<T> convolution_layer(const Variable<T>& x, const Variable<T>& w, const Variable<T>& b, const LayerEnd& end,
                              const ConvolutionOptions& options)
{
    if (x.dimension() != 4 || w.dimension() != 4)
        throw ShapeError(fmt::format("[convolution_layer] two arrays of rank 4, (N, C, H, W) and (O, C, K_h, K_w), are "
                                     "needed, the shapes are {} and {}",
                                     to_string(x.shape()), to_string(w.shape())));
    const Window window = detail::correlation_window("convolution_layer", x.shape(), w.shape(), options);
    if (b.shape() != Shape{window.maps})
        throw ShapeError(fmt::format("[convolution_layer] the biases have shape {}, the {} maps need ({})",
                                     to_string(b.shape()), window.maps, window.maps));
    if (detail::parts_are_wanted() || options.algorithm != Algorithm::direct)
        return by_ops(x, w, b, end, options);
    const std::optional<Rising<T>> f = rising<T>(end.activation);
    std::optional<Window> blocks;
    if (end.halve)
        blocks = detail::pooling_window("convolution_layer",
                                        {window.batch, window.maps, window.out_height, window.out_width}, {});
    const bool is_whole = f || end.activation == Activation::identity;
    if (is_whole && (!blocks || kernels::halves_in_one_pass(window)))
        return in_one_pass(window, f, blocks, x, w, b, options);
    Variable<T> y = in_one_pass<T>(window, f, {}, x, w, b, options);
    if (!is_whole)
        y = activate(end.activation, std::move(y));
    return end.halve ? max_pool2d(y) : y;
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> convolution_layer(const Variable<T>&, const Variable<T>&, const Variable<T>&,                 \
                                           const LayerEnd&, const ConvolutionOptions&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
