#pragma once

#include <xgrad/base/array.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace xgrad
{

/** A generator of random numbers that are the same on every platform and with every compiler. It is xoshiro256** seeded
 *  by splitmix64. It has its own distributions, because those of the standard library differ between platforms, and so
 *  does std::log. It serves one thread at a time. */
class Random
{
  public:
    using State = std::array<std::uint64_t, 4>;

    /** Seeds the generator.
     *  @param stream  one of many independent sequences for a seed, such as one for each layer, worker or epoch */
    explicit Random(std::uint64_t seed, std::uint64_t stream = 0);
    Random(const Random& other) : state_(other.state_) {}
    Random& operator=(const Random& other)
    {
        set_state(other.state_);
        return *this;
    }

    /** Returns 64 random bits.
     *  @throws Error if another chunk of the same batch has drawn from this generator: which chunk gets which numbers
     *  would depend on the threads. A loss function of (begin, end) makes a generator for each of its samples:
     *  sample_generators(seed, epoch, begin, end - begin). */
    std::uint64_t next();

    /** A uniform number in [0, 1), a multiple of 2^-53. */
    double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

    /** A uniform number from low to high. */
    double uniform(double low, double high);

    /** A normal number with mean 0 and variance 1. Nothing is kept between calls: state() is all there is to save. */
    double normal();

    /** A uniform integer in {0, …, count−1}, unbiased.
     *  @throws ShapeError if count is 0 */
    std::uint64_t below(std::uint64_t count);

    /** Puts the elements of a vector, array or span in random order; all orders are equally likely. */
    template <class Values>
    void shuffle(Values&& values)
    {
        for (std::size_t remaining = values.size(); remaining > 1; --remaining) {
            using std::swap;
            const std::size_t other = below(remaining);
            swap(values[remaining - 1], values[other]);
        }
    }

    /** An array of uniform numbers from low to high; T is float or double. */
    template <class T>
    Array<T> uniform(const Shape& shape, double low, double high);

    /** An array of normal numbers; T is float or double. */
    template <class T>
    Array<T> normal(const Shape& shape, double mean, double sigma);

    /** The state that a checkpoint keeps, so that the sequence continues as if nothing had happened. */
    const State& state() const { return state_; }

    /** Restores a state. @throws DataError if all words are 0, a state that the sequence would never leave */
    void set_state(const State& state);

  private:
    void claim();

    State state_;
    std::atomic<std::uint64_t> user_{0}; // the last task that has drawn from it, or 0
};

} // namespace xgrad
