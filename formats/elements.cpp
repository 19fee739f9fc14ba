#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/formats/elements.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace xgrad::detail
{

namespace
{

void swap_bytes(std::byte* bytes, std::size_t count, std::size_t size)
{
    for (std::size_t i = 0; i < count; ++i)
        std::reverse(bytes + i * size, bytes + (i + 1) * size);
}

/** Puts elements of a file into an array, each at its place. @return  false if one does not fit */
template <class From, class To>
bool put(const std::byte* elements, std::size_t count, Places& places, std::byte* array)
{
    for (std::size_t i = 0; i < count; ++i, places.next()) {
        From from{};
        To to{};
        std::memcpy(&from, elements + i * sizeof(From), sizeof(From));
        if constexpr (std::is_same_v<From, To>)
            to = from;
        else if (!convert(number_of(from), to))
            return false;
        std::memcpy(array + places.place() * sizeof(To), &to, sizeof(To));
    }
    return true;
}

bool put(const ElementLayout& layout, const std::byte* elements, std::size_t count, Places& places, std::byte* array)
{
    return visit_type(layout.stored, [&](auto stored) {
        using From = decltype(stored);
        if (layout.stored == layout.type)
            return put<From, From>(elements, count, places, array);
        return visit_type(layout.type, [&](auto type) {
            using To = decltype(type);
            if constexpr (std::is_arithmetic_v<From> && std::is_arithmetic_v<To>)
                return put<From, To>(elements, count, places, array);
            else
                return false;
        });
    });
}

} // namespace

std::uint64_t promised_bytes(const Bytes& bytes, ElementType type, const Shape& shape)
{
    try {
        return element_count(shape) * element_size(type);
    } catch (const ShapeError&) {
        bytes.fail(fmt::format("has a shape that no array can have, {}; it is damaged", to_string(shape)));
    }
}

AnyArray read_elements(Bytes& bytes, const ElementLayout& layout)
{
    const std::uint64_t promised = promised_bytes(bytes, layout.stored, layout.shape);
    if (promised > bytes.remaining())
        bytes.fail(fmt::format("is truncated: {} bytes of data are left where the shape {} of {} needs {}",
                               bytes.remaining(), to_string(layout.shape), element_name(layout.stored), promised));
    // A boolean may be any byte in a file, and is 0 or 1 in an array.
    const ElementType stored = layout.stored == ElementType::boolean ? ElementType::uint8 : layout.stored;
    const ElementLayout read{stored, layout.type, layout.shape, layout.big_endian, layout.column_major};
    const std::size_t size = element_size(stored);
    AnyArray array(layout.type, layout.shape);
    if (stored == layout.type && !layout.column_major) {
        bytes.read(array.bytes(), promised);
        if (layout.big_endian)
            swap_bytes(array.bytes(), array.size(), size);
        return array;
    }
    Places places(layout.shape, layout.column_major);
    std::array<std::byte, 1 << 14> piece;
    for (std::size_t left = array.size(); left > 0;) {
        const std::size_t count = std::min(left, piece.size() / size);
        bytes.read(piece.data(), count * size);
        if (layout.big_endian)
            swap_bytes(piece.data(), count, size);
        if (!put(read, piece.data(), count, places, array.bytes()))
            bytes.fail(fmt::format("has a number of type {} that does not fit its type {}; it is damaged",
                                   element_name(layout.stored), element_name(layout.type)));
        left -= count;
    }
    return array;
}

} // namespace xgrad::detail
