#include <xgrad/base/error.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/models/data/validation.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

namespace xgrad
{

Images detail::marked(const Images& images, const std::vector<bool>& marks, bool wanted)
{
    Shape shape = images.pixels.shape();
    const std::size_t size = images.pixels.size() / images.size();
    shape[0] = static_cast<std::size_t>(std::count(marks.begin(), marks.end(), wanted));
    Images chosen{empty_array<std::uint8_t>(shape), empty_array<std::int32_t>({shape[0]}), images.classes};
    std::size_t to = 0;
    for (std::size_t from = 0; from < marks.size(); ++from) {
        if (marks[from] != wanted)
            continue;
        std::copy_n(images.pixels.data() + from * size, size, chosen.pixels.data() + to * size);
        chosen.labels.data()[to++] = images.labels.data()[from];
    }
    return chosen;
}

ValidationSplit hold_out(const Images& images, std::size_t count, std::uint64_t seed)
{
    const Shape& shape = images.pixels.shape();
    if (shape.empty() || shape[0] != images.size())
        throw ShapeError(fmt::format("[hold_out] pixels (N, C, H, W) and labels (N) were expected, {} and {} came",
                                     to_string(shape), to_string(images.labels.shape())));
    if (count >= images.size())
        throw ShapeError(
            fmt::format("[hold_out] {} images were to be held out of {}: some must be left", count, images.size()));
    std::vector<std::size_t> order(images.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    // A stream of its own: the first weights and the epochs have others.
    Random(seed, std::numeric_limits<std::uint64_t>::max()).shuffle(order);
    std::vector<bool> held_out(images.size());
    for (std::size_t i = 0; i < count; ++i)
        held_out[order[i]] = true;
    return {detail::marked(images, held_out, false), detail::marked(images, held_out, true)};
}

} // namespace xgrad
