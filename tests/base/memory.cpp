#include "sanitizers.hpp"
#include "threads.hpp"
#include <xgrad/base/array.hpp>
#include <xgrad/base/error.hpp>
#include <xgrad/base/memory.hpp>
#include <xgrad/base/memory_use.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/base/workers.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <mutex>
#include <new>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace xgrad;

namespace
{

/** A block filled with a number of its own, so that blocks that overlap are noticed. */
struct Block
{
    unsigned char* begin;
    std::size_t bytes;
    unsigned char mark;

    Block(std::size_t size, unsigned char number)
        : begin(static_cast<unsigned char*>(allocate(size))), bytes(size), mark(number)
    {
        std::memset(begin, mark, bytes);
    }
    bool is_intact() const
    {
        return std::all_of(begin, begin + bytes, [&](unsigned char byte) { return byte == mark; });
    }
    void free() { deallocate(begin, bytes); }
};

bool is_aligned(const void* block) { return reinterpret_cast<std::uintptr_t>(block) % 64 == 0; }

} // namespace

TEST_CASE("blocks of all small sizes are aligned and do not overlap")
{
    std::vector<Block> blocks;
    for (std::size_t bytes = 1; bytes <= 2100; ++bytes)
        blocks.emplace_back(bytes, static_cast<unsigned char>(bytes % 251));
    bool good = true;
    for (const Block& block : blocks)
        good = good && is_aligned(block.begin) && block.is_intact();
    CHECK(good);
    for (Block& block : blocks)
        block.free();
}

TEST_CASE("blocks around the borders between sizes hold what they were asked for")
{
    // Quarters of powers of two, one byte below to one above, twice: the second time from the pool.
    for (int repeat = 0; repeat < 2; ++repeat)
        for (std::size_t power = 64; power <= (std::size_t{1} << 22); power *= 2)
            for (std::size_t quarter = 4; quarter < 8; ++quarter) {
                std::vector<Block> blocks;
                for (std::size_t bytes : {power / 4 * quarter - 1, power / 4 * quarter, power / 4 * quarter + 1})
                    blocks.emplace_back(bytes, static_cast<unsigned char>(bytes % 251 + 1));
                for (Block& block : blocks) {
                    CAPTURE(block.bytes);
                    CHECK((is_aligned(block.begin) && block.is_intact()));
                    block.free();
                }
            }
}

TEST_CASE("blocks too large for the pool")
{
    const std::size_t limit = std::size_t{1} << 28;
    for (std::size_t bytes : {limit - 1, limit, limit + 1}) {
        auto* block = static_cast<unsigned char*>(allocate(bytes));
        CHECK(is_aligned(block));
        block[0] = 1;
        block[bytes - 1] = 2;
        deallocate(block, bytes);
    }
    release_unused_memory();
}

TEST_CASE("a size that cannot be is an exception")
{
    PooledAllocator<double> allocator;
    CHECK_THROWS_AS(allocator.allocate(std::numeric_limits<std::size_t>::max() / 2), std::bad_array_new_length);
}

TEST_CASE("no bytes and no block")
{
    void* block = allocate(0);
    CHECK(is_aligned(block));
    deallocate(block, 0);
    deallocate(nullptr, 0);
    deallocate(nullptr, 1000);
}

TEST_CASE("any order of taking and giving back")
{
    Random random(5);
    std::vector<Block> blocks;
    bool intact = true;
    for (int step = 0; step < 20000; ++step) {
        if (blocks.size() < 100 && random.uniform() < 0.55) {
            const auto bytes = static_cast<std::size_t>(1 + random.below(std::uint64_t{1} << random.below(15)));
            blocks.emplace_back(bytes, static_cast<unsigned char>(step % 251));
        } else if (!blocks.empty()) {
            std::swap(blocks[static_cast<std::size_t>(random.below(blocks.size()))], blocks.back());
            intact = intact && blocks.back().is_intact();
            blocks.back().free();
            blocks.pop_back();
        }
    }
    for (Block& block : blocks)
        block.free();
    CHECK(intact);
}

