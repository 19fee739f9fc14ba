#pragma once
// Zip archives, as far as .npz files need them: members that are stored or deflated, with the extension of 64 bits.
// APPNOTE.TXT of PKWARE: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT

#include <xgrad/base/file.hpp>
#include <xgrad/formats/bytes.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace xgrad::detail
{

/** A file in an archive. */
struct ZipMember
{
    std::string name;
    std::uint16_t flags = 0, method = 0;
    std::uint32_t crc = 0;
    std::uint64_t packed = 0, unpacked = 0; ///< sizes in bytes
    std::uint64_t begin = 0;                ///< the place of its header in the archive
    std::uint64_t end = 0;                  ///< the place of what follows
};

/** Reads the list of an archive's members, in the order of their data.
 *
 *  @throws DataError if it is no archive, lacks a part, or says of two members that they share bytes */
std::vector<ZipMember> read_zip_directory(FileBytes& file);

/** Gives the unpacked bytes of a member to a function, which reads all of them, and checks their CRC-32.
 *
 *  @throws DataError if they are encrypted, packed by something else than deflate, or damaged */
void read_zip_member(FileBytes& file, const ZipMember& member, const std::function<void(Bytes&)>& read);

/** A file to be written into an archive, in two pieces. */
struct ZipInput
{
    std::string name, begin;
    const void* rest;
    std::size_t rest_size;
};

/** Writes an archive of stored members. @param name  the name of the archive, for errors */
void write_zip(const std::string& name, const std::vector<ZipInput>& members, const WriteBytes& append);

} // namespace xgrad::detail
