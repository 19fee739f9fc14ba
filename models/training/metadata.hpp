#pragma once
// The metadata of a checkpoint: strings that anybody may have written.

#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/from_chars.hpp>
#include <xgrad/models/training/checkpoint.hpp>

#include <string>

namespace xgrad::detail
{

/** An entry of the metadata. @throws DataError if there is none */
inline const std::string& metadata(const Checkpoint& checkpoint, const std::string& key)
{
    const auto found = checkpoint.metadata.find(key);
    if (found == checkpoint.metadata.end())
        throw DataError("[checkpoint] " + checkpoint.name + ": does not say '" + key +
                        "': it was not written by a training of xgrad");
    return found->second;
}

/** An entry as a number. @throws DataError if there is none or it is not a number of this type */
template <class Number>
Number metadata_number(const Checkpoint& checkpoint, const std::string& key)
{
    const std::string& text = metadata(checkpoint, key);
    Number number{};
    const auto result = from_chars(text.data(), text.data() + text.size(), number);
    if (result.ec != std::errc() || result.ptr != text.data() + text.size())
        throw DataError("[checkpoint] " + checkpoint.name + ": its '" + key + "' is '" + printable(text) +
                        "', which is not such a number: it is damaged");
    return number;
}

} // namespace xgrad::detail
