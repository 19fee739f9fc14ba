#pragma once

#include <xgrad/graph/parameters.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace xgrad::optim
{

/** An exponential moving average of weights, which often evaluates better than the weights of the last step (Polyak and
 *  Juditsky 1992; Kingma and Ba 2015, section 7.2). After step t
 *
 *      a_t = (1 − δ)/(1 − δᵗ) Σ_s δ^{t−s} w_s
 *
 *  so the weights before the first step have no part in it, and a_1 = w_1.
 *
 *      optimizer.step(gradients);
 *      average.update();
 *      …
 *      const optim::ExponentialAverage<float>::InUse averaged(average); // until the end of the block
 *      evaluate(network, images); */
template <class T>
class ExponentialAverage
{
  public:
    /** An average of these parameters. @param decay  δ, from 0 (the last weights) to below 1, such as 0.999
     *  @throws Error if it is not */
    ExponentialAverage(const Parameters<T>& parameters, T decay);

    /** Takes the weights as they are now: a ← a + (1 − δ)/(1 − δᵗ)·(w − a). @throws ShapeError if a parameter has
     *  another shape than at first */
    void update();

    /** The number t of updates. */
    std::uint64_t updates() const { return updates_; }

    /** The averages, by the names of the parameters; the weights as they were at first if there was no update. */
    std::map<std::string, Array<T>> state() const;
    /** Restores what state() and updates() gave. @throws ShapeError if an array is missing or has another shape; then
     *  nothing has changed */
    void restore(const std::map<std::string, Array<T>>& state, std::uint64_t updates);

    /** Puts the averages in the place of the weights while it lives. Nothing happens if there was no update. Meanwhile
     *  the average must not be updated. The constructor throws ShapeError as update() does. */
    class InUse
    {
      public:
        explicit InUse(ExponentialAverage& average) : average_(average)
        {
            average_.check_shapes();
            average_.exchange();
        }
        InUse(const InUse&) = delete;
        InUse& operator=(const InUse&) = delete;
        ~InUse() { average_.exchange(); }

      private:
        ExponentialAverage& average_;
    };

  private:
    void check_shapes() const;
    void exchange();

    Parameters<T> parameters_;
    T decay_;
    std::vector<Array<T>> averages_;
    std::uint64_t updates_ = 0;
};

extern template class ExponentialAverage<float>;
extern template class ExponentialAverage<double>;

} // namespace xgrad::optim
