#include "threads.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/networks/lenet5.hpp>
#include <xgrad/ops/ops.hpp>
#include <xgrad/ranks/threads.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

using namespace xgrad;
using test::Threads;

namespace
{

template <class T>
std::string bits_of(const ValueAndGradient<T>& result)
{
    std::string bits(reinterpret_cast<const char*>(&result.value), sizeof(T));
    for (const Variable<T>& gradient : result.gradients)
        bits.append(reinterpret_cast<const char*>(gradient.data()), gradient.size() * sizeof(T));
    return bits;
}

struct Digits
{
    Array<float> images;
    Labels labels;

    explicit Digits(std::size_t count) : labels(Shape{count}, 0)
    {
        Random random(3);
        images = random.normal<float>({count, 1, 32, 32}, 0, 1);
        for (std::int32_t& label : labels)
            label = static_cast<std::int32_t>(random.below(10));
    }
};

} // namespace

TEST_CASE("ranks: loss and gradients have the bits of one process on each of them")
{
    const LeNet5<float> net(1);
    const auto parameters = net.parameters();
    const auto loss = [&](const Variable<float>& x, const Labels& t) { return softmax_cross_entropy(net(x), t); };
    for (const std::size_t samples : {1u, 7u, 40u, 96u}) {
        const Digits batch(samples);
        const auto of = [&](Ranks* ranks) {
            return bits_of(
                value_and_gradient(parameters, batch.images, batch.labels, loss, {.chunk = 3, .ranks = ranks}));
        };
        const std::string expected = of(nullptr);
        for (const std::size_t threads : {1u, 2u})
            for (const std::size_t count : {1u, 2u, 3u, 5u, 8u}) {
                const Threads set(threads);
                std::vector<std::string> found(count);
                run_as_ranks(count, [&](Ranks& ranks) { found[ranks.rank()] = of(&ranks); });
                for (const std::string& bits : found)
                    CHECK(bits == expected);
            }
    }
}

TEST_CASE("ranks: parameters that share a gradient have it once each")
{
    const Array<double> x = {1, 2, 3, 4, 5, 6, 7, 8};
    for (const std::size_t size : {3u, 5000u}) {
        const Parameters<double> parameters{{"a", variable<double>(Array<double>({size}, 1))},
                                            {"b", variable<double>(Array<double>({size}, 2))}};
        const auto of = [&](Ranks* ranks) {
            const auto loss = [&](const Variable<double>& part) {
                return mean(part) * sum(parameters[0] + parameters[1]);
            };
            return bits_of(value_and_gradient(parameters, x, loss, {.chunk = 1, .ranks = ranks}));
        };
        const std::string expected = of(nullptr);
        for (const std::size_t count : {2u, 3u, 8u})
            run_as_ranks(count, [&](Ranks& ranks) { CHECK(of(&ranks) == expected); });
    }
}

TEST_CASE("ranks: each sample is computed by one rank")
{
    const auto w = variable<double>(2);
    const Parameters<double> parameters{{"w", w}};
    std::mutex mutex;
    std::vector<int> times(50, 0);
    run_as_ranks(4, [&](Ranks& ranks) {
        std::size_t mine = 0;
        value_and_gradient(parameters, 50,
                           [&](std::size_t begin, std::size_t end) {
                               const std::lock_guard lock(mutex);
                               for (std::size_t i = begin; i < end; ++i, ++mine)
                                   ++times[i];
                               return w * 1.0;
                           },
                           {.chunk = 1, .ranks = &ranks});
        CHECK(mine > 0);
    });
    CHECK(times == std::vector<int>(50, 1));
}

TEST_CASE("ranks: what one of them throws ends all, with its text and its rank")
{
    const auto w = variable<double>(2);
    const Parameters<double> parameters{{"w", w}};
    std::vector<std::string> texts(4);
    run_as_ranks(4, [&](Ranks& ranks) {
        for (int step = 0; step < 2; ++step) // the next step works again
            try {
                value_and_gradient(parameters, 64,
                                   [&](std::size_t begin, std::size_t) {
                                       if (step == 0 && begin == 40)
                                           throw std::runtime_error("the disk is full");
                                       return w * 1.0;
                                   },
                                   {.chunk = 1, .ranks = &ranks});
                CHECK(step == 1);
            } catch (const Error& e) {
                texts[ranks.rank()] = e.what();
            } catch (const std::runtime_error& e) {
                texts[ranks.rank()] = std::string("own: ") + e.what();
            }
    });
    CHECK(texts == std::vector<std::string>{"rank 2: the disk is full", "rank 2: the disk is full",
                                            "own: the disk is full", "rank 2: the disk is full"});
}

TEST_CASE("ranks: all get the flags of all, even of those that have nothing to compute")
{
    const Parameters<double> parameters{{"w", variable<double>(2)}};
    for (const std::size_t count : {2u, 5u, 7u, 8u})
        for (const std::size_t samples : {1u, 3u, 20u})
            run_as_ranks(count, [&](Ranks& ranks) {
                std::uint64_t flags = std::uint64_t{1} << ranks.rank();
                const auto loss = [&](std::size_t, std::size_t) { return parameters[0] * 1.0; };
                value_and_gradient(parameters, samples, loss, {.chunk = 1, .ranks = &ranks, .flags = &flags});
                CHECK(flags == (std::uint64_t{1} << count) - 1);
            });
}

TEST_CASE("ranks: one that is gone is an error on those that wait for it")
{
    for (const std::size_t gone : {0u, 1u, 2u})
        CHECK_THROWS_WITH_AS(run_as_ranks(3,
                                          [&](Ranks& ranks) {
                                              if (ranks.rank() == gone)
                                                  throw std::runtime_error("killed");
                                              char byte = 0;
                                              ranks.broadcast(&byte, 1, gone);
                                          }),
                             "killed", std::runtime_error);
    CHECK_THROWS_AS(run_as_ranks(0, [](Ranks&) {}), Error);
}
