#include <xgrad/inspect/comparison/arrangement.hpp>
#include <xgrad/inspect/comparison/factors.hpp>
#include <xgrad/inspect/comparison/search.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

namespace xgrad::detail
{

namespace
{

using Gradients = Trials::Gradients;
using Places = std::vector<Place>;

constexpr std::size_t edges_at_once = 128;

Gradients scaled(Gradients changes, double factor)
{
    for (Array<double>& change : changes)
        for (double& value : change)
            value *= factor;
    return changes;
}

class Search
{
  public:
    Search(const Trials& trials, const Wording& wording, const Rows& rows, const Taken& taken, Budget& budget)
        : trials_(trials), wording_(wording), rows_(rows), taken_(taken), budget_(budget), open_(rows.all_open())
    {}

    std::vector<Finding> run()
    {
        Places near, beside, far; // behind them lie all open rows and no fixed one; some; fixed ones too
        for (const Place& place : trials_.places()) {
            const std::vector<bool>& behind = trials_.behind(place);
            const bool all = std::all_of(open_.begin(), open_.end(), [&](std::size_t i) { return behind[i]; });
            (reaches(behind, Rows::fixed) ? far : all ? near : beside).push_back(place);
        }
        try_each(near, true);
        try_each(beside, false);
        try_groups(false);
        if (is_complete())
            return std::move(findings_);
        try_each(beside, true);
        try_each(far, true);
        try_groups(true);
        return std::move(findings_);
    }

  private:
    struct Proposal
    {
        Place place;
        const Mistake* mistake; // null: the path ends here
        std::string what;
        Variable<double> value;
        Array<double> change;
        bool is_cut = false; // of all that comes back to a value
    };
    using Kind = std::pair<const Mistake*, std::string>;

    bool reaches(const std::vector<bool>& behind, Rows::State state) const
    {
        for (std::size_t i = 0; i < behind.size(); ++i)
            if (behind[i] && rows_.states[i] == state &&
                (state != Rows::fixed || largest_of(rows_.right[i]) > rows_.allowed[i]))
                return true;
        return false;
    }

    bool is_complete() const
    {
        return std::any_of(findings_.begin(), findings_.end(),
                           [&](const Finding& each) { return each.explained.size() == open_.size(); });
    }

    std::size_t distance(const Place& place) const
    {
        std::size_t nearest = static_cast<std::size_t>(-1);
        for (const std::size_t reader : readers_)
            nearest = std::min(nearest, place.op < reader ? reader - place.op : place.op - reader);
        return nearest;
    }

    /** Tries all that can be wrong at each place alone, the nearest to what differs first. */
    void try_each(Places places, bool alone)
    {
        if (readers_.empty())
            for (std::size_t op = 0; op < trials_.ops().size(); ++op)
                for (const Variable<double>& input : trials_.ops()[op].inputs)
                    for (const std::size_t i : open_)
                        if (trials_.is_parameter(input, i))
                            readers_.push_back(op);
        std::erase_if(
            places, [&](const Place& place) { return is_taken(place) || !reaches(trials_.behind(place), Rows::open); });
        std::stable_sort(places.begin(), places.end(),
                         [&](const Place& a, const Place& b) { return distance(a) < distance(b); });
        for (std::size_t begin = 0; begin < places.size(); begin += edges_at_once) {
            const std::size_t end = std::min(begin + edges_at_once, places.size());
            Places some(places.begin() + static_cast<std::ptrdiff_t>(begin),
                        places.begin() + static_cast<std::ptrdiff_t>(end));
            std::sort(some.begin(), some.end());
            if (!budget_.spend())
                return;
            std::vector<Proposal> proposals;
            trials_.visit(some, taken_, [&](const Step& step) { propose(step, alone, proposals); });
            if (alone)
                try_proposals(proposals);
            if (budget_.is_spent())
                return;
        }
    }

