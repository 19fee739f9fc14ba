#include <xgrad/base/error.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/base/workers.hpp>

#include <bit>
#include <cmath>

// Machines that fuse a product and a sum into one rounding would otherwise give other numbers.
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

namespace xgrad
{

namespace
{

std::uint64_t mix(std::uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

// std::log differs in its last bit between C libraries. This function is a few units in the last place off, but takes
// only operations that IEEE 754 rounds in one way: ln(2^e m) = e ln 2 + 2 atanh((m−1)/(m+1)).
double natural_logarithm(double x)
{
    constexpr double ln2 = 0x1.62e42fefa39efp-1;
    constexpr double sqrt_half = 0x1.6a09e667f3bcdp-1;
    int exponent = 0;
    double mantissa = std::frexp(x, &exponent);
    if (mantissa < sqrt_half) {
        mantissa *= 2;
        --exponent;
    }
    const double t = (mantissa - 1) / (mantissa + 1);
    double series = 0;
    for (int power = 21; power > 0; power -= 2)
        series = series * (t * t) + 1.0 / power;
    return exponent * ln2 + 2 * t * series;
}

} // namespace

Random::Random(std::uint64_t seed, std::uint64_t stream)
{
    // mix is one to one and keeps 0. So the streams of one seed never coincide, and stream 0 is the published seeding.
    std::uint64_t counter = seed ^ mix(stream);
    for (std::uint64_t& word : state_)
        word = mix(counter += 0x9e3779b97f4a7c15);
}

/** Makes this thread's task the user. */
void Random::claim()
{
    const std::uint64_t now = detail::current_task();
    std::uint64_t before = user_.load(std::memory_order_relaxed);
    do {
        if (now != 0 && before != now && before >> 32 == now >> 32)
            throw Error("[random] chunks of a batch share a generator, so their numbers would depend on the threads: "
                        "give value_and_gradient a loss(begin, end) that makes sample_generators(seed, epoch, begin, "
                        "end - begin)");
    } while (!user_.compare_exchange_weak(before, now, std::memory_order_relaxed));
}

std::uint64_t Random::next()
{
    if (user_.load(std::memory_order_relaxed) != detail::current_task()) [[unlikely]]
        claim();
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

double Random::uniform(double low, double high) { return low + (high - low) * uniform(); }

double Random::normal()
{
    // Marsaglia's polar method. The second number of the pair is dropped: if it were kept, it would be part of the
    // state.
    while (true) {
        const double u = 2 * uniform() - 1;
        const double v = 2 * uniform() - 1;
        const double s = u * u + v * v;
        if (s > 0 && s < 1)
            return u * std::sqrt(-2 * natural_logarithm(s) / s);
    }
}

std::uint64_t Random::below(std::uint64_t count)
{
    if (count == 0)
        throw ShapeError("[random] below(0) has no number to choose: give a count of at least 1");
    // The 2^64 mod count lowest values are rejected, so the number of the others is a multiple of count.
    const std::uint64_t rejected = (0 - count) % count;
    std::uint64_t bits = next();
    while (bits < rejected)
        bits = next();
    return bits % count;
}

template <class T>
Array<T> Random::uniform(const Shape& shape, double low, double high)
{
    auto array = empty_array<T>(shape);
    for (T& value : array.storage())
        value = static_cast<T>(uniform(low, high));
    return array;
}

template <class T>
Array<T> Random::normal(const Shape& shape, double mean, double sigma)
{
    auto array = empty_array<T>(shape);
    for (T& value : array.storage())
        value = static_cast<T>(mean + sigma * normal());
    return array;
}

void Random::set_state(const State& state)
{
    if (state == State{})
        throw DataError("[random] a state of four zero words is not one of this generator: seed it, or restore a state "
                        "that state() gave");
    claim();
    state_ = state;
}

template Array<float> Random::uniform(const Shape&, double, double);
template Array<double> Random::uniform(const Shape&, double, double);
template Array<float> Random::normal(const Shape&, double, double);
template Array<double> Random::normal(const Shape&, double, double);

} // namespace xgrad
