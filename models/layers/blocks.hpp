#pragma once

#include <xgrad/models/layers/normalization.hpp>

#include <vector>

namespace xgrad
{

// Blocks of layers that take the place of one layer. Images are (N, C, H, W) and keep their height and width, as every
// kernel has `same` padding; only a stride makes them smaller. `activation` is between two convolutions; nothing
// follows the last one. The constructors throw ShapeError for impossible numbers. A block that gets other channels than
// its inputs throws what its first layer throws. The parameter counts are without the biases.

/** n small kernels in place of a big one; they see equally far if k − 1 = n·(k' − 1) (N11).
 *  Two 3×3 kernels for one 5×5 have 18/25 = 72 % of the weights, if no layer changes the number of maps. */
template <class T>
struct StackedSmall
{
    std::vector<Convolution<T>> layers;
    Activation activation = Activation::relu;

    /** @param kernel  k, the size of the kernel that is replaced   @param small  k', the size of those that replace it
     */
    StackedSmall(std::size_t inputs, std::size_t outputs, std::ptrdiff_t kernel, std::ptrdiff_t small, Random& random,
                 Initialization initialization = Initialization::he);
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const; ///< "layer1.weight", "layer1.bias", …
};

/** A 1×n convolution, then an n×1 one, in place of n×n: 2/n of the weights, if I = O (N12). Without an activation
 *  between them they are one convolution, whose kernels are sums of separable ones: Σ_m column_om ⊗ row_mi (N25). */
template <class T>
struct Asymmetric
{
    Convolution<T> row, column;
    Activation activation = Activation::identity;

    Asymmetric(std::size_t inputs, std::size_t outputs, std::ptrdiff_t n, Random& random,
               Initialization initialization = Initialization::he);
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const { return {{"row", row.parameters()}, {"column", column.parameters()}}; }
};

/** Kernels of several sizes side by side, their maps one after the other: (N, Σ outputs, H, W) (N13). */
template <class T>
struct ParallelBlock
{
    /** One path: the size and the number of its kernels. */
    struct Path
    {
        Size2d kernel;
        std::size_t outputs;
    };

    std::vector<Convolution<T>> paths;

    ParallelBlock(std::size_t inputs, const std::vector<Path>& paths, Random& random,
                  Initialization initialization = Initialization::he);
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const; ///< "path1.weight", "path1.bias", …
};

/** A 1×1 convolution to a few maps, k×k among those, 1×1 to the outputs: I·R + k²·R² + R·O weights in place of k²·I·O
 *  (N14). */
template <class T>
struct Bottleneck
{
    Convolution<T> reduce, middle, expand;
    Activation activation = Activation::relu;

    Bottleneck(std::size_t inputs, std::size_t reduced, std::size_t outputs, Size2d kernel, Random& random,
               Initialization initialization = Initialization::he);
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const
    {
        return {{"reduce", reduce.parameters()}, {"middle", middle.parameters()}, {"expand", expand.parameters()}};
    }
};

/** A kernel for each map, then 1×1 over the maps: h·w·I + I·O weights in place of h·w·I·O (N15). */
template <class T>
struct DepthwiseSeparable
{
    Convolution<T> depthwise, pointwise;
    Activation activation = Activation::relu;

    /** @param stride  the stride of the depthwise convolution */
    DepthwiseSeparable(std::size_t inputs, std::size_t outputs, Size2d kernel, Random& random,
                       Initialization initialization = Initialization::he, Size2d stride = 1);
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const
    {
        return {{"depthwise", depthwise.parameters()}, {"pointwise", pointwise.parameters()}};
    }
};

/** The same block with batch normalization after each of the two convolutions, before the activation. The biases of the
 *  convolutions, which the normalization would cancel, stay 0 and are not parameters. */
template <class T>
struct NormalizedSeparable
{
    DepthwiseSeparable<T> layer;
    BatchNorm<T> inner, outer;

