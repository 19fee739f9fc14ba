#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/file.hpp>
#include <xgrad/formats/onnx/fields.hpp>
#include <xgrad/formats/onnx/tensors.hpp>

#include <fmt/format.h>

#include <limits>

namespace xgrad::onnx
{

namespace
{

using fields::AttributeKind;

class ModelWriter
{
  public:
    void model(const Model& model)
    {
        out_.integer(fields::model::ir_version, model.ir_version);
        optional_text(fields::model::producer, model.producer);
        out_.message(fields::model::graph, [&] { graph(model.graph); });
        out_.message(fields::model::opset, [&] {
            out_.bytes(fields::opset::domain, "");
            out_.integer(fields::opset::version, model.opset);
        });
        for (const auto& entry : model.metadata)
            out_.message(fields::model::metadata, [&] {
                out_.bytes(fields::entry::key, entry.first);
                out_.bytes(fields::entry::value, entry.second);
            });
    }

    const std::string& text() const { return out_.text(); }

  private:
    void optional_text(fields::Number number, const std::string& text)
    {
        if (!text.empty())
            out_.bytes(number, text);
    }

    void graph(const Graph& graph)
    {
        for (const Node& each : graph.nodes)
            out_.message(fields::graph::node, [&] { node(each); });
        out_.bytes(fields::graph::name, graph.name);
        for (const auto& each : graph.initializers)
            out_.message(fields::graph::initializer, [&] { write_tensor(out_, each.first, each.second.array()); });
        for (const Value& each : graph.inputs)
            out_.message(fields::graph::input, [&] { value(each); });
        for (const Value& each : graph.outputs)
            out_.message(fields::graph::output, [&] { value(each); });
    }

    void node(const Node& node)
    {
        for (const std::string& input : node.inputs)
            out_.bytes(fields::node::input, input);
        for (const std::string& output : node.outputs)
            out_.bytes(fields::node::output, output);
        optional_text(fields::node::name, node.name);
        out_.bytes(fields::node::op, node.op);
        for (const Attribute& each : node.attributes) {
            if (std::holds_alternative<Attribute::Unread>(each.value))
                throw DataError(fmt::format("[onnx] {}: its attribute '{}' was not read, so it cannot be written",
                                            to_string(node), printable(each.name)));
            out_.message(fields::node::attribute, [&] {
                out_.bytes(fields::attribute::name, each.name);
                std::visit([&](const auto& held) { attribute(held); }, each.value);
            });
        }
        optional_text(fields::node::domain, node.domain);
    }

    void attribute(const Attribute::Unread&) {}
    void attribute(std::int64_t number)
    {
        out_.integer(fields::attribute::integer, number);
        kind(AttributeKind::integer);
    }
    void attribute(float number)
    {
        out_.real(fields::attribute::real, number);
        kind(AttributeKind::real);
    }
    void attribute(const std::string& text)
    {
        out_.bytes(fields::attribute::text, text);
        kind(AttributeKind::text);
    }
    void attribute(const Tensor& tensor)
    {
        out_.message(fields::attribute::tensor, [&] { write_tensor(out_, "", tensor.array()); });
        kind(AttributeKind::tensor);
    }
    void attribute(const std::shared_ptr<const Graph>& held)
    {
        out_.message(fields::attribute::graph, [&] { graph(*held); });
        kind(AttributeKind::graph);
    }
    void attribute(const std::vector<std::int64_t>& numbers)
    {
        for (const std::int64_t number : numbers)
            out_.integer(fields::attribute::integers, number);
        kind(AttributeKind::integers);
    }
    void attribute(const std::vector<float>& numbers)
    {
        for (const float number : numbers)
            out_.real(fields::attribute::reals, number);
        kind(AttributeKind::reals);
    }
    void attribute(const std::vector<std::string>& texts)
    {
        for (const std::string& text : texts)
            out_.bytes(fields::attribute::texts, text);
        kind(AttributeKind::texts);
    }

    void kind(AttributeKind kind) { out_.integer(fields::attribute::kind, static_cast<std::int64_t>(kind)); }

    void value(const Value& value)
    {
        out_.bytes(fields::value::name, value.name);
        if (!value.type)
            return;
        out_.message(fields::value::type, [&] {
            out_.message(fields::type::tensor, [&] {
                out_.integer(fields::tensor_type::element, element_number(*value.type));
                if (value.shape)
                    out_.message(fields::tensor_type::shape, [&] {
                        for (const Dimension& each : *value.shape)
                            out_.message(fields::shape::dimension, [&] { dimension(each); });
                    });
            });
        });
    }

    void dimension(const Dimension& dimension)
    {
        if (const std::int64_t* extent = std::get_if<std::int64_t>(&dimension))
            out_.integer(fields::dimension::extent, *extent);
        else
            optional_text(fields::dimension::name, std::get<std::string>(dimension));
    }

    protobuf::Writer out_;
};

} // namespace

std::string model_bytes(const Model& model, const std::string& name)
{
    ModelWriter writer;
    writer.model(model);
    constexpr std::size_t largest = std::numeric_limits<std::int32_t>::max();
    if (writer.text().size() > largest)
        throw DataError(fmt::format("[onnx] {}: the model takes {} bytes, but the format allows {}", name,
                                    writer.text().size(), largest));
    return writer.text();
}

void write_model(const std::filesystem::path& path, const Model& model)
{
    write_atomically(path, model_bytes(model, path.string()));
}

} // namespace xgrad::onnx
