#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/record.hpp>
#include <xgrad/kernels/convolution/direct.hpp>
#include <xgrad/kernels/convolution/fft.hpp>
#include <xgrad/kernels/convolution/separable.hpp>
#include <xgrad/ops/convolution.hpp>
#include <xgrad/ops/detail/convolution.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/core.h>

namespace xgrad
{

namespace
{

using kernels::Window;

Shape image_shape(const Window& w) { return {w.batch, w.channels, w.height, w.width}; }
Shape kernel_shape(const Window& w) { return {w.maps, w.channels / w.groups, w.kernel_height, w.kernel_width}; }
Shape result_shape(const Window& w) { return {w.batch, w.maps, w.out_height, w.out_width}; }

/** A window, and the algorithm that computes its sums. */
struct Plan
{
    Window window;
    Algorithm algorithm = Algorithm::direct;
};

/** The functions that compute the three faces. */
template <class T>
struct Faces
{
    void (*result)(const Window&, const T* x, const T* w, T* y);
    void (*input)(const Window&, const T* g, const T* w, T* x);
    void (*kernel)(const Window&, const T* x, const T* g, T* w);
};

template <class T>
Faces<T> faces_by(Algorithm algorithm)
{
    switch (algorithm) {
    case Algorithm::fft:
        return {kernels::correlate2d_fft<T>, kernels::correlate2d_input_fft<T>, kernels::correlate2d_kernel_fft<T>};
    case Algorithm::separable:
        return {kernels::correlate2d_separable<T>, kernels::correlate2d_input_separable<T>,
                kernels::correlate2d_kernel_direct<T>};
    default:
        return {kernels::correlate2d_direct<T>, kernels::correlate2d_input_direct<T>,
                kernels::correlate2d_kernel_direct<T>};
    }
}

/** Tells observers how the kernel slides, and what all three faces cost. */
auto told(const Plan& plan)
{
    return [&w = plan.window] {
        const Shape kernels = kernel_shape(w);
        const std::size_t sums =
            element_count(result_shape(w)) * element_count(kernels) / std::max<std::size_t>(w.maps, 1);
        return Attributes{.window = w, .flop = 2 * static_cast<double>(sums)};
    };
}

/** The plan for kernels of any rank, as the gradient of a kernel of rank 1 may have a higher one. */
Plan any_rank(Plan plan)
{
    if (plan.algorithm == Algorithm::separable)
        plan.algorithm = Algorithm::direct;
    return plan;
}

// The three faces with their geometry settled. Each one's rules are the other two.

template <class T>
Variable<T> input_face(const Plan& plan, const Variable<T>& g, const Variable<T>& w);
template <class T>
Variable<T> kernel_face(const Plan& plan, const Variable<T>& x, const Variable<T>& g);

template <class T>
Variable<T> result_face(const Plan& plan, const Variable<T>& x, const Variable<T>& w)
{
    Variable<T> y = uninitialized<T>(result_shape(plan.window));
    faces_by<T>(plan.algorithm).result(plan.window, x.data(), w.data(), y.mutable_data());
    return record("correlate2d", told(plan), std::move(y), //
                  wrt(x, [plan, w = w](const auto& g) { return input_face(plan, g, w); }),
                  wrt(w, [plan, x = x](const auto& g) { return kernel_face(plan, x, g); }));
}

template <class T>
Variable<T> input_face(const Plan& plan, const Variable<T>& g, const Variable<T>& w)
{
    Variable<T> x = uninitialized<T>(image_shape(plan.window));
    faces_by<T>(plan.algorithm).input(plan.window, g.data(), w.data(), x.mutable_data());
    return record("correlate2d_input", told(plan), std::move(x), //
                  wrt(g, [plan, w = w](const auto& h) { return result_face(plan, h, w); }),
                  wrt(w, [plan, g = g](const auto& h) { return kernel_face(plan, h, g); }));
}

template <class T>
Variable<T> kernel_face(const Plan& plan, const Variable<T>& x, const Variable<T>& g)
{
    Variable<T> w = uninitialized<T>(kernel_shape(plan.window));
    faces_by<T>(plan.algorithm).kernel(plan.window, x.data(), g.data(), w.mutable_data());
    return record("correlate2d_kernel", told(plan), std::move(w), //
                  wrt(x, [plan, g = g](const auto& h) { return input_face(any_rank(plan), g, h); }),
                  wrt(g, [plan, x = x](const auto& h) { return result_face(any_rank(plan), x, h); }));
}

Size2d plane(const Shape& shape)
{
    return {static_cast<std::ptrdiff_t>(shape[shape.size() - 2]), static_cast<std::ptrdiff_t>(shape[shape.size() - 1])};
}

/** A plain matrix as a batch of shape (1, 1, H, W). */
template <class T>
Variable<T> as_batch(const Variable<T>& matrix)
{
    return reshape(matrix, {1, 1, matrix.shape()[0], matrix.shape()[1]});
}

template <class T>
Variable<T> as_matrix(const Variable<T>& batch)
{
    return reshape(batch, {batch.shape()[2], batch.shape()[3]});
}

/** The window with its channels, checked.
 *  @param channels  of the images   @param maps  of the result   @param depth  second extent of the kernels */
Window with_channels(const char* op, Window window, const ConvolutionOptions& options, std::size_t batch,
                     std::size_t channels, std::size_t maps, std::size_t depth)
{
    if (options.groups < 1)
        throw ShapeError(fmt::format("[{}] the number of groups must be 1 or more, not {}", op, options.groups));
    const auto groups = static_cast<std::size_t>(options.groups);
    if (channels % groups != 0 || maps % groups != 0)
        throw ShapeError(fmt::format("[{}] {} groups of {} channels and {} maps: the groups must divide both", op,
                                     groups, channels, maps));
    if (channels / groups != depth)
        throw ShapeError(fmt::format("[{}] the kernels have {} channels, the "
                                     "images {} in {} group(s): {} are needed",
                                     op, depth, channels, groups, channels / groups));
    window.batch = batch;
    window.channels = channels;
    window.maps = maps;
    window.groups = groups;
    return window;
}

void require_result(const char* op, const Window& window, const Shape& g)
{
    if (g != result_shape(window))
        throw ShapeError(fmt::format("[{}] g has shape {}, the result of these sizes has {}", op, to_string(g),
                                     to_string(result_shape(window))));
}

/** The shape of a batch, or of a matrix as a batch of one.
 *  @throws ShapeError unless this and the other operand are both matrices or both of rank 4 */
Shape batch_shape(const char* op, const Shape& shape, const Shape& a, const Shape& b)
{
    if (a.size() != b.size() || (a.size() != 2 && a.size() != 4))
        throw ShapeError(fmt::format("[{}] two arrays of rank 4, (N, C, H, W) and (O, C, K_h, "
                                     "K_w), or two matrices are needed, "
                                     "the shapes are {} and {}",
                                     op, to_string(a), to_string(b)));
    return shape.size() == 4 ? shape : Shape{1, 1, shape[0], shape[1]};
}

// The geometry of each face, from the operands' shapes as they were given. All checks are here, before anything is
// recorded.

Window input_window(const char* op, const Shape& g, const Shape& w, Size2d size, const ConvolutionOptions& options)
{
    const Shape sg = batch_shape(op, g, g, w), sw = batch_shape(op, w, g, w);
    const std::size_t channels = sw[1] * static_cast<std::size_t>(std::max<std::ptrdiff_t>(options.groups, 1));
    const Window window =
        with_channels(op, Padding::window(op, options.padding, size, plane(sw), options.stride, options.dilation),
                      options, sg[0], channels, sw[0], sw[1]);
    require_result(op, window, sg);
    return window;
}

Window kernel_window(const char* op, const Shape& x, const Shape& g, Size2d size, const ConvolutionOptions& options)
{
    const Shape sx = batch_shape(op, x, x, g), sg = batch_shape(op, g, x, g);
    const std::size_t depth = sx[1] / static_cast<std::size_t>(std::max<std::ptrdiff_t>(options.groups, 1));
    const Window window =
        with_channels(op, Padding::window(op, options.padding, plane(sx), size, options.stride, options.dilation),
                      options, sx[0], sx[1], sg[1], depth);
    require_result(op, window, sg);
    return window;
}

/** Checks the rank of the kernels w. @throws ShapeError if the plan needs rank 1 and one has more */
template <class T>
void require_rank(const char* op, const Plan& plan, const Variable<T>& w)
{
    if (plan.algorithm != Algorithm::separable)
        return;
    const std::size_t depth = plan.window.channels / plan.window.groups;
    const std::size_t k = kernels::first_inseparable(plan.window, w.data());
    if (k < plan.window.maps * depth)
        throw ShapeError(fmt::format("[{}] kernel ({}, {}) is not of rank 1: the separable algorithm needs a column "
                                     "times a row",
                                     op, k / depth, k % depth));
}

/** Applies a face to batches, or to matrices as batches of one. */
template <class T>
Variable<T> apply(Variable<T> (*face)(const Plan&, const Variable<T>&, const Variable<T>&), const Plan& plan,
                  const Variable<T>& a, const Variable<T>& b)
{
    return a.dimension() == 2 ? as_matrix(face(plan, as_batch(a), as_batch(b))) : face(plan, a, b);
}

} // namespace

Window detail::correlation_window(const char* op, const Shape& x, const Shape& w, const ConvolutionOptions& options)
{
    const Shape sx = batch_shape(op, x, x, w), sw = batch_shape(op, w, x, w);
    return with_channels(op,
                         Padding::window(op, options.padding, plane(sx), plane(sw), options.stride, options.dilation),
                         options, sx[0], sx[1], sw[0], sw[1]);
}

template <class T>
Variable<T> correlate2d(const Variable<T>& x, const Variable<T>& w, const ConvolutionOptions& options)
{
    const Plan plan{detail::correlation_window("correlate2d", x.shape(), w.shape(), options), options.algorithm};
    require_rank("correlate2d", plan, w);
    return apply(result_face<T>, plan, x, w);
}

template <class T>
Variable<T> correlate2d_input(const Variable<T>& g, const Variable<T>& w, Size2d size,
                              const ConvolutionOptions& options)
{
    const Plan plan{input_window("correlate2d_input", g.shape(), w.shape(), size, options), options.algorithm};
    require_rank("correlate2d_input", plan, w);
    return apply(input_face<T>, plan, g, w);
}

template <class T>
Variable<T> correlate2d_kernel(const Variable<T>& x, const Variable<T>& g, Size2d size,
                               const ConvolutionOptions& options)
{
    const Plan plan{kernel_window("correlate2d_kernel", x.shape(), g.shape(), size, options), options.algorithm};
    return apply(kernel_face<T>, plan, x, g);
}

template <class T>
Variable<T> conv2d(const Variable<T>& x, const Variable<T>& w, const ConvolutionOptions& options)
{
    const Plan plan{detail::correlation_window("conv2d", x.shape(), w.shape(), options), options.algorithm};
    require_rank("conv2d", plan, w);
    return apply(result_face<T>, plan, x, rot180(w));
}

template <class T>
Variable<T> conv2d_input(const Variable<T>& g, const Variable<T>& w, Size2d size, const ConvolutionOptions& options)
{
    const Plan plan{input_window("conv2d_input", g.shape(), w.shape(), size, options), options.algorithm};
    require_rank("conv2d_input", plan, w);
    return apply(input_face<T>, plan, g, rot180(w));
}

template <class T>
Variable<T> conv2d_kernel(const Variable<T>& x, const Variable<T>& g, Size2d size, const ConvolutionOptions& options)
{
    const Plan plan{kernel_window("conv2d_kernel", x.shape(), g.shape(), size, options), options.algorithm};
    return rot180(apply(kernel_face<T>, plan, x, g));
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> correlate2d(const Variable<T>&, const Variable<T>&, const ConvolutionOptions&);               \
    template Variable<T> correlate2d_input(const Variable<T>&, const Variable<T>&, Size2d, const ConvolutionOptions&); \
    template Variable<T> correlate2d_kernel(const Variable<T>&, const Variable<T>&, Size2d,                            \
                                            const ConvolutionOptions&);                                                \
    template Variable<T> conv2d(const Variable<T>&, const Variable<T>&, const ConvolutionOptions&);                    \
    template Variable<T> conv2d_input(const Variable<T>&, const Variable<T>&, Size2d, const ConvolutionOptions&);      \
    template Variable<T> conv2d_kernel(const Variable<T>&, const Variable<T>&, Size2d, const ConvolutionOptions&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
