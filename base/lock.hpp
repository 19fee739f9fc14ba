#pragma once

#include <filesystem>

namespace xgrad
{

/** A lock on a file, for one process at a time, until the object is gone. The system frees it when the process ends,
 *  however that happens: a file that a crash has left locks nothing. */
class FileLock
{
  public:
    /** Makes the file and locks it, without waiting. @throws DataError if the file cannot be made */
    explicit FileLock(std::filesystem::path path);
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    /** Removes the file. */
    ~FileLock();

    /** Returns whether the lock was taken. It was not if another object holds it, in this or another process. On a file
     *  system that knows no locks it is always taken. */
    bool held() const { return descriptor_ >= 0; }

  private:
    std::filesystem::path path_;
    int descriptor_ = -1;
};

} // namespace xgrad
