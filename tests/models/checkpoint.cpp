#include "files.hpp"
#include <xgrad/models/training/checkpoint.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

using namespace xgrad;
using namespace xgrad::test;
namespace fs = std::filesystem;

namespace
{

Checkpoint example()
{
    Checkpoint checkpoint;
    checkpoint.tensors["c1.weight"] = Array<float>{{1.5f, -2.0f, 3.25f}, {1e-42f, -0.0f, 3e38f}};
    checkpoint.tensors["c1.bias"] = Array<float>{7.0f};
    checkpoint.tensors["a scalar"] = Array<float>(Shape{}, 4.0f);
    checkpoint.tensors["nothing"] = empty_array<float>({3, 0, 2});
    checkpoint.metadata = {{"epoch", "12"}, {"model", "LeNet-5 \"dense\"\n"}, {"größe", "ü"}};
    return checkpoint;
}

/** The file format's first eight bytes, a header, and data. */
std::string safetensors(const std::string& header, const std::string& data = "")
{
    std::string size(8, '\0');
    for (std::size_t i = 0; i < 8; ++i)
        size[i] = static_cast<char>(header.size() >> 8 * i & 0xff);
    return size + header + data;
}

std::string tensor(const std::string& name, const std::string& shape, const std::string& offsets)
{
    return fmt::format(R"("{}":{{"dtype":"F32","shape":{},"data_offsets":{}}})", name, shape, offsets);
}

std::string load_error(const std::string& bytes)
{
    const Folder folder;
    write(folder / "x.safetensors", bytes);
    const MemoryLimit limit;
    return error_of([&] { load_checkpoint(folder / "x.safetensors"); });
}

} // namespace

TEST_CASE("checkpoint: tensors and metadata survive a round trip")
{
    const Folder folder;
    const Checkpoint saved = example();
    save_checkpoint(folder / "x", saved);
    const Checkpoint loaded = load_checkpoint(folder / "x");
    CHECK(loaded.metadata == saved.metadata);
    REQUIRE(loaded.tensors.size() == saved.tensors.size());
    for (const auto& entry : saved.tensors) {
        CAPTURE(entry.first);
        REQUIRE(loaded.tensors.count(entry.first) == 1);
        const Array<float>& before = entry.second;
        const Array<float>& after = loaded.tensors.at(entry.first);
        CHECK(after.shape() == before.shape());
        CHECK(std::equal(before.begin(), before.end(), after.begin(), after.end()));
    }
    CHECK(folder.count() == 1);
}

TEST_CASE("checkpoint: NaN and infinities keep their bits")
{
    const Folder folder;
    Checkpoint checkpoint;
    checkpoint.tensors["x"] = Array<float>{std::nanf("0x123"), -std::numeric_limits<float>::infinity()};
    save_checkpoint(folder / "x", checkpoint);
    const Array<float> loaded = load_checkpoint(folder / "x").tensors.at("x");
    CHECK(std::memcmp(loaded.data(), checkpoint.tensors.at("x").data(), 8) == 0);
}

TEST_CASE("checkpoint: an empty one survives too")
{
    const Folder folder;
    save_checkpoint(folder / "x", {});
    CHECK(load_checkpoint(folder / "x").tensors.empty());
    CHECK(load_checkpoint(folder / "x").metadata.empty());
}

TEST_CASE("checkpoint: the same content gives the same bytes")
{
    const Folder folder;
    save_checkpoint(folder / "x", example());
    save_checkpoint(folder / "y", load_checkpoint(folder / "x"));
    CHECK(contents(folder / "x") == contents(folder / "y"));
}

