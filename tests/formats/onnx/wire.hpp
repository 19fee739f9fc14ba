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

/** A field as it stands in a message. */
struct Field
{
    std::uint64_t number = 0, integer = 0;
    std::string content = {}; // of bytes, a text or a message
    float real = 0;
};

/** The fields of a message, by a walk over its bytes. */
inline std::vector<Field> fields(const std::string& message)
{
    std::vector<Field> all;
    std::size_t at = 0;
    const auto next_varint = [&] {
        std::uint64_t number = 0;
        for (unsigned shift = 0;; shift += 7) {
            const auto byte = static_cast<unsigned char>(message.at(at++));
            number += std::uint64_t{byte % 128u} << shift;
            if (byte < 128)
                return number;
        }
    };
    while (at < message.size()) {
        const std::uint64_t head = next_varint();
        Field field{.number = head / 8};
        if (head % 8 == 0)
            field.integer = next_varint();
        else if (head % 8 == 2) {
            const std::uint64_t count = next_varint();
            REQUIRE(count <= message.size() - at);
            field.content = message.substr(at, count);
            at += count;
        } else {
            REQUIRE(head % 8 == 5);
            std::memcpy(&field.real, message.data() + at, sizeof(float));
            at += sizeof(float);
        }
        all.push_back(field);
    }
    return all;
}

/** The contents of all fields of one number. */
inline std::vector<std::string> contents_of(const std::string& message, std::uint64_t number)
{
    std::vector<std::string> all;
    for (const Field& field : fields(message))
        if (field.number == number)
            all.push_back(field.content);
    return all;
}

} // namespace xgrad::test::wire
