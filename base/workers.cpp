#include <xgrad/base/error.hpp>
#include <xgrad/base/for_scope.hpp>
#include <xgrad/base/memory_use.hpp>
#include <xgrad/base/never_destroyed.hpp>
#include <xgrad/base/workers.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <pthread.h>
#include <thread>
#include <utility>

namespace xgrad
{

namespace
{

std::atomic<std::size_t> thread_count{0}; // 0: not yet asked for

/** One call of parallel_for. The tasks are dealt out in stretches of neighbours, one for each thread that may come. So
 *  what neighbours share stays in one core's cache. A thread that has finished its own stretch goes on with the
 *  others. */
class Job
{
  public:
    Job(detail::FunctionRef<void(std::size_t)> each, std::size_t tasks, std::size_t threads)
        : task_(each), count_(tasks), stretches_(std::min(threads, most_stretches))
    {
        for (std::size_t i = 0; i < stretches_; ++i)
            next_[i] = begin(i);
    }

    void work()
    {
        const std::size_t own = joined_++;
        for (std::size_t turn = 0; turn < stretches_; ++turn) {
            const std::size_t stretch = (own + turn) % stretches_, end = begin(stretch + 1);
            for (std::size_t i = next_[stretch]++; i < end; i = next_[stretch]++)
                run(i);
        }
    }

    std::exception_ptr failure() const { return failure_; }

  private:
    static constexpr std::size_t most_stretches = 64;

    std::size_t begin(std::size_t stretch) const { return stretch * count_ / stretches_; }

    void run(std::size_t i)
    {
        try {
            task_(i);
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!failure_ || i < failed_task_) {
                failure_ = std::current_exception();
                failed_task_ = i;
            }
        }
    }

    detail::FunctionRef<void(std::size_t)> task_;
    std::size_t count_, stretches_;
    std::atomic<std::size_t> joined_{0};
    std::array<std::atomic<std::size_t>, most_stretches> next_; // the next task of each stretch
    std::mutex mutex_;
    std::size_t failed_task_ = 0;
    std::exception_ptr failure_;
};

/** Waits for something to happen, in a loop, for as long as it takes to be woken up, about 50 µs: to sleep at once
 *  would cost as much. Other threads that want the processor get it. */
template <class Happened>
void look_out(Happened happened)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(50);
    while (!happened() && std::chrono::steady_clock::now() < end)
        std::this_thread::yield();
}

/** The threads that help. They never end: std::exit may be called while they work, even by one of them. */
class Workers
{
  public:
    static Workers& instance()
    {
        static detail::NeverDestroyed<Workers> workers;
        // A child of this process has none of the threads, and locks in whatever state they were.
        [[maybe_unused]] static const int at_fork = pthread_atfork(nullptr, nullptr, [] { workers.make_anew(); });
        return *workers;
    }

    /** Runs a job. @param places  the number of workers that may join the caller */
    void run(Job& job, std::size_t places, detail::Helpers helpers)
    {
        const std::unique_lock busy(in_use_, std::try_to_lock);
        if (busy.owns_lock()) {
            if (helpers == detail::Helpers::all)
                grow(places);
            {
                const std::lock_guard lock(mutex_);
                job_ = &job;
                places_ = places;
            }
            if (helpers == detail::Helpers::all)
                wake_.notify_all();
        }
        job.work();
        if (busy.owns_lock()) {
            std::unique_lock lock(mutex_);
            places_ = 0; // a worker that has not joined by now finds nothing to do
            if (working_ > 0) {
                lock.unlock();
                look_out([&] { return working_ == 0; });
                lock.lock();
            }
            done_.wait(lock, [&] { return working_ == 0; });
        }
    }

    /** Runs something on every worker, unless a job runs. */
    void run_on_each(void (*errand)() noexcept)
    {
        const std::unique_lock busy(in_use_, std::try_to_lock);
        if (!busy.owns_lock())
            return;
        std::unique_lock lock(mutex_);
        errand_ = errand;
        ++errands_;
        working_ = count_;
        wake_.notify_all();
        done_.wait(lock, [&] { return working_ == 0; });
    }

