#include <xgrad/graph/error.hpp>
#include <xgrad/graph/workers.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace xgrad
{

namespace
{

std::atomic<std::size_t> thread_count{0}; // 0: not yet asked for

/** One call of parallel_for. */
struct Job
{
    detail::FunctionRef<void(std::size_t)> task;
    std::size_t count;
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::size_t failed_task = 0;
    std::exception_ptr failure;

    Job(detail::FunctionRef<void(std::size_t)> each, std::size_t tasks) : task(each), count(tasks) {}

    void work()
    {
        for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) {
            try {
                task(i);
            } catch (...) {
                const std::lock_guard lock(mutex);
                if (!failure || i < failed_task) {
                    failure = std::current_exception();
                    failed_task = i;
                }
            }
        }
    }
};

class Workers
{
  public:
    ~Workers()
    {
        {
            const std::lock_guard lock(mutex_);
            ending_ = true;
        }
        wake_.notify_all();
        for (std::thread& thread : pool_)
            thread.join();
    }

    /** @param helpers  how many workers may join the caller */
    void run(Job& job, std::size_t helpers)
    {
        const std::unique_lock busy(in_use_, std::try_to_lock);
        if (busy.owns_lock() && helpers > 0) {
            grow(helpers);
            {
                const std::lock_guard lock(mutex_);
                job_ = &job;
                places_ = helpers;
            }
            wake_.notify_all();
        }
        job.work();
        if (busy.owns_lock()) {
            std::unique_lock lock(mutex_);
            job_ = nullptr; // who has not joined by now finds nothing to do
            done_.wait(lock, [&] { return working_ == 0; });
        }
    }

  private:
    void grow(std::size_t count)
    {
        while (pool_.size() < count)
            pool_.emplace_back([this] { serve(); });
    }

    void serve()
    {
        std::unique_lock lock(mutex_);
        for (;;) {
            wake_.wait(lock, [&] { return ending_ || (job_ && places_ > 0); });
            if (ending_)
                return;
            Job& job = *job_;
            --places_;
            ++working_;
            lock.unlock();
            job.work();
            lock.lock();
            if (--working_ == 0)
                done_.notify_one();
        }
    }

    std::mutex in_use_; // held by the thread whose job the workers serve
    std::mutex mutex_;  // guards what follows
    std::condition_variable wake_, done_;
    Job* job_ = nullptr;
    std::size_t places_ = 0, working_ = 0;
    bool ending_ = false;
    std::vector<std::thread> pool_;
};

thread_local bool inside_job = false;

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

void detail::parallel_for(std::size_t count, FunctionRef<void(std::size_t)> task)
{
    const std::size_t helpers = inside_job || count < 2 ? 0 : std::min(threads(), count) - 1;
    const auto guarded = [&](std::size_t i) {
        struct Inside
        {
            bool before = std::exchange(inside_job, true);
            ~Inside() { inside_job = before; }
        } inside;
        task(i);
    };
    Job job(guarded, count);
    if (helpers == 0) {
        job.work();
    } else {
        static Workers workers;
        workers.run(job, helpers);
    }
    if (job.failure)
        std::rethrow_exception(job.failure);
}

} // namespace xgrad
