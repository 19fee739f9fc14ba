#pragma once

#include <xgrad/graph/value_and_gradient.hpp>

#include <functional>
#include <vector>

namespace xgrad::optim
{

/** The network's outputs for sample n, an array, and the criterion to minimise, a scalar function of such outputs. */
template <class T>
struct SampleLoss
{
    std::function<Variable<T>(std::size_t n)> outputs;
    std::function<Variable<T>(const Variable<T>& outputs, std::size_t n)>
        criterion; ///< called after outputs(n), on the same thread
};

/** The curvature of a loss along each weight: the diagonal of its Gauss–Newton matrix, the mean over the samples
 *
 *      h_kk = 1/N Σ_n (Jᵀ·H·J)_kk,   J = ∂outputs/∂weights,   H = ∂²criterion/∂outputs²
 *
 *  Automatic differentiation finds it for any network. H takes second derivatives. Each column of its Cholesky factor L
 *  takes one backward sweep, as (Jᵀ·L·Lᵀ·J)_kk = Σ_m (Jᵀ·L_m)_k². The criterion must be convex in the outputs; a row of
 *  H whose pivot is not positive is left out. The second-order method of LeCun et al. 1998, appendix C, leaves out the
 *  products of different units; this function does not.
 *
 *  The functions are called on several threads at once. The result does not depend on the number of threads,
 *  nor of ranks, which share the samples.
 *  @param samples  the number of samples, at least 1
 *  @return         one array for each parameter, nowhere negative
 *  @throws ShapeError if there are no samples; GraphError as Tape::gradient does */
template <class T>
std::vector<Array<T>> gauss_newton_diagonal(const Parameters<T>& parameters, std::size_t samples,
                                            const SampleLoss<T>& loss, Ranks* ranks = nullptr);

} // namespace xgrad::optim
