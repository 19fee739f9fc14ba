#pragma once
// What the page and the library tell each other: JSON, in which each array is a place in a block of bytes.

#include <xgrad/base/array.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace xgrad::explorer
{

using Json = nlohmann::json;
using Blob = std::vector<std::byte>;

/** A shape as JSON has it. */
inline Json extents(const Shape& shape) { return std::vector<std::size_t>(shape.begin(), shape.end()); }

/** The place of a value in a graph as JSON has it: −1 for none. */
inline Json place_or_none(std::size_t place) { return place == static_cast<std::size_t>(-1) ? Json(-1) : Json(place); }

/** A request as it arrives. A tensor in it is {"shape": […], "type": "f32" or "f64", "at": place}, a file is
 *  {"bytes": n, "at": place}; the place is a multiple of 8 in `blob`. */
struct Request
{
    Json json;
    std::span<const std::byte> blob;

    /** @throws DataError if there is no such member, or it is of another kind */
    const Json& at(const char* key) const;
    template <class T>
    T get(const char* key) const;
    Array<double> tensor(const char* key) const { return tensor_of(at(key), key); }
    std::string_view file(const char* key) const;

    /** The tensor that some JSON in the request stands for. @param what  the name in messages */
    Array<double> tensor_of(const Json& json, const char* what) const;
};

/** An answer: JSON of the same form. */
struct Answer
{
    Json json = Json::object();
    Blob blob = {};

    /** Appends an array to the blob. @return  what stands for it in the JSON */
    template <class T>
    Json add(const Array<T>& array);
    Json add_file(std::string_view bytes);

  private:
    std::size_t append(const void* data, std::size_t bytes);
};

} // namespace xgrad::explorer
