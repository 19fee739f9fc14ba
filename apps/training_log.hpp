#pragma once

#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/training/training.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <deque>
#include <string>

namespace xgrad::command
{

/** A file to which each epoch of a training appends a line with a JSON object. A line is written before the checkpoints
 *  of its epoch. So a crash may leave half a line, which is cut off here, or lines of epochs that a resumed training
 *  repeats, which are not written again. */
class TrainingLog
{
  public:
    /** @param path   empty: nothing is written
     *  @param about  entries that tell the trainings in one file apart
     *  @throws DataError if the file cannot be written */
    TrainingLog(std::string path, Choices about);
    TrainingLog(const TrainingLog&) = delete;
    TrainingLog& operator=(const TrainingLog&) = delete;
    ~TrainingLog();

    /** Expects that the training repeats the lines at the end of the file, of at most `most` epochs after the first
     *  `done` ones. */
    void expect_repeats(std::size_t done, std::size_t most);

    /** Appends a line, and flushes it to the disk. @throws DataError if that is not possible; then no half line stays
     */
    void write(const EpochReport& report);

  private:
    std::string mend_end(std::string text);
    void append(const std::string& line);

    std::string path_;
    Choices about_;
    int descriptor_ = -1;
    bool regular_ = false; // a file, not a pipe or a terminal
    std::string text_;     // the whole lines that were there at the start
    std::deque<nlohmann::json> repeats_;
};

} // namespace xgrad::command
