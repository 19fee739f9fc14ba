#pragma once
// ONNX files byte by byte, written and read without the library's own code.

#include "../formats.hpp"

#include <cstdint>
#include <string>

namespace xgrad::test::wire
{

inline std::string varint(std::uint64_t number)
{
    std::string bytes;
    do {
        bytes += static_cast<char>(number % 128 + (number >= 128 ? 128 : 0));
        number /= 128;
    } while (number > 0);
    return bytes;
}

inline std::string key(std::uint64_t field, unsigned kind) { return varint(field * 8 + kind); }

/** A field that holds an integer. */
inline std::string integer(std::uint64_t field, std::int64_t number)
{
    return key(field, 0) + varint(static_cast<std::uint64_t>(number));
}

/** A field that holds a float or a double. */
template <class T>
std::string real(std::uint64_t field, T number)
{
    return key(field, sizeof(T) == 8 ? 1 : 5) + bytes_of(number);
}

/** A field that holds bytes: a text, a message or packed numbers. */
inline std::string bytes(std::uint64_t field, const std::string& content)
{
    return key(field, 2) + varint(content.size()) + content;
}

inline std::string entry(const std::string& name, const std::string& value) { return bytes(1, name) + bytes(2, value); }

/** A tensor with its type and extents. @param rest  the fields with its elements */
inline std::string tensor(const std::string& name, std::int64_t type, const std::vector<std::int64_t>& extents,
                          const std::string& rest)
{
    std::string fields;
    for (const std::int64_t extent : extents)
        fields += integer(1, extent);
    return fields + integer(2, type) + bytes(8, name) + rest;
}

/** A model with the fields of its graph. */
inline std::string model(const std::string& graph)
{
    return integer(1, 8) + bytes(7, graph) + bytes(8, bytes(1, "") + integer(2, 17));
}

} // namespace xgrad::test::wire
