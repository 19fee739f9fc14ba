#include <xgrad/base/error.hpp>
#include <xgrad/base/file.hpp>

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace xgrad
{

namespace
{

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const char* action, int error)
{
    throw DataError(
        fmt::format("[file] cannot {} {}: {}", action, path.string(), std::generic_category().message(error)));
}

class TemporaryFile
{
  public:
    explicit TemporaryFile(const fs::path& target) : target_(target)
    {
        static std::atomic<unsigned> count = 0;
        do {
            path_ = target;
            path_ += fmt::format(".{}.{}.tmp", getpid(), count++);
            descriptor_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        } while (descriptor_ < 0 && errno == EEXIST);
        if (descriptor_ < 0)
            fail(target_, "create a temporary file to write", errno);
    }

    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    ~TemporaryFile()
    {
        if (descriptor_ >= 0)
            close(descriptor_);
        if (!renamed_)
            unlink(path_.c_str());
    }

    void append(const void* bytes, std::size_t count)
    {
        const char* next = static_cast<const char*>(bytes);
        while (count > 0) {
            const ssize_t written = write(descriptor_, next, count);
            if (written < 0 && errno == EINTR)
                continue;
            if (written < 0)
                fail(target_, "write", errno);
            next += written;
            count -= static_cast<std::size_t>(written);
        }
    }

    void rename_to_target()
    {
        if (fsync(descriptor_) != 0)
            fail(target_, "flush", errno);
        if (close(std::exchange(descriptor_, -1)) != 0)
            fail(target_, "close", errno);
        if (std::rename(path_.c_str(), target_.c_str()) != 0)
            fail(target_, "replace", errno);
        renamed_ = true;
    }

  private:
    fs::path target_;
    fs::path path_;
    int descriptor_ = -1;
    bool renamed_ = false;
};

// The rename itself survives a power failure only once the folder is on the disk.
void flush_folder(const fs::path& folder)
{
    const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        fail(folder, "open the folder", errno);
    const int error = fsync(descriptor) == 0 ? 0 : errno;
    close(descriptor);
    // Some network file systems do not support fsync of folders.
    if (error != 0 && error != EINVAL)
        fail(folder, "flush the folder", error);
}

} // namespace

void write_atomically(const fs::path& path, const std::function<void(const WriteBytes&)>& write)
{
    // A rename would replace a device such as /dev/null with a file.
    std::error_code ignored;
    const fs::file_status status = fs::status(path, ignored);
    if (fs::exists(status) && !fs::is_regular_file(status))
        throw DataError(fmt::format("[file] cannot write {}: it exists and is not a regular file; give another name",
                                    path.string()));
    TemporaryFile file(path);
    write([&file](const void* bytes, std::size_t count) { file.append(bytes, count); });
    file.rename_to_target();
    flush_folder(path.has_parent_path() ? path.parent_path() : fs::path("."));
}

void write_atomically(const fs::path& path, std::string_view bytes)
{
    write_atomically(path, [bytes](const WriteBytes& append) { append(bytes.data(), bytes.size()); });
}

} // namespace xgrad
