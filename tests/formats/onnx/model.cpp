// Models of ONNX as files: what is written comes back, what others write is read, what is damaged is an error.

#include "wire.hpp"
#include <xgrad/formats/onnx/model.hpp>

#include <doctest/doctest.h>

#include <limits>

using namespace xgrad;
using namespace xgrad::test;
using onnx::Attribute;
using onnx::Model;
using onnx::Node;
using onnx::read_model;

namespace
{

/** The error of reading bytes; it has to name the file. */
std::string model_error(const std::string& bytes)
{
    const MemoryLimit limit;
    const std::string error = error_of([&] { read_model(bytes, "a.onnx"); });
    CHECK_MESSAGE(contains(error, "[onnx] a.onnx: "), error);
    return error;
}

/** A model of one initializer. */
Model with_tensor(std::int64_t type, const std::vector<std::int64_t>& extents, const std::string& elements)
{
    return read_model(wire::model(wire::bytes(5, wire::tensor("w", type, extents, elements))), "a.onnx");
}

const AnyArray& weights(const Model& model) { return model.graph.find("w")->array(); }

std::string tensor_error(std::int64_t type, const std::vector<std::int64_t>& extents, const std::string& elements)
{
    return model_error(wire::model(wire::bytes(5, wire::tensor("w", type, extents, elements))));
}

template <class T>
void check_raw(std::int64_t number, ElementType type, T first, T second)
{
    CAPTURE(number);
    const Model model = with_tensor(number, {2}, wire::bytes(9, bytes_of(first, second)));
    CHECK(weights(model).type() == type);
    CHECK(doubles(weights(model)) == std::vector<double>{static_cast<double>(first), static_cast<double>(second)});
}

/** A model with a bit of everything. */
Model model_of_everything()
{
    const auto inner = std::make_shared<const onnx::Graph>(
        onnx::Graph{.name = "inner", .nodes = {{.op = "Identity", .inputs = {"x"}, .outputs = {"z"}}}});
    const AnyArray table = Array<std::int64_t>{{1, -2}, {3, 4}};
    Model model{.ir_version = 7, .opset = 15, .producer = "a test", .metadata = {{"größe", "3"}, {"a", ""}}};
    model.graph = {
        .name = "g",
        .nodes = {{.name = "first",
                   .op = "Conv",
                   .inputs = {"x", "w", ""},
                   .outputs = {"y"},
                   .attributes = {{"i", std::int64_t{-3}},
                                  {"f", 0.1f},
                                  {"s", std::string("same")},
                                  {"t", onnx::Tensor(table)},
                                  {"is", std::vector<std::int64_t>{1, -1, 1ll << 60}},
                                  {"fs", std::vector<float>{-1, 0.5f}},
                                  {"ss", std::vector<std::string>{"", "b"}},
                                  {"none", std::vector<std::int64_t>{}},
                                  {"g", inner}}},
                  {.op = "Relu", .domain = "org.example", .inputs = {"y"}, .outputs = {"z"}}},
        .initializers = {{"w", AnyArray(Array<float>{{{0.5f, -1}}})}, {"b", AnyArray(Array<bool>{true})}},
        .inputs = {{"x", ElementType::float32, std::vector<onnx::Dimension>{std::string("N"), std::int64_t{3}}}},
        .outputs = {{"z", ElementType::float64, std::nullopt}, {"other"}}};
    return model;
}

} // namespace

