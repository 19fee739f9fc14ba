#include "heap.hpp"

#include <atomic>
#include <cerrno>
#include <malloc.h>

namespace
{

std::atomic<bool> watching{false};
std::atomic<std::size_t> allocations{0};
std::atomic<std::ptrdiff_t> live{0}, peak{0};

void* note(void* block)
{
    if (watching.load(std::memory_order_relaxed) && block != nullptr) {
        ++allocations;
        const auto bytes = static_cast<std::ptrdiff_t>(malloc_usable_size(block));
        const std::ptrdiff_t all = live.fetch_add(bytes) + bytes;
        for (std::ptrdiff_t most = peak; all > most && !peak.compare_exchange_weak(most, all);) {
        }
    }
    return block;
}

void forget(void* block)
{
    if (watching.load(std::memory_order_relaxed) && block != nullptr)
        live -= static_cast<std::ptrdiff_t>(malloc_usable_size(block));
}

} // namespace

void bench::watch_heap()
{
    allocations = 0;
    live = peak = 0;
    watching = true;
}

bench::HeapUse bench::unwatch_heap()
{
    watching = false;
    return {allocations, static_cast<std::size_t>(peak.load())};
}

// The names that glibc keeps for programs that replace malloc; operator new calls them, too.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t bytes) { return note(__libc_malloc(bytes)); }
void* calloc(std::size_t count, std::size_t bytes) { return note(__libc_calloc(count, bytes)); }
void* realloc(void* block, std::size_t bytes)
{
    forget(block);
    return note(__libc_realloc(block, bytes));
}
void* memalign(std::size_t alignment, std::size_t bytes) { return note(__libc_memalign(alignment, bytes)); }
void* aligned_alloc(std::size_t alignment, std::size_t bytes) { return memalign(alignment, bytes); }
int posix_memalign(void** block, std::size_t alignment, std::size_t bytes)
{
    *block = memalign(alignment, bytes);
    return *block ? 0 : ENOMEM;
}
void free(void* block)
{
    forget(block);
    __libc_free(block);
}
}
