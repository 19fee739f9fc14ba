#include "files.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/models/data/idx.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

using namespace xgrad;
using namespace xgrad::test;
namespace fs = std::filesystem;

namespace
{

std::string big_endian(std::uint32_t value)
{
    return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
            static_cast<char>(value)};
}

std::string idx(unsigned type, const std::vector<std::uint32_t>& extents, const std::string& data)
{
    std::string bytes = big_endian(type << 8 | static_cast<std::uint32_t>(extents.size()));
    for (const std::uint32_t extent : extents)
        bytes += big_endian(extent);
    return bytes + data;
}

Array<std::uint8_t> small_images(std::size_t count)
{
    auto images = empty_array<std::uint8_t>({count, 1, 2, 3});
    std::iota(images.begin(), images.end(), std::uint8_t{0});
    return images;
}

Labels small_labels(std::size_t count)
{
    auto labels = empty_array<std::int32_t>({count});
    std::iota(labels.begin(), labels.end(), 0);
    return labels;
}

} // namespace

TEST_CASE("idx: images and labels survive a round trip, plain and gzipped")
{
    const Folder folder;
    const auto images = small_images(7);
    const auto labels = small_labels(7);
    for (const std::string suffix : {"", ".gz"}) {
        CAPTURE(suffix);
        write_idx_images(folder / ("images" + suffix), images);
        write_idx_labels(folder / ("labels" + suffix), labels);
        CHECK(read_idx_images(folder / ("images" + suffix)) == images);
        CHECK(read_idx_labels(folder / ("labels" + suffix), 7) == labels);
    }
}

TEST_CASE("idx: the bytes written are those of the format")
{
    const Folder folder;
    write_idx_images(folder / "images", small_images(2));
    write_idx_labels(folder / "labels", small_labels(2));
    CHECK(contents(folder / "images") ==
          std::string("\0\0\x08\x03\0\0\0\2\0\0\0\2\0\0\0\3\0\1\2\3\4\5\6\7\x08\x09\x0a\x0b", 28));
    CHECK(contents(folder / "labels") == std::string("\0\0\x08\x01\0\0\0\2\0\1", 10));
}

TEST_CASE("idx: a gzipped file has no timestamp")
{
    const Folder folder;
    write_idx_labels(folder / "labels.gz", small_labels(3));
    const std::string bytes = contents(folder / "labels.gz");
    CHECK(bytes.substr(0, 2) == "\x1f\x8b");
    CHECK(bytes.substr(4, 4) == std::string(4, '\0'));
}

TEST_CASE("idx: images larger than a block of the reader")
{
    const Folder folder;
    auto pixels = empty_array<std::uint8_t>({3000, 1, 28, 28});
    for (std::size_t i = 0; i < pixels.size(); ++i)
        pixels.data()[i] = static_cast<std::uint8_t>(i * i >> 4);
    for (const std::string name : {"images", "images.gz"}) {
        write_idx_images(folder / name, pixels);
        CHECK(read_idx_images(folder / name) == pixels);
    }
}

TEST_CASE("idx: the writer refuses what the format cannot hold")
{
    const Folder folder;
    CHECK_THROWS_AS(write_idx_images(folder / "x", empty_array<std::uint8_t>({2, 3, 4, 4})), ShapeError);
    CHECK_THROWS_AS(write_idx_images(folder / "x", empty_array<std::uint8_t>({2, 4, 4})), ShapeError);
    CHECK_THROWS_AS(write_idx_labels(folder / "x", empty_array<std::int32_t>({2, 2})), ShapeError);
    for (const std::int32_t label : {-1, 256}) {
        auto labels = empty_array<std::int32_t>({1});
        labels(0) = label;
        CHECK(contains(error_of([&] { write_idx_labels(folder / "x", labels); }), std::to_string(label)));
    }
    CHECK(folder.count() == 0);
}

TEST_CASE("idx: errors name the file and what is wrong with it")
{
    const Folder folder;
    struct Case
    {
        const char* name;
        std::string bytes;
        const char* part;
    };
    const std::string six = "abcdef";
    const Case cases[] = {
        {"nothing", "", "ends within its header"},
        {"half a header", idx(8, {1, 2, 3}, "").substr(0, 9), "ends within its header"},
        {"truncated", idx(8, {2, 2, 3}, six), "truncated"},
        {"one byte short", idx(8, {1, 2, 3}, "abcde"), "truncated"},
        {"trailing bytes", idx(8, {1, 2, 3}, six + "g"), "trailing bytes"},
        {"a picture", "\x89PNG\r\n\x1a\nxxxxxxxx", "not an IDX file"},
        {"floats", idx(0x0d, {1, 2, 3}, six + six + six + six), "floats"},
        {"unknown type", idx(0x42, {1, 2, 3}, six), "an unknown type (type 0x42)"},
        {"labels", idx(8, {6}, six), "labels (rank 1) where images (rank 3) were expected; are the files mislabelled"},
        {"rank 2", idx(8, {2, 3}, six), "rank 2"},
        {"no images", idx(8, {0, 2, 3}, ""), "(0,2,3)"},
        {"no height", idx(8, {1, 0, 3}, ""), "(1,0,3)"},
        {"no width", idx(8, {1, 2, 0}, ""), "(1,2,0)"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.name);
        const fs::path plain = folder / c.name, gzipped = folder / (std::string(c.name) + ".gz");
        write(plain, c.bytes);
        write_gzipped(gzipped, c.bytes);
        for (const fs::path& path : {plain, gzipped}) {
            const std::string error = error_of([&] { read_idx_images(path); });
            CAPTURE(error);
            CHECK(contains(error, "[idx] " + path.string()));
            CHECK(contains(error, c.part));
        }
    }
}

