#include <xgrad/base/error.hpp>
#include <xgrad/base/sample_random.hpp>

#include <fmt/core.h>

namespace xgrad
{

Generators sample_generators(std::uint64_t seed, std::uint64_t epoch, std::uint64_t first, std::size_t count)
{
    // Streams from the far end: a program takes those near 0 for first weights and the order of samples.
    const std::uint64_t of_epoch = Random(seed, ~epoch).next();
    Generators generators;
    generators.reserve(count);
    for (std::size_t n = 0; n < count; ++n)
        generators.emplace_back(of_epoch, first + n);
    return generators;
}

Random& SampleRandom::operator[](std::size_t n) const
{
    if (has_each_ && n >= count_)
        throw ShapeError(
            fmt::format("[random] sample {} draws random numbers, but there are generators for {} samples: "
                        "one for each row of the first axis is needed",
                        n, count_));
    return first_[has_each_ ? n : 0];
}

SampleRandom SampleRandom::part(std::size_t begin, std::size_t end) const
{
    if (!has_each_)
        return *this;
    if (begin > end || end > count_)
        throw ShapeError(fmt::format("[random] samples {} to {} of {} generators were asked for", begin, end, count_));
    return SampleRandom(std::span<Random>(first_ + begin, end - begin));
}

} // namespace xgrad
