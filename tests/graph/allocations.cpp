#include "threads.hpp"
#include <xgrad/base/memory.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/data/dataset.hpp>
#include <xgrad/models/networks/lenet5.hpp>
#include <xgrad/models/networks/mlp.hpp>
#include <xgrad/ops/ops.hpp>
#include <xgrad/optim/optimizer.hpp>

#include <doctest/doctest.h>

// Counting replaces glibc's malloc, which the sanitizers replace themselves.
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define XGRAD_COUNT_ALLOCATIONS
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#undef XGRAD_COUNT_ALLOCATIONS
#endif
#endif

#ifdef XGRAD_COUNT_ALLOCATIONS

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <execinfo.h>
#include <new>

namespace
{

/** Counts the allocations of all threads while it exists, and notes the origins of the first few. */
class Allocations
{
  public:
    Allocations()
    {
        void* frame = nullptr;
        backtrace(&frame, 1); // its first call allocates
        count_ = 0;
        counting_ = true;
    }
    ~Allocations() { counting_ = false; }

    /** Ends counting. @return  the number of allocations */
    std::size_t stop()
    {
        counting_ = false;
        return count_;
    }

    /** Returns whether there were none; otherwise prints the origins of the first few, as addresses for addr2line. */
    bool none()
    {
        for (std::size_t i = 0; i < std::min(stop(), traces_.size()); ++i) {
            MESSAGE("allocation ", i + 1, " of ", count_.load(), ": ", traces_[i].bytes, " bytes");
            backtrace_symbols_fd(traces_[i].frames.data(), traces_[i].depth, 2);
        }
        return count_ == 0;
    }

    static void note(std::size_t bytes)
    {
        if (!counting_)
            return;
        const std::size_t index = count_++;
        if (index < traces_.size()) {
            traces_[index].bytes = bytes;
            traces_[index].depth = backtrace(traces_[index].frames.data(), 16);
        }
    }

  private:
    struct Trace
    {
        std::array<void*, 16> frames;
        int depth;
        std::size_t bytes;
    };
    static inline std::atomic<bool> counting_{false};
    static inline std::atomic<std::size_t> count_{0};
    static inline std::array<Trace, 4> traces_;
};

} // namespace

// The names that glibc keeps for programs that replace malloc; operator new calls them, too.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t bytes)
{
    Allocations::note(bytes);
    return __libc_malloc(bytes);
}
void* calloc(std::size_t count, std::size_t bytes)
{
    Allocations::note(count * bytes);
    return __libc_calloc(count, bytes);
}
void* realloc(void* block, std::size_t bytes)
{
    Allocations::note(bytes);
    return __libc_realloc(block, bytes);
}
void* memalign(std::size_t alignment, std::size_t bytes)
{
    Allocations::note(bytes);
    return __libc_memalign(alignment, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) { return memalign(alignment, bytes); }
int posix_memalign(void** block, std::size_t alignment, std::size_t bytes)
{
    *block = memalign(alignment, bytes);
    return *block ? 0 : ENOMEM;
}
}

using namespace xgrad;
using test::Threads;

