#include "report_picture.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace xgrad::command
{

namespace
{

constexpr std::size_t largest_side = 400; // pixels
constexpr double gap = NAN;

/** Numbers in rows; NaN marks a gap. */
struct Field
{
    std::size_t height, width;
    std::vector<double> values;

    double& at(std::size_t row, std::size_t column) { return values[row * width + column]; }
    double at(std::size_t row, std::size_t column) const { return values[row * width + column]; }
};

/** An array (A, B, H, W) as a grid of A·B tiles H×W, with lines between them. */
Field tiled(const double* x, std::size_t a, std::size_t b, std::size_t height, std::size_t width)
{
    const bool across = a > b; // the larger axis goes across
    const std::size_t down = across ? b : a, right = across ? a : b;
    const std::size_t line = height * width > 1 ? 1 : 0;
    Field field{down * (height + line) - line, right * (width + line) - line, {}};
    field.values.assign(field.height * field.width, gap);
    for (std::size_t i = 0; i < a; ++i)
        for (std::size_t j = 0; j < b; ++j)
            for (std::size_t r = 0; r < height; ++r)
                for (std::size_t c = 0; c < width; ++c)
                    field.at((across ? j : i) * (height + line) + r, (across ? i : j) * (width + line) + c) = *x++;
    return field;
}

Field field_of(const Array<double>& x, std::size_t most_rows)
{
    const Shape& shape = x.shape();
    const auto rows = [&](std::size_t extent) { return std::min(extent, most_rows); };
    switch (shape.size()) {
    case 0:
        return tiled(x.data(), 1, 1, 1, 1);
    case 1:
        return tiled(x.data(), 1, shape[0], 1, 1);
    case 2:
        return tiled(x.data(), 1, 1, rows(shape[0]), shape[1]);
    case 3:
        return tiled(x.data(), 1, rows(shape[0]), shape[1], shape[2]);
    default:
        return tiled(x.data(), rows(shape[0]), shape[1], shape[2], x.size() / (shape[0] * shape[1] * shape[2]));
    }
}

/** The field with each block replaced by its element of the largest |x|, so that large elements remain. */
Field shrunk(const Field& x)
{
    const std::size_t rows = (x.height + largest_side - 1) / largest_side;
    const std::size_t columns = (x.width + largest_side - 1) / largest_side;
    if (rows == 1 && columns == 1)
        return x;
    Field small{(x.height + rows - 1) / rows, (x.width + columns - 1) / columns, {}};
    small.values.assign(small.height * small.width, gap);
    for (std::size_t r = 0; r < x.height; ++r)
        for (std::size_t c = 0; c < x.width; ++c) {
            double& to = small.at(r / rows, c / columns);
            if (std::isnan(to) || std::abs(x.at(r, c)) > std::abs(to))
                to = x.at(r, c);
        }
    return small;
}

using Bytes = std::string;

Bytes big_endian(std::size_t number)
{
    Bytes bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes += static_cast<char>(number >> shift & 0xff);
    return bytes;
}

Bytes chunk(const char* type, const Bytes& content)
{
    const Bytes checked = type + content;
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
    return big_endian(content.size()) + checked + big_endian(crc);
}

Bytes compressed(const Bytes& bytes)
{
    uLongf size = compressBound(static_cast<uLong>(bytes.size()));
    Bytes result(size, '\0');
    compress2(reinterpret_cast<Bytef*>(result.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
              static_cast<uLong>(bytes.size()), Z_BEST_COMPRESSION);
    result.resize(size);
    return result;
}

/** The palette: colour 0 is the gap, 1 … 255 go from the lowest to the highest value. */
Bytes palette(Colours colours)
{
    Bytes bytes = {'\xd8', '\xd8', '\xd8'};
    const auto add = [&](double red, double green, double blue) {
        for (const double part : {red, green, blue})
            bytes += static_cast<char>(std::lround(part));
    };
    for (int i = 0; i < 255; ++i) {
        const double x = (i - 127) / 127.0, pale = 1 - std::abs(x);
        if (colours == Colours::grey)
            add(i, i, i);
        else if (x < 0)
            add(33 + 222 * pale, 102 + 153 * pale, 172 + 83 * pale);
        else
            add(178 + 77 * pale, 24 + 231 * pale, 43 + 212 * pale);
    }
    return bytes;
}

Bytes png(const Field& x, Colours colours, double lowest, double highest)
{
    Bytes pixels;
    const double range = highest > lowest ? highest - lowest : 1;
    for (std::size_t r = 0; r < x.height; ++r) {
        pixels += '\0'; // rows are not filtered
        for (std::size_t c = 0; c < x.width; ++c) {
            const double value = std::clamp((x.at(r, c) - lowest) / range, 0.0, 1.0);
            pixels += static_cast<char>(std::isnan(x.at(r, c)) ? 0 : 1 + std::lround(254 * value));
        }
    }
    const Bytes indexed = {8, 3, 0, 0, 0}; // 8 bits, with a palette
    return "\x89PNG\r\n\x1a\n" + chunk("IHDR", big_endian(x.width) + big_endian(x.height) + indexed) +
           chunk("PLTE", palette(colours)) + chunk("IDAT", compressed(pixels)) + chunk("IEND", "");
}

std::string base64(const Bytes& bytes)
{
    const char* const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t three = 0;
        for (std::size_t k = 0; k < 3; ++k)
            three = three << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k)
            text += i + k > bytes.size() ? '=' : letters[three >> (18 - 6 * k) & 63];
    }
    return text;
}

} // namespace

std::string picture(const Array<double>& x, Colours colours, double scale, std::size_t rows)
{
    if (x.size() == 0)
        return "";
    const Field field = shrunk(field_of(x, rows));
    double lowest = -scale, highest = scale;
    if (colours == Colours::grey) {
        const auto [low, high] = std::minmax_element(x.begin(), x.end());
        lowest = *low;
        highest = *high;
    }
    const std::size_t zoom = std::clamp<std::size_t>(300 / std::max(field.width, field.height), 1, 12);
    return fmt::format("<img alt=\"\" style=\"width:{}px\" src=\"data:image/png;base64,{}\" />", zoom * field.width,
                       base64(png(field, colours, lowest, highest)));
}

} // namespace xgrad::command
