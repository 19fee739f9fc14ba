#include "threads.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/sample_random.hpp>
#include <xgrad/base/workers.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <set>
#include <span>
#include <vector>

using namespace xgrad;

namespace
{

// FNV-1a over the bits: one number that stands for all of them.
class Digest
{
  public:
    void add(double value) { hash_ = (hash_ ^ std::bit_cast<std::uint64_t>(value)) * 0x100000001b3; }
    std::uint64_t value() const { return hash_; }

  private:
    std::uint64_t hash_ = 0xcbf29ce484222325;
};

} // namespace

TEST_CASE("random: the published first numbers of xoshiro256** from the state 1, 2, 3, 4")
{
    Random random(0);
    random.set_state({1, 2, 3, 4});
    for (const std::uint64_t expected : {11520ull, 0ull, 1509978240ull, 1215971899390074240ull, 1216172134540287360ull,
                                         607988272756665600ull, 16172922978634559625ull, 8476171486693032832ull})
        CHECK(random.next() == expected);
}

TEST_CASE("random: a seed is spread by splitmix64 as published")
{
    CHECK(Random(0).state() ==
          Random::State{0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f, 0xf88bb8a8724c81ec});
}

TEST_CASE("random: the same bits of uniform and normal numbers on every platform")
{
    Random random(2024, 7);
    Digest uniform, scaled, normal;
    for (int i = 0; i < 10000; ++i) {
        uniform.add(random.uniform());
        scaled.add(random.uniform(-0.3, 1.7));
        normal.add(random.normal());
    }
    CHECK(uniform.value() == 0x12056f41e19deccc);
    CHECK(scaled.value() == 0x31ae7a2ed49ef17);
    CHECK(normal.value() == 0x91d28ff38799a436);
}

TEST_CASE("random: normal numbers agree with the polar method done with the standard library's logarithm")
{
    Random random(3), plain(3);
    for (int i = 0; i < 10000; ++i) {
        double u = 0, s = 0;
        while (s <= 0 || s >= 1) {
            u = 2 * plain.uniform() - 1;
            const double v = 2 * plain.uniform() - 1;
            s = std::fma(u, u, v * v);
        }
        CHECK(random.normal() == doctest::Approx(u * std::sqrt(-2 * std::log(s) / s)).epsilon(1e-14));
    }
}

TEST_CASE("random: uniform numbers have the moments of a uniform distribution and stay in [0, 1)")
{
    constexpr int count = 1000000;
    Random random(11);
    double first = 0, second = 0;
    for (int i = 0; i < count; ++i) {
        const double x = random.uniform();
        REQUIRE(x >= 0);
        REQUIRE(x < 1);
        first += x;
        second += x * x;
    }
    // Five standard errors.
    CHECK(std::abs(first / count - 1.0 / 2) < 5 * std::sqrt(1.0 / 12 / count));
    CHECK(std::abs(second / count - 1.0 / 3) < 5 * std::sqrt(4.0 / 45 / count));
}

TEST_CASE("random: normal numbers have moments 0, 1, 0, 3 and the right tails")
{
    constexpr int count = 1000000;
    Random random(12);
    double moments[4] = {};
    int beyond_two = 0;
    for (int i = 0; i < count; ++i) {
        const double x = random.normal();
        double power = 1;
        for (double& moment : moments)
            moment += (power *= x);
        beyond_two += std::abs(x) > 2;
    }
    CHECK(std::abs(moments[0] / count) < 5 * std::sqrt(1.0 / count));
    CHECK(std::abs(moments[1] / count - 1) < 5 * std::sqrt(2.0 / count));
    CHECK(std::abs(moments[2] / count) < 5 * std::sqrt(15.0 / count));
    CHECK(std::abs(moments[3] / count - 3) < 5 * std::sqrt(96.0 / count));
    const double p = std::erfc(std::sqrt(2.0));
    CHECK(std::abs(beyond_two - p * count) < 5 * std::sqrt(p * (1 - p) * count));
}