TEST_CASE("checkpoint: the layout is that of safetensors, with aligned data")
{
    const Folder folder;
    Checkpoint checkpoint;
    checkpoint.tensors["w"] = empty_array<float>({2, 1});
    checkpoint.tensors["w"](0, 0) = 1;
    checkpoint.tensors["w"](1, 0) = 2;
    save_checkpoint(folder / "x", checkpoint);
    const std::string bytes = contents(folder / "x");
    std::uint64_t size = 0;
    REQUIRE(bytes.size() > 8);
    std::memcpy(&size, bytes.data(), 8);
    REQUIRE(bytes.size() == 8 + size + 8);
    CHECK(size % 8 == 0);
    const std::string header = bytes.substr(8, size);
    CHECK(contains(header, R"("w":{"data_offsets":[0,8],"dtype":"F32","shape":[2,1]})"));
    CHECK(contains(header, R"("__metadata__":{"xgrad_crc32":")"));
    CHECK(bytes.substr(8 + size) == std::string("\0\0\x80\x3f\0\0\0\x40", 8));
}

TEST_CASE("checkpoint: a file of another program is read, with or without metadata, in any order")
{
    const Folder folder;
    const std::string data("\0\0\x80\x3f\0\0\0\x40", 8);
    write(folder / "x",
          safetensors("{" + tensor("a", "[1]", "[4,8]") + "," + tensor("b", "[1,1]", "[0,4]") + "}  ", data));
    const Checkpoint loaded = load_checkpoint(folder / "x");
    CHECK(loaded.tensors.at("a")(0) == 2);
    CHECK(loaded.tensors.at("b")(0, 0) == 1);
    CHECK(loaded.metadata.empty());
    write(folder / "y", safetensors(R"({"__metadata__":{"format":"pt"}})"));
    CHECK(load_checkpoint(folder / "y").metadata.at("format") == "pt");
}

TEST_CASE("checkpoint: any single flipped bit is noticed, but for those in the name of the checksum itself")
{
    const Folder folder;
    save_checkpoint(folder / "good", example());
    const std::string good = contents(folder / "good");
    const std::string key = "xgrad_crc32";
    const std::size_t key_begin = good.find(key), key_end = key_begin + key.size();
    REQUIRE(key_end < good.size());
    for (std::size_t i = 0; i < 8 * good.size(); ++i) {
        if (i / 8 >= key_begin && i / 8 < key_end)
            continue;
        CAPTURE(i);
        std::string bad = good;
        bad[i / 8] = static_cast<char>(bad[i / 8] ^ 1 << i % 8);
        write(folder / "bad", bad);
        CHECK(
            contains(error_of([&] { load_checkpoint(folder / "bad"); }), "[checkpoint] " + (folder / "bad").string()));
    }
}

TEST_CASE("checkpoint: a file that ends early, anywhere, or goes on is noticed")
{
    const Folder folder;
    save_checkpoint(folder / "good", example());
    const std::string good = contents(folder / "good");
    for (std::size_t length = 0; length < good.size(); ++length) {
        CAPTURE(length);
        CHECK(contains(load_error(good.substr(0, length)), "truncated"));
    }
    CHECK(contains(load_error(good + "x"), "followed by something else"));
}

TEST_CASE("checkpoint: headers that lie")
{
    struct Case
    {
        std::string header;
        const char* part;
    };
    const std::string data(16, 'd');
    const Case cases[] = {
        {"", "not JSON"},
        {"{", "not JSON"},
        {"{\"a\":\xff\xfe}", "not JSON"},
        {"\"a\xff\"", "not JSON"},
        {std::string("{}\0{}", 5), "not JSON"},
        {"[]", "not an object"},
        {"17", "not an object"},
        {R"({"a":17})", "described by no object"},
        {R"({"a":{}})", "(none)"},
        {R"({"a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}})", "only \"F32\" is read"},
        {R"({"a":{"dtype":7,"shape":[4],"data_offsets":[0,16]}})", "of type 7"},
        {R"({"a":{"dtype":"F32","data_offsets":[0,16]}})", "the shape of tensor 'a' is no list"},
        {R"({"a":{"dtype":"F32","shape":[4]}})", "the data_offsets of tensor 'a' is no list"},
        {"{" + tensor("a", "4", "[0,16]") + "}", "no list of natural numbers"},
        {"{" + tensor("a", "[-4]", "[0,16]") + "}", "no list of natural numbers"},
        {"{" + tensor("a", "[4.0]", "[0,16]") + "}", "no list of natural numbers"},
        {"{" + tensor("a", "[1e99]", "[0,16]") + "}", "no list of natural numbers"},
        {"{" + tensor("a", "[[4]]", "[0,16]") + "}", "no list of natural numbers"},
        {"{" + tensor("a", "[[]]", "[0,16]") + "}", "no list of natural numbers"},
        {"{" + tensor("a", "[4]", "[0,-16]") + "}", "no list of natural numbers"},
        {"{" + tensor("a", "[4]", "[0,16,32]") + "}", "not two that are 16 bytes apart"},
        {"{" + tensor("a", "[4]", "[0]") + "}", "not two that are 16 bytes apart"},
        {"{" + tensor("a", "[3]", "[0,16]") + "}", "not two that are 12 bytes apart"},
        {"{" + tensor("a", "[4]", "[16,0]") + "}", "not two that are 16 bytes apart"},
        {"{" + tensor("a", "[4]", "[4,20]") + "}", "leave a hole"},
        {"{" + tensor("a", "[5]", "[0,20]") + "}", "truncated"},
        {"{" + tensor("a", "[3]", "[0,12]") + "}", "followed by something else"},
        {"{}", "followed by something else"},
        {"{" + tensor("a", "[4]", "[0,16]") + "," + tensor("b", "[4]", "[0,16]") + "}", "overlap"},
        {"{" + tensor("a", "[3]", "[0,12]") + "," + tensor("b", "[2]", "[8,16]") + "}", "overlap"},
        {"{" + tensor("a", "[1]", "[0,4]") + "," + tensor("b", "[1]", "[12,16]") + "}", "hole"},
        {"{" + tensor("a", "[4294967296,4294967296]", "[0,0]") + "}", "too large"},
        {"{" + tensor("a", "[4611686018427387904]", "[0,0]") + "}", "too large"},
        {"{" + tensor("a", "[4611686018427387908]", "[0,16]") + "}", "too large"},
        {"{" + tensor("a", "[0,4294967296,4294967296]", "[0,0]") + "}", "too large"},
        {"{" + tensor("a", "[18446744073709551616]", "[0,16]") + "}", "no list of natural numbers"},
        {"{" + tensor("a", "[4000000000]", "[0,16000000000]") + "}", "truncated"},
        {R"({"__metadata__":17})", "metadata are not an object"},
        {R"({"__metadata__":{"epoch":17}})", "'epoch' is not a string"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.header);
        const bool about_metadata = contains(c.header, "__metadata__");
        const std::string error = load_error(safetensors(c.header, about_metadata ? "" : data));
        CAPTURE(error);
        CHECK(contains(error, "[checkpoint]"));
        CHECK(contains(error, c.part));
    }
}

