#pragma once

#include <xgrad/models/layers/layers.hpp>

namespace xgrad
{

/** The ten bitmaps of the digits 0 … 9, 7 wide and 12 high, as rows of 84: 1 is ink, −1 is paper. Shape (10, 84).
 *  F6 of the LeNet-5 of 1998 learns to draw them. */
template <class T>
const Array<T>& digit_prototypes();

/** Euclidean radial basis units: y_i = Σ_j (x_j − w_ij)², the squared distances to fixed prototypes.
 *  x is (N, inputs), w (units, inputs), y (N, units). The layer has no parameters.
 *  Gradient: 2·(x·Σ_i g_i − g·w). */
template <class T>
struct RadialBasis
{
    Variable<T> prototypes; ///< w, a constant

    /** @throws ShapeError if the prototypes are not a matrix */
    explicit RadialBasis(const Array<T>& prototypes = digit_prototypes<T>());

    /** @throws ShapeError if x is not (N, inputs) */
    Variable<T> operator()(const Variable<T>& x) const;
};

/** The mean of the squared distances to the right prototypes: 1/N Σ_n y_n,label (LeCun et al. 1998, equation 8).
 *  @param distances  (N, units)   @param labels  (N), from 0 to units − 1
 *  @throws ShapeError if the labels do not fit the distances
 *  Gradient: 1/N at the label. */
template <class T>
Variable<T> rbf_loss(const Variable<T>& distances, const Labels& labels);

/** The same loss, which also pushes the other prototypes away: 1/N Σ_n [ y_label + ln(e^{−j} + Σ_i e^{−y_i}) ]
 *  (equation 9). It is the cross-entropy of scores −y with one more class, "rubbish", whose score is always −j. Wrong
 *  prototypes that are farther away than j are pushed no more. It does not overflow.
 *  @param j  positive
 *  Gradient: (one-hot − p)/N, p the softmax over all classes. */
template <class T>
Variable<T> rbf_loss(const Variable<T>& distances, const Labels& labels, double j);

template <class T>
LayerSummary summarize(std::string name, const RadialBasis<T>& layer);

} // namespace xgrad
