#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/formats/onnx/model.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace xgrad::onnx
{

namespace
{

template <class T>
constexpr const char* kind_name = "";
template <>
constexpr const char* kind_name<std::int64_t> = "an integer";
template <>
constexpr const char* kind_name<float> = "a number";
template <>
constexpr const char* kind_name<std::string> = "a text";
template <>
constexpr const char* kind_name<Tensor> = "a tensor";
template <>
constexpr const char* kind_name<std::vector<std::int64_t>> = "a list of integers";
template <>
constexpr const char* kind_name<std::vector<float>> = "a list of numbers";
template <>
constexpr const char* kind_name<std::vector<std::string>> = "a list of texts";
template <>
constexpr const char* kind_name<std::shared_ptr<const Graph>> = "a graph";

/** The value of an attribute; nullptr if there is none of this name and it may be left out. */
template <class T>
const T* value_of(const Node& node, std::string_view name, bool may_lack)
{
    const Attribute* attribute = node.find(name);
    const T* value = attribute != nullptr ? std::get_if<T>(&attribute->value) : nullptr;
    if (value == nullptr && (attribute != nullptr || !may_lack))
        throw DataError(fmt::format("[onnx] {}: its attribute '{}' {} {}", to_string(node), name,
                                    attribute != nullptr ? "is not" : "is missing; it has to be", kind_name<T>));
    return value;
}

template <class T>
T value_or(const Node& node, std::string_view name, const std::optional<T>& alternative)
{
    const T* value = value_of<T>(node, name, alternative.has_value());
    return value != nullptr ? *value : *alternative;
}

} // namespace

Tensor Tensor::unread(std::shared_ptr<const std::string> file, std::string why)
{
    Tensor tensor{AnyArray()};
    tensor.file_ = std::move(file);
    tensor.why_ = std::move(why);
    return tensor;
}

const AnyArray& Tensor::array() const
{
    if (!is_read())
        throw DataError(*file_ + ": " + why_);
    return array_;
}

const Attribute* Node::find(std::string_view attribute) const
{
    const auto found = std::find_if(attributes.begin(), attributes.end(),
                                    [&](const Attribute& each) { return each.name == attribute; });
    return found != attributes.end() ? &*found : nullptr;
}

std::int64_t Node::integer(std::string_view attribute, std::optional<std::int64_t> alternative) const
{
    return value_or(*this, attribute, alternative);
}

float Node::real(std::string_view attribute, std::optional<float> alternative) const
{
    return value_or(*this, attribute, alternative);
}

std::string Node::text(std::string_view attribute, std::optional<std::string> alternative) const
{
    return value_or(*this, attribute, alternative);
}

std::vector<std::int64_t> Node::integers(std::string_view attribute,
                                         std::optional<std::vector<std::int64_t>> alternative) const
{
    return value_or(*this, attribute, alternative);
}

std::vector<float> Node::reals(std::string_view attribute, std::optional<std::vector<float>> alternative) const
{
    return value_or(*this, attribute, alternative);
}

std::vector<std::string> Node::texts(std::string_view attribute,
                                     std::optional<std::vector<std::string>> alternative) const
{
    return value_or(*this, attribute, alternative);
}

const AnyArray& Node::tensor(std::string_view attribute) const
{
    return value_of<Tensor>(*this, attribute, false)->array();
}

const Graph& Node::graph(std::string_view attribute) const
{
    return **value_of<std::shared_ptr<const Graph>>(*this, attribute, false);
}

std::string to_string(const Node& node)
{
    const std::string& name = !node.name.empty() || node.outputs.empty() ? node.name : node.outputs[0];
    return fmt::format("node '{}' ({})", printable(name),
                       printable(node.domain.empty() ? node.op : node.domain + "." + node.op));
}

const Tensor* Graph::find(std::string_view initializer) const
{
    const auto found = std::find_if(initializers.begin(), initializers.end(),
                                    [&](const auto& each) { return each.first == initializer; });
    return found != initializers.end() ? &found->second : nullptr;
}

} // namespace xgrad::onnx