  private:
    void grow(std::size_t count)
    {
        try {
            for (; count_ < count; ++count_)
                std::thread([this, errands = errands_] { serve(errands); }).detach();
        } catch (const std::exception&) {
            // The system gives no more threads, or no memory for one: those that exist do the job.
        }
    }

    /** Waits for a job or an errand, and meanwhile gives back memory that nobody uses. */
    void wait_for_work(std::unique_lock<std::mutex>& lock, std::uint64_t errands)
    {
        const auto wanted = [&] { return places_ > 0 || errands != errands_; };
        const auto next_look = [] { // of the system's clock: sanitizers know no other waiting with a bound
            const std::chrono::duration<double> idle(std::min(detail::idle_time_of_memory(), 1e9));
            return std::chrono::system_clock::now() + std::chrono::duration_cast<std::chrono::microseconds>(idle);
        };
        while (!wake_.wait_until(lock, next_look(), wanted)) {
            lock.unlock();
            detail::release_idle_memory();
            lock.lock();
        }
    }

    /** @param errands  the number of errands before this worker came */
    void serve(std::uint64_t errands)
    {
        std::unique_lock lock(mutex_);
        for (;;) {
            if (places_ == 0) {
                lock.unlock();
                look_out([&] { return places_ > 0; });
                lock.lock();
            }
            wait_for_work(lock, errands);
            if (errands != errands_) {
                ++errands;
                errand_();
            } else {
                Job& job = *job_;
                --places_;
                ++working_;
                lock.unlock();
                job.work();
                lock.lock();
            }
            if (--working_ == 0)
                done_.notify_one();
        }
    }

    std::mutex in_use_; // held by the thread whose job the workers serve
    std::mutex mutex_;  // held by whoever changes the members below
    std::condition_variable wake_, done_;
    Job* job_ = nullptr;
    std::atomic<std::size_t> places_{0}, working_{0};
    void (*errand_)() noexcept = nullptr;
    std::uint64_t errands_ = 0;
    std::size_t count_ = 0; // of threads
};

constinit thread_local std::uint64_t task_of_thread = 0;

/** The number before that of the first task of a call. */
std::uint64_t next_call()
{
    static std::atomic<std::uint64_t> calls{0};
    return (calls.fetch_add(1, std::memory_order_relaxed) + 1) << 32;
}

} // namespace

std::size_t threads()
{
    const std::size_t count = thread_count.load(std::memory_order_relaxed);
    return count ? count : std::max(1u, std::thread::hardware_concurrency());
}

void set_threads(std::size_t count)
{
    if (count == 0)
        throw Error("[set_threads] at least one thread is needed");
    thread_count.store(count, std::memory_order_relaxed);
}

bool detail::is_shared_out() { return task_of_thread != 0; }

std::uint64_t detail::current_task() { return task_of_thread; }

void detail::parallel_for(std::size_t count, FunctionRef<void(std::size_t)> task, Helpers helpers)
{
    parallel_for_some(count, count, task, helpers);
}

void detail::parallel_for_some(std::size_t count, std::size_t all, FunctionRef<void(std::size_t)> task, Helpers helpers)
{
    if (count == 1 && all == 1)
        return task(0); // which may be cut further
    const std::uint64_t outer = task_of_thread, call = outer == 0 ? next_call() : 0;
    const std::size_t places = outer != 0 || count == 0 ? 0 : std::min(threads(), count) - 1;
    const auto guarded = [&](std::size_t i) {
        const ForScope inside(task_of_thread, outer != 0 ? outer : call + i + 1);
        task(i);
    };
    Job job(guarded, count, places + 1);
    if (places == 0)
        job.work();
    else
        Workers::instance().run(job, places, helpers);
    if (job.failure())
        std::rethrow_exception(job.failure());
}

void detail::on_idle_workers(void (*errand)() noexcept) noexcept
{
    if (!is_shared_out())
        Workers::instance().run_on_each(errand);
}

} // namespace xgrad