TEST_CASE("blocks are given back on another thread than they were taken on")
{
    for (int repeat = 0; repeat < 20; ++repeat) {
        std::vector<Block> blocks;
        for (std::size_t i = 0; i < 200; ++i)
            blocks.emplace_back(i * 37 + 1, static_cast<unsigned char>(i));
        std::atomic<bool> intact{true};
        std::thread([&] {
            for (Block& block : blocks) {
                intact = intact && block.is_intact();
                block.free();
            }
            for (std::size_t i = 0; i < 200; ++i)
                blocks[i] = Block(i * 37 + 1, static_cast<unsigned char>(i + 1));
        }).join(); // when the thread ends, the blocks that it kept become free for all
        for (Block& block : blocks) {
            intact = intact && block.is_intact();
            block.free();
        }
        CHECK(intact);
    }
}

TEST_CASE("threads exchange blocks all the time")
{
    std::mutex mutex;
    std::vector<Block> shared;
    std::atomic<bool> intact{true};
    std::vector<std::thread> threads;
    for (std::uint64_t number = 0; number < 4; ++number)
        threads.emplace_back([&, number] {
            Random random(number);
            for (int step = 0; step < 3000; ++step) {
                Block mine(static_cast<std::size_t>(1 + random.below(5000)), static_cast<unsigned char>(number + 1));
                const std::lock_guard lock(mutex);
                shared.push_back(mine);
                if (shared.size() > 50) {
                    std::swap(shared[static_cast<std::size_t>(random.below(shared.size()))], shared.back());
                    intact = intact && shared.back().is_intact();
                    shared.back().free();
                    shared.pop_back();
                }
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    for (Block& block : shared)
        block.free();
    CHECK(intact);
}

TEST_CASE("unused memory is given back, and what is in use stays")
{
    Block block(1000, 7), other(1000, 8);
    other.free();
    release_unused_memory();
    release_unused_memory();
    CHECK(block.is_intact());
    Block again(1000, 9);
    CHECK(block.is_intact());
    CHECK(again.is_intact());
    block.free();
    again.free();
}

#if !defined(XGRAD_THREAD_SANITIZER) && !defined(XGRAD_ADDRESS_SANITIZER)

namespace
{

/** The bytes of this process that are in memory. */
std::size_t resident()
{
    std::size_t all = 0, pages = 0;
    std::ifstream("/proc/self/statm") >> all >> pages;
    return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/** Allocates blocks, writes to them, and frees them in an order that leaves holes. Each block holds the address of an
 *  earlier one: a list of them all would itself be a large block, of which the C library keeps some. */
void use_and_free(std::size_t count, std::size_t bytes)
{
    std::array<void*, 3> last = {};
    for (std::size_t i = 0; i < count; ++i) {
        void* const block = allocate(bytes);
        std::memset(block, 1, bytes);
        std::memcpy(block, &last[i % 3], sizeof(void*));
        last[i % 3] = block;
    }
    for (const std::size_t part : {1u, 0u, 2u})
        while (last[part]) {
            void* const block = last[part];
            std::memcpy(&last[part], block, sizeof(void*));
            deallocate(block, bytes);
        }
}

} // namespace

TEST_CASE("released memory goes back to the system, blocks of all sizes and those that workers keep")
{
    if (resident() == 0) {
        MESSAGE("skipped: this system does not tell how much memory a process has");
        return;
    }
    const test::Threads set(2);
    constexpr std::size_t total = std::size_t{100} << 20;
    for (const std::size_t bytes : {64u, 500u, 20'000u, 800'000u}) {
        CAPTURE(bytes);
        release_unused_memory();
        const std::size_t before = resident();
        void* const last = allocate(64); // in a region of its own, or behind what is freed
        detail::parallel_for(2, [&](std::size_t) { use_and_free(total / 2 / bytes, bytes); });
        void* const behind = allocate(64);
        release_unused_memory();
        CHECK(resident() < before + total / 5);
        deallocate(last, 64);
        deallocate(behind, 64);
    }
}

#endif

TEST_CASE("blocks given back while a thread ends")
{
    struct Late
    {
        void* block = nullptr;
        ~Late() { deallocate(block, 500); } // runs after the end of later objects, such as the thread's cache
    };
    std::thread([] {
        static thread_local Late late;
        late.block = allocate(500);
        deallocate(allocate(300), 300);
    }).join();
    Block block(500, 3);
    CHECK(block.is_intact());
    block.free();
}

TEST_CASE("arrays take their storage from the pool and are 64-byte aligned")
{
    for (std::size_t n : {0u, 1u, 15u, 16u, 17u, 1000u}) {
        const Array<float> array(Shape{n}, 1.0f);
        if (n > 0)
            CHECK(is_aligned(array.data()));
    }
    const Shape eight{1, 2, 1, 2, 1, 2, 1, 2}; // more than a shape holds without allocating
    const auto array = empty_array<double>(eight);
    CHECK(array.size() == 16);
    CHECK(element_count(eight) == 16);
    CHECK(element_count(Shape{}) == 1);
    CHECK(element_count(Shape{3, 0}) == 0);
}

TEST_CASE("an array that refers to somebody else's elements reads them, and its copies have their own")
{
    std::vector<float> elements = {1, 2, 3, 4, 5, 6};
    const Array<float> theirs = referring_to(elements.data(), {3, 2});
    CHECK(theirs.data() == elements.data());
    CHECK(theirs(2, 0) == 5);
    CHECK(xt::sum(theirs)() == 21);
    CHECK(theirs == Array<float>{{1, 2}, {3, 4}, {5, 6}});
    Array<float> copy = theirs, assigned = {{0, 0}, {0, 0}, {0, 0}};
    assigned = theirs;
    elements[4] = 7;
    CHECK(theirs(2, 0) == 7);
    CHECK(copy(2, 0) == 5);
    CHECK(assigned(2, 0) == 5);
    const Array<float> moved = std::move(copy);
    CHECK(moved(2, 1) == 6);

    Array<float> replaced = referring_to(elements.data(), {1, 6}); // extents of 1 have no stride
    CHECK(replaced(0, 5) == 6);
    replaced = Array<float>(Shape{1, 6}, 0.0f);
    replaced(0, 0) = 8;
    CHECK(elements[0] == 1);
    Array<float> resized = referring_to(elements.data(), {6});
    resized.resize(Shape{5});
    resized.fill(9);
    CHECK(elements[0] == 1);
}

TEST_CASE("memory: what is held, its peak, and what idle workers give back")
{
    release_unused_memory();
    const std::size_t before = memory_use().now;
    forget_peak_memory();
    {
        const Array<double> large = empty_array<double>({1'000'000});
        CHECK(memory_use().now >= before + 8'000'000);
        CHECK(memory_use().now <= before + 11'000'000);
    }
    CHECK(memory_use().peak >= before + 8'000'000);
    release_unused_memory();
    CHECK(memory_use().now <= before);
    forget_peak_memory();
    CHECK(memory_use().peak == memory_use().now);

    CHECK_THROWS_AS(set_idle_time_of_memory(-1), Error);
    CHECK_THROWS_AS(set_idle_time_of_memory(std::nan("")), Error);
    const std::size_t threads_before = threads();
    set_threads(2);
    set_idle_time_of_memory(0.01);
    release_unused_memory(); // workers that wait already look seldom
    detail::parallel_for(8, [](std::size_t) { const Array<double> each = empty_array<double>({1'000'000}); });
    std::vector<Array<double>> many;
    for (int i = 0; i < 40; ++i)
        many.push_back(empty_array<double>({100'000}));
    many.clear(); // more than this thread keeps for itself
    const std::size_t kept = memory_use().now;
    if (kept > before + 20'000'000) { // there is a pool
        for (int i = 0; i < 500 && memory_use().now >= before + 20'000'000; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        CHECK(memory_use().now < before + 20'000'000);
    }
    set_idle_time_of_memory(10);
    set_threads(threads_before);
}
