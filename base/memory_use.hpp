#pragma once

#include <cstddef>

namespace xgrad
{

/** Bytes of arrays and tapes. */
struct MemoryUse
{
    std::size_t now = 0;  ///< those taken from the system and not given back, with what is kept for reuse
    std::size_t peak = 0; ///< the largest `now` since the program began or since `forget_peak_memory`
};

/** The memory that the library's pool holds. The system's own overhead and the kernels' scratch memory are not in it.
 */
MemoryUse memory_use() noexcept;

/** Makes the peak what is held now. */
void forget_peak_memory() noexcept;

/** Sets how often a worker that has nothing to do looks for unused memory, at first every 10 s. It gives its own back
 *  to the system, and what all threads together keep, if nobody has used that since the last look. Without workers, ask
 *  by `release_unused_memory`.
 *  @param seconds  infinite for never  @throws Error if it is not positive */
void set_idle_time_of_memory(double seconds);

namespace detail
{

/** The idle time in seconds, for workers. */
double idle_time_of_memory() noexcept;

/** Gives the memory that this thread keeps back, and what all threads together keep unless it was used since the last
 *  call. */
void release_idle_memory() noexcept;

} // namespace detail

} // namespace xgrad
