#pragma once

#include <xgrad/graph/value_and_gradient.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <type_traits>

namespace xgrad::optim
{

/** The ways in which a minimisation ends. */
enum class Convergence
{
    converged,          ///< no element of the gradient is larger than the tolerance
    iterations_used_up, ///< there were as many iterations as were allowed
    line_search_failed  ///< no lower point was found, not along the negative gradient either: often the loss is small
                        ///< up to its rounding errors, or its gradient is wrong
};

/** The end of a minimisation. */
struct Minimum
{
    Convergence convergence = Convergence::converged;
    std::size_t iterations = 0;
    std::size_t evaluations = 0; ///< the number of calls of the loss
    double value = 0;            ///< the loss
    double gradient = 0;         ///< the largest |element| of its gradient

    bool converged() const { return convergence == Convergence::converged; }
};

/** The result in a sentence: "converged after 21 iterations and 25 evaluations: loss 1e-20, gradient 3e-10". */
std::string to_string(const Minimum& minimum);

/** L-BFGS (Nocedal and Wright 2006, algorithms 7.4 and 7.5): a quasi-Newton method for a loss without noise, such as
 *  that over all samples. A step goes along −H·g with a length that satisfies the strong Wolfe conditions. H ≈ ∇²E⁻¹ is
 *  made of the last m pairs s = x_{k+1} − x_k, y = g_{k+1} − g_k by two loops, and begins with sᵀy/yᵀy times the
 *  identity. The arithmetic is in double, in a fixed order.
 *
 *      optim::LBFGS<double> optimizer(parameters);
 *      const optim::Minimum minimum = optimizer.minimize([&] {
 *          return value_and_gradient(parameters, [&] { return loss(); });
 *      }); */
template <class T>
class LBFGS
{
  public:
    struct Options
    {
        std::size_t history = 10; ///< m, the number of pairs
        std::size_t max_iterations = 200;
        double tolerance =
            std::is_same_v<T, float> ? 1e-4 : 1e-8; ///< the largest |element| of the gradient at a minimum
        std::size_t max_evaluations = 25;           ///< the most calls of the loss in one line search
    };

    /** The loss with its gradient, one array for each parameter and in their order, at the parameters' present values.
     */
    using Loss = std::function<ValueAndGradient<T>()>;

    /** An optimizer of these parameters. @throws Error if the history, the evaluations or the tolerance are not greater
     * than 0 */
    LBFGS(const Parameters<T>& parameters, const Options& options);
    explicit LBFGS(const Parameters<T>& parameters) : LBFGS(parameters, Options()) {}

    /** Changes the parameters until the loss has a minimum, or until an end of another kind, which the result tells. At
     *  the end the parameters are at the lowest point that was found. A step to where the loss is NaN or infinite is
     *  shortened.
     *
     *  @throws NumericalError if the loss or its gradient is NaN or infinite at the start; ShapeError if the gradients
     *          do not fit the parameters; what the loss throws. Then the parameters are at the last point that was
     *          accepted. */
    Minimum minimize(const Loss& loss);

  private:
    Parameters<T> parameters_;
    Options options_;
};

extern template class LBFGS<float>;
extern template class LBFGS<double>;

} // namespace xgrad::optim
