#include <xgrad/base/escape.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/inspect/comparison/heat_map.hpp>

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <utility>

namespace xgrad::detail
{

namespace
{

using Bytes = std::string;

constexpr std::size_t widest = 360, highest = 240; // pixels, of a page as of a picture

// The colours are numbers: those from 2 to 254 stand for values from −scale to scale.
constexpr int between = 0, not_finite = 1, zero = 128, most = 126;

struct Field
{
    std::size_t height, width;
    std::vector<unsigned char> colours = std::vector<unsigned char>(height * width, between);

    unsigned char& at(std::size_t row, std::size_t column) { return colours[row * width + column]; }
    unsigned char at(std::size_t row, std::size_t column) const { return colours[row * width + column]; }
};

unsigned char colour_of(double x, double scale)
{
    if (!std::isfinite(x))
        return not_finite;
    return static_cast<unsigned char>(scale > 0 ? zero + std::lround(most * std::clamp(x / scale, -1.0, 1.0)) : zero);
}

/** The number of columns of n planes in a grid that is about twice as wide as it is high, and as full as possible. */
std::size_t columns_of(std::size_t n, std::size_t height, std::size_t width)
{
    const double wish = std::sqrt(2.0 * static_cast<double>(n * height) / static_cast<double>(width));
    const auto columns = std::clamp<std::size_t>(static_cast<std::size_t>(std::lround(wish)), 1, n);
    const std::size_t rows = (n + columns - 1) / columns;
    return (n + rows - 1) / rows;
}

/** The elements of an array (…, B, H, W) in a grid of planes H×W with lines between them, the larger axis across. */
Field field_of(const Array<double>& x, double scale)
{
    const Shape& shape = x.shape();
    const auto extent = [&](std::size_t from_last) {
        return shape.size() < from_last ? std::size_t(1) : shape[shape.size() - from_last];
    };
    const std::size_t width = extent(1), height = extent(2), inner = extent(3), n = x.size() / (width * height);
    const std::size_t outer = n / inner;
    const bool is_matrix = inner > 1 && outer > 1;
    const std::size_t right = is_matrix ? std::max(inner, outer) : columns_of(n, height, width);
    const bool turned = is_matrix && outer > inner;
    const std::size_t line = height * width > 1 ? 1 : 0, down = (n + right - 1) / right;
    Field field{down * (height + line) - line, right * (width + line) - line};
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t plane = i / (height * width);
        const std::size_t row = turned ? plane % inner : plane / right, column = turned ? plane / inner : plane % right;
        field.at(row * (height + line) + i / width % height, column * (width + line) + i % width) =
            colour_of(x.data()[i], scale);
    }
    return field;
}

/** The field with its blocks replaced by their strongest colours. */
Field shrunk(const Field& x, std::size_t rows, std::size_t columns)
{
    const auto strength = [](int colour) {
        return colour == between ? -1 : colour == not_finite ? 2 * most : std::abs(colour - zero);
    };
    Field small{(x.height + rows - 1) / rows, (x.width + columns - 1) / columns};
    for (std::size_t r = 0; r < x.height; ++r)
        for (std::size_t c = 0; c < x.width; ++c)
            if (unsigned char& to = small.at(r / rows, c / columns); strength(x.at(r, c)) > strength(to))
                to = x.at(r, c);
    return small;
}

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

/** The chunks with the colours and their opacities. Blue and orange differ for the colour-blind, too. */
Bytes palette()
{
    Bytes colours, opacities;
    for (int i = 0; i <= zero + most; ++i) {
        colours += i == between      ? "\x80\x80\x80"
                   : i == not_finite ? "\xb0\x30\xc0"
                   : i < zero        ? "\x1a\x7f\xd4"
                                     : "\xe0\x66\x0a";
        opacities += static_cast<char>(i == between ? 100 : i == not_finite ? 255 : 255 * std::abs(i - zero) / most);
    }
    return chunk("PLTE", colours) + chunk("tRNS", opacities);
}

Bytes png(const Field& x)
{
    Bytes pixels;
    for (std::size_t r = 0; r < x.height; ++r) {
        pixels += '\0'; // rows are not filtered
        pixels.append(reinterpret_cast<const char*>(&x.colours[r * x.width]), x.width);
    }
    const Bytes indexed = {8, 3, 0, 0, 0}; // 8 bits, with a palette
    return "\x89PNG\r\n\x1a\n" + chunk("IHDR", big_endian(x.width) + big_endian(x.height) + indexed) + palette() +
           chunk("IDAT", compressed(pixels)) + chunk("IEND", "");
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

/** The smallest and the largest element. */
std::string range_of(const Array<double>& x)
{
    if (!std::all_of(x.begin(), x.end(), [](double each) { return std::isfinite(each); }))
        return "purple is not finite";
    const auto [low, high] = std::minmax_element(x.begin(), x.end());
    return fmt::format("{:.2g} … {:.2g}", *low, *high);
}

} // namespace

double largest_finite(const Array<double>& x)
{
    double largest = 0;
    for (const double each : x)
        if (std::isfinite(each))
            largest = std::max(largest, std::abs(each));
    return largest;
}

std::string heat_map(const std::string& title, const Array<double>& x, double scale)
{
    if (x.size() == 0)
        return "";
    const Field whole = field_of(x, scale);
    const std::size_t rows = (whole.height + highest - 1) / highest, columns = (whole.width + widest - 1) / widest;
    const Field field = shrunk(whole, rows, columns);
    const std::size_t zoom = std::clamp<std::size_t>(std::min(widest / field.width, highest / field.height), 1, 12);
    const std::size_t width = zoom * field.width, height = std::max<std::size_t>(zoom * field.height, 12);
    const std::string block =
        rows * columns == 1 ? "" : fmt::format("; a pixel is the largest of {}×{}", rows, columns);
    const std::string bar =
        scale > 0 ? fmt::format("<span class=\"scale\">-{0:.2g} <span class=\"bar\"></span> {0:.2g}</span>", scale)
                  : "";
    return fmt::format(
        "<figure><img alt=\"{0}: heat map of shape {1}, {2}\" style=\"width:{3}px;aspect-ratio:{3}/{4}\" "
        "src=\"data:image/png;base64,{5}\">\n<figcaption><b>{0}</b> {2}{6}{7}</figcaption></figure>\n",
        in_html(title), to_string(x.shape()), range_of(x), width, height, base64(png(field)), block, bar);
}

} // namespace xgrad::detail
