#pragma once

#include "input.hpp"
#include <xgrad/formats/found.hpp>

#include <string_view>

namespace xgrad::fuzz
{

/** Calls use(arrays) with what a reader of arrays finds in the bytes, unless it refuses them.
 *  @param read  read(file, found) */
template <class Read, class Use>
void arrays_in(std::string_view bytes, const Read& read, const Use& use)
{
    may_refuse([&] {
        File stream(bytes);
        detail::FileBytes file(stream, "file");
        detail::Found found;
        read(file, found);
        use(found.take(file));
    });
}

template <class Read>
void arrays_in(std::string_view bytes, const Read& read)
{
    arrays_in(bytes, read, [](const NamedArrays&) {});
}

} // namespace xgrad::fuzz
