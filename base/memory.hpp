#pragma once

#include <cstddef>
#include <new>

namespace xgrad
{

/** Returns 64-byte aligned storage from a pool. Freed blocks are kept in lists by size, first in the thread's lists,
 *  then in the process's. They are handed out again without a call of malloc. */
void* allocate(std::size_t bytes);
void deallocate(void* block, std::size_t bytes) noexcept;

/** Returns storage of the pool for an object that needs only the usual alignment. Small ones lie closer. */
void* allocate_object(std::size_t bytes);
void deallocate_object(void* block, std::size_t bytes) noexcept;

/** Gives memory that is kept for reuse back to the system: the pool's unused blocks, and the room that tapes and
 * kernels have used. It reaches what this thread, idle workers and all threads together keep, not what other threads
 * keep for themselves. */
void release_unused_memory() noexcept;

/** The standard allocator interface to the pool. Its type does not depend on compiler flags. */
template <class T>
struct PooledAllocator
{
    using value_type = T;

    PooledAllocator() = default;
    template <class U>
    PooledAllocator(const PooledAllocator<U>&) noexcept
    {}

    T* allocate(std::size_t count)
    {
        if (count > static_cast<std::size_t>(-1) / sizeof(T))
            throw std::bad_array_new_length();
        return static_cast<T*>(xgrad::allocate(count * sizeof(T)));
    }
    void deallocate(T* block, std::size_t count) noexcept { xgrad::deallocate(block, count * sizeof(T)); }

    friend bool operator==(const PooledAllocator&, const PooledAllocator&) { return true; }
    friend bool operator!=(const PooledAllocator&, const PooledAllocator&) { return false; }
};

} // namespace xgrad
