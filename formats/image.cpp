#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/formats/image.hpp>
#include <xgrad/formats/pixels.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>

namespace xgrad
{

namespace
{

namespace fs = std::filesystem;

/** The bytes of a stream, which may have no end. */
std::string bytes_of(std::istream& stream, const std::string& name)
{
    constexpr std::size_t most = std::size_t{1} << 28, step = std::size_t{1} << 20;
    std::string bytes;
    while (stream) {
        const std::size_t before = bytes.size();
        if (before >= most)
            detail::fail_on_image(name, fmt::format("has more than {} MiB: no image of that size is read", most >> 20));
        bytes.resize(before + std::min(step, std::max<std::size_t>(before, 4096)));
        stream.read(bytes.data() + before, static_cast<std::streamsize>(bytes.size() - before));
        bytes.resize(before + static_cast<std::size_t>(stream.gcount()));
    }
    return bytes;
}

template <class T>
void convert(const detail::Pixels& pixels, float* to)
{
    const std::size_t count = pixels.height * pixels.width, channels = pixels.channels;
    const bool has_alpha = channels % 2 == 0;
    const std::size_t colours = channels - (has_alpha ? 1 : 0);
    constexpr auto full = static_cast<float>(std::numeric_limits<T>::max());
    const std::uint8_t* from = pixels.numbers.data();
    for (std::size_t i = 0; i < count; ++i, from += channels * sizeof(T)) {
        T numbers[4];
        std::memcpy(numbers, from, channels * sizeof(T));
        const float alpha = has_alpha ? static_cast<float>(numbers[colours]) / full : 1.f;
        for (std::size_t c = 0; c < colours; ++c)
            to[c * count + i] = alpha * (static_cast<float>(numbers[c]) / full) + (1 - alpha);
    }
}

} // namespace

namespace detail
{

void fail_on_image(const std::string& name, const std::string& what)
{
    throw DataError(fmt::format("[image] {}: {}", name, what));
}

void check_extents(const std::string& name, std::uint64_t height, std::uint64_t width, std::uint64_t file_size,
                   std::uint64_t largest_ratio)
{
    constexpr std::uint64_t unsuspicious = std::uint64_t{1} << 23, usual_ratio = 64;
    const std::string size = fmt::format("says that it has {}x{} pixels", width, height);
    if (height == 0 || width == 0)
        fail_on_image(name, size + ": it is damaged");
    if (height > most_pixels || width > most_pixels || height * width > most_pixels)
        fail_on_image(name, size + ": it is damaged or too large, 2^26 is the most; make it smaller");
    if (height * width / largest_ratio > file_size)
        fail_on_image(
            name, fmt::format("{}, and its {} bytes cannot hold so many: it is damaged or cut off", size, file_size));
    if (height * width > std::max(unsuspicious, usual_ratio * file_size))
        fail_on_image(name, fmt::format("{} in {} bytes: {} for each byte are the most, or 2^23; make it smaller", size,
                                        file_size, usual_ratio));
}

Array<float> as_image(const Pixels& pixels)
{
    Array<float> image = empty_array<float>({pixels.channels > 2 ? std::size_t{3} : 1, pixels.height, pixels.width});
    if (pixels.bytes == 2)
        convert<std::uint16_t>(pixels, image.data());
    else
        convert<std::uint8_t>(pixels, image.data());
    return image;
}

} // namespace detail

Array<float> load_image(std::istream& stream, const std::string& name)
{
    // The formats differ in their first character, which stays in the stream.
    const int first = stream.peek();
    if (first == 'P')
        return detail::read_pnm(stream, name);
    constexpr std::string_view png = "\x89PNG\r\n\x1a\n", jpeg = "\xff\xd8\xff";
    if (first == 0x89 || first == 0xff) {
        const std::string bytes = bytes_of(stream, name);
        if (bytes.starts_with(png))
            return as_image(detail::read_png(bytes, name));
        if (bytes.starts_with(jpeg))
            return as_image(detail::read_jpeg(bytes, name));
    }
    detail::fail_on_image(name, "is none of PNG, JPEG, PGM (P2, P5) and PPM (P3, P6): convert it to one of these");
}

Array<float> load_image(const fs::path& path)
{
    std::ifstream stream(path, std::ios::binary);
    std::error_code error;
    if (!stream || fs::is_directory(path, error))
        detail::fail_on_image(path.string(), "cannot be opened: check the name");
    return load_image(stream, path.string());
}

Array<float> to_grey(const Array<float>& image)
{
    const Shape& shape = image.shape();
    if (shape.size() != 3 || (shape[0] != 1 && shape[0] != 3))
        throw ShapeError(
            fmt::format("[to_grey] an image (1, H, W) or (3, H, W) was expected, {} came", to_string(shape)));
    if (shape[0] == 1)
        return image;
    Array<float> grey = empty_array<float>({1, shape[1], shape[2]});
    const std::size_t count = grey.size();
    const float* const red = image.data();
    for (std::size_t i = 0; i < count; ++i)
        grey.data()[i] = 0.299f * red[i] + 0.587f * red[count + i] + 0.114f * red[2 * count + i];
    return grey;
}

} // namespace xgrad
