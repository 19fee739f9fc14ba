#include <xgrad/inspect/graph.hpp>
#include <xgrad/inspect/layers.hpp>

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace xgrad::detail
{

namespace
{

constexpr std::size_t none = Layers::none;
const char* const loss_name = "loss";

/** Finds the layers of a pass: goes through it forward, then backward. */
class Finder
{
  public:
    explicit Finder(const std::vector<PassValue>& pass)
        : pass_(pass),
          layers_(size(), none),
          distances_(size()),
          of_parameters_(size()),
          of_constants_(size()),
          is_fed_(size())
    {
        for (std::size_t place = 0; place < size(); ++place)
            if (pass_[place].op.empty())
                assign_leaf(place);
            else
                assign_op(place);
        if (!names_.empty())
            assign_loss();
        assign_by_readers();
    }

    Layers found() const;

  private:
    std::size_t size() const { return pass_.size(); }
    std::size_t index_of(const std::string& layer);
    void assign_leaf(std::size_t place);
    void assign_op(std::size_t place);
    void assign_loss();
    void assign_by_readers();
    std::vector<bool> leads_to_layer() const;
    std::size_t feeding_parameter(std::size_t place) const;
    std::size_t latest_input(std::size_t place) const;
    std::vector<std::size_t> order() const;

    const std::vector<PassValue>& pass_;
    std::vector<std::string> names_; // in the order of their first use
    std::unordered_map<std::string, std::size_t> places_of_names_;
    std::vector<std::size_t> layers_;    // of the values, as places in names_
    std::vector<std::size_t> distances_; // of a value from the parameter that decides its layer
    std::vector<bool> of_parameters_;    // the value is made of parameters and constants alone
    std::vector<bool> of_constants_;     // the value is made of constants alone
    std::vector<bool> is_fed_;           // a parameter feeds the op directly
};

std::size_t Finder::index_of(const std::string& layer)
{
    const auto [found, is_new] = places_of_names_.try_emplace(layer, names_.size());
    if (is_new)
        names_.push_back(layer);
    return found->second;
}

void Finder::assign_leaf(std::size_t place)
{
    const PassValue& leaf = pass_[place];
    of_constants_[place] = leaf.is_constant;
    of_parameters_[place] = !leaf.layer.empty();
    if (of_parameters_[place])
        layers_[place] = index_of(leaf.layer);
}

void Finder::assign_op(std::size_t place)
{
    const std::vector<std::size_t>& inputs = pass_[place].inputs;
    const auto is_of_constants = [&](std::size_t input) { return of_constants_[input]; };
    const auto is_of_both = [&](std::size_t input) { return of_constants_[input] || of_parameters_[input]; };
    of_constants_[place] = std::all_of(inputs.begin(), inputs.end(), is_of_constants);
    of_parameters_[place] = !of_constants_[place] && std::all_of(inputs.begin(), inputs.end(), is_of_both);
    const std::size_t parameter = feeding_parameter(place);
    is_fed_[place] = parameter != none;
    const std::size_t decisive = is_fed_[place] ? parameter : latest_input(place);
    if (decisive != none) {
        layers_[place] = layers_[decisive];
        distances_[place] = distances_[decisive] + 1;
    }
}

/** The input that is a parameter or made of parameters alone; of several the one nearest to its parameter. In a
 *  convolution it is the kernels, whatever the images are made of. */
std::size_t Finder::feeding_parameter(std::size_t place) const
{
    const PassValue& value = pass_[place];
    const auto is_parameter = [&](std::size_t input) { // a number that is made of parameters is a penalty
        return of_parameters_[input] && (pass_[input].op.empty() || !pass_[input].shape.empty());
    };
    if (value.op == "correlate2d" && is_parameter(value.inputs[1]))
        return value.inputs[1];
    std::size_t nearest = none;
    for (const std::size_t input : value.inputs)
        if (is_parameter(input) && (nearest == none || distances_[input] <= distances_[nearest]))
            nearest = input;
    return nearest;
}

std::size_t Finder::latest_input(std::size_t place) const
{
    std::size_t latest = none;
    for (const std::size_t input : pass_[place].inputs)
        if (!pass_[input].op.empty() && !of_constants_[input] && (latest == none || input > latest))
            latest = input;
    return latest;
}

/** True for each value that is a leaf, that a parameter feeds, or that is read on the way to such a value. */
std::vector<bool> Finder::leads_to_layer() const
{
    std::vector<bool> leads = is_fed_;
    for (std::size_t place = size(); place-- > 0;) {
        leads[place] = leads[place] || pass_[place].op.empty();
        for (const std::size_t input : pass_[place].inputs)
            leads[input] = leads[input] || leads[place];
    }
    return leads;
}

/** Returns whether an op may give one output for each output that it reads. */
bool fits(const Shape& outputs, const Shape& shape)
{
    return outputs.empty() == shape.empty() && element_count(outputs) == element_count(shape);
}

/** Assigns to the loss all that leads to no layer, except ops that squash or rearrange the last layer's outputs. */
void Finder::assign_loss()
{
    std::vector<std::size_t> uses(size());
    for (const PassValue& value : pass_)
        for (const std::size_t input : value.inputs)
            ++uses[input];
    std::vector<bool> is_of_layer = leads_to_layer();
    for (std::size_t place = 0; place < size(); ++place) {
        const PassValue& value = pass_[place];
        if (!is_of_layer[place] && value.inputs.size() == 1) {
            const std::size_t input = value.inputs[0];
            is_of_layer[place] = is_of_layer[input] && uses[input] == 1 && fits(pass_[input].shape, value.shape);
        }
        if (!is_of_layer[place])
            layers_[place] = index_of(loss_name);
    }
}

/** Assigns constants, and sums of blocks that are weighted, to the layer of the first op that reads them. */
void Finder::assign_by_readers()
{
    for (std::size_t place = size(); place-- > 0;)
        for (const std::size_t input : pass_[place].inputs)
            if (of_constants_[input] || (pass_[input].op == "block_sum" && is_fed_[place]))
                layers_[input] = layers_[place];
}

/** The layers in the order in which the data meet them; then the others. */
std::vector<std::size_t> Finder::order() const
{
    std::vector<std::size_t> order;
    std::vector<bool> is_there(names_.size()), is_of_data(size());
    const auto add = [&](std::size_t layer) {
        if (layer != none && !is_there[layer] && names_[layer] != loss_name) {
            is_there[layer] = true;
            order.push_back(layer);
        }
    };
    for (std::size_t place = 0; place < size(); ++place) {
        const PassValue& value = pass_[place];
        is_of_data[place] = value.op.empty() ? value.layer.empty()
                                             : std::any_of(value.inputs.begin(), value.inputs.end(),
                                                           [&](std::size_t input) { return is_of_data[input]; });
        if (is_of_data[place] && !value.op.empty())
            add(layers_[place]);
    }
    for (const std::size_t layer : layers_)
        add(layer);
    if (const auto loss = places_of_names_.find(loss_name); loss != places_of_names_.end())
        order.push_back(loss->second);
    return order;
}

Layers Finder::found() const
{
    Layers layers{{}, layers_};
    std::vector<std::size_t> places(names_.size());
    for (const std::size_t layer : order()) {
        places[layer] = layers.names.size();
        layers.names.push_back(names_[layer]);
    }
    for (std::size_t& layer : layers.of_values)
        layer = layer == none ? none : places[layer];
    return layers;
}

PassValue pass_value_of(const GraphValue& value)
{
    const std::size_t dot = value.name.rfind('.');
    return {.op = value.op,
            .layer = value.op.empty() && dot != std::string::npos ? value.name.substr(0, dot) : "",
            .is_constant = value.op.empty() && value.name.empty(),
            .inputs = value.inputs,
            .shape = value.value.shape()};
}

/** Gives each sensitivity the layer of its value, the latest one if it is the sensitivity of several values. All other
 *  backward values get the layer of their first use. */
void set_backward_layers(Graph& graph)
{
    std::vector<GraphValue>& values = graph.values;
    std::vector<bool> is_sensitivity(values.size());
    for (std::size_t place = 0; place < graph.forward; ++place)
        if (const std::size_t sensitivity = graph.sensitivities[place];
            sensitivity != none && sensitivity >= graph.forward) {
            is_sensitivity[sensitivity] = true;
            values[sensitivity].layer = values[place].layer;
        }
    for (std::size_t place = values.size(); place-- > graph.forward;)
        for (const std::size_t input : values[place].inputs)
            if (input >= graph.forward && !is_sensitivity[input])
                values[input].layer = values[place].layer;
}

} // namespace

Layers layers_of(const std::vector<PassValue>& pass) { return Finder(pass).found(); }

void set_layers(Graph& graph)
{
    std::vector<PassValue> pass;
    for (std::size_t place = 0; place < graph.forward; ++place)
        pass.push_back(pass_value_of(graph.values[place]));
    Layers layers = layers_of(pass);
    graph.layers = std::move(layers.names);
    for (std::size_t place = 0; place < graph.forward; ++place)
        graph.values[place].layer = layers.of_values[place];
    set_backward_layers(graph);
}

} // namespace xgrad::detail