TEST_CASE("onnx: a model comes back as it was written")
{
    const Folder folder;
    const Model written = model_of_everything();
    write_model(folder / "m.onnx", written);
    const Model model = read_model(folder / "m.onnx");
    CHECK(model.ir_version == 7);
    CHECK(model.opset == 15);
    CHECK(model.producer == "a test");
    CHECK(model.metadata == written.metadata);
    CHECK(model.graph.name == "g");
    REQUIRE(model.graph.nodes.size() == 2);
    const Node& node = model.graph.nodes[0];
    CHECK(node.name == "first");
    CHECK(node.op == "Conv");
    CHECK(node.inputs == std::vector<std::string>{"x", "w", ""});
    CHECK(node.outputs == std::vector<std::string>{"y"});
    CHECK(node.integer("i") == -3);
    CHECK(node.real("f") == 0.1f);
    CHECK(node.text("s") == "same");
    CHECK(node.tensor("t").as<std::int64_t>() == Array<std::int64_t>{{1, -2}, {3, 4}});
    CHECK(node.integers("is") == std::vector<std::int64_t>{1, -1, 1ll << 60});
    CHECK(node.reals("fs") == std::vector<float>{-1, 0.5f});
    CHECK(node.texts("ss") == std::vector<std::string>{"", "b"});
    CHECK(node.integers("none").empty());
    CHECK(node.graph("g").nodes[0].op == "Identity");
    CHECK(model.graph.nodes[1].domain == "org.example");
    REQUIRE(model.graph.initializers.size() == 2);
    CHECK(weights(model).as<float>() == Array<float>{{{0.5f, -1}}});
    CHECK(model.graph.initializers[1].first == "b");
    CHECK(model.graph.initializers[1].second.array().type() == ElementType::boolean);
    REQUIRE(model.graph.inputs.size() == 1);
    CHECK(model.graph.inputs[0].type == ElementType::float32);
    REQUIRE(model.graph.inputs[0].shape);
    CHECK(*model.graph.inputs[0].shape == std::vector<onnx::Dimension>{std::string("N"), std::int64_t{3}});
    REQUIRE(model.graph.outputs.size() == 2);
    CHECK(model.graph.outputs[0].type == ElementType::float64);
    CHECK_FALSE(model.graph.outputs[0].shape);
    CHECK_FALSE(model.graph.outputs[1].type);
    CHECK(onnx::model_bytes(model, "m") == contents(folder / "m.onnx"));
}

TEST_CASE("onnx: attributes are asked for by name and kind")
{
    const Node node{
        .name = "n", .op = "Conv", .attributes = {{"group", std::int64_t{2}}, {"odd", Attribute::Unread()}}};
    CHECK(node.integer("group", 1) == 2);
    CHECK(node.integer("other", 1) == 1);
    CHECK(node.integers("pads", std::vector<std::int64_t>{0, 0}) == std::vector<std::int64_t>{0, 0});
    CHECK(node.find("odd") != nullptr);
    CHECK(node.find("none") == nullptr);
    CHECK(error_of([&] { node.integer("axis"); }) ==
          "[onnx] node 'n' (Conv): its attribute 'axis' is missing; it has to be an integer");
    CHECK(error_of([&] { node.real("group", 1.0f); }) ==
          "[onnx] node 'n' (Conv): its attribute 'group' is not a number");
    CHECK(contains(error_of([&] { node.graph("odd"); }), "its attribute 'odd' is not a graph"));
    CHECK(to_string(Node{.op = "Relu", .domain = "a", .outputs = {"y"}}) == "node 'y' (a.Relu)");
    Model model;
    model.graph.nodes = {node};
    CHECK(contains(error_of([&] { model_bytes(model, "m"); }), "'odd' was not read, so it cannot be written"));
}

