#pragma once

#include <xgrad/models/layers/combination.hpp>
#include <xgrad/models/layers/layers.hpp>
#include <xgrad/ops/loss.hpp>

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace xgrad
{

/** The options of a CNN: what the four texts choose differently. */
struct CNNOptions
{
    enum class Pooling
    {
        max,
        mean,
        beta ///< a sum of each block with a coefficient β and a bias for each map, squashed (B14)
    };
    enum class Loss
    {
        softmax,      ///< softmax and cross-entropy (H-J)
        squared_error ///< B2, of outputs that are squashed unless the activation is relu
    };
    Product product = Product::convolution; ///< true convolution, or correlation
    Pooling pooling = Pooling::max;
    Activation activation = Activation::tanh;
    Loss loss = Loss::softmax;
    std::size_t maps = 6;     ///< the maps of C1; C3 has twice as many
    bool combination = false; ///< true if C3 learns which maps to combine (B14c)
    std::size_t classes = 10;
};

/** A network of two convolutions for 28×28 images, to see what each choice makes of the backward pass.
 *
 *  C1 maps 5×5 · S2 pooling 2×2 · C3 2·maps 5×5 · S4 pooling 2×2 · F5. */
template <class T>
struct CNN
{
    CNNOptions options;
    Convolution<T> c1;
    std::optional<Subsampling<T>> s2; ///< only with β
    std::variant<Convolution<T>, Combination<T>> c3;
    std::optional<Subsampling<T>> s4; ///< only with β
    Linear<T> f5;

    /** @throws ShapeError if there are no maps, or true convolutions are not what combinations are asked to be */
    explicit CNN(std::uint64_t seed, const CNNOptions& options = {});

    /** @param images  (N, 1, 28, 28)
     *  @return  (N, classes), logits or, for squared errors, outputs   @throws ShapeError for other sizes */
    Variable<T> operator()(const Variable<T>& images) const;

    /** The mean loss over the samples. The targets of squared errors are 1 and 0 for a
     *  sigmoid, else 1 and −1 (B1). */
    Variable<T> loss(const Variable<T>& outputs, const Labels& labels) const;

    /** The parameters "c1.weight", "c1.bias", … "f5.bias", with those of β and of combinations as Bouvrie's. */
    Parameters<T> parameters() const;
    std::vector<LayerSummary> summary() const;

    /** The activation of the outputs. */
    Activation output_activation() const;

  private:
    CNN(Random random, const CNNOptions& options);
    template <class Layer>
    Variable<T> pooled(const Layer& layer, const std::optional<Subsampling<T>>& beta, const Variable<T>& x) const;
};

} // namespace xgrad