TEST_CASE("random: below(n) takes all values equally often")
{
    for (const std::size_t n : {1u, 2u, 3u, 10u, 100u}) {
        CAPTURE(n);
        constexpr int per_value = 1000;
        std::vector<int> counts(n);
        Random random(5);
        for (std::size_t i = 0; i < n * per_value; ++i)
            ++counts.at(static_cast<std::size_t>(random.below(n)));
        double chi_squared = 0;
        for (const int count : counts)
            chi_squared += (count - per_value) * (count - per_value) / double{per_value};
        const double freedom = static_cast<double>(n) - 1;
        CHECK(chi_squared <= freedom + 5 * std::sqrt(2 * freedom));
    }
}

TEST_CASE("random: below(n) is unbiased where 2^64 is no multiple of n")
{
    // A bare remainder would give the lower half of the values two chances in three.
    const std::uint64_t n = 3ull << 62;
    Random random(6);
    int lower = 0;
    for (int i = 0; i < 30000; ++i)
        lower += random.below(n) < n / 3;
    CHECK(std::abs(lower - 10000) < 5 * std::sqrt(30000 * 2.0 / 9));
}

TEST_CASE("random: below(0) is an error") { CHECK_THROWS_AS(Random(1).below(0), ShapeError); }

TEST_CASE("random: a shuffle is a permutation, and all of them are equally likely")
{
    Random random(8);
    std::vector<int> counts(27);
    for (int i = 0; i < 6000; ++i) {
        std::vector<int> values{0, 1, 2};
        random.shuffle(values);
        ++counts.at(static_cast<std::size_t>(values[0] * 9 + values[1] * 3 + values[2]));
    }
    CHECK(std::count(counts.begin(), counts.end(), 0) == 21);
    for (const int count : counts)
        if (count != 0)
            CHECK(std::abs(count - 1000) < 5 * std::sqrt(6000 * 5.0 / 36));
}

