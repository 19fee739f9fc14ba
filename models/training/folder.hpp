#pragma once

#include <xgrad/models/training/checkpoint.hpp>

#include <filesystem>
#include <memory>
#include <vector>

namespace xgrad
{

constexpr const char* last_checkpoint = "last.safetensors";
constexpr const char* best_checkpoint = "best.safetensors";

/** The folder of a training's checkpoints. No other training can use it until the object and its copies are gone. A
 *  checkpoint that another training has left there is not overwritten: it is renamed to previous-last.safetensors or
 *  previous-best.safetensors, with a number if these exist (previous-2-last.safetensors). This happens when the first
 *  checkpoint is written, so a training that fails before leaves everything as it was. */
class TrainingFolder
{
  public:
    /** No folder: nothing is written. */
    TrainingFolder() = default;

    /** Makes the folder, locks it (file .lock) and checks that files can be written there.
     *  @throws DataError if another training uses the folder, or it cannot be written to */
    TrainingFolder(const std::filesystem::path& path);

    explicit operator bool() const { return files_ != nullptr; }

    /** Finds out which files belong to the training, and tries to save its checkpoint.
     *
     *  @param start         the checkpoint of the training as it is now
     *  @param resumed_from  the file that it continues, if there is one; the checkpoint of its best epoch is looked for
     *                       beside it, and copied to this folder with the first checkpoint
     *  @throws DataError if the checkpoint cannot be saved: a name is not UTF-8, the disk is full, … */
    void begin(const Checkpoint& start, const std::filesystem::path& resumed_from = {}) const;

    /** Writes a checkpoint of the training that began. @param name  last_checkpoint or best_checkpoint
     *  @return  the new names of checkpoints of other trainings that had to be renamed
     *  @throws DataError if the file cannot be written; then the old one stays as it was */
    std::vector<std::filesystem::path> save(const char* name, const Checkpoint& checkpoint) const;

    /** The file of the best epoch of the training that began. If there is none (any more), the last one. */
    std::filesystem::path best() const;

  private:
    struct Files;
    std::shared_ptr<Files> files_;
};

} // namespace xgrad
