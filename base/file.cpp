#include <xgrad/base/error.hpp>
#include <xgrad/base/file.hpp>

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
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

/** Returns the file that a name stands for. Symbolic links are followed, also to a file that is not there yet. */
fs::path followed(fs::path path)
{
    constexpr int most = 40;
    std::error_code error;
    for (int links = 0; fs::is_symlink(fs::symlink_status(path, error)); ++links) {
        const fs::path target = fs::read_symlink(path, error);
        if (error || links == most)
            fail(path, "follow the symbolic link", error ? error.value() : ELOOP);
        path = path.parent_path() / target;
    }
    return path;
}

/** Returns the file to write. @throws DataError if it cannot be replaced */
fs::path replaceable(const fs::path& path)
{
    // A rename would replace a device such as /dev/null with a file, and a file that is protected from writing.
    std::error_code ignored;
    const fs::file_status status = fs::status(path, ignored);
    if (fs::exists(status) && !fs::is_regular_file(status))
        throw DataError(fmt::format("[file] cannot write {}: it exists and is not a regular file; give another name",
                                    path.string()));
    const fs::path target = followed(path);
    if (access(target.c_str(), W_OK) != 0 && errno != ENOENT)
        fail(path, "write", errno);
    return target;
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

/** The beginning of the names of a file's temporary files, which must not become longer than names can be. */
std::string stem(const fs::path& target)
{
    constexpr std::size_t longest = 200;
    const std::string name = target.filename().string();
    return name.size() <= longest ? name : fmt::format("{:016x}", std::hash<std::string>()(name));
}

bool is_temporary(const std::string& name, const std::string& stem)
{
    constexpr std::string_view end = ".tmp";
    if (name.size() <= stem.size() + end.size() || !name.starts_with(stem + '.') || !name.ends_with(end))
        return false;
    const std::string number = name.substr(stem.size(), name.size() - stem.size() - end.size());
    return number.find_first_not_of(".0123456789") == std::string::npos;
}

/** Removes the temporary files whose writers were killed. Those that are being written are locked. */
void remove_leftovers(const fs::path& target)
{
    // Not by std::filesystem, whose iterators end the program if there is no memory.
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(folder_of(target).c_str()), closedir);
    const std::string names = stem(target);
    while (const dirent* const entry = folder ? readdir(folder.get()) : nullptr) {
        if (!is_temporary(entry->d_name, names))
            continue;
        const int in = dirfd(folder.get());
        const int descriptor = openat(in, entry->d_name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (descriptor < 0)
            continue;
        if (flock(descriptor, LOCK_EX | LOCK_NB) == 0)
            unlinkat(in, entry->d_name, 0);
        close(descriptor);
    }
}

class TemporaryFile
{
  public:
    explicit TemporaryFile(const fs::path& target) : target_(target)
    {
        remove_leftovers(target);
        struct stat old = {};
        const bool replaces = stat(target.c_str(), &old) == 0;
        do {
            create(replaces ? old.st_mode & 0777 : 0666);
        } while (descriptor_ < 0);
        if (replaces)
            take_rights(old);
    }

    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    ~TemporaryFile()
    {
        // Removed while it is still locked, and so before anybody can take it for a leftover.
        if (!renamed_)
            unlink(path_.c_str());
        close(descriptor_);
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
        if (std::rename(path_.c_str(), target_.c_str()) != 0)
            fail(target_, "replace", errno);
        renamed_ = true;
    }

  private:
    /** Makes and locks a file. There is none afterwards if another process took it for a leftover in between. */
    void create(mode_t mode)
    {
        static std::atomic<unsigned> count = 0;
        path_ = folder_of(target_) / fmt::format("{}.{}.{}.tmp", stem(target_), getpid(), count++);
        descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (descriptor_ < 0) {
            if (errno != EEXIST)
                fail(target_, "create a temporary file to write", errno);
            return;
        }
        struct stat now = {};
        const bool taken = flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
        if (taken || (fstat(descriptor_, &now) == 0 && now.st_nlink == 0))
            close(std::exchange(descriptor_, -1));
    }

    /** Gives the file the owner, as far as that is allowed, and the mode of the one that it will replace. */
    void take_rights(const struct stat& old) const
    {
        struct stat now = {};
        if (fstat(descriptor_, &now) == 0 && (now.st_uid != old.st_uid || now.st_gid != old.st_gid) &&
            fchown(descriptor_, old.st_uid, old.st_gid) != 0 && errno != EPERM)
            fail(target_, "keep the owner of", errno);
        if (fchmod(descriptor_, old.st_mode & 07777) != 0)
            fail(target_, "keep the mode of", errno);
    }

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
    const fs::path target = replaceable(path);
    {
        TemporaryFile file(target);
        write([&file](const void* bytes, std::size_t count) { file.append(bytes, count); });
        file.rename_to_target();
    }
    flush_folder(folder_of(target));
}

void write_atomically(const fs::path& path, std::string_view bytes)
{
    write_atomically(path, [bytes](const WriteBytes& append) { append(bytes.data(), bytes.size()); });
}

void check_writable(const fs::path& path) { const TemporaryFile trial(replaceable(path)); }

} // namespace xgrad
