#pragma once

#include <xgrad/base/random.hpp>

namespace xgrad
{

/** How a network runs. Most layers do not care; those that sample, or look at the whole batch, learn in one way and are
 *  used in another: `layer(x, Mode::evaluation())`. */
class Mode
{
  public:
    static Mode evaluation() { return Mode(nullptr); }
    /** Learning, with a source of random numbers for what is sampled. Refers to it. */
    static Mode training(Random& random) { return Mode(&random); }

    bool is_training() const { return random_ != nullptr; }
    /** In training alone. */
    Random& random() const { return *random_; }

  private:
    explicit Mode(Random* random) : random_(random) {}
    Random* random_;
};

} // namespace xgrad
