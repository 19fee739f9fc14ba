#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/file.hpp>
#include <xgrad/formats/found.hpp>
#include <xgrad/formats/npy.hpp>
#include <xgrad/formats/zip.hpp>

#include <fmt/format.h>

namespace xgrad
{

namespace
{

constexpr std::string_view extension = ".npy";

} // namespace

namespace detail
{

void read_npz(FileBytes& file, Found& found)
{
    std::uint64_t left = most_unpacked(file.size());
    for (const ZipMember& member : read_zip_directory(file)) {
        if (!member.name.ends_with(extension))
            continue; // NumPy gives such a member as bytes
        const std::string name = member.name.substr(0, member.name.size() - extension.size());
        if (!found.meets(file, name))
            continue;
        if (member.unpacked > left)
            file.fail(fmt::format("unpacks to more than {} MiB and {} times its size at '{}'; save it by numpy.savez, "
                                  "which does not pack, if it is right",
                                  unsuspicious_size >> 20, usual_ratio, printable(member.name)));
        left -= member.unpacked;
        read_zip_member(file, member, [&](Bytes& bytes) { found.add(name, read_npy(bytes)); });
    }
}

} // namespace detail

void save_npy(const std::filesystem::path& path, const AnyArray& array)
{
    const std::string header = detail::npy_header("[npy] " + path.string(), array);
    write_atomically(path, [&](const WriteBytes& append) {
        append(header.data(), header.size());
        append(array.bytes(), array.byte_count());
    });
}

void save_npz(const std::filesystem::path& path, const NamedArrays& arrays)
{
    const std::string file = "[npz] " + path.string();
    std::vector<detail::ZipInput> members;
    for (const auto& [name, array] : arrays) {
        if (name.empty() || !detail::is_utf8(name) || name.find('\0') != std::string::npos)
            throw DataError(fmt::format("{}: '{}' cannot be the name of an array: it is empty, not UTF-8 or has a zero "
                                        "byte; give another",
                                        file, printable(name)));
        members.push_back({name + std::string(extension),
                           detail::npy_header(file + ": '" + printable(name) + "'", array), array.bytes(),
                           array.byte_count()});
    }
    write_atomically(path, [&](const WriteBytes& append) { detail::write_zip(file, members, append); });
}

} // namespace xgrad