    bool is_taken(const Place& place) const
    {
        return std::any_of(taken_.begin(), taken_.end(), [&](const Trial& trial) {
            return std::find(trial.places.begin(), trial.places.end(), place) != trial.places.end();
        });
    }

    void propose(const Step& step, bool cuts, std::vector<Proposal>& proposals)
    {
        const Place place{static_cast<std::size_t>(step.call.result().index), step.position()};
        const auto add = [&](const Mistake* mistake, std::string what, const Variable<double>& value,
                             const Array<double>& change, bool is_cut = false) {
            if (largest_of(change) <= 1e-12 * largest_of(step.right) || !is_finite(change))
                return;
            if (!is_cut)
                possible_[{mistake, what}].insert(place);
            proposals.push_back({place, mistake, std::move(what), value, change, is_cut});
        };
        const auto negative = [](double x) { return -x; };
        add(nullptr, "", step.variable(), mapped(step.right, negative));
        if (cuts && seen_.insert(place.op).second && readers_of(step.op().result).size() > 1)
            add(nullptr, "", step.op().result, mapped(step.g(), negative), true);
        for (const Mistake& mistake : usual_mistakes()) {
            Wrongs wrongs;
            try {
                mistake.find(step, wrongs);
            } catch (...) {
                continue; // a mistake that cannot be made here
            }
            for (Wrong& wrong : wrongs)
                if (wrong.gradient.shape() == step.input().shape())
                    add(&mistake, std::move(wrong.what), step.variable(),
                        mapped(std::move(wrong.gradient), step.right, std::minus<double>()));
        }
    }

    /** The places whose rules give a part of a value's gradient. */
    Places readers_of(const Variable<double>& value)
    {
        if (readers_of_values_.empty())
            for (const Place& place : trials_.places())
                if (const KeptOp& op = trials_.ops()[place.op]; place.input < op.inputs.size())
                    readers_of_values_[origin_of(op.inputs[place.input])].insert(place);
        const std::set<Place>& readers = readers_of_values_[origin_of(value)];
        return {readers.begin(), readers.end()};
    }

    void try_proposals(const std::vector<Proposal>& proposals)
    {
        std::optional<std::pair<Place, Gradients>> dropped; // the change if the place's path ends
        for (const Proposal& proposal : proposals) {
            if (!budget_.spend())
                return;
            const Gradients change = trials_.change(proposal.value, proposal.change, taken_);
            if (!proposal.mistake) {
                try_path(proposal, change);
                if (!proposal.is_cut)
                    dropped = {proposal.place, change};
                continue;
            }
            const bool only_drops = std::string_view(proposal.mistake->section) != "missing-penalty" && dropped &&
                                    dropped->first == proposal.place && has_same_effect(rows_, change, dropped->second);
            if (only_drops) // the path is missing: no more can be said
                continue;
            if (auto found = explained_by(change))
                add(*found, {proposal.mistake, proposal.what}, {proposal.place}, "");
        }
    }

    /** The change that a path makes if it counts another number of times. */
    void try_path(const Proposal& proposal, const Gradients& change)
    {
        double dot = 0, square = 0;
        for (const std::size_t i : open_) {
            const double size = std::max(largest_of(rows_.by_hand[i]), largest_of(rows_.right[i]));
            for (std::size_t k = 0; k < change[i].size() && size > 0; ++k) {
                const double part = change[i].data()[k] / size;
                dot += part * (rows_.by_hand[i].data()[k] - rows_.right[i].data()[k]) / size;
                square += part * part;
            }
        }
        const double fitted = 1 - dot / square;
        for (const double factor : {0.0, -1.0, fitted}) {
            const bool is_reason = is_simple(factor) || !known_number(factor).empty();
            if (!std::isfinite(factor) || std::abs(factor - 1) < 1e-6 || !is_reason)
                continue;
            auto found = explained_by(scaled(change, 1 - factor));
            if (!found)
                continue;
            found->is_path = true;
            found->factor = factor;
            found->section = factor == 0 ? "missing-path" : "factor";
            found->is_whole = true;
            for (const std::size_t i : found->explained)
                found->is_whole = found->is_whole &&
                                  rows_.are_equal(i, mapped(change[i], [](double x) { return -x; }), rows_.right[i]);
            found->trial.places = proposal.is_cut ? readers_of(proposal.value) : Places{proposal.place};
            found->trial.rule = [factor](const Step& step) {
                return std::optional(mapped(step.right, [&](double x) { return factor * x; }));
            };
            if (proposal.is_cut)
                found->words = fmt::format("no gradient comes back to {}", wording_.value(proposal.value));
            if (factor == 0 || !proposal.is_cut)
                findings_.push_back(std::move(*found));
            return;
        }
    }

