#pragma once
// What the files of the pooling family share. Not for users.

#include <xgrad/ops/window.hpp>

#include <memory>

namespace xgrad::detail
{

/** @throws ShapeError unless the shape is that of images (N, C, H, W) */
void require_images(const char* op, const Shape& shape);

/** The geometry of pooling over images. @throws ShapeError if they are none or the window does not fit */
kernels::Window pooling_window(const char* op, const Shape& images, const PoolingOptions& options);

/** For each output the flat position in the input plane of the element that it is, −1 for a window without one. Shared
 *  by the rules, which only move elements. */
using Winners = std::shared_ptr<const Labels>;

/** The winners out of x. Gradient: g to their places. */
template <class T>
Variable<T> take_winners(const kernels::Window& window, const Variable<T>& x, const Winners& winners);

} // namespace xgrad::detail
