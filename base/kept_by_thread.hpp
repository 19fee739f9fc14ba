#pragma once

#include <cstdint>

namespace xgrad::detail
{

/** Memory that a thread keeps for reuse: the base of a thread-local object that is `constinit`. It is released when its
 *  thread ends, after the destructors of other thread-local objects, and when release_unused_memory asks for it. It is
 *  not released when the program ends, so static objects may use it in their destructors. */
struct KeptByThread
{
    void (*release)(KeptByThread& kept, bool thread_ends) noexcept;
    KeptByThread* next = nullptr;
    bool is_known = false;
};

/** Has the memory released when this thread ends. What became known last is released first. Returns false if the
 *  system has no room for that or the thread is ending; then nothing should be kept. */
bool keep_by_thread(KeptByThread& kept) noexcept;

/** Releases all memory that this thread keeps. */
void release_kept_memory() noexcept;

/** A number that no other thread has or had. */
std::uint64_t number_of_thread() noexcept;

} // namespace xgrad::detail
