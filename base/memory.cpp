#include <xgrad/base/memory.hpp>

#include <algorithm>
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

void* system_allocate(std::size_t bytes) { return ::operator new (bytes, std::align_val_t{alignment}); }
void system_deallocate(void* block) noexcept { ::operator delete (block, std::align_val_t{alignment}); }

#ifdef XGRAD_POOL

constexpr std::size_t largest_pooled = std::size_t{1} << 28; // larger blocks go straight to the system

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

/** How many free blocks of a size a thread keeps for itself. Threads that take what others give back would without a
 *  limit hoard them, and the others would ask the system for ever more. */
std::uint32_t thread_limit(std::size_t bytes)
{
    return static_cast<std::uint32_t>(std::min<std::size_t>((std::size_t{5} << 17) / bytes, 16));
}

struct FreeBlock
{
    FreeBlock* next;
};

/** A stack of free blocks of one size. */
struct FreeList
{
    FreeBlock* first;
    std::uint32_t count;

    void push(FreeBlock* block)
    {
        block->next = first;
        first = block;
        ++count;
    }
    FreeBlock* pop()
    {
        FreeBlock* block = first;
        if (block) {
            first = block->next;
            --count;
        }
        return block;
    }
    void move_to(FreeList& other, std::uint32_t blocks)
    {
        for (; blocks > 0 && first; --blocks)
            other.push(pop());
    }
    void release() noexcept
    {
        while (FreeBlock* block = pop())
            system_deallocate(block);
    }
};

// What the threads have given back beyond their own limits. Never destroyed: arrays may outlive every static object.
struct SharedPool
{
    std::mutex mutex;
    std::array<FreeList, classes> free{};

    static SharedPool& instance()
    {
        static auto* pool = new SharedPool;
        return *pool;
    }
};

// Plain data, so that reading it needs no initialisation guard and it can still be used while a thread ends.
struct ThreadCache
{
    std::array<FreeList, classes> free;
    bool will_hand_over; // what it keeps when the thread ends
    bool ended;
};
constinit thread_local ThreadCache cache{};

struct ThreadEnd
{
    ~ThreadEnd()
    {
        SharedPool& shared = SharedPool::instance();
        const std::lock_guard lock(shared.mutex);
        for (std::size_t index = 0; index < classes; ++index)
            cache.free[index].move_to(shared.free[index], cache.free[index].count);
        cache.ended = true;
    }
};

/** How many free blocks of a size this thread may keep now. */
std::uint32_t own_limit(std::size_t bytes)
{
    if (cache.ended)
        return 0;
    if (!cache.will_hand_over) {
        static thread_local const ThreadEnd end;
        static_cast<void>(end);
        cache.will_hand_over = true;
    }
    return thread_limit(bytes);
}

#endif

} // namespace

#ifdef XGRAD_POOL

void* allocate(std::size_t bytes)
{
    if (bytes > largest_pooled)
        return system_allocate(bytes);
    const SizeClass size = size_class(bytes);
    FreeList& own = cache.free[size.index];
    if (FreeBlock* block = own.pop())
        return block;
    {
        SharedPool& shared = SharedPool::instance();
        const std::lock_guard lock(shared.mutex);
        if (FreeBlock* block = shared.free[size.index].pop()) {
            shared.free[size.index].move_to(own, own_limit(size.bytes) / 2);
            return block;
        }
    }
    return system_allocate(size.bytes);
}

void deallocate(void* pointer, std::size_t bytes) noexcept
{
    if (!pointer)
        return;
    if (bytes > largest_pooled)
        return system_deallocate(pointer);
    const SizeClass size = size_class(bytes);
    FreeList& own = cache.free[size.index];
    own.push(static_cast<FreeBlock*>(pointer));
    if (const std::uint32_t limit = own_limit(size.bytes); own.count > limit) {
        SharedPool& shared = SharedPool::instance();
        const std::lock_guard lock(shared.mutex);
        own.move_to(shared.free[size.index], own.count - limit / 2);
    }
}

void release_unused_memory() noexcept
{
    for (FreeList& list : cache.free)
        list.release();
    SharedPool& shared = SharedPool::instance();
    const std::lock_guard lock(shared.mutex);
    for (FreeList& list : shared.free)
        list.release();
}

#else

void* allocate(std::size_t bytes) { return system_allocate(bytes); }
void deallocate(void* block, std::size_t) noexcept { system_deallocate(block); }
void release_unused_memory() noexcept {}

#endif

} // namespace xgrad
