// Stands in front of the C library's functions that write files. It is linked to the test program, and preloaded into
// the command. Only calls that write files are counted, so that no reading of data and no printing shifts the numbers.
#include "calls.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace
{

char kind[16] = ""; // not a std::string: it would be made after the library's constructor
std::atomic<long> armed = 0, count = 0;
std::atomic<bool> writes[1024]; // the descriptors of files that are written

bool is_kind(const char* name) { return std::strcmp(kind, name) == 0; }

bool is_written(int descriptor) { return descriptor >= 0 && descriptor < 1024 && writes[descriptor]; }

[[noreturn]] void die()
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/** Counts a call. @return  true if it has to find the disk full */
bool fault()
{
    const long number = ++count;
    if (armed == 0 || number < armed)
        return false;
    if (number == armed && is_kind("kill"))
        die();
    if (number == armed && is_kind("term"))
        raise(SIGTERM);
    return is_kind("full");
}

template <class Function>
Function next(const char* name)
{
    void* const found = dlsym(RTLD_NEXT, name);
    Function function = nullptr;
    std::memcpy(&function, &found, sizeof found);
    return function;
}

#define XGRAD_NEXT(name) static const auto real = next<decltype(&(name))>(#name)

[[gnu::constructor]] void arm_by_environment()
{
    if (const char* const text = std::getenv("XGRAD_FAULT"))
        xgrad_fault(text);
}

} // namespace

extern "C" {

void xgrad_fault(const char* text)
{
    long number = 0;
    std::sscanf(text, "%15s %ld", kind, &number);
    count = 0;
    armed = number;
}

int open(const char* path, int flags, ...)
{
    XGRAD_NEXT(open);
    va_list more;
    va_start(more, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
    va_end(more);
    const bool to_write = (flags & O_ACCMODE) != O_RDONLY;
    if (to_write)
        fault(); // a full disk still makes empty files
    const int descriptor = real(path, flags, mode);
    if (descriptor >= 0 && descriptor < 1024)
        writes[descriptor] = to_write;
    return descriptor;
}

ssize_t write(int descriptor, const void* bytes, size_t size)
{
    XGRAD_NEXT(write);
    if (!is_written(descriptor))
        return real(descriptor, bytes, size);
    if (fault()) {
        errno = ENOSPC;
        return -1;
    }
    if (is_kind("half") && count == armed) {
        (void)!real(descriptor, bytes, size / 2);
        die();
    }
    return real(descriptor, bytes, size);
}

int close(int descriptor)
{
    XGRAD_NEXT(close);
    if (is_written(descriptor)) {
        fault();
        writes[descriptor] = false;
    }
    return real(descriptor);
}

int fsync(int descriptor)
{
    XGRAD_NEXT(fsync);
    if (fault() && is_written(descriptor)) {
        errno = ENOSPC;
        return -1;
    }
    return real(descriptor);
}

int ftruncate(int descriptor, off_t size) noexcept
{
    XGRAD_NEXT(ftruncate);
    fault();
    return real(descriptor, size);
}

int fchmod(int descriptor, mode_t mode) noexcept
{
    XGRAD_NEXT(fchmod);
    fault();
    return real(descriptor, mode);
}

int flock(int descriptor, int operation) noexcept
{
    XGRAD_NEXT(flock);
    fault();
    return real(descriptor, operation);
}

int rename(const char* from, const char* to) noexcept
{
    XGRAD_NEXT(rename);
    fault();
    return real(from, to);
}

int unlink(const char* path) noexcept
{
    XGRAD_NEXT(unlink);
    fault();
    return real(path);
}

int remove(const char* path) noexcept
{
    XGRAD_NEXT(remove);
    fault();
    return real(path);
}

int mkdir(const char* path, mode_t mode) noexcept
{
    XGRAD_NEXT(mkdir);
    fault();
    return real(path, mode);
}

} // extern "C"
