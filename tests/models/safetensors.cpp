// Files that other programs write, or that somebody made to do harm: what the reference reader of safetensors takes and
// refuses, and what a file may cost.

#include "files.hpp"
#include <xgrad/models/training/checkpoint.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstring>
#include <string>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

std::string safetensors(const std::string& header, const std::string& data = "")
{
    std::string size(8, '\0');
    const std::uint64_t length = header.size();
    std::memcpy(size.data(), &length, 8);
    return size + header + data;
}

const std::string two_floats("\0\0\xc0\x3f\0\0\0\xc0", 8); // 1.5, −2
const std::string two = R"("dtype":"F32","shape":[2],"data_offsets":[0,8])";

Checkpoint load(const std::string& bytes, Checksum checksum = Checksum::checked)
{
    const Folder folder;
    write(folder / "x", bytes);
    return load_checkpoint(folder / "x", checksum);
}

std::string load_error(const std::string& bytes)
{
    const Folder folder;
    write(folder / "x", bytes);
    const std::string error = error_of([&] { load_checkpoint(folder / "x"); });
    CHECK(contains(error, "[checkpoint] " + (folder / "x").string()));
    return error;
}

Checkpoint example()
{
    Checkpoint checkpoint;
    checkpoint.tensors["w"] = Array<float>{1.5f, -2.0f};
    checkpoint.tensors["A"] = Array<float>{7.0f}; // before __metadata__
    checkpoint.metadata = {{"model", "mlp"}, {"größe", "\"ü\"\n"}};
    return checkpoint;
}

std::string written(const Checkpoint& checkpoint)
{
    const Folder folder;
    save_checkpoint(folder / "x", checkpoint);
    return contents(folder / "x");
}

} // namespace

TEST_CASE("safetensors: what the reference reader takes")
{
    for (const std::string& header : {
             "{\"__metadata__\":null,\"a\":{" + two + "}}",
             "{\"a\":{" + two + "}}",
             "  \n{ \"a\" : {" + two + "} } \t\r\n",
             "{\"a\":{\"more\":[{\"x\":[[[[1.5,null]]]]},true],\"note\":\"of another program\"," + two + "}}",
             std::string(R"({"\u0061":{"data_offsets":[0,8],"shape":[1,1,1,1,1,1,1,2],"dtype":"F32"}})"),
         })
    {
        CAPTURE(header);
        const Checkpoint loaded = load(safetensors(header, two_floats));
        REQUIRE(loaded.tensors.contains("a"));
        CHECK(loaded.tensors.at("a").data()[0] == 1.5f);
        CHECK(loaded.tensors.at("a").data()[1] == -2.0f);
        CHECK(loaded.metadata.empty());
    }
}

TEST_CASE("safetensors: a key that comes twice is named")
{
    const auto error = [](const std::string& header) { return load_error(safetensors(header, two_floats)); };
    CHECK(contains(error("{\"a\":{" + two + "},\"a\":{" + two + "}}"), "the key 'a' comes twice"));
    CHECK(contains(error("{\"a\":{\"shape\":[1]," + two + "}}"), "the key 'shape' of tensor 'a' comes twice"));
    CHECK(contains(error("{\"a\":{\"dtype\":\"F16\"," + two + "}}"), "the key 'dtype' of tensor 'a' comes twice"));
    CHECK(contains(error("{\"a\":{\"data_offsets\":[]," + two + "}}"), "the key 'data_offsets' of tensor 'a'"));
    CHECK(contains(error("{\"__metadata__\":{},\"__metadata__\":{}}"), "the key '__metadata__' comes twice"));
    CHECK(contains(error("{\"__metadata__\":null,\"__metadata__\":null}"), "the key '__metadata__' comes twice"));
    CHECK(contains(error("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}"), "the key 'k' comes twice"));
}

TEST_CASE("safetensors: what no array of xgrad can hold is refused by its name")
{
    const auto error = [](const std::string& type, const std::string& shape) {
        return load_error(safetensors(
            fmt::format(R"({{"some.weight":{{"dtype":"{}","shape":{},"data_offsets":[0,8]}}}})", type, shape),
            two_floats));
    };
    const std::string nine = error("F32", "[1,1,1,1,1,1,1,1,2]");
    CHECK(contains(nine, "tensor 'some.weight' has more than 8"));
    CHECK(contains(nine, "at most 8 axes are read"));
    CHECK(contains(error("F64", "[1]"), "tensor 'some.weight' is of type F64; only \"F32\" is read"));
    CHECK(contains(error("F8_E4M3", "[8]"), "is of type F8_E4M3; only"));
    CHECK(contains(error("F128", "[1]"), "is of type F128, which the format does not have"));
}