    explicit NormalizedSeparable(DepthwiseSeparable<T> separable);
    Variable<T> operator()(const Variable<T>& x, Mode mode) const;
    Parameters<T> parameters() const
    {
        return {{"depthwise.weight", layer.depthwise.weight},
                {"inner", inner.parameters()},
                {"pointwise.weight", layer.pointwise.weight},
                {"outer", outer.parameters()}};
    }
    Parameters<T> state() const { return {{"inner", inner.state()}, {"outer", outer.state()}}; }
};

/** A grouped 1×1 convolution, a channel shuffle, a grouped k×k convolution: I·O/g + k²·O²/g weights. The shuffle lets
 *  every group of the second convolution read all groups of the first (N16). */
template <class T>
struct ShuffleUnit
{
    Convolution<T> pointwise, spatial;
    Activation activation = Activation::relu;

    /** @param groups  g, a divisor of inputs and outputs */
    ShuffleUnit(std::size_t inputs, std::size_t outputs, Size2d kernel, std::ptrdiff_t groups, Random& random,
                Initialization initialization = Initialization::he);
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const
    {
        return {{"pointwise", pointwise.parameters()}, {"spatial", spatial.parameters()}};
    }
};

/** Each map times a number between 0 and 1 that depends on the means of all maps (N17):
 *
 *  y = s ∘ x,  s = sigmoid(W₂·relu(W₁·m + b₁) + b₂),  m_c the mean of map c
 *
 *  2·C²/r weights, where W₁ reduces C maps to C/r. */
template <class T>
struct SqueezeExcitation
{
    Linear<T> reduce, expand;

    /** @param reduction  r; at least one unit has to remain */
    SqueezeExcitation(std::size_t channels, std::size_t reduction, Random& random,
                      Initialization initialization = Initialization::he);
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const { return {{"reduce", reduce.parameters()}, {"expand", expand.parameters()}}; }
};

/** k×k convolutions one after the other, whose taps are farther apart in each, such as 1, 2, 5. Along each axis they
 *  see 1 + (k − 1)·Σ d pixels. Rates with a common divisor would leave a grid of pixels unseen (N18). */
template <class T>
struct HybridDilation
{
    std::vector<Convolution<T>> layers;
    Activation activation = Activation::relu;

    /** @param dilations  the distance of the taps in each layer; 1 means no holes */
    HybridDilation(std::size_t inputs, std::size_t outputs, Size2d kernel, const std::vector<std::ptrdiff_t>& dilations,
                   Random& random, Initialization initialization = Initialization::he);
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const; ///< "layer1.weight", "layer1.bias", …
};

/** The largest of several linear functions: y_j = max_p (w_jp·x + b_jp), convex in x. It needs no other activation
 *  (G11). x is (N, inputs), y (N, outputs). */
template <class T>
struct Maxout
{
    Linear<T> linear; // its outputs are the pieces; those of one output are neighbours
    std::size_t pieces;

    Maxout(std::size_t inputs, std::size_t outputs, std::size_t pieces, Random& random,
           Initialization initialization = Initialization::lecun);
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const { return linear.parameters(); }
};

// A block's summary is the sum of its layers'. `output` is that of one image: (O, H, W).
// clang-format off
template <class T> LayerSummary summarize(std::string name, const StackedSmall<T>& block, const Shape& output);
template <class T> LayerSummary summarize(std::string name, const Asymmetric<T>& block, const Shape& output);
template <class T> LayerSummary summarize(std::string name, const ParallelBlock<T>& block, const Shape& output);
template <class T> LayerSummary summarize(std::string name, const Bottleneck<T>& block, const Shape& output);
template <class T> LayerSummary summarize(std::string name, const DepthwiseSeparable<T>& block, const Shape& output);
template <class T> LayerSummary summarize(std::string name, const NormalizedSeparable<T>& block, const Shape& output);
template <class T> LayerSummary summarize(std::string name, const ShuffleUnit<T>& block, const Shape& output);
template <class T> LayerSummary summarize(std::string name, const SqueezeExcitation<T>& block, const Shape& output);
template <class T> LayerSummary summarize(std::string name, const HybridDilation<T>& block, const Shape& output);
template <class T> LayerSummary summarize(std::string name, const Maxout<T>& block);
// clang-format on

} // namespace xgrad
