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

template <class T>
LayerSummary summarize(std::string name, const BatchNorm<T>& layer, const Shape& output);

} // namespace xgrad
