#pragma once

#include <xgrad/models/layers/layers.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace xgrad
{

/** A convolution layer that learns which maps to combine (B14c): each input map has one kernel, and each output map
 *  is a mix of their results, u_j = Σ_i α_ij (x_i * k_i) + b_j.
 *
 *  α_ij = e^{c_ij} / Σ_k e^{c_kj}, so each output map's weights are positive and sum to 1.
 *  x is (N, inputs, H, W), k (inputs, K, K), c (inputs, outputs), b (outputs), u (N, outputs, H−K+1, W−K+1). */
template <class T>
struct Combination
{
    Variable<T> kernels, scores, bias; ///< k, c and b

    /** Starts c as normal numbers of variance 1: output maps with equal mixtures would learn alike. */
    Combination(std::size_t inputs, std::size_t outputs, Size2d kernel, Random& random,
                Initialization initialization = Initialization::lecun);

    Variable<T> operator()(const Variable<T>& x) const { return (*this)(x, {}); }
    /** f(u), and its maximum of each 2×2 block if asked for, in one pass (ops/convolution_layer.hpp). */
    Variable<T> operator()(const Variable<T>& x, const LayerEnd& end) const;
    Parameters<T> parameters() const { return {{"kernels", kernels}, {"scores", scores}, {"bias", bias}}; }

    /** α (inputs, outputs). */
    Variable<T> weights() const;
};

template <class T>
LayerSummary summarize(std::string name, const Combination<T>& layer, const Shape& output);

// Penalties that make each output map read few input maps. Each takes the weights α, of any shape, and gives a number.

/** Σ |α| (B18), as in Bouvrie's notes. It has no effect: the weights of an output map are always positive and sum to 1.
 *  So the penalty is constant, and its gradient with respect to the scores (B21) is 0. */
template <class T>
Variable<T> l1_penalty(const Variable<T>& weights);

/** The entropy −Σ α ln α: ln(inputs) for an output map that reads all inputs alike, 0 for one that reads a single
 *  input. */
template <class T>
Variable<T> entropy_penalty(const Variable<T>& weights);

/** Σ α^power, with 0 < power < 1: it falls as an output map reads fewer input maps, down to 1 for a single one.
 *  @throws ShapeError for another power */
template <class T>
Variable<T> power_penalty(const Variable<T>& weights, double power = 0.5);

/** The penalties by name. */
enum class Sparsity
{
    none,
    l1,
    entropy,
    power
};

/** The penalty of this name. @throws Error if there is none */
Sparsity sparsity_named(std::string_view name);
std::vector<std::string> sparsity_names();

/** The penalty Ω of the weights (B18); 0 for `none`. */
template <class T>
Variable<T> sparsity_penalty(Sparsity sparsity, const Variable<T>& weights);

} // namespace xgrad
