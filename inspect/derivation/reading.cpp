#include <xgrad/inspect/derivation/equations.hpp>
#include <xgrad/inspect/derivation/reading.hpp>

#include <algorithm>
#include <cmath>

namespace xgrad::detail
{

namespace
{

bool sums_samples(const GraphValue& sum)
{
    const std::vector<std::size_t>& axes = sum.attributes.axes;
    return std::find(axes.begin(), axes.end(), 0) != axes.end();
}

} // namespace

Reading::Reading(const Graph& r) : graph(r), layer(size(), none), of_batch(size()), uses(size()), varies_(size())
{
    find_layers();
    find_batch();
}

/** A parameter's layer is in its name, and layers stand in the order in which they meet the data. What is computed
 *  belongs to the last layer whose parameters it has met, and what flows back to a value to that value's. */
void Reading::find_layers()
{
    std::vector<std::size_t> parameters; // leaves
    std::vector<bool> is_data(size());
    const auto add_layer = [&](std::size_t parameter) {
        const std::string& full = value(parameter).name;
        const std::string own = full.substr(0, full.rfind('.'));
        const auto known = std::find(layers.begin(), layers.end(), own);
        layer[parameter] = static_cast<std::size_t>(known - layers.begin());
        if (known == layers.end())
            layers.push_back(own);
    };
    std::vector<std::size_t> of_parameter(size(), none); // made of this one, and of others perhaps
    for (std::size_t i = 0; i < graph.forward; ++i) {
        if (is_parameter(i)) {
            parameters.push_back(i);
            of_parameter[i] = i;
        }
        is_data[i] = is_leaf(i) && !value(i).name.empty() && !is_parameter(i);
        for (const std::size_t input : value(i).inputs) {
            is_data[i] = is_data[i] || is_data[input];
            of_parameter[i] = of_parameter[input] != none ? of_parameter[input] : of_parameter[i];
        }
        for (const std::size_t input : value(i).inputs)
            if (is_data[i] && !is_data[input] && of_parameter[input] != none)
                add_layer(of_parameter[input]);
    }
    for (const std::size_t parameter : parameters)
        add_layer(parameter);
    for (std::size_t i = 0; i < graph.forward; ++i)
        for (const std::size_t input : value(i).inputs)
            if (layer[input] != none && (layer[i] == none || layer[i] < layer[input]))
                layer[i] = layer[input];
    for (std::size_t i = graph.forward; i-- > 0;) // a block's sum belongs to the layer that weights it
        for (const std::size_t input : value(i).inputs)
            if (value(input).op == "block_sum")
                layer[input] = layer[i];
    for (std::size_t i = 0; i < graph.sensitivities.size(); ++i)
        if (const std::size_t place = graph.sensitivities[i]; place != none && !is_forward(place))
            if (layer[place] == none || (layer[i] != none && layer[i] > layer[place]))
                layer[place] = layer[i];
    for (std::size_t i = graph.forward; i < size(); ++i)
        for (const std::size_t input : value(i).inputs)
            if (!is_forward(input) && layer[i] == none)
                layer[i] = layer[input];
}

void Reading::find_batch()
{
    for (std::size_t i = 0; i < size(); ++i)
        if (is_leaf(i) && value(i).name == "x" && value(i).value.dimension() > 1)
            batch = value(i).value.shape()[0];
    std::vector<bool> of_samples(size()); // with an axis of samples somewhere
    for (std::size_t i = 0; i < size(); ++i) {
        const GraphValue& v = value(i);
        const bool fits = v.value.dimension() > 0 && v.value.shape()[0] == batch;
        varies_[i] = !v.name.empty() || (!is_leaf(i) && v.inputs.empty());
        of_samples[i] = is_leaf(i) && fits && v.value.dimension() > 1 && !is_parameter(i);
        for (const std::size_t input : v.inputs) {
            varies_[i] = varies_[i] || varies_[input];
            of_samples[i] = of_samples[i] || of_samples[input];
            ++uses[input];
        }
        const auto rows = [&](std::size_t input) { return of_batch[v.inputs[input]]; };
        if (v.op == "correlate2d_kernel" || (v.op == "matmul" && rows(0) && rows(1)) ||
            ((v.op == "sum" || v.op == "sum_to") && rows(0) && sums_samples(v)))
            of_samples[i] = false; // they are summed over
        of_batch[i] = of_samples[i] && fits;
    }
}

bool Reading::is_number(std::size_t i) const
{
    const Array<double>& x = value(i).value;
    return !varies_[i] && x.size() > 0 && std::all_of(x.begin(), x.end(), [&](double each) {
        return std::abs(each - x.data()[0]) <= 1e-6 * std::abs(x.data()[0]);
    });
}

std::size_t Reading::source(std::size_t i) const { return only_reshapes(value(i)) ? source(value(i).inputs[0]) : i; }

bool Reading::feeds(std::size_t i, const std::string& op) const
{
    return std::any_of(graph.values.begin(), graph.values.end(), [&](const GraphValue& reader) {
        return reader.op == op && std::any_of(reader.inputs.begin(), reader.inputs.end(),
                                              [&](std::size_t input) { return source(input) == i; });
    });
}

std::string Reading::layer_name(std::size_t i) const
{
    if (layer[i] == none)
        return "";
    const std::string& full = layers[layer[i]];
    const bool numbered = full.rfind("layer", 0) == 0 && full.size() > 5;
    return numbered ? full.substr(5) : full;
}

} // namespace xgrad::detail
