#pragma once

#include <xgrad/models/training/pretraining.hpp>

#include <cstdint>
#include <vector>

namespace xgrad
{

/** The options of the modern form of LeNet-5. */
struct LeNet5Options
{
    bool connection_table = false;            ///< true if C3 is as in the paper; else every map reads all six
    bool mean_pooling = false;                ///< true for mean instead of max pooling in S2 and S4
    Activation activation = Activation::relu; ///< the activation of C1, C3, C5 and F6
    std::size_t classes = 10;
};

/** LeNet-5 (LeCun et al. 1998) in its modern form: 32×32 images to ten logits, for softmax_cross_entropy.
 *
 *  C1 6 maps 5×5 · S2 pooling 2×2 · C3 16 maps 5×5 · S4 pooling 2×2 · C5 120 maps 5×5 · F6 84 · F7 10 (table H). */
template <class T>
struct LeNet5
{
    LeNet5Options options;
    Convolution<T> c1, c3, c5;
    Linear<T> f6, f7;

    explicit LeNet5(std::uint64_t seed, const LeNet5Options& options = {});

    /** @param images  (N, 1, 32, 32)   @return  logits (N, classes)   @throws ShapeError for other sizes */
    Variable<T> operator()(const Variable<T>& images) const;

    /** The logits of every 32×32 window of larger images, in steps of 4 (N19). Work shared by windows is done once.
     *  @param images  (N, 1, H, W), H and W 32, 36, 40, …
     *  @return  (N, classes, (H − 32)/4 + 1, (W − 32)/4 + 1)   @throws ShapeError for other sizes */
    Variable<T> slide(const Variable<T>& images) const;

    /** The parameters "c1.weight", "c1.bias", … "f7.bias". */
    Parameters<T> parameters() const;
    std::vector<LayerSummary> summary() const;
    /** C1, C3 and C5, for pretraining. */
    std::vector<ConvolutionStage<T>> stages() const;

    /** The paper's table for C3: which of the 6 maps of S2 each of the 16 maps of C3 reads. */
    static const ConnectionTable& table();

  private:
    LeNet5(Random random, const LeNet5Options& options);
    Variable<T> squash(Variable<T> u) const { return activate(options.activation, std::move(u)); }
    Variable<T> pooled(const Convolution<T>& layer, const Variable<T>& x) const;
    Variable<T> s2(const Variable<T>& images) const { return pooled(c1, images); }
    Variable<T> s4(const Variable<T>& images) const { return pooled(c3, s2(images)); }
    Variable<T> scores_of_windows(const Variable<T>& images) const; // a row for each window
};

} // namespace xgrad
