#include "pgm.hpp"

#include <xgrad/base/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <fstream>

namespace xgrad::command
{

namespace
{

namespace fs = std::filesystem;

class Reader
{
  public:
    Reader(std::istream& stream, const std::string& name) : name_(name), stream_(stream) {}

    [[noreturn]] void fail(const std::string& what) const { throw DataError(fmt::format("[pgm] {}: {}", name_, what)); }

    /** Reads the format. @return  true for P5, false for P2 */
    bool is_binary()
    {
        char magic[2] = {};
        stream_.read(magic, 2);
        if (magic[0] != 'P' || (magic[1] != '2' && magic[1] != '5'))
            fail("is not a PGM image (P2 or P5): convert it, as with 'convert digit.png -colorspace gray digit.pgm'");
        return magic[1] == '5';
    }

    std::size_t number(std::size_t most)
    {
        skip_blanks_and_comments();
        std::size_t value = 0;
        if (!std::isdigit(stream_.peek()))
            fail("is damaged or cut off: a number is missing");
        while (std::isdigit(stream_.peek())) {
            value = 10 * value + static_cast<std::size_t>(skip() - '0');
            if (value > most)
                fail(fmt::format("has a number that is greater than {}: it is damaged or too large", most));
        }
        // Short numbers and the blanks around them do not count, however many there are.
        skipped_ -= std::min<std::size_t>(skipped_, 16);
        return value;
    }

    std::size_t byte()
    {
        const int value = stream_.get();
        if (value < 0)
            fail("is cut off");
        return static_cast<std::size_t>(value);
    }

  private:
    /** Takes a character of which the file may have any number. A stream may have no end. */
    int skip()
    {
        constexpr std::size_t most_skipped = std::size_t{1} << 20;
        if (++skipped_ > most_skipped)
            fail("has a comment, or blanks, without an end: it is damaged");
        return stream_.get();
    }

    void skip_blanks_and_comments()
    {
        for (;;) {
            if (stream_.peek() == '#')
                while (stream_.peek() != '\n' && stream_)
                    skip();
            if (!std::isspace(stream_.peek()))
                return;
            skip();
        }
    }

    const std::string& name_;
    std::istream& stream_;
    std::size_t skipped_ = 0;
};

} // namespace

Array<std::uint8_t> read_pgm(std::istream& stream, const std::string& name)
{
    constexpr std::size_t most_pixels = std::size_t{1} << 26;
    Reader reader(stream, name);
    const bool binary = reader.is_binary();
    const std::size_t width = reader.number(most_pixels), height = reader.number(most_pixels);
    const std::size_t white = reader.number(65535);
    if (width == 0 || height == 0 || white == 0 || width * height > most_pixels)
        reader.fail(
            fmt::format("says that it has {}x{} pixels up to {}: it is damaged or too large", width, height, white));
    if (binary)
        reader.byte(); // one blank ends the header
    // Grows as pixels are read: the header may promise more than the file has.
    std::vector<std::uint8_t> pixels;
    for (std::size_t i = 0; i < width * height; ++i) {
        std::size_t value = 0;
        if (!binary)
            value = reader.number(white);
        else if (white > 255)
            value = reader.byte() * 256 + reader.byte();
        else
            value = reader.byte();
        pixels.push_back(static_cast<std::uint8_t>((std::min(value, white) * 255 + white / 2) / white));
    }
    Array<std::uint8_t> image = empty_array<std::uint8_t>({height, width});
    std::copy(pixels.begin(), pixels.end(), image.begin());
    return image;
}

Array<std::uint8_t> read_pgm(const fs::path& path)
{
    std::ifstream stream(path, std::ios::binary);
    std::error_code error;
    if (!stream || fs::is_directory(path, error))
        throw DataError(fmt::format("[pgm] {}: cannot be opened: check the name", path.string()));
    return read_pgm(stream, path.string());
}

Array<std::uint8_t> fit(const Array<std::uint8_t>& image, std::size_t height, std::size_t width)
{
    const std::size_t from_height = image.shape()[0], from_width = image.shape()[1];
    const double scale = std::max({1.0, static_cast<double>(from_height) / static_cast<double>(height),
                                   static_cast<double>(from_width) / static_cast<double>(width)});
    const auto shrunk = [&](std::size_t extent) {
        return std::max(std::size_t{1}, static_cast<std::size_t>(std::lround(static_cast<double>(extent) / scale)));
    };
    const std::size_t to_height = shrunk(from_height), to_width = shrunk(from_width);
    const std::size_t top = (height - to_height) / 2, left = (width - to_width) / 2;

    // Pixel j of n is the average of the pixels that it covers; those at its ends count in part.
    const auto cover = [](std::size_t j, std::size_t extent, std::size_t n, const auto& visit) {
        const double size = static_cast<double>(extent) / static_cast<double>(n);
        const double begin = static_cast<double>(j) * size, end = begin + size;
        for (auto k = static_cast<std::size_t>(begin); k < extent && static_cast<double>(k) < end; ++k)
            visit(k, (std::min(end, static_cast<double>(k) + 1) - std::max(begin, static_cast<double>(k))) / size);
    };
    Array<std::uint8_t> framed({height, width}, 0);
    for (std::size_t i = 0; i < to_height; ++i)
        for (std::size_t j = 0; j < to_width; ++j) {
            double grey = 0;
            cover(i, from_height, to_height, [&](std::size_t row, double row_weight) {
                cover(j, from_width, to_width, [&](std::size_t column, double column_weight) {
                    grey += row_weight * column_weight * image.data()[row * from_width + column];
                });
            });
            framed.data()[(top + i) * width + left + j] = static_cast<std::uint8_t>(std::lround(grey));
        }
    return framed;
}

} // namespace xgrad::command
