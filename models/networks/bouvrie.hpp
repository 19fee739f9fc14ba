#pragma once

#include <xgrad/models/layers/combination.hpp>
#include <xgrad/models/layers/layers.hpp>
#include <xgrad/models/training/pretraining.hpp>

#include <cstdint>
#include <variant>
#include <vector>

namespace xgrad
{

/** What Bouvrie's network leaves open. */
struct BouvrieOptions
{
    Activation activation = Activation::scaled_tanh;    ///< of every layer but the last: sigmoid or scaled tanh (B3)
    Activation output_activation = Activation::sigmoid; ///< of the last one
    std::size_t classes = 10;
    bool combination = false;           ///< C3 learns which maps to combine (B14c); else every map reads all six
    Sparsity sparsity = Sparsity::none; ///< the penalty Ω on C3's combinations (B18)
    double sparsity_weight = 0.05;      ///< its factor λ
};

/** The convolutional network of Bouvrie's notes (2006), 6c-2s-12c-2s and a full layer, for 28×28 digits.
 *
 *  C1 6 maps 5×5 · S2 2×2 · C3 12 maps 5×5 · S4 2×2 · F5. The convolutions are true ones, conv2d (B9); the subsampling
 *  layers have a coefficient β and a bias for each map (B14); every layer is squashed, the last one too. It learns by
 *  squared error (B2) against targets of one-of-c (B1), to which a penalty on C3's combinations may be added (B18). */
template <class T>
struct Bouvrie
{
    BouvrieOptions options;
    Convolution<T> c1;
    Subsampling<T> s2;
    std::variant<Convolution<T>, Combination<T>> c3;
    Subsampling<T> s4;
    Linear<T> f5;

    /** @throws ShapeError for a penalty without combinations, or a λ that is negative or not finite */
    explicit Bouvrie(std::uint64_t seed, const BouvrieOptions& options = {});

    /** @param images  (N, 1, 28, 28)   @return  (N, classes), the squashed outputs   @throws ShapeError for other sizes
     */
    Variable<T> operator()(const Variable<T>& images) const;

    /** ½‖t − y‖², the mean over the samples, and λΩ (B18). The targets are 1 and 0 for sigmoid outputs, 1 and −1 for
     *  others (B1). As Ω does not depend on the samples, the weighted mean of the losses of parts is the loss of all.
     */
    Variable<T> loss(const Variable<T>& outputs, const Labels& labels) const;

    /** Named "c1.weight", "c1.bias", "s2.beta", … "f5.bias"; of combinations "c3.kernels", "c3.scores", "c3.bias". */
    Parameters<T> parameters() const;
    std::vector<LayerSummary> summary() const;
    /** C1, and C3 unless it is a combination, for pretraining. */
    std::vector<ConvolutionStage<T>> stages() const;

  private:
    Variable<T> squash(Variable<T> u) const { return activate(options.activation, std::move(u)); }
    Bouvrie(Random random, const BouvrieOptions& options);
};

} // namespace xgrad
