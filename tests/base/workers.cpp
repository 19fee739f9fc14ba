#include "threads.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/workers.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace xgrad;
using detail::parallel_for;
using test::Threads;

TEST_CASE("the number of threads is as many as there are cores until it is set")
{
    CHECK(threads() >= 1);
    const Threads set(3);
    CHECK(threads() == 3);
    CHECK_THROWS_WITH_AS(set_threads(0), "[set_threads] at least one thread is needed", Error);
    CHECK(threads() == 3);
}

TEST_CASE("every task runs once")
{
    for (std::size_t count : {0u, 1u, 2u, 3u, 7u, 100u, 1000u})
        for (std::size_t threads : {1u, 2u, 5u, 16u}) {
            const Threads set(threads);
            std::vector<std::atomic<int>> runs(count);
            parallel_for(count, [&](std::size_t i) { ++runs[i]; });
            CHECK(std::all_of(runs.begin(), runs.end(), [](const auto& times) { return times == 1; }));
        }
}

TEST_CASE("with the help of awake workers alone every task runs once, whether any worker is awake or not")
{
    for (std::size_t threads : {1u, 2u, 5u}) {
        const Threads set(threads);
        for (int repeat = 0; repeat < 100; ++repeat) {
            std::vector<std::atomic<int>> runs(70);
            if (repeat % 3 == 0)
                std::this_thread::sleep_for(std::chrono::milliseconds(1)); // they fall asleep
            else
                parallel_for(10, [&](std::size_t i) { runs[i] += 0; });
            parallel_for(
                runs.size(), [&](std::size_t i) { ++runs[i]; }, detail::Helpers::awake);
            CHECK(std::all_of(runs.begin(), runs.end(), [](const std::atomic<int>& n) { return n == 1; }));
        }
    }
}

TEST_CASE("what the tasks wrote is there when the call returns")
{
    const Threads set(4);
    for (int repeat = 0; repeat < 200; ++repeat) {
        std::vector<std::size_t> squares(50); // plain memory: thread sanitizers watch
        parallel_for(squares.size(), [&](std::size_t i) { squares[i] = i * i; });
        bool complete = true;
        for (std::size_t i = 0; i < squares.size(); ++i)
            complete = complete && squares[i] == i * i;
        CHECK(complete);
    }
}

TEST_CASE("tasks run on several threads at once, on no more than asked for")
{
    const Threads set(3);
    std::atomic<int> waiting{0}, most{0};
    parallel_for(3, [&](std::size_t) {
        ++waiting;
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (waiting < 3 && std::chrono::steady_clock::now() < deadline)
            std::this_thread::yield();
    });
    CHECK(waiting == 3); // each waited for the others

    std::atomic<int> running{0};
    parallel_for(200, [&](std::size_t) {
        const int now = ++running;
        int before = most;
        while (now > before && !most.compare_exchange_weak(before, now)) {
        }
        std::this_thread::yield();
        --running;
    });
    CHECK(most <= 3);
}

TEST_CASE("with one thread all tasks run on the caller's, in order")
{
    const Threads set(1);
    std::vector<std::size_t> order;
    const auto caller = std::this_thread::get_id();
    parallel_for(10, [&](std::size_t i) {
        CHECK(std::this_thread::get_id() == caller);
        order.push_back(i);
    });
    CHECK(order == std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("the exception of the lowest task that threw comes out, after all tasks have run")
{
    for (std::size_t threads : {1u, 2u, 4u}) {
        const Threads set(threads);
        for (int repeat = 0; repeat < 50; ++repeat) {
            std::atomic<int> runs{0};
            CHECK_THROWS_WITH_AS(parallel_for(30,
                                              [&](std::size_t i) {
                                                  ++runs;
                                                  if (i == 5 || i == 6 || i == 29)
                                                      throw std::runtime_error(std::to_string(i));
                                              }),
                                 "5", std::runtime_error);
            CHECK(runs == 30);
        }
        std::atomic<int> runs{0};
        parallel_for(30, [&](std::size_t) { ++runs; });
        CHECK(runs == 30);
    }
}

TEST_CASE("a call inside of a task runs on the task's thread")
{
    const Threads set(3);
    std::atomic<int> runs{0}, elsewhere{0};
    parallel_for(6, [&](std::size_t) {
        const auto thread = std::this_thread::get_id();
        parallel_for(6, [&](std::size_t) {
            ++runs;
            if (std::this_thread::get_id() != thread)
                ++elsewhere;
        });
    });
    CHECK(runs == 36);
    CHECK(elsewhere == 0);
}

TEST_CASE("a task that is the only one may call others to its help")
{
    const Threads set(2);
    std::atomic<int> waiting{0};
    parallel_for(1, [&](std::size_t) {
        CHECK_FALSE(detail::is_shared_out());
        parallel_for(2, [&](std::size_t) {
            CHECK(detail::is_shared_out());
            ++waiting;
            const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
            while (waiting < 2 && std::chrono::steady_clock::now() < deadline)
                std::this_thread::yield();
        });
    });
    CHECK(waiting == 2);
}

TEST_CASE("a task that throws leaves its thread outside of the job")
{
    const Threads set(2);
    CHECK_THROWS(parallel_for(2, [&](std::size_t) { throw std::runtime_error("x"); }));
    std::atomic<int> waiting{0}; // only true parallel work gets both tasks here
    parallel_for(2, [&](std::size_t) {
        ++waiting;
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (waiting < 2 && std::chrono::steady_clock::now() < deadline)
            std::this_thread::yield();
    });
    CHECK(waiting == 2);
}

TEST_CASE("several threads call at once, while the number of threads changes")
{
    const Threads set(2);
    std::atomic<int> wrong{0};
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 4; ++caller)
        callers.emplace_back([&, caller] {
            for (int repeat = 0; repeat < 200; ++repeat) {
                set_threads(static_cast<std::size_t>(1 + (caller + repeat) % 4));
                std::atomic<int> runs{0};
                parallel_for(20, [&](std::size_t) { ++runs; });
                if (runs != 20)
                    ++wrong;
            }
        });
    for (std::thread& caller : callers)
        caller.join();
    CHECK(wrong == 0);
}
