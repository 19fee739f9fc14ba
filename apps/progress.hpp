#pragma once

#include <xgrad/models/training/training.hpp>

#include <chrono>
#include <string>

namespace xgrad::command
{

/** The number that chooses the best epoch, by name: "error", or of a text "loss". */
inline const char* measure_name(const EpochReport& report) { return report.judged_by_loss ? "loss" : "error"; }
/** The number that chooses the best epoch, in words: "1.25 %", or "1.6180 nats" for each character. */
std::string measure_of(const EpochReport& report);

/** Shows the progress of a training: a line for each epoch on stdout and, if stderr is a terminal, a bar between the
 *  lines, which is redrawn. */
class Progress
{
  public:
    explicit Progress(const Training& training);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress() { clear(); }

    void on_batch();
    void on_epoch(const EpochReport& report);

    /** Removes the bar, so that other text can be printed. */
    void clear();

  private:
    using Clock = std::chrono::steady_clock;

    double batches_done() const;
    double seconds_left() const;
    std::string line(std::size_t columns) const;

    const Training& training_;
    bool terminal_;
    Clock::time_point start_ = Clock::now();
    Clock::time_point drawn_;
    double batches_at_start_;
    bool visible_ = false;
};

} // namespace xgrad::command
