// What workers and memory do when a process forks or ends.
#include "child.hpp"
#include "threads.hpp"
#include <xgrad/base/memory.hpp>
#include <xgrad/base/never_destroyed.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <vector>

using namespace xgrad;
using detail::parallel_for;
using test::exit_status_of;
using test::Threads;

#ifndef XGRAD_THREAD_SANITIZER

namespace
{

int sum_of_tasks(std::size_t count)
{
    std::atomic<int> sum{0};
    parallel_for(count, [&](std::size_t i) { sum += static_cast<int>(i); });
    return sum;
}

/** Makes workers and waits until they sleep. */
void make_workers()
{
    sum_of_tasks(10);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

} // namespace

TEST_CASE("a child of a process with workers has workers of its own, and ends")
{
    const Threads set(3);
    make_workers();
    CHECK(exit_status_of([] { std::exit(sum_of_tasks(10)); }) == 45);
    CHECK(exit_status_of([] {}) == 0);
    CHECK(sum_of_tasks(10) == 45);
}

#ifndef XGRAD_ADDRESS_SANITIZER // it takes the place of the allocator

TEST_CASE("a child can allocate, whatever other threads did while the process forked")
{
    std::atomic<bool> ends{false};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < 2; ++i)
        threads.emplace_back([&] {
            while (!ends) {
                void* blocks[200];
                for (void*& block : blocks)
                    block = allocate(20'000);
                for (void* block : blocks)
                    deallocate(block, 20'000);
            }
        });
    for (int repeat = 0; repeat < 20; ++repeat)
        CHECK(exit_status_of([] {
                  for (std::size_t bytes = 16; bytes < 100'000; bytes *= 2)
                      deallocate(allocate(bytes), bytes);
              }) == 0);
    ends = true;
    for (std::thread& thread : threads)
        thread.join();
}

#endif

TEST_CASE("std::exit in a task ends the process, while other threads work")
{
    for (const std::size_t last : {std::size_t{0}, std::size_t{63}})
        CHECK(exit_status_of([&] {
                  set_threads(4);
                  parallel_for(64, [&](std::size_t i) {
                      std::this_thread::sleep_for(std::chrono::milliseconds(1));
                      if (i == last)
                          std::exit(7);
                  });
              }) == 7);
}

#endif

namespace
{

struct Counted
{
    static inline int destroyed = 0;
    int value = 3;
    ~Counted() { ++destroyed; }
};

} // namespace

TEST_CASE("an object that is never destroyed")
{
    {
        detail::NeverDestroyed<Counted> object;
        CHECK(object->value == 3);
        object->value = 4;
        CHECK((*object).value == 4);
        object.make_anew();
        CHECK(object->value == 3);
    }
    CHECK(Counted::destroyed == 0);
}
