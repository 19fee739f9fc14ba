#include <xgrad/base/base64.hpp>
#include <xgrad/base/error.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace xgrad::detail
{

namespace
{

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t bits_of_digit = 6, bits_of_byte = 8, bytes_of_group = 3, digits_of_group = 4;

constexpr std::uint8_t no_digit = 0xff;

/** The value of each character as a digit. */
constexpr auto values = [] {
    std::array<std::uint8_t, 256> all{};
    all.fill(no_digit);
    for (std::size_t value = 0; value < digits.size(); ++value)
        all[static_cast<unsigned char>(digits[value])] = static_cast<std::uint8_t>(value);
    return all;
}();

} // namespace

std::string to_base64(std::string_view bytes)
{
    std::string text;
    text.reserve((bytes.size() / bytes_of_group + 1) * digits_of_group);
    for (std::size_t begin = 0; begin < bytes.size(); begin += bytes_of_group) {
        const std::size_t count = std::min(bytes_of_group, bytes.size() - begin);
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < bytes_of_group; ++i)
            group = group << bits_of_byte | (i < count ? static_cast<unsigned char>(bytes[begin + i]) : 0U);
        for (std::size_t i = 0; i < digits_of_group; ++i)
            text += i <= count ? digits[group >> bits_of_digit * (digits_of_group - 1 - i) & (digits.size() - 1)] : '=';
    }
    return text;
}

std::string from_base64(std::string_view text)
{
    const auto fail = [] { throw DataError("[base64] the text is damaged: it is not base64"); };
    std::size_t padding = 0;
    while (padding < text.size() && padding < 2 && text[text.size() - 1 - padding] == '=')
        ++padding;
    if (text.size() % digits_of_group != 0)
        fail();
    std::string bytes;
    bytes.reserve(text.size() / digits_of_group * bytes_of_group);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_padding = i >= text.size() - padding;
        const std::uint8_t value = is_padding ? 0 : values[static_cast<unsigned char>(text[i])];
        if (value == no_digit)
            fail();
        group = group << bits_of_digit | value;
        if (i % digits_of_group == digits_of_group - 1)
            for (std::size_t byte = bytes_of_group; byte-- > 0;)
                bytes += static_cast<char>(group >> bits_of_byte * byte & 0xffU);
    }
    bytes.resize(bytes.size() - padding);
    return bytes;
}

} // namespace xgrad::detail
