#include "message.hpp"

#include <xgrad/base/error.hpp>
#include <xgrad/base/sizes.hpp>

#include <fmt/core.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

namespace xgrad::explorer
{

namespace
{

constexpr std::size_t alignment = 8;

/** The part of a blob that some JSON means. @throws DataError if it is outside */
std::span<const std::byte> part(std::span<const std::byte> blob, const Json& json, std::size_t bytes, const char* what)
{
    const auto begin = json.at("at").get<std::size_t>();
    if (begin > blob.size() || bytes > blob.size() - begin)
        throw DataError(fmt::format("[explorer] {} lies outside of the request's {} bytes", what, blob.size()));
    return blob.subspan(begin, bytes);
}

template <class T>
Array<double> read(const Shape& shape, std::span<const std::byte> bytes)
{
    auto array = empty_array<double>(shape);
    for (std::size_t i = 0; i < array.size(); ++i) {
        T number;
        std::memcpy(&number, bytes.data() + i * sizeof(T), sizeof(T));
        array.data()[i] = number;
    }
    return array;
}

} // namespace

const Json& Request::at(const char* key) const
{
    const auto found = json.find(key);
    if (found == json.end())
        throw DataError(fmt::format("[explorer] the request has no '{}'", key));
    return *found;
}

template <class T>
T Request::get(const char* key) const
{
    try {
        return at(key).get<T>();
    } catch (const Json::exception& error) {
        throw DataError(fmt::format("[explorer] '{}' in the request is of another kind: {}", key, error.what()));
    }
}

template std::string Request::get(const char*) const;
template std::map<std::string, std::string> Request::get(const char*) const;
template std::vector<std::size_t> Request::get(const char*) const;
template std::size_t Request::get(const char*) const;
template int Request::get(const char*) const;
template double Request::get(const char*) const;

Array<double> Request::tensor_of(const Json& tensor, const char* what) const
{
    try {
        const auto extents = tensor.at("shape").get<std::vector<std::size_t>>();
        const Shape shape(extents.begin(), extents.end());
        std::size_t size = 1;
        for (const std::size_t extent : shape)
            size = detail::product_of_sizes("explorer", what, size, extent);
        const bool is_float = tensor.at("type").get<std::string>() == "f32";
        const auto bytes = part(blob, tensor, size * (is_float ? sizeof(float) : sizeof(double)), what);
        return is_float ? read<float>(shape, bytes) : read<double>(shape, bytes);
    } catch (const Json::exception&) {
        throw DataError(fmt::format("[explorer] '{}' in the request is no tensor", what));
    }
}

std::string_view Request::file(const char* key) const
{
    try {
        const auto bytes = part(blob, at(key), at(key).at("bytes").get<std::size_t>(), key);
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    } catch (const Json::exception&) {
        throw DataError(fmt::format("[explorer] '{}' in the request is no file", key));
    }
}

std::size_t Answer::append(const void* data, std::size_t bytes)
{
    const std::size_t begin = (blob.size() + alignment - 1) / alignment * alignment;
    blob.resize(begin + bytes);
    if (bytes > 0)
        std::memcpy(blob.data() + begin, data, bytes);
    return begin;
}

template <class T>
Json Answer::add(const Array<T>& array)
{
    return {{"shape", extents(array.shape())},
            {"type", std::is_same_v<T, float> ? "f32" : "f64"},
            {"at", append(array.data(), array.size() * sizeof(T))}};
}

template Json Answer::add(const Array<float>&);
template Json Answer::add(const Array<double>&);

Json Answer::add_file(std::string_view bytes)
{
    return {{"bytes", bytes.size()}, {"at", append(bytes.data(), bytes.size())}};
}

} // namespace xgrad::explorer