TEST_CASE("checkpoint: a header length beyond the file or beyond reason takes no memory")
{
    for (const std::uint64_t length :
         {std::uint64_t{3}, std::uint64_t{1} << 20, std::uint64_t{1} << 62, ~std::uint64_t{0}}) {
        CAPTURE(length);
        std::string bytes(8, '\0');
        std::memcpy(bytes.data(), &length, 8);
        CHECK(contains(load_error(bytes + "{}"), "promises a header"));
    }
}

TEST_CASE("checkpoint: deep nesting is refused before it takes memory or stack")
{
    for (const std::string opening : {"[", "{\"a\":", "[{\"a\":"}) {
        CAPTURE(opening);
        std::string header = R"({"a":{"more":)";
        while (header.size() < 5000000)
            header += opening;
        CHECK(contains(load_error(safetensors(header)), "nested too deep"));
    }
}

TEST_CASE("checkpoint: a missing file, a folder, and files of other kinds")
{
    const Folder folder;
    CHECK(contains(error_of([&] { load_checkpoint(folder / "nowhere"); }), "nowhere: is no file"));
    CHECK(contains(error_of([&] { load_checkpoint(folder.path()); }), "is no file"));
    CHECK(contains(load_error("\x89PNG\r\n\x1a\n and more"), "not a safetensors file"));
}

TEST_CASE("checkpoint: names that cannot be written are errors, and the old file stays")
{
    const Folder folder;
    write(folder / "x", "old");
    Checkpoint reserved, not_utf8, not_utf8_either;
    reserved.tensors["__metadata__"] = Array<float>{1.0f};
    not_utf8.tensors["\xff"] = Array<float>{1.0f};
    not_utf8_either.metadata["model"] = "\xc3";
    CHECK(contains(error_of([&] { save_checkpoint(folder / "x", reserved); }), "__metadata__"));
    CHECK(contains(error_of([&] { save_checkpoint(folder / "x", not_utf8); }), "UTF-8"));
    CHECK(contains(error_of([&] { save_checkpoint(folder / "x", not_utf8_either); }), "UTF-8"));
    CHECK(contents(folder / "x") == "old");
    CHECK(folder.count() == 1);
}
