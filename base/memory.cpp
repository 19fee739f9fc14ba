#include <xgrad/base/error.hpp>
#include <xgrad/base/kept_by_thread.hpp>
#include <xgrad/base/memory.hpp>
#include <xgrad/base/memory_use.hpp>
#include <xgrad/base/never_destroyed.hpp>
#include <xgrad/base/workers.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>
#include <pthread.h>
#include <utility>
#include <vector>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace xgrad
{
namespace
{

constexpr std::size_t alignment = 64;

std::atomic<std::size_t> held{0}, most_held{0};

void* system_allocate(std::size_t bytes)
{
    void* const block = ::operator new (bytes, std::align_val_t{alignment});
    const std::size_t now = held.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    std::size_t most = most_held.load(std::memory_order_relaxed);
    while (now > most && !most_held.compare_exchange_weak(most, now, std::memory_order_relaxed)) {
    }
    return block;
}

void system_deallocate(void* block, std::size_t bytes) noexcept
{
    if (block == nullptr)
        return;
    ::operator delete (block, std::align_val_t{alignment});
    held.fetch_sub(bytes, std::memory_order_relaxed);
}

#ifdef XGRAD_POOL

constexpr std::size_t largest_pooled = std::size_t{1} << 28; // larger blocks go straight to the system

// Small sizes are rounded up to 16 bytes. Their blocks are cut from slabs, because the system's overhead would be half
// of each. Other sizes are rounded up to a quarter of a power of two, so at most a fifth of a block is unused.
constexpr std::size_t granule = 16, largest_small = 512, small_classes = largest_small / granule;
constexpr std::size_t slab_bytes = std::size_t{1} << 13;

constexpr std::size_t whole_lines(std::size_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

struct SizeClass
{
    std::size_t index;
    std::size_t bytes;

    bool is_small() const { return index < small_classes; }
};

SizeClass size_class(std::size_t bytes)
{
    if (bytes <= largest_small) {
        const std::size_t granules = std::max<std::size_t>((bytes + granule - 1) / granule, 1);
        return {granules - 1, granules * granule};
    }
    const std::size_t last = bytes - 1;
    const auto exponent = static_cast<std::size_t>(std::bit_width(last)) - 1; // 2^exponent <= last
    const std::size_t quarter = (last >> (exponent - 2)) & 3;
    const std::size_t rounded = (quarter + 5) << (exponent - 2);
    return {small_classes + (exponent - 9) * 4 + quarter, whole_lines(rounded)};
}

/** The bytes of a class that is not small. */
std::size_t bytes_of_class(std::size_t index)
{
    const std::size_t exponent = (index - small_classes) / 4 + 9, quarter = (index - small_classes) % 4;
    return whole_lines((quarter + 5) << (exponent - 2));
}

/** The size class of an array. Its size is a multiple of the alignment, so every block of a slab is aligned. */
SizeClass array_class(std::size_t bytes)
{
    const std::size_t used = std::max<std::size_t>(bytes, 1);
    return size_class(used <= largest_small ? whole_lines(used) : used);
}

constexpr std::size_t classes = small_classes + (28 - 9) * 4;

/** The number of free blocks of a size that a thread keeps for itself. Without a limit, a thread that frees what others
 *  allocate would hoard blocks, and the others would ask the system for ever more. */
std::uint32_t thread_limit(std::size_t bytes)
{
    const std::size_t most = bytes <= largest_small ? 64 : 16;
    return static_cast<std::uint32_t>(std::min<std::size_t>((std::size_t{5} << 17) / bytes, most));
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
    void release(std::size_t bytes_of_each) noexcept
    {
        while (FreeBlock* block = pop())
            system_deallocate(block, bytes_of_each);
    }
};

/** The blocks that threads have given back beyond their own limits. */
struct SharedPool
{
    std::mutex mutex;
    std::array<FreeList, classes> free{};
    std::uint64_t uses = 0; // since it was last looked for what is idle

    static SharedPool& instance()
    {
        static detail::NeverDestroyed<SharedPool> pool; // arrays may outlive every static object
        // A child of this process gets the pool as no thread is changing it.
        [[maybe_unused]] static const int at_fork =
            pthread_atfork([] { pool->mutex.lock(); }, [] { pool->mutex.unlock(); }, [] { pool->mutex.unlock(); });
        return *pool;
    }

    /** A block of a size, from the free list or new. The caller holds the mutex. */
    void* take(const SizeClass& size)
    {
        if (FreeBlock* block = free[size.index].pop())
            return block;
        if (!size.is_small())
            return system_allocate(size.bytes);
        std::vector<Slab>& slabs = slabs_[size.index];
        if (slabs.empty() || (slabs.back().cut + 1) * size.bytes > slab_bytes) {
            if (slabs.size() == slabs.capacity())
                slabs.reserve(2 * slabs.size() + 1); // before there is a slab that could be lost
            slabs.push_back({static_cast<std::byte*>(system_allocate(slab_bytes))});
        }
        return slabs.back().begin + slabs.back().cut++ * size.bytes;
    }

    /** Gives free blocks back to the system: all large ones, and the small ones whose whole slab is free. */
    void release() noexcept
    {
        for (std::size_t index = 0; index < small_classes; ++index)
            release_slabs(index);
        for (std::size_t index = small_classes; index < classes; ++index)
            free[index].release(bytes_of_class(index));
    }

  private:
    struct Slab
    {
        std::byte* begin;
        std::size_t cut = 0, unused = 0; // numbers of blocks
    };

    void release_slabs(std::size_t index) noexcept
    {
        std::vector<Slab>& slabs = slabs_[index];
        std::sort(slabs.begin(), slabs.end(), [](const Slab& a, const Slab& b) { return a.begin < b.begin; });
        const auto slab_of = [&](const FreeBlock* block) -> Slab& {
            const auto begins_behind = [](const void* place, const Slab& slab) { return place < slab.begin; };
            return *(std::upper_bound(slabs.begin(), slabs.end(), static_cast<const void*>(block), begins_behind) - 1);
        };
        for (Slab& slab : slabs)
            slab.unused = 0;
        for (const FreeBlock* block = free[index].first; block; block = block->next)
            ++slab_of(block).unused;
        const auto is_unused = [](const Slab& slab) { return slab.unused == slab.cut; };
        FreeList kept{};
        while (FreeBlock* block = free[index].pop())
            if (!is_unused(slab_of(block)))
                kept.push(block);
        free[index] = kept;
        for (const Slab& slab : slabs)
            if (is_unused(slab))
                system_deallocate(slab.begin, slab_bytes);
        std::erase_if(slabs, is_unused);
    }

    std::array<std::vector<Slab>, small_classes> slabs_; // the last slab of a size is the one being cut
};

// Plain data: reading it needs no initialisation guard.
struct ThreadCache : detail::KeptByThread
{
    std::array<FreeList, classes> free{};

    constexpr ThreadCache() : KeptByThread{hand_over} {}

    static void hand_over(KeptByThread& kept, bool) noexcept
    {
        auto& cache = static_cast<ThreadCache&>(kept);
        SharedPool& shared = SharedPool::instance();
        const std::lock_guard lock(shared.mutex);
        for (std::size_t index = 0; index < classes; ++index)
            cache.free[index].move_to(shared.free[index], cache.free[index].count);
    }
};
constinit thread_local ThreadCache cache;

/** The number of free blocks of a size that this thread may keep now. */
std::uint32_t own_limit(std::size_t bytes) { return detail::keep_by_thread(cache) ? thread_limit(bytes) : 0; }

#endif

} // namespace

#ifdef XGRAD_POOL

namespace
{

void* take(const SizeClass& size)
{
    FreeList& own = cache.free[size.index];
    if (FreeBlock* block = own.pop())
        return block;
    SharedPool& shared = SharedPool::instance();
    const std::lock_guard lock(shared.mutex);
    ++shared.uses;
    void* const block = shared.take(size);
    shared.free[size.index].move_to(own, own_limit(size.bytes) / 2);
    return block;
}

void give_back(void* block, const SizeClass& size) noexcept
{
    FreeList& own = cache.free[size.index];
    own.push(static_cast<FreeBlock*>(block));
    if (const std::uint32_t limit = own_limit(size.bytes); own.count > limit) {
        SharedPool& shared = SharedPool::instance();
        const std::lock_guard lock(shared.mutex);
        ++shared.uses;
        own.move_to(shared.free[size.index], own.count - limit / 2);
    }
}

} // namespace

void* allocate(std::size_t bytes) { return bytes > largest_pooled ? system_allocate(bytes) : take(array_class(bytes)); }

void deallocate(void* block, std::size_t bytes) noexcept
{
    if (!block)
        return;
    if (bytes > largest_pooled)
        system_deallocate(block, bytes);
    else
        give_back(block, array_class(bytes));
}

void* allocate_object(std::size_t bytes) { return bytes > largest_small ? allocate(bytes) : take(size_class(bytes)); }

void deallocate_object(void* block, std::size_t bytes) noexcept
{
    if (block && bytes <= largest_small)
        give_back(block, size_class(bytes));
    else
        deallocate(block, bytes);
}

#else

void* allocate(std::size_t bytes) { return system_allocate(bytes); }
void deallocate(void* block, std::size_t bytes) noexcept { system_deallocate(block, bytes); }
void* allocate_object(std::size_t bytes) { return system_allocate(bytes); }
void deallocate_object(void* block, std::size_t bytes) noexcept { system_deallocate(block, bytes); }

#endif

namespace
{

/** Gives the process's free blocks back. @param idle  true to keep them if they were used since the last such call */
void release_shared_memory(bool idle) noexcept
{
#ifdef XGRAD_POOL
    SharedPool& shared = SharedPool::instance();
    const std::lock_guard lock(shared.mutex);
    if (idle && std::exchange(shared.uses, 0) > 0)
        return;
    const std::size_t before = held;
    shared.release();
    if (idle && held == before)
        return;
#else
    if (idle)
        return;
#endif
#ifdef __GLIBC__
    malloc_trim(0); // else most of what has just been freed stays with the C library
#endif
}

std::atomic<double> idle_time{10};

} // namespace

void release_unused_memory() noexcept
{
    detail::release_kept_memory();
    detail::on_idle_workers(detail::release_kept_memory);
    release_shared_memory(false);
}

void detail::release_idle_memory() noexcept
{
    release_kept_memory();
    release_shared_memory(true);
}

MemoryUse memory_use() noexcept { return {held.load(), most_held.load()}; }

void forget_peak_memory() noexcept { most_held = held.load(); }

void set_idle_time_of_memory(double seconds)
{
    if (!(seconds > 0))
        throw Error("[set_idle_time_of_memory] the time must be positive");
    idle_time = seconds;
}

double detail::idle_time_of_memory() noexcept { return idle_time; }

} // namespace xgrad
