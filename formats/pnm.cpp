#include <xgrad/base/error.hpp>
#include <xgrad/formats/pixels.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

namespace xgrad::detail
{

namespace
{

class Reader
{
  public:
    Reader(std::istream& stream, const std::string& name) : name_(name), stream_(stream) {}

    [[noreturn]] void fail(const std::string& what) const { fail_on_image(name_, what); }

    /** The digit of the format: '2' for a plain PGM file. */
    char format()
    {
        char magic[2] = {};
        stream_.read(magic, 2);
        if (magic[1] != '2' && magic[1] != '3' && magic[1] != '5' && magic[1] != '6')
            fail("is none of PNG, JPEG, PGM (P2, P5) and PPM (P3, P6): convert it to one of these");
        return magic[1];
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

Array<float> read_pnm(std::istream& stream, const std::string& name)
{
    Reader reader(stream, name);
    const char format = reader.format();
    const bool is_plain = format == '2' || format == '3';
    const std::size_t channels = format == '3' || format == '6' ? 3 : 1;
    const std::size_t width = reader.number(most_pixels), height = reader.number(most_pixels);
    const std::size_t white = reader.number(65535);
    if (width == 0 || height == 0 || white == 0 || width * height > most_pixels)
        reader.fail(
            fmt::format("says that it has {}x{} pixels up to {}: it is damaged or too large", width, height, white));
    if (!is_plain)
        reader.byte(); // one blank ends the header
    // Grows as numbers are read: the header may promise more than the file has, and a stream does not tell its size.
    std::vector<std::uint16_t> numbers;
    for (std::size_t i = 0; i < width * height * channels; ++i) {
        std::size_t value = 0;
        if (is_plain)
            value = reader.number(white);
        else if (white > 255)
            value = reader.byte() * 256 + reader.byte();
        else
            value = reader.byte();
        numbers.push_back(static_cast<std::uint16_t>(std::min(value, white)));
    }
    Array<float> image = empty_array<float>({channels, height, width});
    for (std::size_t i = 0; i < numbers.size(); ++i)
        image.data()[i % channels * height * width + i / channels] =
            static_cast<float>(numbers[i]) / static_cast<float>(white);
    return image;
}

} // namespace xgrad::detail
