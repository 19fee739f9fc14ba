// Safetensors of all types. tests/models/safetensors.cpp has what checkpoints share.

#include "formats.hpp"
#include <xgrad/models/training/checkpoint.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

std::string safetensors(const std::string& header, const std::string& data)
{
    return bytes_of(static_cast<std::uint64_t>(header.size())) + header + data;
}

std::string of_type(const std::string& type, const std::string& data, const std::string& shape = "[2]")
{
    return safetensors(
        fmt::format(R"({{"w":{{"dtype":"{}","shape":{},"data_offsets":[0,{}]}}}})", type, shape, data.size()), data);
}

template <class T>
void check_type(const std::string& name, ElementType type, T first, T second)
{
    CAPTURE(name);
    const AnyArray array = load(of_type(name, bytes_of(first, second)), "x.safetensors").at("w");
    CHECK(array.type() == type);
    CHECK(doubles(array) == std::vector<double>{static_cast<double>(first), static_cast<double>(second)});
}

} // namespace

TEST_CASE("safetensors: every type of numbers")
{
    check_type<std::int8_t>("I8", ElementType::int8, -128, 127);
    check_type<std::int16_t>("I16", ElementType::int16, -32768, 258);
    check_type<std::int32_t>("I32", ElementType::int32, -2147483647, 65538);
    check_type<std::int64_t>("I64", ElementType::int64, -(std::int64_t{1} << 62), 7);
    check_type<std::uint8_t>("U8", ElementType::uint8, 255, 1);
    check_type<std::uint16_t>("U16", ElementType::uint16, 65535, 258);
    check_type<std::uint32_t>("U32", ElementType::uint32, 4'294'967'295, 65538);
    check_type<std::uint64_t>("U64", ElementType::uint64, std::uint64_t{1} << 63, 258);
    check_type<float>("F32", ElementType::float32, 0.1f, -3e38f);
    check_type<double>("F64", ElementType::float64, 0.1, -1e300);
    CHECK(doubles(load(of_type("BOOL", "\1\2"), "x").at("w")) == std::vector<double>{1, 1});
    const AnyArray half =
        load(of_type("F16", bytes_of<std::uint16_t>(0x3c01) + bytes_of<std::uint16_t>(0xc000)), "x").at("w");
    CHECK(half.type() == ElementType::float16);
    CHECK(doubles(half) == std::vector<double>{1 + 0x1p-10, -2});
    const AnyArray brain =
        load(of_type("BF16", bytes_of<std::uint16_t>(0x3fc1) + bytes_of<std::uint16_t>(0xff00)), "x").at("w");
    CHECK(brain.type() == ElementType::bfloat16);
    CHECK(doubles(brain) == std::vector<double>{1.5078125, -0x1p127});
}

TEST_CASE("safetensors: what is not asked for is passed over")
{
    const std::string file = safetensors(R"({"odd":{"dtype":"F8_E4M3","shape":[3],"data_offsets":[0,3]},)"
                                         R"("w":{"dtype":"F32","shape":[1],"data_offsets":[3,7]},)"
                                         R"("four":{"dtype":"F4","shape":[2],"data_offsets":[7,8]}})",
                                         "abc" + bytes_of(1.5f) + "x");
    const NamedArrays arrays = load(file, "x", {"w"});
    CHECK(arrays.size() == 1);
    CHECK(arrays.at("w").as<float>()(0) == 1.5f);
    CHECK(contains(load_error(file, "x"), "tensor 'odd' is of type F8_E4M3, which is not read; ask for others"));
    CHECK(contains(load_error(file, "x", {"v"}), "has no array 'v'; it has 'four', 'odd', 'w'"));
    const Folder folder;
    write(folder / "x", file);
    CHECK(contains(error_of([&] { load_checkpoint(folder / "x"); }),
                   "only \"F32\" is read, so save it as 32-bit floats"));
}

TEST_CASE("safetensors: a tensor's data have the size of its type")
{
    CHECK(contains(load_error(of_type("F64", std::string(8, ' ')), "x"), "are not two that are 16 bytes apart"));
    CHECK(contains(load_error(of_type("F16", std::string(8, ' ')), "x"), "are not two that are 4 bytes apart"));
    CHECK(contains(load_error(of_type("F4", "a", "[3]"), "x"), "as its shape needs"));
    CHECK(contains(load_error(of_type("F128", std::string(32, ' ')), "x"), "which the format does not have"));
    CHECK(contains(load_error(of_type("F64", std::string(16, ' ')) + "x", "x"), "followed by something else"));
    CHECK(contains(load_error(of_type("F64", "", "[1099511627777]"), "x"), "is too large"));
    const std::string good = of_type("F64", std::string(16, ' '));
    for (std::size_t size = good.size() - 16; size < good.size(); ++size)
        CHECK(contains(load_error(good.substr(0, size), "x"), "truncated"));
}

TEST_CASE("safetensors: tensors that share their data, or leave some over")
{
    for (const char* places : {"[0,8]", "[4,12]", "[9,17]"}) {
        CAPTURE(places);
        const std::string file = safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                                             R"("b":{"dtype":"U8","shape":[8],"data_offsets":)" +
                                                 std::string(places) + "}}",
                                             std::string(17, ' '));
        CHECK(contains(load_error(file, "x"), "tensors overlap or leave a hole"));
        CHECK(contains(load_error(file, "x", {"a"}), "tensors overlap or leave a hole"));
    }
}

TEST_CASE("safetensors: numbers of every type come back as they were")
{
    const Folder folder;
    AnyArray brain(ElementType::bfloat16, Shape{3});
    std::memcpy(brain.bytes(), "\1\2\3\4\5\6", 6);
    const NamedArrays arrays{{"a", Array<std::uint8_t>{1, 2, 3}}, {"b", Array<double>{{0.1, 1e300}}},
                             {"c", Array<float>(Shape{}, 0.1f)},  {"d", Array<std::int64_t>{-1, 7}},
                             {"e", Array<bool>{true, false}},     {"größe", brain}};
    save_safetensors(folder / "x.safetensors", arrays, {{"by", "a test"}});
    const NamedArrays loaded = load_arrays(folder / "x.safetensors");
    REQUIRE(loaded.size() == arrays.size());
    for (const auto& each : arrays) {
        const std::string& name = each.first;
        const AnyArray& array = each.second;
        CAPTURE(name);
        CHECK(loaded.at(name).type() == array.type());
        CHECK(loaded.at(name).shape() == array.shape());
        CHECK(std::memcmp(loaded.at(name).bytes(), array.bytes(), array.byte_count()) == 0);
    }
    // The data stand in the order of their elements' size, so each begins at a multiple of it.
    const std::string bytes = contents(folder / "x.safetensors");
    CHECK(contains(bytes, R"("b":{"data_offsets":[0,16],"dtype":"F64","shape":[1,2]})"));
    CHECK(contains(bytes, R"("a":{"data_offsets":[42,45],"dtype":"U8","shape":[3]})"));
    CHECK(contains(bytes, R"("__metadata__":{"by":"a test"})"));
    CHECK(contains(error_of([&] { save_safetensors(folder / "x", {{"__metadata__", brain}}); }), "give it another"));

    Checkpoint checkpoint;
    checkpoint.tensors["w"] = Array<float>{{1, 2}};
    save_checkpoint(folder / "y", checkpoint);
    CHECK(load_arrays(folder / "y").at("w").as<float>() == checkpoint.tensors["w"]);
}
