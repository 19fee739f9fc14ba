#pragma once
// The declarations that the files of the pooling family share. Not for users.

#include <xgrad/kernels/attributes.hpp>
#include <xgrad/kernels/table.hpp>
#include <xgrad/ops/window.hpp>

#include <memory>

namespace xgrad::detail
{

/** Checks a shape. @throws ShapeError unless it is that of images (N, C, H, W), with a pixel or more; N may be 0 */
void require_images(const char* op, const Shape& shape);

/** The geometry of pooling over images. @throws ShapeError if the shape is another or the window does not fit */
kernels::Window pooling_window(const char* op, const Shape& images, const PoolingOptions& options);

/** Tells observers how the window slides. */
inline auto slides(const kernels::Window& window)
{
    return [&window] { return Attributes{.window = window}; };
}

/** The flat position of each output's element in the input plane, −1 for a window without one. The rules share it, as
 *  they only move elements. */
using Winners = std::shared_ptr<const Labels>;

/** The elements of x that win. Gradient: g at their places. */
template <class T>
Variable<T> take_winners(const kernels::Window& window, const Variable<T>& x, const Winners& winners);

/** The transpose of `take_winners`: g at the winners' places, zeros elsewhere. */
template <class T>
Variable<T> place_winners(const kernels::Window& window, const Variable<T>& g, const Winners& winners);

/** The sum of each window, divided by the divisor. Gradient: `spread`. */
template <class T>
Variable<T> pool(const kernels::Window& window, kernels::Divisor divisor, const Variable<T>& x);

/** The transpose of `pool`: each element of g, divided by the divisor, added to all elements of its window. */
template <class T>
Variable<T> spread(const kernels::Window& window, kernels::Divisor divisor, const Variable<T>& g);

} // namespace xgrad::detail
