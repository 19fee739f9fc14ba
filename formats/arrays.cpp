#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/formats/found.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <string_view>
#include <vector>

namespace xgrad
{

namespace
{

namespace fs = std::filesystem;

/** The beginning of a file, of as many bytes as tell its format. */
std::string beginning_of(std::istream& stream)
{
    constexpr std::size_t longest = 128;
    std::string begin(longest, '\0');
    stream.seekg(0);
    stream.read(begin.data(), longest);
    begin.resize(static_cast<std::size_t>(stream.gcount()));
    stream.clear();
    return begin;
}

bool is_mat(std::string_view begin)
{
    constexpr std::size_t version_place = 124, size = 128;
    constexpr std::string_view version("\x00\x01IM", 4), swapped("\x01\x00MI", 4);
    return begin.size() == size && (begin.substr(version_place) == version || begin.substr(version_place) == swapped);
}

/** A header in JSON, with its length before it. */
bool is_safetensors(std::string_view begin)
{
    constexpr std::size_t length_size = 8;
    return begin.size() > length_size && begin[length_size - 1] == '\0' &&
           begin.find_first_not_of(" \t\r\n", length_size) != std::string_view::npos &&
           begin[begin.find_first_not_of(" \t\r\n", length_size)] == '{';
}

/** The formats that are told apart by their first bytes, and not read. */
void refuse_known(const std::string& name, std::string_view begin)
{
    struct Known
    {
        std::string_view magic;
        const char* what;
    };
    constexpr Known all[] = {
        {"\x1f\x8b", "is gzipped; unpack it with gunzip"},
        {"\x89HDF", "is HDF5, or MATLAB's -v7.3; save it by -v7"},
        {"MATLAB 7.3", "is MATLAB's -v7.3; save it by -v7"},
        {"Octave-1-", "is Octave's own binary format; save it by -v7 or -text"},
        {"\x80", "is a pickle of Python, which runs programs; save it by numpy.save or safetensors"},
    };
    for (const Known& known : all)
        if (begin.starts_with(known.magic))
            throw DataError(fmt::format("[arrays] {}: {}", name, known.what));
}

} // namespace

namespace detail
{

bool Found::meets(const Bytes& file, const std::string& name)
{
    if (!met_.insert(name).second)
        file.fail(fmt::format("has two arrays of the name '{}'", printable(name)));
    return names_.empty() || names_.contains(name);
}

NamedArrays Found::take(const Bytes& file)
{
    for (const std::string& name : names_)
        if (!arrays_.contains(name)) {
            constexpr std::size_t most_shown = 20;
            std::vector<std::string> shown;
            for (auto each = met_.begin(); each != met_.end() && shown.size() < most_shown; ++each)
                shown.push_back("'" + printable(*each) + "'");
            file.fail(
                fmt::format("has no array '{}'; it has {}{}", printable(name),
                            shown.empty() ? "none" : fmt::format("{}", fmt::join(shown, ", ")),
                            met_.size() > most_shown ? fmt::format(" and {} others", met_.size() - most_shown) : ""));
        }
    return std::move(arrays_);
}

} // namespace detail

NamedArrays load_arrays(std::istream& stream, const std::string& name, const std::set<std::string>& names)
{
    const std::string begin = beginning_of(stream);
    const std::string stem = fs::path(name).stem().string();
    detail::Found found(names);
    const auto read = [&](const char* format, const auto& read_format) {
        detail::FileBytes file(stream, fmt::format("[{}] {}", format, name));
        read_format(file);
        return found.take(file);
    };
    using detail::FileBytes;
    if (begin.starts_with("\x93NUMPY"))
        return read("npy", [&](FileBytes& file) { detail::read_npy(file, stem, found); });
    if (begin.starts_with("PK\x03\x04") || begin.starts_with("PK\x05\x06") || begin.starts_with("PK\x06\x06"))
        return read("npz", [&](FileBytes& file) { detail::read_npz(file, found); });
    if (is_mat(begin))
        return read("mat", [&](FileBytes& file) { detail::read_mat(file, found); });
    if (is_safetensors(begin))
        return read("safetensors", [&](FileBytes& file) { detail::read_safetensors(file, found); });
    refuse_known(name, begin);
    return read("text", [&](FileBytes& file) { detail::read_text(file, stem, found); });
}

NamedArrays load_arrays(const fs::path& path, const std::set<std::string>& names)
{
    const auto fail = [&](const char* what) { throw DataError(fmt::format("[arrays] {}: {}", path.string(), what)); };
    std::error_code error;
    if (!fs::is_regular_file(path, error))
        fail("is no file that can be read; check the name");
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        fail("cannot be opened; check its permissions");
    return load_arrays(stream, path.string(), names);
}

} // namespace xgrad
