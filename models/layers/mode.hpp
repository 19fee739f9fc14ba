#pragma once

#include <xgrad/base/sample_random.hpp>

#include <optional>

namespace xgrad
{

/** The mode in which a network runs: training or evaluation. Most layers do the same in both. Those that sample, or
 *  that look at the whole batch, do not: `layer(x, Mode::evaluation())`. */
class Mode
{
  public:
    static Mode evaluation() { return Mode(std::nullopt); }
    /** The mode for learning, with random numbers for layers that sample: `sample_generators(…)`, one for each sample
     * of x, or a single `Random`. It refers to the generators. */
    static Mode training(SampleRandom random) { return Mode(random); }

    bool is_training() const { return random_.has_value(); }
    /** The random numbers of the samples; only in training. */
    SampleRandom random() const { return random_.value(); }

  private:
    explicit Mode(std::optional<SampleRandom> random) : random_(random) {}
    std::optional<SampleRandom> random_;
};

} // namespace xgrad
