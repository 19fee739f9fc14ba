#include <xgrad/base/kept_by_thread.hpp>

#include <atomic>
#include <pthread.h>
#include <utility>

namespace xgrad
{

namespace
{

using detail::KeptByThread;

struct ThreadEnd
{
    KeptByThread* last; // the others follow
    bool has_come;
};
constinit thread_local ThreadEnd thread_end{};

void release_all(bool thread_ends) noexcept
{
    for (KeptByThread* kept = thread_end.last; kept; kept = kept->next)
        kept->release(*kept, thread_ends);
}

extern "C" void xgrad_end_of_thread(void*)
{
    release_all(true);
    thread_end.has_come = true;
    while (KeptByThread* const kept = thread_end.last) {
        thread_end.last = kept->next;
        kept->is_known = false;
    }
}

/** A key whose destructor runs at the end of each thread that has set it. thread_local objects would do this, too, but
 *  glibc ends the program if it has no memory to register their destructors. */
struct Key
{
    pthread_key_t key{};
    bool exists = pthread_key_create(&key, xgrad_end_of_thread) == 0;
};

} // namespace

bool detail::keep_by_thread(KeptByThread& kept) noexcept
{
    if (kept.is_known)
        return true;
    static const Key key;
    if (thread_end.has_come || !key.exists || pthread_setspecific(key.key, &thread_end) != 0)
        return false;
    kept.next = std::exchange(thread_end.last, &kept);
    kept.is_known = true;
    return true;
}

void detail::release_kept_memory() noexcept { release_all(false); }

std::uint64_t detail::number_of_thread() noexcept
{
    static std::atomic<std::uint64_t> last{0};
    constinit static thread_local std::uint64_t own = 0;
    if (own == 0)
        own = ++last;
    return own;
}

} // namespace xgrad
