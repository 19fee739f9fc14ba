#pragma once

#include <xgrad/graph/parameters.hpp>

#include <cstddef>

namespace xgrad::optim
{

/** The mean gradient of several batches, for one step over all of them: the step of a batch that is too large to be
 *  computed at once.
 *
 *      mean.add(gradients, images);
 *      if (mean.samples() >= 256)
 *          optimizer.step(mean.take()); */
template <class T>
class GradientAccumulator
{
  public:
    /** Adds the mean gradient over `samples` samples: m ← m + n/N·(g − m), where N counts these n samples, too. The
     *  mean of one batch is its gradient, bit for bit.
     *
     *  @throws ShapeError if there are no samples, or the number or a shape of the gradients differs from those before;
     *          then nothing has changed */
    void add(const Variables<T>& gradients, std::size_t samples);

    /** The number of samples so far. */
    std::size_t samples() const { return samples_; }

    /** The mean so far; empty if there are no samples. */
    const Variables<T>& mean() const { return mean_; }

    /** The mean. The accumulator begins anew. @throws Error if there are no samples */
    Variables<T> take();

    /** Restores a mean over this number of samples, such as that of a checkpoint. */
    void restore(Variables<T> mean, std::size_t samples);

  private:
    Variables<T> mean_;
    std::size_t samples_ = 0;
};

extern template class GradientAccumulator<float>;
extern template class GradientAccumulator<double>;

} // namespace xgrad::optim