TEST_CASE("idx: an images file is not taken for labels")
{
    const Folder folder;
    write(folder / "images", idx(8, {1, 2, 3}, "abcdef"));
    CHECK(contains(error_of([&] { read_idx_labels(folder / "images", 10); }), "mislabelled"));
}

TEST_CASE("idx: a missing file, and a folder in place of a file")
{
    const Folder folder;
    CHECK(contains(error_of([&] { read_idx_images(folder / "nowhere"); }), "nowhere: there is no such file"));
    CHECK(contains(error_of([&] { read_idx_images(folder.path()); }), "not a regular file"));
}

TEST_CASE("idx: a label that is not below the number of classes is named with its sample")
{
    const Folder folder;
    write(folder / "labels", idx(8, {4}, std::string("\3\1\7\2", 4)));
    CHECK(read_idx_labels(folder / "labels", 8).size() == 4);
    const std::string error = error_of([&] { read_idx_labels(folder / "labels", 7); });
    CHECK(contains(error, "sample 2 is 7"));
    CHECK(contains(error, "only 7 classes"));
}

TEST_CASE("idx: a header that promises too much takes no memory")
{
    const Folder folder;
    const std::string headers[] = {
        idx(8, {1u << 31, 28, 28}, "abc"), idx(8, {2600000, 28, 28}, "abc"), idx(8, {0xffffffff, 1, 1}, "abc"),
        idx(8, {0xffffffff, 0xffffffff, 0xffffffff}, "abc"), idx(8, {1u << 31, 1u << 31, 4}, "overflow")};
    for (const std::string& header : headers) {
        write(folder / "plain", header);
        write_gzipped(folder / "gzipped", header);
        for (const char* name : {"plain", "gzipped"}) {
            CAPTURE(name);
            const MemoryLimit limit;
            const std::string error = error_of([&] { read_idx_images(folder / name); });
            CHECK((contains(error, "2 GiB") || contains(error, "truncated")));
        }
    }
}

TEST_CASE("idx: a gzip bomb behind a small header is not unpacked")
{
    const Folder folder;
    write_gzipped(folder / "bomb.gz", idx(8, {1, 2, 3}, std::string(200u << 20, 'x')));
    const MemoryLimit limit;
    CHECK(contains(error_of([&] { read_idx_images(folder / "bomb.gz"); }), "trailing bytes"));
}

TEST_CASE("idx: a gzipped file may hold 32 MiB, or 64 times its own size")
{
    const Folder folder;
    const std::uint32_t side = 1024;
    for (const std::uint32_t count : {31u, 33u, 1000u}) {
        write_gzipped(folder / "x.gz", idx(8, {count, side, side}, std::string(std::size_t{count} << 20, '\0')));
        CAPTURE(count);
        if (count == 31) {
            CHECK(read_idx_images(folder / "x.gz").size() == std::size_t{count} << 20);
            continue;
        }
        const MemoryLimit limit;
        const std::string error = error_of([&] { read_idx_images(folder / "x.gz"); });
        CHECK(contains(error, "64 times as many are the most, or 32 MiB; unpack it with gunzip"));
    }
}

TEST_CASE("idx: gzip members one after the other are one file, and what follows them is left out")
{
    const Folder folder;
    const std::string whole = idx(8, {1, 2, 3}, "abcdef");
    for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
        write_gzipped(folder / "1", whole.substr(0, cut));
        write_gzipped(folder / "2", whole.substr(cut));
        write(folder / "x", contents(folder / "1") + contents(folder / "2"));
        CHECK(read_idx_images(folder / "x").size() == 6);
        write(folder / "x", contents(folder / "1") + contents(folder / "2") + std::string(600, '\0'));
        CHECK(read_idx_images(folder / "x").size() == 6);
    }
}

TEST_CASE("idx: a gzip file that is cut off anywhere, or has a flipped bit, is an error")
{
    const Folder folder;
    write_idx_images(folder / "good.gz", small_images(40));
    const std::string good = contents(folder / "good.gz");
    for (std::size_t length = 0; length < good.size(); ++length) {
        CAPTURE(length);
        write(folder / "bad.gz", good.substr(0, length));
        CHECK(contains(error_of([&] { read_idx_images(folder / "bad.gz"); }), "[idx]"));
    }
    for (std::size_t i = 10; i < good.size(); ++i) {
        CAPTURE(i);
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 4);
        write(folder / "bad.gz", bad);
        CHECK(contains(error_of([&] { read_idx_images(folder / "bad.gz"); }), "[idx]"));
    }
}
