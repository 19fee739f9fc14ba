#pragma once

#include <xgrad/models/data/dataset.hpp>
#include <xgrad/models/data/text.hpp>

#include <algorithm>
#include <string>

namespace xgrad::test
{

inline Images first_images(const Images& images, std::size_t count)
{
    Shape shape = images.pixels.shape();
    shape[0] = count;
    Images part{empty_array<std::uint8_t>(shape), empty_array<std::int32_t>({count}), images.classes};
    std::copy_n(images.pixels.data(), part.pixels.size(), part.pixels.data());
    std::copy_n(images.labels.data(), count, part.labels.data());
    return part;
}

/** The first digits of the sample. */
inline Dataset first_digits(std::size_t train, std::size_t test)
{
    const Dataset sample = load_dataset(XGRAD_SOURCE_DATA "/mnist-sample");
    return {"digits", first_images(sample.train, train), first_images(sample.test, test)};
}

/** The first characters of the book. */
inline std::string first_characters(std::size_t count)
{
    return read_text(XGRAD_SOURCE_DATA "/alice/alice.txt").substr(0, count);
}

} // namespace xgrad::test
