#pragma once
// The sizes of the networks and layers that xgrad and libtorch both run.

#include "measure.hpp"

#include <cstddef>
#include <vector>

namespace bench
{

/** The optimizer of a training step: Nesterov's momentum. */
constexpr float learning_rate = 0.01f, momentum = 0.9f;

constexpr std::size_t classes = 10;

/** The network for 3×32×32 images: 3×3 kernels to 32 maps, ReLU, max pooling, 3×3 to 64, ReLU, max pooling, fully
 *  connected. */
constexpr std::size_t maps_1 = 32, maps_2 = 64;

/** A kind of convolution, for two 3×3 layers with ReLU on images of 32 maps 32×32. */
struct ConvolutionKind
{
    const char* name;
    std::size_t stride, padding, dilation, groups;
};
constexpr std::size_t kind_maps = 32, kind_size = 32;
constexpr ConvolutionKind convolution_kinds[] = {
    {"plain", 1, 1, 1, 1},   {"strided", 2, 1, 1, 1},           {"dilated", 1, 2, 2, 1},
    {"grouped", 1, 1, 1, 4}, {"depthwise", 1, 1, 1, kind_maps},
};

/** Networks for sequences: a transformer's block with GELU and the normalization after each sum, and an LSTM. */
constexpr std::size_t block_steps = 16, block_width = 64, block_heads = 4, block_hidden = 256;
constexpr std::size_t lstm_steps = 20, lstm_width = 64;

/** The sizes for scaling: fully connected layers of one width, and two convolutions on images of some size. */
constexpr std::size_t depth_width = 64, depth_batch = 64;
constexpr std::size_t width_depth = 2, width_batch = 64;
constexpr std::size_t image_maps = 8, image_batch = 4;

/** Adds the training steps of perceptrons: 784-512-512-10, any depth, any width. */
inline void add_perceptrons(Works& works, double (*step)(std::size_t batch, const std::vector<std::size_t>& sizes))
{
    const auto of_width = [](std::size_t layers, std::size_t width) {
        std::vector<std::size_t> sizes(layers, width);
        sizes.push_back(classes);
        return sizes;
    };
    works["perceptron"] = [step](std::size_t batch) { return step(batch, {784, 512, 512, classes}); };
    works["depth"] = [=](std::size_t layers) { return step(depth_batch, of_width(layers, depth_width)); };
    works["width"] = [=](std::size_t width) { return step(width_batch, of_width(width_depth, width)); };
}

/** The length of the chain of ops in which one op is measured, and the number of floats in each. */
constexpr std::size_t chain_length = 1000, chain_size = 10;

} // namespace bench
