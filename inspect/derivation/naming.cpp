#include <xgrad/inspect/derivation/reading.hpp>

#include <algorithm>

namespace xgrad::detail
{

namespace
{

/** The letter of a parameter in the papers, by the last part of its name. */
std::string parameter_letter(const std::string& part)
{
    static const std::map<std::string, std::string> letters = {{"weight", "W"}, {"bias", "b"},    {"beta", "β"},
                                                               {"scores", "c"}, {"kernels", "k"}, {"gamma", "γ"}};
    const auto known = letters.find(part);
    return known == letters.end() ? part : known->second;
}

} // namespace

Naming::Naming(const Reading& reading) : reading_(reading), names_(reading.size())
{
    name_forward_values();
    name_sensitivities();
}

void Naming::call(std::size_t i, const std::string& letter)
{
    const int same = ++letters_[{letter, reading_.layer(i)}];
    names_[i] = name(same == 1 ? letter : letter + "_" + std::to_string(same), reading_.layer_name(i));
    names_[i].value = i;
}

std::string Naming::leaf_letter(std::size_t leaf) const
{
    const GraphValue& v = reading_.value(leaf);
    if (v.name.empty()) {
        const bool is_mask = std::all_of(v.value.begin(), v.value.end(), [](double x) { return x == 0 || x == 1; });
        return reading_.of_batch[leaf] ? "t" : is_mask ? "M" : "C";
    }
    const std::string part = v.name.substr(v.name.rfind('.') + 1);
    if (part == "weight" && v.value.dimension() > 2)
        return reading_.is_turned(leaf) ? "k" : "w";
    return unlike_signs(reading_.is_parameter(leaf) ? parameter_letter(part) : part);
}

void Naming::name_forward_values()
{
    for (std::size_t i = 0; i < reading_.graph.forward; ++i)
        if (reading_.is_leaf(i) && !reading_.is_number(i))
            call(i, leaf_letter(i));
    std::size_t output = Reading::none;
    for (std::size_t i = 0; i < reading_.graph.forward; ++i) {
        const GraphValue& v = reading_.value(i);
        const auto name_input = [&](std::size_t input, const char* letter) {
            if (!reading_.is_leaf(input) && names_[input].head.empty())
                call(input, letter);
        };
        if (squashes(v.op)) {
            name_input(reading_.source(v.inputs[0]), "u");
            call(i, "x");
            output = i;
        } else if (v.op == "add" && v.inputs.size() == 2) {
            const std::size_t bias = reading_.source(v.inputs[1]);
            if (reading_.is_parameter(bias) && names_[bias].head == "b")
                name_input(i, "u");
        } else if (v.op.rfind("correlate2d", 0) == 0) {
            std::size_t kernel = reading_.source(v.inputs[1]);
            if (reading_.value(kernel).op == "rot180")
                kernel = reading_.source(reading_.value(kernel).inputs[0]);
            name_input(kernel, "K");
        } else if (v.op == "softmax") {
            const bool of_leaf = reading_.is_leaf(reading_.source(v.inputs[0]));
            call(i, of_leaf ? "α" : "y");
            output = of_leaf ? output : i;
        } else if (v.op == "log_softmax") {
            call(i, "y");
            output = i;
        } else if (v.op == "block_sum") {
            call(i, "d");
        } else if (v.op == "max_pool2d" || v.op == "mean_pool2d") {
            call(i, "s");
        }
    }
    const auto rename = [&](std::size_t i, const char* letter) {
        names_[i] = name(letter);
        names_[i].value = i;
    };
    if (reading_.is_forward(reading_.graph.loss) && !reading_.is_leaf(reading_.graph.loss))
        rename(reading_.graph.loss, "E");
    if (output != Reading::none && reading_.is_output(output))
        rename(output, "y");
}

/** Names sensitivities: δ = ∂E/∂u of a pre-activation, ∂E/∂θ of a parameter and of other values that have a name. */
void Naming::name_sensitivities()
{
    for (const bool pre_activations : {true, false})
        for (std::size_t i = 0; i < reading_.graph.sensitivities.size(); ++i) {
            const std::size_t place = reading_.graph.sensitivities[i];
            const Expression& forward = names_[i];
            const std::string letter = forward.head.substr(0, forward.head.find('_'));
            const bool is_u = letter == "u" && !reading_.is_leaf(i);
            const bool is_other = reading_.is_leaf(i) || letter == "s" || letter == "α" || letter == "K";
            if (place == Reading::none || reading_.is_forward(place) || letter.empty() ||
                !(pre_activations ? is_u : is_other))
                continue;
            Expression sensitivity = is_u ? name("δ" + forward.head.substr(1), forward.layer)
                                          : Expression{.head = "∂", .operands = {forward}};
            sensitivity.value = place;
            if (names_[place].head.empty())
                names_[place] = sensitivity;
            else
                further_.emplace_back(i, sensitivity);
        }
}

} // namespace xgrad::detail