TEST_CASE("safetensors: what the reference reader does not take")
{
    CHECK(contains(load_error(safetensors("\xef\xbb\xbf{\"a\":{" + two + "}}", two_floats)), "byte-order mark"));
    CHECK(contains(load_error(safetensors("{\"a\":{\"more\":" + std::string(200, '[') + "}}")), "nested too deep"));
    CHECK(contains(load_error(safetensors("{\"__metadata__\":7}")), "metadata are not an object"));
    CHECK(contains(load_error(safetensors("{\"__metadata__\":[]}")), "metadata are not an object"));
    CHECK(contains(load_error(safetensors("{\"a\":null}")), "described by no object"));
    CHECK(contains(load_error(safetensors("null")), "not an object"));
    CHECK(contains(load_error(safetensors("{\"a\":{" + two + "}}{}", two_floats)), "not JSON"));
}

TEST_CASE("safetensors: a header of 20 MB is read in little time and memory, and one beyond 100 MB is refused")
{
    std::string header = "{";
    for (int i = 0; header.size() < 20'000'000; ++i)
        header += fmt::format(
            R"({}"tensor.{:07}.with.a.long.name.weight":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})",
            i == 0 ? "" : ",", i);
    CHECK(load(safetensors(header + "}")).tensors.size() > 200'000); // for hours, if the time were quadratic

    const Folder folder;
    write(folder / "x", std::string("\x01\xe1\xf5\x05\0\0\0\0", 8)); // 100,000,001
    std::filesystem::resize_file(folder / "x", 200'000'000);
    const MemoryLimit limit;
    CHECK(contains(error_of([&] { load_checkpoint(folder / "x"); }), "100000000 are the most"));
}

TEST_CASE("safetensors: control characters of a file do not come out of an error")
{
    for (const char* header : {
             "{\"\\u001b[2J\":7}",
             "{\"\\u001b[2J\":{\"dtype\":\"\\u001b[2J\"}}",
             "{\"a\":{\"dtype\":\"\\u001b[2J\"}}",
             "{\"__metadata__\":{\"\\u001b[2J\":7}}",
             "{\"a\":\x1b[2J}",
             "{\"\\u001b[2J\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
         })
    {
        CAPTURE(header);
        const std::string error = load_error(safetensors(header));
        CHECK(!contains(error, "\x1b"));
        CHECK(contains(error, "["));
    }
}

TEST_CASE("safetensors: a checkpoint that was edited says so, and is read if that is asked for")
{
    const std::string good = written(example());
    std::string weight = good, note = good;
    weight.back() = static_cast<char>(weight.back() ^ 1);
    note.replace(note.find("mlp"), 3, "MLP");
    for (const std::string& edited : {weight, note}) {
        const std::string error = load_error(edited);
        CHECK(contains(error, "was changed since it was written"));
        CHECK(contains(error, "--unchecked loads it"));
        CHECK(load(edited, Checksum::ignored).tensors.size() == 2);
    }
    CHECK(load(note, Checksum::ignored).metadata.at("model") == "MLP");
    CHECK(!load(note, Checksum::ignored).metadata.contains("xgrad_crc32"));
}

TEST_CASE("safetensors: a checkpoint that another tool writes in another order is not changed")
{
    const Checkpoint original = example();
    const std::string good = written(original);
    const std::size_t begin = good.find("xgrad_crc32\":\"") + 14;
    const std::string crc = good.substr(begin, 8);
    const std::string header =
        R"({ "w" : {"dtype":"F32","shape":[2],"data_offsets":[4,12]}, "A":{"shape":[1],"dtype":"F32",)"
        R"("data_offsets":[0,4]}, "__metadata__":{"xgrad_crc32":")" +
        crc + R"(","gr\u00f6\u00dfe":"\"\u00fc\"\n","model":"mlp"}})";
    const Checkpoint loaded = load(safetensors(header, good.substr(good.size() - 12)));
    CHECK(loaded.metadata == original.metadata);
    CHECK(loaded.tensors.at("w")(1) == -2.0f);
}
