#include "derivation.hpp"

#include <xgrad/inspect/derivation/notation.hpp>

namespace xgrad::explorer
{

namespace
{

constexpr std::size_t none = Graph::none;

using detail::as_latex;
using detail::as_latex_with_places;
using detail::as_text;
using detail::written;

void note_letters(const detail::Expression& e, std::map<std::size_t, std::string>& letters)
{
    if (e.value != none)
        letters.try_emplace(e.value, written(e, as_latex));
    for (const detail::Expression& operand : e.operands)
        note_letters(operand, letters);
}

Json json_of(const detail::Equation& equation)
{
    Json formulas = Json::array();
    for (const detail::Formula& formula : equation.formulas)
        formulas.push_back({{"id", formula.id}, {"by_hand", formula.by_hand}});
    return {{"left", written(equation.left, as_latex_with_places)},
            {"right", written(equation.right, as_latex_with_places)},
            {"text", written(equation, as_text)},
            {"place", place_or_none(equation.left.value)},
            {"formulas", formulas}};
}

Json json_of(const std::vector<detail::Section>& sections)
{
    Json all = Json::array();
    for (const detail::Section& section : sections) {
        Json equations = Json::array();
        for (const detail::Equation& equation : section.equations)
            equations.push_back(json_of(equation));
        all.push_back({{"layer", section.layer}, {"equations", equations}});
    }
    return all;
}

} // namespace

Derivation::Derivation(const Graph& graph) : equations_(detail::equations_of(graph)), next_(graph.values.size(), none)
{
    for (const bool backward : {false, true}) {
        const auto& sections = backward ? equations_.backward : equations_.forward;
        for (std::size_t s = 0; s < sections.size(); ++s)
            for (std::size_t e = 0; e < sections[s].equations.size(); ++e) {
                const detail::Equation& equation = sections[s].equations[e];
                note_letters(equation.left, letters_);
                note_letters(equation.right, letters_);
                if (equation.left.value != none)
                    spots_.try_emplace(equation.left.value, Spot{backward, s, e});
            }
    }
    for (std::size_t place = graph.values.size(); place-- > 0;)
        for (const std::size_t input : graph.values[place].inputs)
            next_[input] = place;
}

std::string Derivation::letter(std::size_t place) const
{
    const auto found = letters_.find(place);
    return found == letters_.end() ? "" : found->second;
}

Json Derivation::equation_of(std::size_t place) const
{
    for (; place != none; place = next_[place])
        if (const auto found = spots_.find(place); found != spots_.end())
            return {{"backward", found->second.backward},
                    {"section", found->second.section},
                    {"equation", found->second.equation}};
    return nullptr;
}

Json Derivation::json() const
{
    Json signs = Json::array(), functions = Json::array();
    for (const detail::Sign& sign : detail::signs_of(equations_, as_latex))
        signs.push_back({{"latex", sign.sample}, {"meaning", sign.meaning}});
    for (const detail::Equation& each : equations_.functions)
        functions.push_back({{"left", written(each.left, as_latex)}, {"right", written(each.right, as_latex)}});
    return {{"text", detail::text_of(equations_)},
            {"signs", signs},
            {"functions", functions},
            {"forward", json_of(equations_.forward)},
            {"backward", json_of(equations_.backward)}};
}

Json Values::tensor(std::size_t place)
{
    if (tensors_[place].is_null())
        tensors_[place] = answer_.add(graph_.values[place].value);
    return tensors_[place];
}

Json Values::json(std::size_t begin, std::size_t end)
{
    Json all = Json::array();
    for (std::size_t place = begin; place < end; ++place) {
        const GraphValue& value = graph_.values[place];
        const std::size_t sensitivity = place < graph_.forward ? graph_.sensitivities[place] : none;
        all.push_back({{"place", place},
                       {"op", value.op},
                       {"name", value.name},
                       {"latex", derivation_.letter(place)},
                       {"layer", value.layer == none ? "" : graph_.layers[value.layer]},
                       {"inputs", value.inputs},
                       {"value", tensor(place)},
                       {"gradient", sensitivity == none ? Json() : tensor(sensitivity)}});
    }
    return all;
}

} // namespace xgrad::explorer