namespace
{

/** Returns whether the library keeps freed arrays; without that every array is a malloc. */
bool has_pool()
{
    deallocate(allocate(12345), 12345);
    Allocations allocations;
    deallocate(allocate(12345), 12345);
    return allocations.stop() == 0;
}

Images random_digits(std::size_t count)
{
    Random random(1);
    Images images;
    images.pixels = Array<std::uint8_t>::from_shape({count, 1, 28, 28});
    images.labels = Labels::from_shape({count});
    images.classes = 10;
    for (std::uint8_t& pixel : images.pixels)
        pixel = static_cast<std::uint8_t>(random.below(256));
    for (std::int32_t& label : images.labels)
        label = static_cast<std::int32_t>(random.below(10));
    return images;
}

/** Returns whether 40 steps allocate nothing, once the pool has all that they need. With several threads that depends
 *  on their timing, so there are some attempts. An allocation in each step would show in all of them. */
bool trains_without_allocating(const LeNet5Options& options, std::size_t batch, std::size_t threads, int attempts)
{
    const Threads set(threads);
    const Images digits = random_digits(8 * batch);
    const Batches batches = digits.batches(batch, 3);
    const LeNet5<float> net(2, options);
    const auto parameters = net.parameters();
    optim::Momentum<float> optimizer(parameters, {.learning_rate = 0.01f});
    const auto epoch = [&] {
        for (const auto& [images, labels] : batches) {
            const auto [loss, gradients] =
                value_and_gradient(parameters, images, labels, [&](const auto& part, const auto& targets) {
                    return softmax_cross_entropy(net(part), targets);
                });
            optimizer.step(gradients);
        }
    };
    for (int i = 0; i < 5; ++i)
        epoch();
    for (int attempt = 1;; ++attempt) {
        Allocations allocations;
        for (int i = 0; i < 5; ++i)
            epoch();
        if (allocations.stop() == 0 || attempt == attempts)
            return allocations.none();
    }
}

} // namespace

TEST_CASE("allocations are counted, whichever way they are made")
{
    Allocations allocations;
    const auto keep = [](void* block) { // or the compiler would leave out what it sees freed
        [[maybe_unused]] static void* volatile kept;
        kept = block;
        return block;
    };
    std::free(keep(std::realloc(keep(std::malloc(10)), 20)));
    std::free(keep(std::calloc(2, 5)));
    std::free(keep(std::aligned_alloc(64, 64)));
    ::operator delete(keep(::operator new(4)));
    ::operator delete (keep(::operator new (64, std::align_val_t{64})), std::align_val_t{64});
    CHECK(allocations.stop() == 6);
}

TEST_CASE("a steady training step of LeNet-5 allocates nothing")
{
    if (!has_pool()) {
        MESSAGE("skipped: the library was built without its pool");
        return;
    }
    SUBCASE("batch 64, one thread") { CHECK(trains_without_allocating({}, 64, 1, 1)); }
    SUBCASE("batch 64, two threads") { CHECK(trains_without_allocating({}, 64, 2, 60)); }
    SUBCASE("batch 1") { CHECK(trains_without_allocating({}, 1, 2, 1)); }
    SUBCASE("batch 37, connection table, mean pooling, scaled tanh")
    {
        const LeNet5Options options{
            .connection_table = true, .mean_pooling = true, .activation = Activation::scaled_tanh};
        CHECK(trains_without_allocating(options, 37, 1, 1));
    }
}

TEST_CASE("a steady evaluation of LeNet-5 allocates nothing")
{
    if (!has_pool()) {
        MESSAGE("skipped: the library was built without its pool");
        return;
    }
    const LeNet5<float> net(2);
    const Images digits = random_digits(64);
    const Batches batches = digits.batches(16);
    const auto epoch = [&] {
        for (const auto& [images, labels] : batches)
            argmax(net(constant(images)));
    };
    epoch();
    Allocations allocations;
    epoch();
    CHECK(allocations.none());
}

TEST_CASE("a steady gradient of a gradient allocates nothing")
{
    if (!has_pool()) {
        MESSAGE("skipped: the library was built without its pool");
        return;
    }
    const MLP<float> net({20, 30, 10}, 1);
    const auto parameters = net.parameters();
    Random random(1);
    const auto x = constant(random.normal<float>({16, 20}, 0, 1));
    const auto penalty = [&] {
        Tape tape;
        Variable<float> total = constant<float>(0);
        for (const auto& g : tape.gradient(sum(square(net(x))), parameters, {.record = true}))
            total = total + sum(square(g));
        return tape.gradient(total, parameters, {.unused_is_zero = true});
    };
    penalty();
    penalty();
    Allocations allocations;
    penalty();
    CHECK(allocations.none());
}

#endif
