#pragma once

#include <xgrad/models/layers/layers.hpp>
#include <xgrad/models/layers/mode.hpp>

namespace xgrad
{

/** Batch normalization (Ioffe and Szegedy 2015) of each channel of (N, C, H, W), or of (N, C).
 *
 *  y = γ·(x − μ)/√(σ² + ε) + β
 *
 *  In training, μ and σ² are the moments of the channel over the batch and the positions, and the gradient flows
 *  through them. Evaluation uses the running moments, which move towards those of each batch by `momentum`; their
 *  variance is the unbiased one.
 *
 *  A sample's result depends on the whole batch, and each training step writes the running moments. So such a network
 *  learns on one tape, not in chunks on several threads. */
template <class T>
struct BatchNorm
{
    Variable<T> gamma, beta;                    // (C), from 1 and 0
    Variable<T> running_mean, running_variance; // (C), from 0 and 1; not trainable, shared by copies of the layer
    T momentum = T(0.1), epsilon = T(1e-5);

    explicit BatchNorm(std::size_t channels);

    /** @throws ShapeError for other shapes or channels, and in training if a channel has only one value; Error in
     *  training if this is one of several chunks of a batch */
    Variable<T> operator()(const Variable<T>& x, Mode mode) const;
    Parameters<T> parameters() const { return {{"gamma", gamma}, {"beta", beta}}; }
    /** The arrays that a checkpoint has to keep besides the parameters. */
    Parameters<T> state() const { return {{"running_mean", running_mean}, {"running_variance", running_variance}}; }
};

// The next layers normalize each sample alone, so they do the same in training and in evaluation. Their parameters are
// weight and bias, from 1 and 0, as in PyTorch.

/** Layer normalization (Ba et al. 2016): y = w∘x̂ + b, with x̂ the `standardize`d x over its last axes, which have the
 *  shape of w and b. x is (…, shape). */
template <class T>
struct LayerNorm
{
    Variable<T> weight, bias;
    T epsilon = T(1e-5);

    /** @throws ShapeError if the shape has no elements */
    explicit LayerNorm(const Shape& shape);
    /** @throws ShapeError if x does not end in the shape */
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const { return {{"weight", weight}, {"bias", bias}}; }
};

/** Group normalization (Wu and He 2018): the channels of x (N, C, …) are cut into groups, and each group of a sample is
 *  `standardize`d over its channels and positions. Then y = w_c·x̂ + b_c. */
template <class T>
struct GroupNorm
{
    Variable<T> weight, bias; // (C)
    std::size_t groups;
    T epsilon = T(1e-5);

    /** @throws ShapeError if the groups do not divide the channels */
    GroupNorm(std::size_t groups, std::size_t channels);
    /** @throws ShapeError for other shapes or channels */
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const { return {{"weight", weight}, {"bias", bias}}; }
};

/** Instance normalization (Ulyanov et al. 2016): each map of x (N, C, …) is `standardize`d over its positions. */
template <class T>
struct InstanceNorm
{
    Variable<T> weight, bias; // (C); empty if the layer is not affine
    std::size_t channels;
    T epsilon = T(1e-5);

    /** @param affine  true for y = w_c·x̂ + b_c, false for y = x̂ */
    explicit InstanceNorm(std::size_t channels, bool affine = false);
    /** @throws ShapeError for other shapes or channels */
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const
    {
        return weight.has_value() ? Parameters<T>{{"weight", weight}, {"bias", bias}} : Parameters<T>();
    }
};

/** Normalization by the root mean square (Zhang and Sennrich 2019): y = w∘x/√(mean x² + ε) over the last axis, which
 * has the extent of w. */
template <class T>
struct RMSNorm
{
    Variable<T> weight;
    T epsilon = T(1e-6);

    explicit RMSNorm(std::size_t width);
    /** @throws ShapeError if the last axis of x has another extent */
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const { return {{"weight", weight}}; }
};

// `output` is that of one sample.
// clang-format off
template <class T> LayerSummary summarize(std::string name, const BatchNorm<T>& layer, const Shape& output);
template <class T> LayerSummary summarize(std::string name, const LayerNorm<T>& layer, const Shape& output);
template <class T> LayerSummary summarize(std::string name, const GroupNorm<T>& layer, const Shape& output);
template <class T> LayerSummary summarize(std::string name, const InstanceNorm<T>& layer, const Shape& output);
template <class T> LayerSummary summarize(std::string name, const RMSNorm<T>& layer, const Shape& output);
// clang-format on

} // namespace xgrad
