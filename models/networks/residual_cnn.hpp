#pragma once

#include <xgrad/models/layers/normalization.hpp>
#include <xgrad/models/layers/sequence.hpp>

#include <cstdint>
#include <vector>

namespace xgrad
{

/** The options of the residual network for images. */
struct ResidualCNNOptions
{
    std::size_t maps = 32;  ///< the number of maps of the first stage; the second one has twice as many
    std::size_t blocks = 1; ///< the number of residual blocks of each stage
    double dropout = 0.1;   ///< the probability with which an element before the last layer is left out
    double smoothing = 0.1; ///< ε of the smoothed targets (Szegedy et al. 2016)
    std::size_t groups = 0; ///< the number of groups of maps that group normalization cuts; 0: batch normalization
    std::size_t classes = 10;
    std::size_t size = 28;    ///< the side of the images, a multiple of four
    std::size_t channels = 1; ///< the channels of the images
};

/** A small residual network with batch normalization (He et al. 2016; Ioffe and Szegedy 2015): images of
 *  28×28 pixels, or of another multiple of four, to logits.
 *
 *  stem M maps 3×3, max pooling 2×2 · B blocks x ← relu(x + f(x)) of M maps 14×14 · 2M maps 3×3, max pooling 2×2 · B
 *  blocks of 2M maps 7×7 · mean and maximum of each map · dropout · full layer
 *
 *  f is a 3×3 convolution, a rectifier and another 3×3 convolution. Each convolution is followed by batch or group
 *  normalization, and has no bias, which the normalization would cancel. */
template <class T>
struct ResidualCNN
{
    ResidualCNNOptions options;
    Sequence<T> layers;

    /** @throws ShapeError if there are no maps, the dropout is not from 0 to 1, the groups do not divide the maps, or
     * the size is no multiple of four */
    explicit ResidualCNN(std::uint64_t seed, const ResidualCNNOptions& options = {});

    /** @param images  (N, channels, size, size)   @return  logits (N, classes)   @throws ShapeError for other sizes */
    Variable<T> operator()(const Variable<T>& images, const Mode& mode = Mode::evaluation()) const;

    /** The softmax cross-entropy with smoothed targets. */
    Variable<T> loss(const Variable<T>& logits, const Labels& labels) const;

    /** The parameters "stem.weight", "stem.norm.gamma", … "full.bias". */
    Parameters<T> parameters() const { return layers.parameters(); }
    /** The running moments "stem.norm.running_mean", … */
    Parameters<T> state() const { return layers.state(); }
    std::vector<LayerSummary> summary() const { return layers.summary(); }
};

} // namespace xgrad
