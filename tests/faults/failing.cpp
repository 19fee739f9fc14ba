// The functions of malloc, with failures. Linked into a program, or loaded before one by LD_PRELOAD. Then the
// environment variable XGRAD_FAIL has the number of the allocation that fails, counted from the beginning of the
// program, and "+" if all later ones fail, too.
#include "failing.hpp"

#include <climits>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>

namespace
{

constinit std::atomic<long> left{LONG_MAX}; // allocations up to the first that fails
constinit std::atomic<bool> all_fail{false};

bool fails() noexcept
{
    if (left.load(std::memory_order_relaxed) == LONG_MAX)
        return false;
    const long n = --left;
    if (n > 0 || (n < 0 && !all_fail))
        return false;
    errno = ENOMEM;
    return true;
}

[[gnu::constructor]] void read_environment()
{
    const char* const wish = std::getenv("XGRAD_FAIL");
    if (wish == nullptr)
        return;
    char* end = nullptr;
    const long n = std::strtol(wish, &end, 10);
    xgrad::test::fail_allocation(n, *end == '+');
}

} // namespace

void xgrad::test::fail_allocation(long n, bool all) noexcept
{
    all_fail = all;
    left = n;
}

bool xgrad::test::succeed_again() noexcept { return left.exchange(LONG_MAX) <= 0; }

// The names that glibc keeps for programs that replace malloc.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t bytes) { return fails() ? nullptr : __libc_malloc(bytes); }
void* calloc(std::size_t count, std::size_t bytes) { return fails() ? nullptr : __libc_calloc(count, bytes); }
void* realloc(void* block, std::size_t bytes) { return fails() ? nullptr : __libc_realloc(block, bytes); }
void* memalign(std::size_t alignment, std::size_t bytes)
{
    return fails() ? nullptr : __libc_memalign(alignment, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) { return memalign(alignment, bytes); }
int posix_memalign(void** block, std::size_t alignment, std::size_t bytes)
{
    void* const made = memalign(alignment, bytes);
    if (made == nullptr)
        return ENOMEM;
    *block = made;
    return 0;
}
}
