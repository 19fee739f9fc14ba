#pragma once

#include <xgrad/base/ranks.hpp>
#include <xgrad/models/data/dataset.hpp>
#include <xgrad/models/layers/layers.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace xgrad
{

/** A convolution layer of a network, and the part of the network before it. */
template <class T>
struct ConvolutionStage
{
    std::string name; ///< "c3"
    Convolution<T> layer;
    std::function<Variable<T>(const Variable<T>& images)> input; ///< the input of the layer
};

/** Options for learning kernels without labels. */
struct PretrainingOptions
{
    std::size_t epochs = 1; ///< the epochs for each layer
    std::size_t batch = 64;
    double learning_rate = 0.003; ///< the learning rate of Adam
    std::uint64_t seed = 1;
    Ranks* ranks = nullptr; ///< processes that share the batches
};

/** The outcome for a layer: the mean of ½‖x − x̂‖² over ½‖x − mean‖², in the first and in the last tenth of the
 *  batches. */
struct PretrainingReport
{
    std::string layer;
    double first = 0, last = 0;
};

/** Greedy layerwise unsupervised pretraining (N26). Each layer in turn, with those before it fixed, learns kernels k
 *  that rebuild its input from its own maps, x̂ = tanh(x ⋆ k + b) * k + c, by ½‖x − x̂‖²: an autoencoder with tied
 *  weights. This overwrites the layers' weights and biases, which depend on the seed but not on the number of threads.
 *  @throws Error if there are no stages or an option makes no sense */
std::vector<PretrainingReport> pretrain(const std::vector<ConvolutionStage<float>>& stages, const Images& images,
                                        const Preparation& preparation, const PretrainingOptions& options = {});

} // namespace xgrad