TEST_CASE("onnx: tensors as bytes, of every type")
{
    check_raw<float>(1, ElementType::float32, 0.1f, -3e38f);
    check_raw<std::uint8_t>(2, ElementType::uint8, 255, 1);
    check_raw<std::int8_t>(3, ElementType::int8, -128, 127);
    check_raw<std::uint16_t>(4, ElementType::uint16, 65535, 258);
    check_raw<std::int16_t>(5, ElementType::int16, -32768, 258);
    check_raw<std::int32_t>(6, ElementType::int32, -2147483647, 65538);
    check_raw<std::int64_t>(7, ElementType::int64, -(std::int64_t{1} << 62), 7);
    check_raw<bool>(9, ElementType::boolean, true, false);
    check_raw<double>(11, ElementType::float64, 0.1, -1e300);
    check_raw<std::uint32_t>(12, ElementType::uint32, 4'294'967'295, 65538);
    check_raw<std::uint64_t>(13, ElementType::uint64, std::uint64_t{1} << 63, 258);
    CHECK(doubles(weights(with_tensor(10, {1}, wire::bytes(9, "\x01\x3c")))) == std::vector<double>{1 + 0x1p-10});
    CHECK(doubles(weights(with_tensor(16, {1}, wire::bytes(9, "\xc1\x3f")))) == std::vector<double>{1.5078125});
    CHECK(doubles(weights(with_tensor(9, {2}, wire::bytes(9, "\1\2")))) == std::vector<double>{1, 1});
    CHECK(with_tensor(1, {}, wire::bytes(9, bytes_of(2.0f))).graph.find("w")->array().shape() == Shape{});
    CHECK(weights(with_tensor(1, {0, 1ll << 40}, "")).shape() == Shape{0, std::size_t{1} << 40});
}

TEST_CASE("onnx: tensors as lists, packed and not")
{
    using wire::integer, wire::real, wire::varint;
    const auto list = [](std::int64_t type, const std::string& elements) {
        return doubles(weights(with_tensor(type, {2}, elements)));
    };
    const auto packed = [](std::uint64_t field, std::int64_t a, std::int64_t b) {
        return wire::bytes(field, varint(static_cast<std::uint64_t>(a)) + varint(static_cast<std::uint64_t>(b)));
    };
    CHECK(list(1, wire::bytes(4, bytes_of(0.5f, -2.0f))) == std::vector<double>{0.5, -2});
    CHECK(list(1, real(4, 0.5f) + real(4, -2.0f)) == std::vector<double>{0.5, -2});
    CHECK(list(11, wire::bytes(10, bytes_of(0.1, -2.0))) == std::vector<double>{0.1, -2});
    CHECK(list(11, real(10, 0.1) + real(10, -2.0)) == std::vector<double>{0.1, -2});
    CHECK(list(7, packed(7, -1, 1ll << 50)) == std::vector<double>{-1, 0x1p50});
    CHECK(list(7, integer(7, -1) + integer(7, 1ll << 50)) == std::vector<double>{-1, 0x1p50});
    for (const std::int64_t type : {3, 5, 6})
        CHECK(list(type, packed(5, -128, 127)) == std::vector<double>{-128, 127});
    for (const std::int64_t type : {2, 4})
        CHECK(list(type, packed(5, 0, 255)) == std::vector<double>{0, 255});
    CHECK(list(9, packed(5, 0, 1)) == std::vector<double>{0, 1});
    CHECK(list(10, packed(5, 0x3c00, 0xc000)) == std::vector<double>{1, -2});
    CHECK(list(16, packed(5, 0x3f80, 0xc000)) == std::vector<double>{1, -2});
    CHECK(list(12, packed(11, 1, 4'294'967'295)) == std::vector<double>{1, 4'294'967'295});
    CHECK(list(13, packed(11, 1, std::numeric_limits<std::int64_t>::min())) == std::vector<double>{1, 0x1p63});
    CHECK(contains(tensor_error(2, {1}, integer(5, 256)), "has the number 256, which is no uint8; it is damaged"));
    CHECK(contains(tensor_error(10, {1}, integer(5, 65536)), "tensor 'w' has the number 65536"));
    // The extents may be packed, too.
    const std::string graph = wire::bytes(5, wire::bytes(1, varint(1) + varint(2)) + integer(2, 1) +
                                                 wire::bytes(8, "w") + wire::bytes(9, std::string(8, '\0')));
    CHECK(weights(read_model(wire::model(graph), "x")).shape() == Shape{1, 2});
}

TEST_CASE("onnx: tensors that are not read are errors for who asks")
{
    const auto why = [](const Model& model) { return error_of([&] { weights(model); }); };
    CHECK(contains(why(with_tensor(8, {1}, wire::bytes(6, "text"))),
                   "[onnx] a.onnx: tensor 'w' is of type 8, which is not read"));
    CHECK(contains(why(with_tensor(14, {1}, "")), "is of type 14"));
    CHECK(contains(why(with_tensor(1, std::vector<std::int64_t>(9, 1), "")), "has 9 axes; at most 8 are read"));
    const std::string values = wire::tensor("w", 1, {0}, "");
    CHECK(contains(why(read_model(wire::model(wire::bytes(15, wire::bytes(1, values))), "x")), "is sparse"));
    CHECK(contains(error_of([] { model_bytes(with_tensor(8, {1}, ""), "m"); }), "is of type 8"));
}

TEST_CASE("onnx: tensors in another file")
{
    const Folder folder;
    write(folder / "w.bin", std::string(4, 'x') + bytes_of(1.5f, -2.0f));
    const auto model = [&](const std::string& location, const std::string& offset, const std::string& length) {
        const auto place = [](const char* name, const std::string& value) {
            return wire::bytes(13, wire::entry(name, value));
        };
        write(folder / "m.onnx",
              wire::model(wire::bytes(5, wire::tensor("w", 1, {2},
                                                      wire::integer(14, 1) + place("location", location) +
                                                          place("offset", offset) + place("length", length)))));
        return folder / "m.onnx";
    };
    CHECK(doubles(weights(read_model(model("w.bin", "4", "8")))) == std::vector<double>{1.5, -2});
    for (const char* location : {"/etc/passwd", "../w.bin", "a/w.bin", "", ".", "..", "w.bin/"}) {
        CAPTURE(location);
        const Model read = read_model(model(location, "4", "8"));
        CHECK(
            contains(error_of([&] { weights(read); }), "has its elements in another file, which is read only in the"));
    }
    CHECK(contains(error_of([&] { weights(read_model(model("v.bin", "4", "8"))); }),
                   "m.onnx: tensor 'w' lies in the file 'v.bin', which cannot be opened"));
    CHECK(contains(error_of([&] { read_model(model("w.bin", "5", "8")); }), "w.bin: is truncated"));
    CHECK(contains(error_of([&] { read_model(model("w.bin", "13", "8")); }), "w.bin: is truncated"));
    CHECK(contains(error_of([&] { read_model(model("w.bin", "-1", "8")); }), "the offset of tensor 'w' is '-1'"));
    CHECK(contains(error_of([&] { read_model(model("w.bin", "0", "4")); }), "the length of tensor 'w' does not fit"));
    // Many tensors of the same bytes would take more memory than there are bytes.
    const auto again = [&](const std::string& name) {
        return wire::bytes(
            5, wire::tensor(name, 1, {2}, wire::integer(14, 1) + wire::bytes(13, wire::entry("location", "w.bin"))));
    };
    write(folder / "twice.onnx", wire::model(again("w") + again("v")));
    CHECK(contains(error_of([&] { read_model(folder / "twice.onnx"); }), "w.bin: has fewer bytes than its tensors"));
    const std::string alone = contents(model("w.bin", "4", "8"));
    CHECK(contains(error_of([&] { weights(read_model(alone, "m")); }), "has its elements in another file"));
}

TEST_CASE("onnx: fields that nobody knows are passed over, and old files read")
{
    const std::string unknown =
        wire::integer(900, 1) + wire::real(901, 1.0) + wire::real(902, 1.0f) + wire::bytes(903, "x");
    // Old files do not tell an attribute's kind; proto3 leaves out a value that is zero.
    const std::string attributes = wire::bytes(5, wire::bytes(1, "axis") + wire::integer(3, -1) + unknown) +
                                   wire::bytes(5, wire::bytes(1, "ends") + wire::bytes(8, wire::varint(300))) +
                                   wire::bytes(5, wire::bytes(1, "alpha") + wire::integer(20, 1)) +
                                   wire::bytes(5, wire::bytes(1, "graphs") + wire::integer(20, 10));
    const std::string graph = unknown + wire::bytes(1, wire::bytes(4, "Softmax") + attributes + unknown);
    const Model model = read_model(wire::bytes(7, graph) + unknown, "x");
    CHECK(model.opset == 0);
    const Node& node = model.graph.nodes.at(0);
    CHECK(node.integer("axis") == -1);
    CHECK(node.integers("ends") == std::vector<std::int64_t>{300});
    CHECK(node.real("alpha") == 0);
    CHECK(std::holds_alternative<Attribute::Unread>(node.find("graphs")->value));
    // A free extent is none, −1, or a name.
    const std::string shape =
        wire::bytes(1, "") + wire::bytes(1, wire::integer(1, -1)) + wire::bytes(1, wire::bytes(2, "N"));
    const std::string input =
        wire::bytes(1, "x") + wire::bytes(2, wire::bytes(1, wire::integer(1, 1) + wire::bytes(2, shape)));
    const Model free = read_model(wire::model(wire::bytes(11, input)), "x");
    CHECK(*free.graph.inputs.at(0).shape == std::vector<onnx::Dimension>{"", "", "N"});
}

TEST_CASE("onnx: damaged files are errors that name them")
{
    CHECK(contains(model_error(""), "has no graph; it is no ONNX model"));
    CHECK(contains(model_error("\x93NUMPY"), "it is damaged or of another format"));
    CHECK(contains(model_error(wire::bytes(7, "") + wire::bytes(7, "")), "has two graphs"));
    CHECK(contains(model_error(wire::key(7, 2) + wire::varint(std::uint64_t{1} << 40)), "is truncated"));
    CHECK(contains(model_error(wire::key(7, 3)), "has a field of kind 3"));
    CHECK(contains(model_error(wire::key(0, 0)), "has a field of the number 0"));
    CHECK(contains(model_error(wire::integer(7, 1)), "field 7 has a value of another kind"));
    CHECK(contains(model_error(std::string(11, '\xff')), "has a number of more than 64 bits"));
    CHECK(contains(model_error(wire::model(wire::bytes(1, ""))), "node '' () has no op"));
    CHECK(contains(model_error(wire::model(wire::bytes(5, ""))), "has an initializer without a name"));
    const std::string w = wire::bytes(5, wire::tensor("w", 1, {0}, ""));
    CHECK(contains(model_error(wire::model(w + w)), "has two initializers of the name 'w'"));
    CHECK(contains(tensor_error(1, {-1}, ""), "tensor 'w' has the extent -1"));
    CHECK(contains(tensor_error(1, {1ll << 40, 1ll << 40}, ""), "has a shape that no array can have"));
    CHECK(
        contains(tensor_error(1, {1ll << 40}, wire::bytes(9, "abcd")), "has 4 bytes where its shape (1099511627776)"));
    CHECK(contains(tensor_error(1, {1ll << 40}, ""), "has 0 elements"));
    CHECK(contains(tensor_error(1, {2}, wire::bytes(4, "abc")), "has 3 bytes, which are no list of numbers"));
    const auto attribute = [](const std::string& fields) {
        return wire::model(wire::bytes(1, wire::bytes(4, "If") + wire::bytes(5, fields)));
    };
    CHECK(contains(model_error(attribute("")), "has an attribute without a name"));
    CHECK(contains(model_error(attribute(wire::bytes(1, "a") + wire::integer(20, 1) + wire::integer(3, 1))),
                   "attribute 'a' has a value of another kind than it says"));
    std::string graph;
    for (int i = 0; i < 20; ++i)
        graph = wire::bytes(1, wire::bytes(4, "If") + wire::bytes(5, wire::bytes(1, "g") + wire::bytes(6, graph)));
    CHECK(contains(model_error(wire::model(graph)), "nests graphs deeper than 16"));

    const std::string good = model_bytes(model_of_everything(), "m");
    for (std::size_t size = 0; size < good.size(); ++size)
        error_of([&] { read_model(std::string_view(good).substr(0, size), "a.onnx"); });
    const Folder folder;
    CHECK(contains(error_of([&] { read_model(folder / "none.onnx"); }), "none.onnx: is no file that can be read"));
}

TEST_CASE("onnx: the memory of reading is bounded by the size of the file")
{
    // A MemoryLimit allows 64 MB, 64 times these megabytes.
    const auto many = [](const std::string& piece) {
        std::string all;
        while (all.size() < 1'000'000)
            all += piece;
        return all;
    };
    const std::string node = wire::bytes(4, "A"), attribute = wire::bytes(1, "a");
    for (const std::string& graph :
         {many(wire::bytes(1, node)), many(wire::bytes(5, wire::bytes(8, "w"))), many(wire::bytes(11, "")),
          wire::bytes(1, node + many(wire::bytes(1, ""))), wire::bytes(1, node + many(wire::bytes(5, attribute))),
          wire::bytes(1, node + wire::bytes(5, attribute + many(wire::bytes(9, "")))),
          wire::bytes(1, node + wire::bytes(5, attribute + wire::bytes(8, std::string(1'000'000, '\1')))),
          wire::bytes(5, wire::bytes(8, "w") + many(wire::bytes(13, ""))),
          wire::bytes(11, wire::bytes(2, wire::bytes(1, wire::bytes(2, many(wire::bytes(1, ""))))))})
    {
        const std::string file = wire::model(graph);
        const MemoryLimit limit;
        CHECK_NOTHROW(error_of([&] { read_model(file, "a.onnx"); }));
    }
}
