#include <xgrad/base/error.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/models/data/dataset.hpp>

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace xgrad
{

namespace
{

void prefetch(const std::uint8_t* bytes, std::size_t count)
{
    constexpr std::size_t cache_line = 64;
    for (std::size_t i = 0; i < count; i += cache_line)
        __builtin_prefetch(bytes + i);
}

} // namespace

Batches::Batches(const Images& images, std::size_t batch_size, const Preparation& preparation)
    : images_(&images), batch_size_(batch_size), preparation_(preparation)
{
    if (batch_size == 0)
        throw ShapeError("[batches] a batch of 0 images was asked for: give a size of at least 1");
    const Shape& shape = images.pixels.shape();
    if (shape.size() != 4 || images.labels.dimension() != 1 || shape[0] != images.labels.size())
        throw ShapeError(fmt::format("[batches] pixels (N, C, H, W) and labels (N) were expected, {} and {} came",
                                     to_string(shape), to_string(images.labels.shape())));
    if (shape[0] > std::numeric_limits<Order::value_type>::max())
        throw ShapeError(fmt::format("[batches] {} images are more than 2^32: split them", shape[0]));
}

Batch Batches::operator[](std::size_t k) const
{
    if (k >= size())
        throw ShapeError(fmt::format("[batches] batch {} was asked for, but there are only {}, from 0 on", k, size()));
    return part(k, 0, count(k));
}

Batch Batches::part(std::size_t k, std::size_t begin, std::size_t end) const
{
    const Shape& shape = images_->pixels.shape();
    const std::size_t channels = shape[1], height = shape[2], width = shape[3];
    const auto [padding, background, foreground] = preparation_;
    const float step = (foreground - background) / 255;
    const std::size_t padded_height = height + 2 * padding, padded_width = width + 2 * padding;
    const std::size_t first = k * batch_size_ + begin, count = end - begin;
    const auto index = [&](std::size_t n) { return order_.empty() ? first + n : order_[first + n]; };

    Batch batch{empty_array<float>({count, channels, padded_height, padded_width}), empty_array<std::int32_t>({count})};
    const std::size_t image_size = channels * height * width;
    const std::uint8_t* pixels = images_->pixels.data();
    float* out = batch.images.data();
    for (std::size_t n = 0; n < count; ++n) {
        // Prefetch: shuffled images are scattered over memory, and waiting for them took half of the time.
        if (n + 1 < count)
            prefetch(pixels + index(n + 1) * image_size, image_size);
        batch.labels.data()[n] = images_->labels.data()[index(n)];
        const std::uint8_t* in = pixels + index(n) * image_size;
        for (std::size_t c = 0; c < channels; ++c) {
            out = std::fill_n(out, padding * padded_width, background);
            for (std::size_t i = 0; i < height; ++i, in += width) {
                out = std::fill_n(out, padding, background);
                for (std::size_t j = 0; j < width; ++j)
                    out[j] = background + step * static_cast<float>(in[j]);
                out = std::fill_n(out + width, padding, background);
            }
            out = std::fill_n(out, padding * padded_width, background);
        }
    }
    return batch;
}

Batches Images::batches(std::size_t size, const Preparation& preparation) const&
{
    return Batches(*this, size, preparation);
}

Batches Images::batches(std::size_t size, std::uint64_t seed, const Preparation& preparation) const&
{
    Batches batches(*this, size, preparation);
    batches.order_.resize(this->size());
    std::iota(batches.order_.begin(), batches.order_.end(), Batches::Order::value_type{0});
    Random(seed).shuffle(batches.order_);
    return batches;
}

std::string contents_of(const Dataset& data)
{
    uLong crc = crc32_z(0, nullptr, 0);
    for (const Images* images : {&data.train, &data.test}) {
        crc = crc32_z(crc, images->pixels.data(), images->pixels.size());
        crc = crc32_z(crc, reinterpret_cast<const Bytef*>(images->labels.data()),
                      images->labels.size() * sizeof(std::int32_t));
    }
    return fmt::format("{} and {} images, CRC-32 {:08x}", data.train.size(), data.test.size(), crc);
}

} // namespace xgrad
