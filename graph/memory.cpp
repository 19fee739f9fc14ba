#include <xgrad/graph/memory.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <mutex>
#include <new>

namespace xgrad
{
namespace
{

constexpr std::size_t alignment = 64;
constexpr std::size_t largest_pooled = std::size_t{1} << 28; // larger blocks go straight to the system
constexpr std::size_t thread_cache_bytes = std::size_t{1} << 26;

void* system_allocate(std::size_t bytes) { return ::operator new (bytes, std::align_val_t{alignment}); }
void system_deallocate(void* block) noexcept { ::operator delete (block, std::align_val_t{alignment}); }

#ifdef XGRAD_POOL

// Sizes are rounded up to a quarter of a power of two: at most a fifth of a block is unused.
struct SizeClass
{
    std::size_t index;
    std::size_t bytes;
};

SizeClass size_class(std::size_t bytes)
{
    if (bytes <= alignment)
        return {0, alignment};
    const std::size_t last = bytes - 1;
    const auto exponent = static_cast<std::size_t>(std::bit_width(last)) - 1; // 2^exponent <= last
    const std::size_t quarter = (last >> (exponent - 2)) & 3;
    const std::size_t rounded = (quarter + 5) << (exponent - 2);
    return {(exponent - 6) * 4 + quarter + 1, (rounded + alignment - 1) / alignment * alignment};
}

constexpr std::size_t classes = (28 - 6) * 4 + 1;

struct FreeBlock
{
    FreeBlock* next;
};

// What threads have freed beyond their own caches' size. Never destroyed: arrays may outlive every static object.
struct SharedPool
{
    std::mutex mutex;
    std::array<FreeBlock*, classes> free{};

    static SharedPool& instance()
    {
        static auto* pool = new SharedPool;
        return *pool;
    }
    void* take(std::size_t index)
    {
        const std::lock_guard lock(mutex);
        FreeBlock* block = free[index];
        if (block)
            free[index] = block->next;
        return block;
    }
    void give(std::size_t index, FreeBlock* first, FreeBlock* last)
    {
        const std::lock_guard lock(mutex);
        last->next = free[index];
        free[index] = first;
    }
};

void release_list(FreeBlock*& list) noexcept
{
    while (FreeBlock* block = list) {
        list = block->next;
        system_deallocate(block);
    }
}

// Plain data, so that reading it needs no initialisation guard and it can still be used while a thread ends.
struct ThreadCache
{
    std::array<FreeBlock*, classes> free;
    std::size_t bytes;
    bool ended;
};
constinit thread_local ThreadCache cache{};

void hand_over(std::size_t index) noexcept
{
    FreeBlock* first = cache.free[index];
    if (!first)
        return;
    FreeBlock* last = first;
    while (last->next)
        last = last->next;
    cache.free[index] = nullptr;
    SharedPool::instance().give(index, first, last);
}

struct ThreadEnd
{
    ~ThreadEnd()
    {
        for (std::size_t index = 0; index < classes; ++index)
            hand_over(index);
        cache.bytes = 0;
        cache.ended = true;
    }
};

#endif

} // namespace

#ifdef XGRAD_POOL

void* allocate(std::size_t bytes)
{
    if (bytes > largest_pooled)
        return system_allocate(bytes);
    const SizeClass size = size_class(bytes);
    if (FreeBlock* block = cache.free[size.index]) {
        cache.free[size.index] = block->next;
        cache.bytes -= size.bytes;
        return block;
    }
    if (void* block = SharedPool::instance().take(size.index))
        return block;
    return system_allocate(size.bytes);
}

void deallocate(void* pointer, std::size_t bytes) noexcept
{
    if (!pointer)
        return;
    if (bytes > largest_pooled)
        return system_deallocate(pointer);
    static thread_local const ThreadEnd end;
    static_cast<void>(end);
    const SizeClass size = size_class(bytes);
    auto* block = static_cast<FreeBlock*>(pointer);
    if (cache.ended)
        return SharedPool::instance().give(size.index, block, block);
    if (cache.bytes + size.bytes > thread_cache_bytes) {
        for (std::size_t index = 0; index < classes; ++index)
            hand_over(index);
        cache.bytes = 0;
    }
    block->next = cache.free[size.index];
    cache.free[size.index] = block;
    cache.bytes += size.bytes;
}

void release_unused_memory() noexcept
{
    for (FreeBlock*& list : cache.free)
        release_list(list);
    cache.bytes = 0;
    SharedPool& shared = SharedPool::instance();
    const std::lock_guard lock(shared.mutex);
    for (FreeBlock*& list : shared.free)
        release_list(list);
}

#else

void* allocate(std::size_t bytes) { return system_allocate(bytes); }
void deallocate(void* block, std::size_t) noexcept { system_deallocate(block); }
void release_unused_memory() noexcept {}

#endif

} // namespace xgrad
