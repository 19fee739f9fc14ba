#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/formats/onnx/writing.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace xgrad::onnx
{

namespace
{

std::vector<Extent> paired(const Shape& smaller, const Shape& larger)
{
    std::vector<Extent> extents;
    for (std::size_t axis = 0; axis < smaller.size(); ++axis)
        extents.push_back({smaller[axis], larger[axis]});
    return extents;
}

/** True if the positions that an op takes are the numbers of the input, in their order. */
bool are_input(const std::vector<double>& indices, const Array<double>& input)
{
    return indices.size() == input.size() && std::equal(indices.begin(), indices.end(), input.data());
}

} // namespace

Recordings::Recordings(const Recording& smaller, const Recording& larger, const ExportOptions& options)
    : smaller_(smaller), larger_(larger), input_name_(options.input), uses_(smaller.graph.values.size())
{
    compare();
    for (std::size_t place = 0; place < graph().values.size(); ++place) {
        const std::vector<std::size_t>& inputs = graph().values[place].inputs;
        depends_.push_back(is_input(place) || takes_input(place) ||
                           std::any_of(inputs.begin(), inputs.end(), [&](std::size_t i) { return depends_[i]; }));
        for (const std::size_t input : inputs)
            ++uses_[input];
    }
    ++uses_[graph().loss];
    if (!depends_[graph().loss])
        throw Error(fmt::format("[onnx] the output does not depend on the input '{}'", printable(input_name_)));
}

void Recordings::compare() const
{
    const std::vector<GraphValue>&a = smaller_.graph.values, &b = larger_.graph.values;
    if (smaller_.input.dimension() != larger_.input.dimension())
        throw Error(fmt::format("[onnx] the inputs of the two recordings have the shapes {} and {}: they need as many "
                                "axes",
                                to_string(smaller_.input.shape()), to_string(larger_.input.shape())));
    const auto fail = [](const std::string& where, const std::string& what) {
        throw Error(fmt::format("[onnx] {}: {} with an input of another shape or of other numbers, so the network "
                                "cannot be exported; fix the shape that it depends on",
                                where, what));
    };
    if (a.size() != b.size())
        fail("the network", "it has other ops");
    for (std::size_t place = 0; place < a.size(); ++place) {
        const Attributes &of_a = a[place].attributes, &of_b = b[place].attributes;
        if (a[place].op != b[place].op || a[place].inputs != b[place].inputs || of_a.axes != of_b.axes ||
            of_a.transposed != of_b.transposed || a[place].value.dimension() != b[place].value.dimension())
            fail(described(place), "it is another op");
        if (of_a.numbers != of_b.numbers && !takes_input(place))
            fail(described(place), "its number is another one");
    }
}

std::vector<Extent> Recordings::extents(std::size_t place) const
{
    return paired(smaller(place).value.shape(), larger(place).value.shape());
}

std::vector<Extent> Recordings::input_extents() const { return paired(smaller_.input.shape(), larger_.input.shape()); }

bool Recordings::takes_input(std::size_t place) const
{
    return smaller(place).op == "gather" && are_input(smaller(place).attributes.numbers, smaller_.input) &&
           are_input(larger(place).attributes.numbers, larger_.input);
}

std::string Recordings::described(std::size_t place) const
{
    const GraphValue& value = smaller(place);
    if (value.op.empty())
        return value.name.empty() ? "a constant" : fmt::format("'{}'", printable(value.name));
    const std::string layer =
        value.layer == xgrad::Graph::none ? "" : fmt::format(" in '{}'", printable(graph().layers[value.layer]));
    return fmt::format("the op '{}'{}", printable(value.op), layer);
}

} // namespace xgrad::onnx
