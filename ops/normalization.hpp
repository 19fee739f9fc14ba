#pragma once

#include <xgrad/base/number.hpp>
#include <xgrad/graph/variable.hpp>

namespace xgrad
{

// Normalization
//
// These ops give each row along the last axis the same scale. All throw ShapeError for a scalar.

/** The rows along the last axis with mean 0 and variance 1, as layer normalization has them (Ba et al. 2016).
 *
 *  y_i = (x_i − μ)·r, with μ the mean of the row, σ² = 1/D Σ_i (x_i − μ)² and r = 1/√(σ² + ε)
 *
 *  @param x  (…, D)
 *  @return   the same shape
 *
 *  Gradient: r·(g − mean(g) − y·mean(g∘y)), with the means along the row. */
template <class T>
Variable<T> standardize(const Variable<T>& x, Number<T> epsilon = 1e-5);

/** The rows along the last axis divided by their root mean square (Zhang and Sennrich 2019).
 *
 *  y_i = x_i·r, with r = 1/√(1/D Σ_i x_i² + ε)
 *
 *  @param x  (…, D)
 *  @return   the same shape
 *
 *  Gradient: r·(g − y·mean(g∘y)), with the mean along the row. */
template <class T>
Variable<T> rms_normalize(const Variable<T>& x, Number<T> epsilon = 1e-5);

} // namespace xgrad
