#include <xgrad/inspect/comparison/arrangement.hpp>
#include <xgrad/inspect/comparison/readings.hpp>
#include <xgrad/inspect/comparison/uses.hpp>
#include <xgrad/inspect/comparison/wrong_rules.hpp>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace xgrad::detail
{

namespace
{

using Kind = Explanation::Kind;

constexpr std::size_t most_readings = 3;

/** Returns whether the loss is a sum of squares, or has one among its terms, other than a penalty. */
bool has_squared_error(const Trials& trials)
{
    const std::vector<KeptOp>& ops = trials.ops();
    std::vector<bool> is_linear(ops.size()); // the loss is a linear function of the value
    if (!ops.empty())
        is_linear.back() = true;
    for (std::size_t place = ops.size(); place-- > 0;) {
        const KeptOp& op = ops[place];
        if (!is_linear[place])
            continue;
        const bool is_product = op.inputs.size() == 2 && origin_of(op.inputs[0]) == origin_of(op.inputs[1]);
        if ((op.name == "square" || (op.name == "multiply" && is_product)) && !op.inputs[0].is_leaf())
            return true;
        if (!is_one_of(op.name, {"sum", "sum_to", "add", "subtract", "negative", "reshape", "multiply", "divide"}))
            continue;
        const bool one_recorded = std::count_if(op.inputs.begin(), op.inputs.end(),
                                                [&](const auto& x) { return x.requires_gradient(); }) == 1;
        if (is_one_of(op.name, {"multiply", "divide"}) && !one_recorded)
            continue;
        for (const Variable<double>& input : op.inputs)
            if (trials.is_recorded(input))
                is_linear[origin_of(input).index] = true;
    }
    return false;
}

/** The factor between two gradients; nothing if they are not multiples of each other. */
std::optional<double> factor_of(const Array<double>& right, const Array<double>& wrong, double allowed)
{
    const auto largest =
        std::max_element(right.begin(), right.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
    if (largest == right.end() || *largest == 0)
        return std::nullopt;
    const double factor = wrong.data()[largest - right.begin()] / *largest;
    for (std::size_t i = 0; i < right.size(); ++i)
        if (std::abs(wrong.data()[i] - factor * right.data()[i]) > allowed)
            return std::nullopt;
    return factor;
}

struct List
{
    std::vector<Reasons> reasons = {};

    void add(const std::string& words, const char* section, const Trial& trial = {})
    {
        if (std::none_of(reasons.begin(), reasons.end(), [&](const Reasons& each) { return each.words == words; }))
            reasons.push_back({words, section, trial});
    }
    bool has(std::string_view section) const
    {
        return std::any_of(reasons.begin(), reasons.end(),
                           [&](const Reasons& each) { return each.section == section; });
    }
    Reasons joined() const
    {
        if (reasons.empty())
            return {};
        Reasons all = reasons.front();
        for (std::size_t k = 1; k < std::min(reasons.size(), most_readings); ++k)
            all.words += "; or: " + reasons[k].words;
        if (reasons.size() > most_readings)
            all.words += "; or: …";
        return all;
    }
};

} // namespace

Readings::Readings(const Trials& trials, const Wording& wording, const Rows& rows, const Taken& taken,
                   const CompareOptions& options)
    : trials_(trials),
      wording_(wording),
      rows_(rows),
      taken_(taken),
      options_(options),
      has_squared_error_(has_squared_error(trials))
{}

FactorContext Readings::context(bool is_global) const { return {options_.samples, is_global && has_squared_error_}; }

bool Readings::has_fixed_row() const
{
    for (std::size_t i = 0; i < rows_.states.size(); ++i)
        if (rows_.states[i] == Rows::fixed && largest_of(rows_.right[i]) > rows_.allowed[i])
            return true;
    return false;
}

std::optional<Readings::Common> Readings::common_factor(const std::vector<std::size_t>& rows) const
{
    std::optional<double> common;
    for (const std::size_t i : rows) {
        const auto factor = factor_of(rows_.right[i], rows_.by_hand[i], rows_.allowed[i]);
        if (!factor || (common && std::abs(*factor - *common) > 1e-6 * std::abs(*common)))
            return std::nullopt;
        common = factor;
    }
    if (!common || *common == 0)
        return std::nullopt;
    return Common{*common, taken_.empty() && !has_fixed_row() && rows == rows_.all_open()};
}

Explanation Readings::own(std::size_t row) const
{
    const bool alone = !has_fixed_row() && rows_.all_open().size() == 1;
    const Array<double>&right = rows_.right[row], &by_hand = rows_.by_hand[row];
    return explain_arrangement(right, by_hand, context(alone), options_.tolerance);
}

Explanation Readings::own_or_of_uses(std::size_t row) const
{
    const Explanation found = own(row);
    if (found.kind >= Kind::known_factor || largest_of(rows_.by_hand[row]) == 0)
        return found;
    const Explanation of_uses = explain_uses(trials_, wording_, taken_, row, rows_.right[row], rows_.by_hand[row],
                                             context(false), options_.tolerance);
    return of_uses.kind == Kind::none ? found : of_uses;
}

Explanation Readings::last(std::size_t row) const
{
    const Explanation found = own_or_of_uses(row);
    if (found.kind != Kind::none || largest_of(rows_.by_hand[row]) == 0)
        return found;
    return explain_slices(rows_.right[row], rows_.by_hand[row], context(false), rows_.allowed[row]);
}

Reasons Readings::of(const std::vector<std::size_t>& rows, const std::vector<Finding>& findings) const
{
    List list;
    std::vector<Finding> special, paths, general;
    for (const Finding& each : findings)
        (each.is_path ? paths : each.general ? general : special).push_back(each);
    std::stable_sort(special.begin(), special.end(),
                     [](const Finding& a, const Finding& b) { return a.rank < b.rank; });
    for (auto each = special.begin(); each != special.end(); ++each) {
        const bool is_known = std::any_of(special.begin(), each, [&](const Finding& before) {
            return !before.what.empty() && before.what == each->what &&
                   before.section == std::string_view(each->section);
        });
        if (!is_known)
            list.add(each->words, each->section, each->trial);
    }
    std::erase_if(general, [&](const Finding& each) {
        return std::any_of(special.begin(), special.end(),
                           [&](const Finding& other) { return other.trial.places == each.trial.places; });
    });
    const bool is_special = !list.reasons.empty();

    const auto common = common_factor(rows);
    std::erase_if(general, [&](const Finding& each) { // the same as a factor of the whole loss
        return common && common->is_global && options_.samples > 0 &&
               std::abs(std::abs(std::log(std::abs(common->factor))) - std::log(options_.samples)) < 1e-6 &&
               wording_.is_in_loss(each.trial.places.front().op);
    });
    if (rows.size() == 1) {
        const Explanation own = this->own(rows.front());
        const bool is_factor = own.kind == Kind::known_factor;
        const bool is_less_likely = is_factor && has_fixed_row() && (is_special || !general.empty());
        const bool is_sign = is_factor && list.has("cross-entropy-sign");
        if (own.kind >= Kind::known_factor && !is_less_likely && !is_sign && !list.has(own.section))
            list.add(own.words, own.section);
    } else if (common && common->is_global) {
        std::size_t elements = 0;
        for (const std::size_t i : rows)
            elements += rows_.right[i].size();
        const FactorReading reading = read_factor(common->factor, elements, context(true));
        if (!reading.words.empty() && (reading.is_known || (!is_special && general.empty())) &&
            !list.has("cross-entropy-sign"))
            list.add(reading.words, "factor");
    }
    const bool has_factor = list.has("factor");
    for (const Finding& each : general)
        if (!(has_factor && std::string_view(each.section) == "factor"))
            list.add(each.words, each.section, each.trial);

    const bool is_explained = !list.reasons.empty();
    std::erase_if(paths, [&](const Finding& path) {
        if (path.factor == 0)
            return list.has("missing-penalty");
        const bool comes_in_between = rows.size() > 1 && !(common && common->is_global);
        return is_explained || (path.is_whole && !comes_in_between);
    });
    for (const Finding& path : as_chains(paths, trials_, wording_))
        list.add(path.words, path.section, path.trial);
    if (list.reasons.empty() && rows.size() == 1)
        if (const Explanation of_uses = own_or_of_uses(rows.front()); of_uses.kind >= Kind::known_factor)
            list.add(of_uses.words, of_uses.section);
    return list.joined();
}

} // namespace xgrad::detail
