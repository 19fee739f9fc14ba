#pragma once

#include <xgrad/models/layers/rbf.hpp>
#include <xgrad/models/training/pretraining.hpp>
#include <xgrad/ops/elementwise.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace xgrad
{

/** The options of the LeNet-5 of 1998. */
struct LeNet5Of1998Options
{
    enum class Outputs
    {
        rbf,    ///< the distances to ten fixed bitmaps
        softmax ///< a full layer F7 instead
    };
    Outputs outputs = Outputs::rbf;
    bool discriminative = true; ///< true if RBF outputs learn by the paper's equation 9; else by equation 8
    double j = 3;               ///< the squared distance of "rubbish" in equation 9; the paper gives no number
};

/** LeNet-5 as LeCun et al. published it in 1998 (table H), for 32×32 images.
 *
 *  C1 6 maps 5×5 · S2 subsampling 2×2 · C3 16 maps 5×5 with the connection table · S4 subsampling 2×2 · C5 120 maps 5×5
 *  · F6 84 · RBF 10. Everything up to F6 is squashed by the scaled tanh, the subsampling layers too. Weights start
 *  uniform in ±2.4/fan-in; a subsampling layer starts as the mean. */
template <class T>
struct LeNet5Of1998
{
    LeNet5Of1998Options options;
    Convolution<T> c1;
    Subsampling<T> s2;
    Convolution<T> c3;
    Subsampling<T> s4;
    Convolution<T> c5;
    Linear<T> f6;
    RadialBasis<T> rbf;
    std::optional<Linear<T>> f7; ///< the layer F7, only with softmax outputs

    explicit LeNet5Of1998(std::uint64_t seed, const LeNet5Of1998Options& options = {});

    /** @param images  (N, 1, 32, 32)
     *  @return  scores (N, 10), the negative distances or the logits; the largest one wins
     *  @throws ShapeError for other sizes */
    Variable<T> operator()(const Variable<T>& images) const;

    /** The scores of every 32×32 window of larger images, in steps of 4 (N19). Work shared by windows is done once.
     *  @param images  (N, 1, H, W), H and W 32, 36, 40, …   @return  (N, 10, (H − 32)/4 + 1, (W − 32)/4 + 1)
     *  @throws ShapeError for other sizes */
    Variable<T> slide(const Variable<T>& images) const;

    /** The mean loss over the samples: equation 9 or 8 for RBF outputs, by the options; cross-entropy for softmax. */
    Variable<T> loss(const Variable<T>& scores, const Labels& labels) const;

    /** The activations of F6, and the loss as a function of them. The curvature of the loss is taken here
     *  (optim/curvature.hpp), as the distances that follow are far from linear. */
    Variable<T> features(const Variable<T>& images) const;
    Variable<T> loss_of_features(const Variable<T>& features, const Labels& labels) const;

    /** The parameters "c1.weight", "c1.bias", "s2.beta", … "f6.bias"; softmax outputs add "f7.weight" and "f7.bias". */
    Parameters<T> parameters() const;
    std::vector<LayerSummary> summary() const;
    /** C1, C3 and C5, for pretraining. */
    std::vector<ConvolutionStage<T>> stages() const;

  private:
    LeNet5Of1998(Random random, const LeNet5Of1998Options& options);
    Variable<T> x2(const Variable<T>& images) const { return scaled_tanh(s2(c1(images, {Activation::scaled_tanh}))); }
    Variable<T> x4(const Variable<T>& images) const
    {
        return scaled_tanh(s4(c3(x2(images), {Activation::scaled_tanh})));
    }
    // These return a row for each window.
    Variable<T> features_of_windows(const Variable<T>& images) const;
    Variable<T> scores(const Variable<T>& features) const;
};

} // namespace xgrad
