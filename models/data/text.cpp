#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/models/data/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fstream>
#include <iterator>
#include <system_error>

namespace xgrad
{

namespace
{

/** `count` windows of a text, from its first character on. */
Images windows_of(std::string_view text, std::size_t count)
{
    constexpr std::size_t length = text_context + 1;
    Images windows{empty_array<std::uint8_t>({count, 1, 1, length}), Labels(Shape{count}, 0), character_classes};
    for (std::size_t n = 0; n < count; ++n)
        std::copy_n(text.begin() + static_cast<std::ptrdiff_t>(n * text_context), length,
                    windows.pixels.data() + n * length);
    return windows;
}

} // namespace

Dataset text_dataset(const std::string& name, std::string_view text)
{
    const std::size_t windows = text.empty() ? 0 : (text.size() - 1) / text_context;
    if (windows < 2)
        throw DataError(fmt::format("[text] {} has {} characters: {} or more are needed", printable(name), text.size(),
                                    2 * text_context + 1));
    constexpr std::size_t part = 10;
    const std::size_t test = std::max<std::size_t>(windows / part, 1), train = windows - test;
    return {name, windows_of(text, train), windows_of(text.substr(train * text_context), test)};
}

std::string read_text(const std::filesystem::path& file)
{
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (!stream.is_open() || stream.bad())
        throw DataError(
            fmt::format("[text] {} cannot be read: {}", file.string(), std::generic_category().message(errno)));
    return text;
}

Batch next_characters(const Batch& windows)
{
    const Shape& shape = windows.images.shape();
    const std::size_t length = shape.size() == 4 && shape[1] == 1 ? shape[2] * shape[3] : 0;
    if (length < 2)
        throw ShapeError(fmt::format("[next_characters] windows (N, 1, H, W) of two or more characters are needed, the "
                                     "shape is {}",
                                     to_string(shape)));
    const std::size_t count = shape[0];
    Batch batch{empty_array<float>({count, length - 1}), empty_array<std::int32_t>({count, length - 1})};
    const Labels all = characters(constant(windows.images));
    for (std::size_t n = 0; n < count; ++n) {
        std::copy_n(windows.images.data() + n * length, length - 1, batch.images.data() + n * (length - 1));
        std::copy_n(all.data() + n * length + 1, length - 1, batch.labels.data() + n * (length - 1));
    }
    return batch;
}

template <class T>
Labels characters(const Variable<T>& x)
{
    Labels found = empty_array<std::int32_t>(x.shape());
    std::transform(x.data(), x.data() + x.size(), found.data(), [](T number) {
        // The order of the operands makes a NaN 0.
        const T inside = std::min<T>(std::max<T>(0, number), character_classes - 1);
        return static_cast<std::int32_t>(std::round(inside));
    });
    return found;
}

#define XGRAD_INSTANTIATE(T) template Labels characters(const Variable<T>&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