    /** Tries the same mistake at several places at once: at all ops of a name, of a layer, or that read a value. */
    void try_groups(bool partly)
    {
        for (const auto& [kind, all] : possible_) {
            std::map<std::string, Places> groups;
            for (const Place& place : all)
                for (const std::string& label : labels(place))
                    groups[label].push_back(place);
            std::map<Places, std::string> named; // each group with a name that fits
            for (const auto& [label, places] : groups)
                if (std::string& name = named[places]; places.size() > 1 && name.empty() && !is_too_wide(label, places))
                    name = label;
            for (const auto& [places, label] : named) {
                if (places.size() < (kind.first ? 2U : 3U)) // two paths are tried in pairs
                    continue;
                std::vector<bool> behind(rows_.states.size());
                for (const Place& place : places)
                    for (std::size_t i = 0; i < behind.size(); ++i)
                        behind[i] = behind[i] || trials_.behind(place)[i];
                const bool all_open = std::all_of(open_.begin(), open_.end(), [&](std::size_t i) { return behind[i]; });
                if ((!all_open && !partly) || !tried_[kind].insert(places).second)
                    continue;
                if (!budget_.spend())
                    return;
                Taken wrong = taken_;
                wrong.push_back(trial_of(kind, places));
                Gradients change = trials_.gradients(wrong);
                for (std::size_t i = 0; i < change.size(); ++i)
                    change[i] = mapped(std::move(change[i]), rows_.right[i], std::minus<double>());
                if (auto found = explained_by(change))
                    add(*found, kind, places, label);
            }
        }
    }

    /** Returns whether a name stands for other ops, too, those before gradients that agree. */
    bool is_too_wide(const std::string& label, const Places& places)
    {
        if (of_labels_.empty())
            for (const Place& place : trials_.places())
                for (const std::string& each : labels(place))
                    of_labels_[each].push_back(place);
        const Places& all = of_labels_[label];
        return std::any_of(all.begin(), all.end(), [&](const Place& place) {
            return std::find(places.begin(), places.end(), place) == places.end() &&
                   reaches(trials_.behind(place), Rows::fixed);
        });
    }

    /** The groups that a place belongs to, in words. */
    std::vector<std::string> labels(const Place& place) const
    {
        const KeptOp& op = trials_.ops()[place.op];
        std::vector<std::string> labels = {"every " + op.name};
        if (const std::string layer = wording_.layer(place.op); !layer.empty())
            labels.push_back(fmt::format("every {} {}", op.name, layer));
        for (const Variable<double>& input : op.inputs)
            if (input.is_leaf())
                labels.push_back(fmt::format("every {} that reads {}", op.name, wording_.expression(input)));
        const auto maker = [&](const Variable<double>& input) {
            return trials_.is_recorded(input) ? trials_.ops()[origin_of(input).index].name : std::string();
        };
        if (const std::string made_by = maker(op.inputs[place.input]); !made_by.empty()) {
            labels.push_back(fmt::format("every {} that reads {} as input {}", op.name, made_by, place.input));
            if (op.inputs.size() == 2)
                if (const std::string other = maker(op.inputs[1 - place.input]); !other.empty())
                    labels.push_back(fmt::format("{} beside {}", labels.back(), other));
        }
        return labels;
    }

