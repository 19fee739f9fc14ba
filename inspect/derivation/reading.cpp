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

Reading::Reading(const Graph& r)
    : graph(r), of_batch(size()), uses(size()), sources_(size()), is_turned_(size()), varies_(size())
{
    find_sources();
    find_batch();
}

void Reading::find_sources()
{
    for (std::size_t i = 0; i < size(); ++i) {
        sources_[i] = only_reshapes(value(i)) ? sources_[value(i).inputs[0]] : i;
        if (value(i).op == "rot180")
            is_turned_[sources_[value(i).inputs[0]]] = true;
    }
}

void Reading::find_batch()
{
    for (std::size_t i = 0; i < size(); ++i)
        if (is_leaf(i) && value(i).name == "x" && value(i).value.dimension() > 1)
            batch = value(i).value.shape()[0];
    std::vector<bool> of_samples(size()); // the value has an axis of samples
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

std::size_t Reading::layer(std::size_t i) const
{
    const bool is_constant = is_leaf(i) && value(i).name.empty();
    return is_constant ? none : value(i).layer;
}

std::string Reading::layer_name(std::size_t i) const
{
    if (layer(i) == none)
        return "";
    const std::string& full = graph.layers[layer(i)];
    const bool numbered = full.rfind("layer", 0) == 0 && full.size() > 5;
    return numbered ? full.substr(5) : full;
}

bool Reading::is_output(std::size_t i) const
{
    std::vector<bool> is_of_it(size());
    is_of_it[i] = true;
    for (std::size_t later = i + 1; later < graph.forward; ++later) {
        const std::vector<std::size_t>& inputs = value(later).inputs;
        is_of_it[later] = std::any_of(inputs.begin(), inputs.end(), [&](std::size_t input) { return is_of_it[input]; });
        const std::size_t own = value(later).layer;
        if (is_of_it[later] && own != value(i).layer && graph.layers[own] != "loss")
            return false;
    }
    return true;
}

} // namespace xgrad::detail
