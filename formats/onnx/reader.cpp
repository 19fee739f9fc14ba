#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/formats/bytes.hpp>
#include <xgrad/formats/onnx/fields.hpp>
#include <xgrad/formats/onnx/tensors.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace xgrad::onnx
{

namespace
{

using fields::AttributeKind;
using protobuf::Message;

constexpr std::size_t deepest = 16; // graphs within graphs

class Reader
{
  public:
    Reader(const std::string& name, std::optional<std::filesystem::path> folder) : tensors_(name, std::move(folder)) {}

    Model model(Message message)
    {
        Model model{.opset = 0};
        bool has_graph = false;
        while (const auto field = message.next())
            switch (field->number()) {
            case fields::model::ir_version:
                model.ir_version = field->integer();
                break;
            case fields::model::producer:
                model.producer = field->text();
                break;
            case fields::model::graph:
                if (std::exchange(has_graph, true))
                    message.fail("has two graphs; it is damaged");
                model.graph = graph(field->message());
                break;
            case fields::model::opset:
                if (const auto [domain, version] = opset(field->message()); domain.empty() || domain == "ai.onnx")
                    model.opset = version;
                break;
            case fields::model::metadata:
                model.metadata.insert(read_entry(field->message()));
                break;
            default:
                break;
            }
        if (!has_graph)
            message.fail("has no graph; it is no ONNX model");
        return model;
    }

  private:
    static std::pair<std::string, std::int64_t> opset(Message message)
    {
        std::pair<std::string, std::int64_t> opset{{}, 0};
        while (const auto field = message.next())
            if (field->number() == fields::opset::domain)
                opset.first = field->text();
            else if (field->number() == fields::opset::version)
                opset.second = field->integer();
        return opset;
    }

    Graph graph(Message message)
    {
        if (++depth_ > deepest)
            message.fail(fmt::format("nests graphs deeper than {}", deepest));
        Graph graph;
        graph.nodes.reserve(message.count(fields::graph::node));
        graph.initializers.reserve(message.count(fields::graph::initializer) +
                                   message.count(fields::graph::sparse_initializer));
        graph.inputs.reserve(message.count(fields::graph::input));
        graph.outputs.reserve(message.count(fields::graph::output));
        while (const auto field = message.next())
            switch (field->number()) {
            case fields::graph::node:
                graph.nodes.push_back(node(field->message()));
                break;
            case fields::graph::name:
                graph.name = field->text();
                break;
            case fields::graph::initializer:
                graph.initializers.push_back(tensors_.read(field->message()));
                break;
            case fields::graph::sparse_initializer:
                graph.initializers.push_back(sparse(field->message()));
                break;
            case fields::graph::input:
                graph.inputs.push_back(value(field->message()));
                break;
            case fields::graph::output:
                graph.outputs.push_back(value(field->message()));
                break;
            default:
                break;
            }
        check_names(message, graph);
        --depth_;
        return graph;
    }

    static void check_names(const Message& message, const Graph& graph)
    {
        std::vector<std::string_view> names;
        names.reserve(graph.initializers.size());
        for (const auto& each : graph.initializers)
            names.push_back(each.first);
        std::sort(names.begin(), names.end());
        if (!names.empty() && names.front().empty())
            message.fail("has an initializer without a name; it is damaged");
        if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end())
            message.fail(fmt::format("has two initializers of the name '{}'; it is damaged", printable(*twice)));
    }

    /** A sparse tensor: nothing but the name that its values have. */
    std::pair<std::string, Tensor> sparse(Message message)
    {
        std::string name;
        while (const auto field = message.next())
            if (field->number() == fields::sparse_tensor::values)
                name = tensors_.read(field->message()).first;
        return {name, tensors_.unread(name, "is sparse, which is not read; save it dense")};
    }

    Node node(Message message)
    {
        Node node;
        node.inputs.reserve(message.count(fields::node::input));
        node.outputs.reserve(message.count(fields::node::output));
        node.attributes.reserve(message.count(fields::node::attribute));
        while (const auto field = message.next())
            switch (field->number()) {
            case fields::node::input:
                node.inputs.push_back(field->text());
                break;
            case fields::node::output:
                node.outputs.push_back(field->text());
                break;
            case fields::node::name:
                node.name = field->text();
                break;
            case fields::node::op:
                node.op = field->text();
                break;
            case fields::node::attribute:
                node.attributes.push_back(attribute(field->message()));
                break;
            case fields::node::domain:
                node.domain = field->text();
                break;
            default:
                break;
            }
        if (node.op.empty())
            message.fail(fmt::format("{} has no op; it is damaged", to_string(node)));
        return node;
    }

    Attribute attribute(Message message);
    static Value value(Message message);
    static void read_type(Message message, Value& value);
    static std::vector<Dimension> shape(Message message);
    static Dimension dimension(Message message);

    TensorReader tensors_;
    std::size_t depth_ = 0;
};

Attribute Reader::attribute(Message message)
{
    Attribute attribute;
    AttributeKind kind = AttributeKind::none, found = AttributeKind::none; // old files do not tell the kind
    Attribute::Value single;
    std::vector<std::int64_t> integers;
    std::vector<float> reals;
    std::vector<std::string> texts;
    texts.reserve(message.count(fields::attribute::texts));
    while (const auto field = message.next())
        switch (field->number()) {
        case fields::attribute::name:
            attribute.name = field->text();
            break;
        case fields::attribute::kind:
            kind = static_cast<AttributeKind>(field->integer());
            break;
        case fields::attribute::real:
            single = field->real();
            found = AttributeKind::real;
            break;
        case fields::attribute::integer:
            single = field->integer();
            found = AttributeKind::integer;
            break;
        case fields::attribute::text:
            single = field->text();
            found = AttributeKind::text;
            break;
        case fields::attribute::tensor:
            single = tensors_.read(field->message()).second;
            found = AttributeKind::tensor;
            break;
        case fields::attribute::graph:
            single = std::make_shared<const Graph>(graph(field->message()));
            found = AttributeKind::graph;
            break;
        case fields::attribute::reals:
            field->append_to(reals);
            found = AttributeKind::reals;
            break;
        case fields::attribute::integers:
            field->append_to(integers);
            found = AttributeKind::integers;
            break;
        case fields::attribute::texts:
            texts.push_back(field->text());
            found = AttributeKind::texts;
            break;
        default:
            break;
        }
    if (attribute.name.empty())
        message.fail("has an attribute without a name; it is damaged");
    if (kind == AttributeKind::none)
        kind = found;
    const auto value = [&](Attribute::Value zero) { // proto3 writes no value that is zero
        if (found != AttributeKind::none && found != kind)
            message.fail(fmt::format("attribute '{}' has a value of another kind than it says; it is damaged",
                                     printable(attribute.name)));
        return found == kind ? std::move(single) : std::move(zero);
    };
    switch (kind) {
    case AttributeKind::real:
        attribute.value = value(0.0f);
        break;
    case AttributeKind::integer:
        attribute.value = value(std::int64_t{0});
        break;
    case AttributeKind::text:
        attribute.value = value(std::string());
        break;
    case AttributeKind::tensor:
    case AttributeKind::graph:
        attribute.value = value(Attribute::Unread());
        break;
    case AttributeKind::reals:
        attribute.value = std::move(reals);
        break;
    case AttributeKind::integers:
        attribute.value = std::move(integers);
        break;
    case AttributeKind::texts:
        attribute.value = std::move(texts);
        break;
    case AttributeKind::none:
        break;
    }
    return attribute;
}

Value Reader::value(Message message)
{
    Value value;
    while (const auto field = message.next())
        if (field->number() == fields::value::name)
            value.name = field->text();
        else if (field->number() == fields::value::type)
            read_type(field->message(), value);
    return value;
}

void Reader::read_type(Message message, Value& value)
{
    while (const auto field = message.next()) {
        if (field->number() != fields::type::tensor)
            continue;
        Message tensor = field->message();
        while (const auto part = tensor.next())
            if (part->number() == fields::tensor_type::element)
                value.type = element_type(part->integer());
            else if (part->number() == fields::tensor_type::shape)
                value.shape = shape(part->message());
    }
}

std::vector<Dimension> Reader::shape(Message message)
{
    std::vector<Dimension> shape;
    shape.reserve(message.count(fields::shape::dimension));
    while (const auto field = message.next())
        if (field->number() == fields::shape::dimension)
            shape.push_back(dimension(field->message()));
    return shape;
}

Dimension Reader::dimension(Message message)
{
    Dimension dimension;
    dimension = std::string();
    while (const auto field = message.next())
        if (field->number() == fields::dimension::name)
            dimension = field->text();
        else if (field->number() == fields::dimension::extent && field->integer() >= 0) // −1 stands for a free one
            dimension = field->integer();
    return dimension;
}

} // namespace

Model read_model(const std::filesystem::path& path)
{
    const std::string name = "[onnx] " + path.string();
    const auto fail = [&](const char* what) { throw DataError(name + ": " + what); };
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
        fail("is no file that can be read; check the name");
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        fail("cannot be opened; check its permissions");
    xgrad::detail::FileBytes file(stream, name);
    std::string bytes(file.size(), '\0');
    file.read(bytes.data(), bytes.size());
    return Reader(name, path.parent_path()).model(Message(name, bytes));
}

Model read_model(std::string_view bytes, const std::string& name)
{
    const std::string shown = "[onnx] " + name;
    return Reader(shown, std::nullopt).model(Message(shown, bytes));
}

} // namespace xgrad::onnx