    static Trial trial_of(const Kind& kind, Places places)
    {
        const auto [mistake, what] = kind;
        if (!mistake)
            return {std::move(places),
                    [](const Step& step) { return std::optional(Array<double>(step.input().shape(), 0.0)); }};
        return {std::move(places), [mistake = mistake, what = what](const Step& step) -> std::optional<Array<double>> {
                    Wrongs wrongs;
                    mistake->find(step, wrongs);
                    for (Wrong& wrong : wrongs)
                        if (wrong.what == what)
                            return std::move(wrong.gradient);
                    return std::nullopt;
                }};
    }

    void add(Finding found, const Kind& kind, const Places& places, const std::string& label)
    {
        const auto& [mistake, what] = kind;
        const KeptOp& op = trials_.ops()[places.front().op];
        std::string where = label;
        for (std::size_t k = 0; k < std::min<std::size_t>(places.size(), 4) && label.empty(); ++k)
            where += (k == 0 ? "" : "; and ") + (k == 3 ? "…" : wording_.description(places[k].op));
        found.trial = trial_of(kind, places);
        if (mistake) {
            found.section = mistake->section;
            found.general = mistake->general;
            found.what = what;
            found.rank = static_cast<std::size_t>(mistake - usual_mistakes().data());
            found.words = fmt::format(fmt::runtime(mistake->words), fmt::arg("place", where), fmt::arg("what", what),
                                      fmt::arg("input", wording_.expression(op.inputs[places.front().input])));
        } else {
            found.is_path = true;
            found.section = "missing-path";
            found.words = fmt::format("a path is missing: no gradient goes from {} to {}", where,
                                      wording_.value(op.inputs[places.front().input]));
        }
        findings_.push_back(std::move(found));
    }

    /** The rows that a change of the gradients explains; nothing if it contradicts one. */
    std::optional<Finding> explained_by(const Gradients& change) const
    {
        Finding found;
        bool is_zero = true;
        for (std::size_t i = 0; i < rows_.states.size(); ++i) {
            if (rows_.states[i] == Rows::ignored)
                continue;
            const double effect = largest_of(change[i]);
            if (!std::isfinite(effect) || (rows_.states[i] == Rows::fixed && effect > rows_.allowed[i]))
                return std::nullopt;
            if (rows_.states[i] != Rows::open)
                continue;
            if (!rows_.are_equal(i, mapped(change[i], rows_.right[i], std::plus<double>()), rows_.by_hand[i])) {
                found.touches = found.touches || effect > rows_.allowed[i];
                continue;
            }
            found.explained.push_back(i);
            is_zero = is_zero && largest_of(rows_.by_hand[i]) <= rows_.allowed[i]; // 0 follows from too much
            for (std::size_t k = 0; k < change[i].size(); ++k)
                found.evidence += std::abs(change[i].data()[k]) > rows_.allowed[i] ? 1 : 0;
        }
        if (found.explained.empty() || is_zero)
            return std::nullopt;
        return found;
    }

    const Trials& trials_;
    const Wording& wording_;
    const Rows& rows_;
    const Taken& taken_;
    Budget& budget_;
    std::vector<std::size_t> open_, readers_;
    std::set<std::size_t> seen_; // the ops whose results were cut
    std::map<Origin, std::set<Place>> readers_of_values_;
    std::map<std::string, Places> of_labels_;
    std::map<Kind, std::set<Place>> possible_;
    std::map<Kind, std::set<Places>> tried_;
    std::vector<Finding> findings_;
};

} // namespace

std::vector<Finding> find_mistakes(const Trials& trials, const Wording& wording, const Rows& rows, const Taken& taken,
                                   Budget& budget)
{
    return Search(trials, wording, rows, taken, budget).run();
}

} // namespace xgrad::detail