TEST_CASE("random: a span is shuffled, the rest is left")
{
    std::vector<int> values(20);
    std::iota(values.begin(), values.end(), 0);
    Random(1).shuffle(std::span<int>(values.data(), 10));
    CHECK_FALSE(std::is_sorted(values.begin(), values.begin() + 10));
    for (int i = 10; i < 20; ++i)
        CHECK(values[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("random: seeds and streams give different sequences")
{
    std::set<std::uint64_t> first;
    for (std::uint64_t seed = 0; seed < 50; ++seed)
        for (std::uint64_t stream = 0; stream < 50; ++stream)
            first.insert(Random(seed, stream).next());
    CHECK(first.size() == 2500);
}

TEST_CASE("random: neighbouring streams are not correlated")
{
    constexpr int count = 100000;
    Random a(1, 1), b(1, 2);
    double product = 0;
    for (int i = 0; i < count; ++i)
        product += a.normal() * b.normal();
    CHECK(std::abs(product / count) < 5 / std::sqrt(double{count}));
}

TEST_CASE("random: a restored state goes on as if nothing had happened")
{
    Random random(9);
    random.normal();
    Random restored(10);
    restored.set_state(random.state());
    for (int i = 0; i < 100; ++i)
        CHECK(restored.normal() == random.normal());
}

TEST_CASE("random: a state of zeros is refused and leaves the old one")
{
    Random random(4), other(4);
    CHECK_THROWS_AS(random.set_state({}), DataError);
    CHECK(random.state() == other.state());
}

TEST_CASE_TEMPLATE("random: arrays are filled in row-major order with the numbers of the scalar functions", T, float,
                   double)
{
    Random random(21), plain(21);
    const auto uniform = random.uniform<T>({2, 3, 4}, -2, 5);
    const auto normal = random.normal<T>({5, 7}, 1.5, 0.25);
    CHECK(uniform.shape() == Shape{2, 3, 4});
    for (const T value : uniform.storage())
        CHECK(value == static_cast<T>(plain.uniform(-2, 5)));
    CHECK(normal.shape() == Shape{5, 7});
    for (const T value : normal.storage())
        CHECK(static_cast<double>(value) == doctest::Approx(1.5 + 0.25 * plain.normal()).epsilon(1e-6));
}

TEST_CASE("random: chunks that share a generator are an error, on any number of threads")
{
    for (const std::size_t threads : {1u, 3u}) {
        const test::Threads set(threads);
        Random shared(1), written(2);
        const auto in_tasks = [](auto draw) { detail::parallel_for(20, [&](std::size_t i) { draw(i); }); };
        CHECK_THROWS_WITH_AS(in_tasks([&](std::size_t) { shared.next(); }),
                             "[random] chunks of a batch share a generator, so their numbers would depend on the "
                             "threads: give value_and_gradient a loss(begin, end) that makes "
                             "sample_generators(seed, epoch, begin, end - begin)",
                             Error);
        CHECK_THROWS_AS(in_tasks([&](std::size_t) { written.set_state(Random(3).state()); }), Error);
        CHECK(shared.below(5) < 5); // it can still be used

        std::vector<Random> own(20, Random(4));
        std::vector<std::uint64_t> drawn(20), expected(20);
        for (int repeat = 0; repeat < 3; ++repeat) {
            for (std::size_t i = 0; i < 20; ++i)
                expected[i] = Random(own[i]).next();
            in_tasks([&](std::size_t i) { drawn[i] = own[i].next(); });
            CHECK(drawn == expected);
            in_tasks([&](std::size_t i) { drawn[i] = Random(shared).next(); }); // copies are generators of their own
        }
        // Tasks inside of a task run one after the other on its thread.
        in_tasks([&](std::size_t i) { detail::parallel_for(3, [&](std::size_t) { own[i].next(); }); });
        detail::parallel_for(1, [&](std::size_t) { shared.next(); });
    }
}

TEST_CASE("random: a sample's generator depends on the seed, the epoch and the sample alone")
{
    const auto first_numbers = [](std::uint64_t seed, std::uint64_t epoch, std::uint64_t first, std::size_t count) {
        std::vector<std::uint64_t> numbers;
        for (Random& random : sample_generators(seed, epoch, first, count))
            numbers.push_back(random.next());
        return numbers;
    };
    const std::vector<std::uint64_t> all = first_numbers(7, 2, 0, 12);
    for (std::size_t begin = 0; begin < 12; begin += 4)
        CHECK(first_numbers(7, 2, begin, 4) ==
              std::vector<std::uint64_t>(all.begin() + std::ptrdiff_t(begin), all.begin() + std::ptrdiff_t(begin) + 4));
    std::set<std::uint64_t> distinct(all.begin(), all.end());
    for (const auto& [seed, epoch] : {std::pair{8, 2}, {7, 3}, {2, 7}})
        for (const std::uint64_t number :
             first_numbers(static_cast<std::uint64_t>(seed), static_cast<std::uint64_t>(epoch), 0, 12))
            distinct.insert(number);
    distinct.insert(Random(7).next());
    distinct.insert(Random(7, 3).next()); // of the order of the samples
    CHECK(distinct.size() == 4 * 12 + 2);
    CHECK(first_numbers(7, 2, 5, 0).empty());
}

TEST_CASE("random: the numbers of samples, from one generator or from one for each")
{
    Random one(3), same(3);
    const SampleRandom shared(one);
    CHECK(&shared[0] == &one);
    CHECK(&shared.part(4, 9)[1000] == &one);
    Generators each = sample_generators(1, 2, 3, 4);
    const SampleRandom own(each);
    CHECK(&own[3] == &each[3]);
    CHECK(&own.part(1, 3)[1] == &each[2]);
    CHECK_THROWS_WITH_AS(own[4],
                         "[random] sample 4 draws random numbers, but there are generators for 4 samples: one for each "
                         "row of the first axis is needed",
                         ShapeError);
    CHECK_THROWS_AS(own.part(1, 3)[2], ShapeError);
    CHECK_THROWS_AS(own.part(2, 5), ShapeError);
    CHECK_THROWS_AS(own.part(3, 2), ShapeError);
    Generators none;
    CHECK_THROWS_AS(SampleRandom{none}[0], ShapeError);
}
