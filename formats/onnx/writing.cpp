#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/formats/onnx/writing.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

namespace xgrad::onnx
{

namespace
{

/** A constant without the axes along which it repeats: those whose extent is free. */
Variable<double> without_free_axes(const Array<double>& values, const std::vector<Extent>& extents)
{
    Variable<double> rest = constant(values);
    for (std::size_t axis = 0; axis < extents.size(); ++axis)
        if (extents[axis].is_free())
            rest = slice(rest, static_cast<Axis>(axis), 0, 1);
    return rest;
}

bool is_same(const AnyArray& a, const AnyArray& b)
{
    return a.type() == b.type() && a.shape() == b.shape() && std::memcmp(a.bytes(), b.bytes(), a.byte_count()) == 0;
}

} // namespace

Graph GraphWriter::write()
{
    const xgrad::Graph& recorded = recordings_.graph();
    graph_.name = "xgrad";
    for (std::size_t place = 0; place < recorded.values.size(); ++place) {
        if (recordings_.is_input(place))
            written_[place] = options_.input;
        if (!recordings_.depends(place) || recordings_.is_input(place))
            continue;
        RecordedOp op(*this, place);
        const WriteOp* const write = writer_of(op.name());
        if (write == nullptr)
            op.refuse("ONNX has no operator for it");
        written_[place] = (*write)(op).name;
    }
    finish(recorded.loss);
    return std::move(graph_);
}

void GraphWriter::finish(std::size_t output)
{
    const std::string last = written_.at(output);
    if (producer(last) == nullptr) // the network returns its input
        graph_.nodes.push_back({options_.output, "Identity", {}, {last}, {options_.output}});
    std::set<std::string> read;
    for (Node& node : graph_.nodes)
        for (std::vector<std::string>* names : {&node.inputs, &node.outputs})
            for (std::string& name : *names) {
                if (name == last && producer(last) != nullptr)
                    name = options_.output;
                read.insert(name);
            }
    std::erase_if(graph_.initializers, [&](const auto& each) { return !read.contains(each.first); });
    graph_.inputs = {value_info(options_.input, recordings_.input_extents())};
    graph_.outputs = {value_info(options_.output, recordings_.extents(output))};
}

std::string GraphWriter::node(const std::string& name, const std::string& op, std::vector<std::string> inputs,
                              std::vector<Attribute> attributes)
{
    const std::string own = unique(name);
    node_places_[own] = graph_.nodes.size();
    graph_.nodes.push_back({own, op, {}, std::move(inputs), {own}, std::move(attributes)});
    return own;
}

Node* GraphWriter::producer(const std::string& output)
{
    const auto found = node_places_.find(output);
    return found != node_places_.end() ? &graph_.nodes[found->second] : nullptr;
}

std::string GraphWriter::initializer(const std::string& name, const AnyArray& array)
{
    std::string own = name;
    for (std::size_t i = 2; !names_.insert(own).second; ++i) {
        if (const Tensor* other = graph_.find(own); other != nullptr && is_same(other->array(), array))
            return own;
        own = fmt::format("{}_{}", name, i);
    }
    graph_.initializers.emplace_back(own, array);
    return own;
}

std::string GraphWriter::number(double number)
{
    return initializer(fmt::to_string(number), real(Array<double>(Shape{}, number)));
}

std::string GraphWriter::integers(const std::vector<std::int64_t>& numbers)
{
    Array<std::int64_t> array = empty_array<std::int64_t>(Shape{numbers.size()});
    std::copy(numbers.begin(), numbers.end(), array.data());
    return initializer(fmt::format("[{}]", fmt::join(numbers, ",")), array);
}

std::string GraphWriter::name_of(std::size_t place, const std::optional<Shape>& shape)
{
    if (shape)
        return constant(place, shape);
    const auto found = written_.find(place);
    return found != written_.end() ? found->second : written_[place] = constant(place, shape);
}

std::string GraphWriter::constant(std::size_t place, const std::optional<Shape>& shape)
{
    const Array<double>&values = recordings_.smaller(place).value, &others = recordings_.larger(place).value;
    const std::vector<Extent> extents = recordings_.extents(place);
    const Variable<double> rest = without_free_axes(values, extents);
    if (broadcast_to(rest, values.shape()).value() != values || broadcast_to(rest, others.shape()).value() != others)
        throw Error(fmt::format("[onnx] {}: its numbers depend on the input, but not by ops that are recorded",
                                recordings_.described(place)));
    const std::string name =
        initializer(constant_name(place, rest.size()), real(shape ? reshape(rest, *shape).value() : rest.value()));
    if (rest.shape() == others.shape())
        return name;
    return node(name + ".expanded", "Expand", {name, this->shape(extents)}, {});
}

std::string GraphWriter::constant_name(std::size_t place, std::size_t size) const
{
    std::set<std::string> names; // of the leaves that it is made of
    std::size_t numbers = 0;
    std::vector<std::size_t> left{place};
    std::set<std::size_t> seen{place};
    while (!left.empty()) {
        const GraphValue& value = recordings_.smaller(left.back());
        left.pop_back();
        if (!value.name.empty()) {
            names.insert(value.name);
            numbers = value.value.size();
        }
        for (const std::size_t input : value.inputs)
            if (seen.insert(input).second)
                left.push_back(input);
    }
    if (names.empty())
        return base_name(place, "constant");
    return names.size() == 1 && numbers == size ? *names.begin() : base_name(place, recordings_.smaller(place).op);
}

std::string GraphWriter::base_name(std::size_t place, const std::string& op) const
{
    const GraphValue& value = recordings_.smaller(place);
    const std::vector<std::string>& layers = recordings_.graph().layers;
    return value.layer < layers.size() && layers[value.layer] != "loss" ? layers[value.layer] + "." + op : op;
}

std::string GraphWriter::unique(const std::string& name)
{
    std::string own = name;
    for (std::size_t i = 2; !names_.insert(own).second; ++i)
        own = fmt::format("{}_{}", name, i);
    return own;
}

std::string GraphWriter::shape(const std::vector<Extent>& extents)
{
    std::vector<std::string> parts;
    std::vector<std::int64_t> fixed;
    const auto end_fixed = [&] {
        if (!fixed.empty())
            parts.push_back(integers(std::exchange(fixed, {})));
    };
    for (const Extent& each : extents)
        if (each.is_free()) {
            end_fixed();
            parts.push_back(free_extent(each));
        } else {
            fixed.push_back(static_cast<std::int64_t>(each.smaller));
        }
    if (parts.empty())
        return integers(fixed);
    end_fixed();
    return node("shape", "Concat", std::move(parts), {{"axis", std::int64_t{0}}});
}

std::string GraphWriter::free_extent(const Extent& extent)
{
    const std::vector<Extent> input = recordings_.input_extents();
    for (std::size_t axis = 0; axis < input.size(); ++axis) {
        const std::size_t times = extent.smaller / std::max<std::size_t>(input[axis].smaller, 1);
        if (!input[axis].is_free() || times * input[axis].smaller != extent.smaller ||
            times * input[axis].larger != extent.larger)
            continue;
        const auto begin = static_cast<std::int64_t>(axis);
        const std::string own = node("extent", "Shape", {options_.input}, {{"start", begin}, {"end", begin + 1}});
        return times == 1 ? own : node("extent", "Mul", {own, integers({static_cast<std::int64_t>(times)})}, {});
    }
    throw Error(
        fmt::format("[onnx] an extent is {} in one recording and {} in the other one, which is no multiple of an "
                    "extent of the input",
                    extent.smaller, extent.larger));
}

AnyArray GraphWriter::real(const Array<double>& values) const
{
    if (options_.type == ElementType::float64)
        return values;
    return Array<float>(xt::cast<float>(values));
}

Value GraphWriter::value_info(const std::string& name, const std::vector<Extent>& extents) const
{
    std::vector<Dimension> shape;
    for (const Extent& extent : extents)
        if (extent.is_free())
            shape.emplace_back(axis_name(extent));
        else
            shape.emplace_back(static_cast<std::int64_t>(extent.smaller));
    return {name, options_.type, shape};
}

std::string GraphWriter::axis_name(const Extent& extent) const
{
    const std::vector<Extent> input = recordings_.input_extents();
    const auto found = std::find(input.begin(), input.end(), extent);
    const auto axis = static_cast<std::size_t>(found - input.begin());
    if (found == input.end())
        return {};
    return axis < options_.axes.size() ? options_.axes[axis] : fmt::format("axis{}", axis);
}

std::vector<Term> RecordedOp::all_inputs()
{
    std::vector<Term> all;
    for (std::size_t i = 0; i < inputs(); ++i)
        all.push_back(input(i));
    return all;
}

Node* RecordedOp::only_producer(std::size_t i)
{
    const std::size_t place = value().inputs[i];
    const Recordings& recordings = graph_.recordings();
    return recordings.depends(place) && recordings.uses(place) == 1 ? graph_.producer(graph_.name_of(place)) : nullptr;
}

Term RecordedOp::node(const std::string& op, const std::vector<Term>& inputs, std::vector<Attribute> attributes)
{
    std::vector<std::string> names;
    for (const Term& input : inputs)
        names.push_back(input.name);
    return {this, graph_.node(graph_.base_name(place_, name()), op, std::move(names), std::move(attributes))};
}

void RecordedOp::refuse(const std::string& why) const
{
    throw Error(fmt::format("[onnx] {} cannot be exported: {}", graph_.recordings().described(place_), why));
}

} // namespace xgrad::onnx
