#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/formats/zip.hpp>

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <optional>

namespace xgrad::detail
{

namespace
{

constexpr std::uint32_t local_signature = 0x04034b50, directory_signature = 0x02014b50, end_signature = 0x06054b50,
                        wide_end_signature = 0x06064b50, wide_locator_signature = 0x07064b50;
constexpr std::uint64_t local_size = 30, directory_entry_size = 46, end_size = 22, wide_locator_size = 20;
constexpr std::uint16_t stored = 0, deflated = 8, encrypted_flag = 1, wide_extra = 1, version_with_64_bits = 45;
constexpr std::uint32_t is_wide = std::numeric_limits<std::uint32_t>::max(); // the number is elsewhere, in 64 bits

/** The place of the directory in an archive. */
struct Directory
{
    std::uint64_t members, size, begin;
};

/** The place of the record at the end, behind which there is a comment of up to 65,535 bytes. */
std::uint64_t find_end(FileBytes& file)
{
    const std::uint64_t size = std::min<std::uint64_t>(file.size(), end_size + 0xffff);
    std::string tail(size, '\0');
    file.seek(file.size() - size);
    file.read(tail.data(), size);
    const std::string signature = {'P', 'K', 5, 6};
    for (std::size_t at = tail.rfind(signature); at != std::string::npos;) {
        if (at + end_size <= size) {
            const auto comment = static_cast<std::size_t>(static_cast<std::uint8_t>(tail[at + end_size - 2]) |
                                                          static_cast<std::uint8_t>(tail[at + end_size - 1]) << 8);
            if (at + end_size + comment == size)
                return file.size() - size + at;
        }
        at = at == 0 ? std::string::npos : tail.rfind(signature, at - 1);
    }
    file.fail("has no directory at its end; it is truncated or no zip archive");
}

std::optional<Directory> read_wide_end(FileBytes& file, std::uint64_t end)
{
    if (end < wide_locator_size)
        return std::nullopt;
    file.seek(end - wide_locator_size);
    if (file.number<std::uint32_t>() != wide_locator_signature)
        return std::nullopt;
    file.skip(4); // the disk
    file.seek(file.number<std::uint64_t>());
    if (file.number<std::uint32_t>() != wide_end_signature)
        file.fail("has a damaged directory: the end of 64 bits is not where it should be");
    file.skip(28); // its size, versions, disks, the members on this disk
    Directory directory{};
    directory.members = file.number<std::uint64_t>();
    directory.size = file.number<std::uint64_t>();
    directory.begin = file.number<std::uint64_t>();
    return directory;
}

Directory read_end(FileBytes& file)
{
    const std::uint64_t end = find_end(file);
    auto directory = read_wide_end(file, end);
    if (!directory) {
        file.seek(end + 10);
        directory.emplace();
        directory->members = file.number<std::uint16_t>();
        directory->size = file.number<std::uint32_t>();
        directory->begin = file.number<std::uint32_t>();
    }
    if (directory->begin > end || directory->size > end - directory->begin)
        file.fail("has a damaged directory: it does not lie before its end");
    if (directory->members > directory->size / directory_entry_size)
        file.fail(fmt::format("has a damaged directory: {} bytes cannot list {} members", directory->size,
                              directory->members));
    return *directory;
}

/** Takes numbers of 64 bits, where there are some, from the extra field of a member. */
void read_extra(Bytes& extra, ZipMember& member)
{
    while (extra.remaining() >= 4) {
        const auto kind = extra.number<std::uint16_t>(), size = extra.number<std::uint16_t>();
        PartBytes field(extra, extra.name(), size);
        if (kind == wide_extra)
            for (std::uint64_t* number : {&member.unpacked, &member.packed, &member.begin})
                if (*number == is_wide)
                    *number = field.number<std::uint64_t>();
        field.skip(field.remaining());
    }
    extra.skip(extra.remaining());
}

ZipMember read_entry(Bytes& directory)
{
    if (directory.number<std::uint32_t>() != directory_signature)
        directory.fail("has a damaged directory: a member has no entry where one was expected");
    ZipMember member;
    directory.skip(4); // versions
    member.flags = directory.number<std::uint16_t>();
    member.method = directory.number<std::uint16_t>();
    directory.skip(4); // time and date
    member.crc = directory.number<std::uint32_t>();
    member.packed = directory.number<std::uint32_t>();
    member.unpacked = directory.number<std::uint32_t>();
    const auto name_size = directory.number<std::uint16_t>(), extra_size = directory.number<std::uint16_t>(),
               comment_size = directory.number<std::uint16_t>();
    directory.skip(8); // disk and attributes
    member.begin = directory.number<std::uint32_t>();
    member.name.resize(name_size);
    directory.read(member.name.data(), name_size);
    PartBytes extra(directory, directory.name(), extra_size);
    read_extra(extra, member);
    directory.skip(comment_size);
    return member;
}

/** Refuses members that share bytes: a small file could unpack to any size. */
void check_places(const FileBytes& file, std::vector<ZipMember>& members, std::uint64_t directory_begin)
{
    for (std::size_t i = 0; i < members.size(); ++i) {
        ZipMember& member = members[i];
        member.end = i + 1 < members.size() ? members[i + 1].begin : directory_begin;
        const std::uint64_t header = local_size + member.name.size();
        if (member.begin > member.end || header > member.end - member.begin ||
            member.packed > member.end - member.begin - header)
            file.fail(fmt::format("is damaged: its member '{}' overlaps what follows", printable(member.name)));
    }
}

/** The bytes of a member, whose CRC-32 is computed while they are read. */
class CheckedBytes : public Bytes
{
  public:
    explicit CheckedBytes(Bytes& bytes) : Bytes(bytes.name(), bytes.remaining()), bytes_(bytes) {}

