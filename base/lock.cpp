#include <xgrad/base/error.hpp>
#include <xgrad/base/lock.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace xgrad
{

namespace
{

/** Returns whether the name still stands for the open file. Whoever held the lock before has removed it at the end. */
bool is_file(const std::filesystem::path& path, int descriptor)
{
    struct stat named = {}, opened = {};
    return stat(path.c_str(), &named) == 0 && fstat(descriptor, &opened) == 0 && named.st_dev == opened.st_dev &&
           named.st_ino == opened.st_ino;
}

} // namespace

FileLock::FileLock(std::filesystem::path path) : path_(std::move(path))
{
    for (;;) {
        descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (descriptor_ < 0)
            throw DataError(
                fmt::format("[file] cannot create {}: {}", path_.string(), std::generic_category().message(errno)));
        const bool taken = flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
        if (!taken && is_file(path_, descriptor_))
            return;
        close(std::exchange(descriptor_, -1));
        if (taken)
            return;
    }
}

FileLock::~FileLock()
{
    if (!held())
        return;
    unlink(path_.c_str()); // while nobody else can have locked it
    close(descriptor_);
}

} // namespace xgrad
