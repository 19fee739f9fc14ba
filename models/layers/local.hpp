#pragma once

#include <xgrad/models/layers/layers.hpp>
#include <xgrad/ops/patches.hpp>

namespace xgrad
{

/** A locally connected layer: y = locally_connected2d(x, W) + b, nothing shared (N8).
 *  x is (N, inputs, H, W), W (H', W', outputs, inputs, K_h, K_w), b (outputs, H', W'): a bias for each output unit. */
template <class T>
struct LocallyConnected
{
    Variable<T> weight, bias;
    PatchOptions options;

    /** @param image  height and width of the input  @throws ShapeError if the kernel does not fit */
    LocallyConnected(std::size_t inputs, std::size_t outputs, Size2d image, Size2d kernel, Random& random,
                     Initialization initialization = Initialization::lecun, const PatchOptions& options = {});
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const { return {{"weight", weight}, {"bias", bias}}; }
};

/** A tiled convolution layer: y = tiled2d(x, W) + b, weights and biases shared by every t-th position (N9).
 *  x is (N, inputs, H, W), W (t_h, t_w, outputs, inputs, K_h, K_w), b (outputs, t_h, t_w). */
template <class T>
struct Tiled
{
    Variable<T> weight, bias;
    PatchOptions options;

    /** @throws ShapeError unless there is 1 tile or more each way, or if the kernel is empty */
    Tiled(std::size_t inputs, std::size_t outputs, Size2d tiles, Size2d kernel, Random& random,
          Initialization initialization = Initialization::lecun, const PatchOptions& options = {});

    /** @throws ShapeError if there are more tiles than outputs along an axis, and as tiled2d does */
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const { return {{"weight", weight}, {"bias", bias}}; }
};

template <class T>
LayerSummary summarize(std::string name, const LocallyConnected<T>& layer);
template <class T>
LayerSummary summarize(std::string name, const Tiled<T>& layer, const Shape& output);

} // namespace xgrad
