#pragma once

#include <xgrad/base/random.hpp>

namespace xgrad
{

/** The mode in which a network runs: training or evaluation. Most layers do the same in both. Those that sample, or
 *  that look at the whole batch, do not: `layer(x, Mode::evaluation())`. */
class Mode
{
  public:
    static Mode evaluation() { return Mode(nullptr); }
    /** The mode for learning, with a source of random numbers for layers that sample. It refers to the source. */
    static Mode training(Random& random) { return Mode(&random); }

    bool is_training() const { return random_ != nullptr; }
    /** The source of random numbers; only in training. */
    Random& random() const { return *random_; }

  private:
    explicit Mode(Random* random) : random_(random) {}
    Random* random_;
};

} // namespace xgrad
