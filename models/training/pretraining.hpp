#pragma once

#include <xgrad/models/data/dataset.hpp>
#include <xgrad/models/layers/layers.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace xgrad
{

/** A convolution layer of a network, and what the network does before it. */
template <class T>
struct ConvolutionStage
{
    std::string name; ///< "c3"
    Convolution<T> layer;
    std::function<Variable<T>(const Variable<T>& images)> input; ///< the layer's
};

/** How kernels are learned without labels. */
struct PretrainingOptions
{
    std::size_t epochs = 1; ///< for each layer
    std::size_t batch = 64;
    double learning_rate = 0.003; ///< of Adam
    std::uint64_t seed = 1;
};

/** What came of a layer: the mean of ½‖x − x̂‖² over ½‖x − mean‖², in the first and in the last tenth of the batches. */
struct PretrainingReport
{
    std::string layer;
    double first = 0, last = 0;
};

/** Greedy layerwise unsupervised pretraining (N26): each layer in turn, those before it fixed, learns kernels k that
 *  rebuild its input from its own maps, x̂ = tanh(x ⋆ k + b) * k + c, by ½‖x − x̂‖²: an autoencoder with tied weights.
 *  Overwrites the layers' weights and biases; their result depends on the seed alone, not on the number of threads.
 *  @throws Error if there are no stages or an option makes no sense */
std::vector<PretrainingReport> pretrain(const std::vector<ConvolutionStage<float>>& stages, const Images& images,
                                        const Preparation& preparation, const PretrainingOptions& options = {});

} // namespace xgrad