    std::uint32_t crc() const { return crc_; }

  private:
    void fetch(char* bytes, std::size_t count) override
    {
        bytes_.read(bytes, count);
        if (count > 0) // zlib would start again for a null pointer
            crc_ = static_cast<std::uint32_t>(crc32_z(crc_, reinterpret_cast<const Bytef*>(bytes), count));
    }

    Bytes& bytes_;
    std::uint32_t crc_ = 0;
};

void read_checked(Bytes& bytes, const ZipMember& member, const std::function<void(Bytes&)>& read)
{
    CheckedBytes checked(bytes);
    read(checked);
    if (checked.remaining() != 0 || checked.crc() != member.crc)
        bytes.fail(fmt::format("is damaged: its CRC-32 is {:08x}, {:08x} was expected", checked.crc(), member.crc));
}

template <class T>
void append_number(std::string& text, T number)
{
    text.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

template <class... T>
void append_numbers(std::string& text, T... numbers)
{
    (append_number(text, numbers), ...);
}

/** The fields that the header of a member and its entry in the directory share. All members have numbers of 64 bits,
 *  as NumPy's have. */
std::string shared_fields(const ZipInput& member, std::uint32_t crc, std::size_t extra_size)
{
    std::string text;
    constexpr std::uint16_t utf8_flag = 0x0800, midnight = 0, first_day_of_1980 = 0x21;
    append_numbers(text, version_with_64_bits, utf8_flag, stored, midnight, first_day_of_1980, crc, is_wide, is_wide,
                   static_cast<std::uint16_t>(member.name.size()), static_cast<std::uint16_t>(extra_size));
    return text;
}

} // namespace

std::vector<ZipMember> read_zip_directory(FileBytes& file)
{
    const Directory place = read_end(file);
    file.seek(place.begin);
    PartBytes directory(file, file.name(), place.size);
    std::vector<ZipMember> members;
    members.reserve(place.members);
    while (members.size() < place.members)
        members.push_back(read_entry(directory));
    if (directory.remaining() != 0)
        file.fail("has a damaged directory: it lists more members than it says");
    std::sort(members.begin(), members.end(), [](const ZipMember& a, const ZipMember& b) { return a.begin < b.begin; });
    check_places(file, members, place.begin);
    return members;
}

void read_zip_member(FileBytes& file, const ZipMember& member, const std::function<void(Bytes&)>& read)
{
    const std::string name = fmt::format("{}: '{}'", file.name(), printable(member.name));
    file.seek(member.begin);
    PartBytes header(file, name, local_size + member.name.size());
    if (header.number<std::uint32_t>() != local_signature)
        header.fail("is damaged: it does not begin where the directory says");
    header.skip(22); // what the directory says, too
    const auto name_size = header.number<std::uint16_t>(), extra_size = header.number<std::uint16_t>();
    std::string name_there(std::min<std::uint64_t>(name_size, header.remaining()), '\0');
    header.read(name_there.data(), name_there.size());
    if (name_size != member.name.size() || name_there != member.name)
        header.fail("is damaged: it has another name in the directory");
    file.skip(extra_size);
    if (file.position() > member.end || member.packed > member.end - file.position())
        header.fail("is damaged: it overlaps what follows");
    if ((member.flags & encrypted_flag) != 0)
        header.fail("is encrypted; decrypt it first");
    if (member.method == stored) {
        PartBytes bytes(file, name, member.packed);
        if (member.packed != member.unpacked)
            bytes.fail("is damaged: it is not packed, but has two sizes");
        read_checked(bytes, member, read);
    } else if (member.method == deflated) {
        UnpackedBytes bytes(file, name, Packing::deflate, member.packed, member.unpacked);
        read_checked(bytes, member, read);
        if (!bytes.ends())
            bytes.fail("is damaged: it holds more bytes than the directory says");
    } else {
        header.fail(fmt::format("is packed by method {}; only stored and deflated members are read", member.method));
    }
}

void write_zip(const std::string& name, const std::vector<ZipInput>& members, const WriteBytes& append)
{
    std::uint64_t position = 0;
    const auto write = [&](const void* bytes, std::size_t count) {
        append(bytes, count);
        position += count;
    };
    std::string directory;
    for (const ZipInput& member : members) {
        if (member.name.size() > std::numeric_limits<std::uint16_t>::max())
            throw DataError(
                fmt::format("{}: the name '{}' is too long; give a shorter one", name, printable(member.name)));
        std::uint32_t crc = 0;
        for (const auto& [bytes, count] :
             {std::pair<const void*, std::size_t>{member.begin.data(), member.begin.size()},
              {member.rest, member.rest_size}})
            if (count > 0)
                crc = static_cast<std::uint32_t>(crc32_z(crc, static_cast<const Bytef*>(bytes), count));
        const std::uint64_t size = member.begin.size() + member.rest_size;
        std::string extra, header, entry;
        append_numbers(extra, wide_extra, std::uint16_t{16}, size, size);
        append_number(header, local_signature);
        header += shared_fields(member, crc, extra.size()) + member.name + extra;
        append_numbers(entry, directory_signature, version_with_64_bits);
        constexpr std::uint16_t place_size = sizeof(std::uint64_t), no_comment = 0, first_disk = 0, no_attributes = 0;
        constexpr std::uint32_t no_more_attributes = 0;
        extra[2] = static_cast<char>(extra[2] + place_size);
        append_number(extra, position);
        entry += shared_fields(member, crc, extra.size());
        append_numbers(entry, no_comment, first_disk, no_attributes, no_more_attributes, is_wide);
        directory += entry + member.name + extra;
        write(header.data(), header.size());
        write(member.begin.data(), member.begin.size());
        write(member.rest, member.rest_size);
    }
    const std::uint64_t begin = position, wide_end = position + directory.size(), count = members.size();
    constexpr std::uint64_t wide_end_rest = 44;
    constexpr std::uint32_t one_disk = 0;
    append_numbers(directory, wide_end_signature, wide_end_rest, version_with_64_bits, version_with_64_bits, one_disk,
                   one_disk, count, count, wide_end - begin, begin);
    append_numbers(directory, wide_locator_signature, one_disk, wide_end, std::uint32_t{1});
    constexpr std::uint16_t this_disk = 0, no_comment = 0;
    const auto narrow_count = static_cast<std::uint16_t>(std::min<std::uint64_t>(count, 0xffff));
    append_numbers(directory, end_signature, this_disk, this_disk, narrow_count, narrow_count, is_wide, is_wide,
                   no_comment);
    write(directory.data(), directory.size());
}

} // namespace xgrad::detail
