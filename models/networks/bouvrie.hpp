#pragma once

#include <xgrad/models/layers/combination.hpp>
#include <xgrad/models/layers/layers.hpp>
#include <xgrad/models/training/pretraining.hpp>

#include <cstdint>
#include <variant>
#include <vector>

namespace xgrad
{

/** The options of Bouvrie's network. */
struct BouvrieOptions
{
    Activation activation = Activation::scaled_tanh;    ///< a sigmoid or scaled tanh (B3), in every layer but the last
    Activation output_activation = Activation::sigmoid; ///< the activation of the last layer
    std::size_t classes = 10;
    bool combination = false; ///< true if C3 learns which maps to combine (B14c); else every map reads all six
    Sparsity sparsity = Sparsity::none; ///< the penalty Ω on C3's combinations (B18)
    double sparsity_weight = 0.05;      ///< the factor λ of the penalty
};

/** The convolutional network of Bouvrie's notes (2006), 6c-2s-12c-2s and a full layer, for 28×28 digits.
 *
 *  C1 6 maps 5×5 · S2 2×2 · C3 12 maps 5×5 · S4 2×2 · F5. The convolutions are true ones, conv2d (B9). The subsampling
 *  layers have a coefficient β and a bias for each map (B14). Every layer is squashed, the last one too. The network
 *  learns by squared error (B2) with one-of-c targets (B1), plus an optional penalty on C3's combinations (B18). */
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

    /** The mean over the samples of ½‖t − y‖², plus Ω (B18). The targets are 1 and 0 for sigmoid outputs, 1 and −1 for
     *  others (B1). Ω does not depend on the samples, so the weighted mean of the losses of chunks is the loss of all.
     */
    Variable<T> loss(const Variable<T>& outputs, const Labels& labels) const;

    /** The parameters "c1.weight", "c1.bias", "s2.beta", … "f5.bias"; combinations have "c3.kernels", "c3.scores" and
     *  "c3.bias". */
    Parameters<T> parameters() const;
    std::vector<LayerSummary> summary() const;
    /** C1, and C3 unless it is a combination, for pretraining. */
    std::vector<ConvolutionStage<T>> stages() const;

  private:
    Variable<T> squash(Variable<T> u) const { return activate(options.activation, std::move(u)); }
    Bouvrie(Random random, const BouvrieOptions& options);
};

} // namespace xgrad
