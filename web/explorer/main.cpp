// What the page's worker calls: the request goes into one buffer, the answer comes in another.

#include "explorer.hpp"

#include <array>
#include <cstdint>
#include <emscripten/emscripten.h>
#include <string>

namespace
{

xgrad::explorer::Explorer explorer;
xgrad::explorer::Blob request;
xgrad::explorer::Answer given;
std::string text;

std::uint32_t address(const void* data) { return reinterpret_cast<std::uintptr_t>(data); }

} // namespace

extern "C" {

/** A buffer for a request: its JSON in UTF-8 and, from the next multiple of 8 on, its blob. */
EMSCRIPTEN_KEEPALIVE std::byte* reserve(std::uint32_t bytes)
{
    request.resize(bytes);
    return request.data();
}

/** Answers the request in the buffer.
 *  @return  the place and the size of the answer's JSON and of its blob, until the next call */
EMSCRIPTEN_KEEPALIVE const std::uint32_t* answer(std::uint32_t json_bytes, std::uint32_t blob_bytes)
{
    static std::array<std::uint32_t, 4> places;
    const std::uint32_t blob = (json_bytes + 7) / 8 * 8;
    const auto* const json = reinterpret_cast<const char*>(request.data());
    given = explorer.answer({json, json_bytes}, {request.data() + blob, blob_bytes});
    text = given.json.dump(-1, ' ', false, xgrad::explorer::Json::error_handler_t::replace);
    places = {address(text.data()), static_cast<std::uint32_t>(text.size()), address(given.blob.data()),
              static_cast<std::uint32_t>(given.blob.size())};
    return places.data();
}

} // extern "C"
