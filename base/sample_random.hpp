#pragma once

#include <xgrad/base/random.hpp>

#include <span>
#include <vector>

namespace xgrad
{

/** The generators of a batch. */
using Generators = std::vector<Random, PooledAllocator<Random>>;

/** A generator for each of the samples first, …, first + count − 1 of an epoch. What it draws depends on the seed, the
 *  epoch and the number of the sample alone, however the epoch is cut into batches, chunks and ranks. */
Generators sample_generators(std::uint64_t seed, std::uint64_t epoch, std::uint64_t first, std::size_t count);

/** The random numbers of the samples of a batch: from a generator of its own for each, or one after the other from a
 *  single one. It refers to the generators. */
class SampleRandom
{
  public:
    SampleRandom(Random& one) : first_(&one) {}
    SampleRandom(Generators& each) : SampleRandom(std::span<Random>(each)) {}
    explicit SampleRandom(std::span<Random> each) : first_(each.data()), count_(each.size()), has_each_(true) {}

    /** The generator that sample n draws from. @throws ShapeError if there are generators for fewer samples */
    Random& operator[](std::size_t n) const;

    /** The generators of samples begin, …, end − 1. @throws ShapeError if there are fewer */
    SampleRandom part(std::size_t begin, std::size_t end) const;

  private:
    Random* first_;
    std::size_t count_ = 0;
    bool has_each_ = false;
};

} // namespace xgrad
