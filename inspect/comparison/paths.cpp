// Paths of a backward pass that are missing, or count a wrong number of times: their chains in words, and two at once.
#include <xgrad/inspect/comparison/arrangement.hpp>
#include <xgrad/inspect/comparison/factors.hpp>
#include <xgrad/inspect/comparison/search.hpp>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace xgrad::detail
{

namespace
{

using Chain = std::vector<Place>; // the one nearest to the loss first

/** The places as chains: each continues where the one before it ends. */
std::vector<Chain> chains_of(std::vector<Place> places, const Trials& trials)
{
    std::sort(places.begin(), places.end(), std::greater<Place>());
    std::vector<Chain> chains;
    for (const Place& place : places) {
        const auto continues = [&](const Chain& chain) {
            const Variable<double>& end = trials.ops()[chain.back().op].inputs[chain.back().input];
            return trials.is_recorded(end) && origin_of(end).index == place.op;
        };
        const auto chain = std::find_if(chains.begin(), chains.end(), continues);
        if (chain != chains.end())
            chain->push_back(place);
        else
            chains.push_back({place});
    }
    return chains;
}

/** The part of a norm that a chain goes through, if it is one. */
std::string part_of_norm(const Chain& chain, const Trials& trials)
{
    bool squares = false, reduces = false, is_difference = false, is_root = false;
    for (const Place& place : chain) {
        const KeptOp& op = trials.ops()[place.op];
        squares =
            squares || op.name == "square" ||
            (op.name == "multiply" && op.inputs.size() == 2 && origin_of(op.inputs[0]) == origin_of(op.inputs[1]));
        reduces = reduces || op.name == "sum";
        is_root = is_root || op.name == "sqrt" || op.name == "pow";
        is_difference = is_difference || (op.name == "subtract" && place.input == 1);
    }
    if (squares && reduces && is_root)
        return ", the path through the variance";
    if (!squares && reduces && is_difference)
        return ", the path through the mean";
    return "";
}

std::string in_words(const Chain& chain, const Trials& trials, const Wording& wording)
{
    std::vector<std::string> through;
    for (std::size_t k = 1; k < chain.size(); ++k)
        through.push_back(trials.ops()[chain[k].op].name);
    const std::size_t shown = std::min<std::size_t>(through.size(), 6);
    return fmt::format(
        "from {}{}{}{} back to {}{}", wording.description(chain.front().op), through.empty() ? "" : ", through ",
        fmt::join(through.begin(), through.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
        shown < through.size() ? ", …"
        : through.empty()      ? ""
                               : ",",
        wording.value(trials.ops()[chain.back().op].inputs[chain.back().input]), part_of_norm(chain, trials));
}

} // namespace

std::vector<Finding> as_chains(std::vector<Finding> paths, const Trials& trials, const Wording& wording)
{
    std::vector<Finding> found;
    while (!paths.empty()) {
        if (!paths.front().words.empty()) { // several places, which have their words
            found.push_back(std::move(paths.front()));
            paths.erase(paths.begin());
            continue;
        }
        const Finding first = paths.front();
        std::vector<Place> places;
        std::erase_if(paths, [&](const Finding& path) {
            const bool is_alike = path.words.empty() && path.explained == first.explained &&
                                  std::abs(path.factor - first.factor) < 1e-6 && path.is_whole == first.is_whole;
            if (is_alike)
                places.push_back(path.trial.places.front());
            return is_alike;
        });
        for (const Chain& chain : chains_of(places, trials)) {
            Finding path = first;
            path.trial.places = {chain.front()};
            const std::string where = in_words(chain, trials, wording);
            path.words = first.factor == 0 ? fmt::format("a path is missing: {}", where)
                         : std::abs(first.factor + 1) < 1e-6
                             ? fmt::format("the sign of a path is wrong: {}", where)
                             : fmt::format("a path counts {}: {}", times_in_words(first.factor), where);
            found.push_back(std::move(path));
        }
    }
    return found;
}

std::vector<Finding> find_two_paths(const Trials& trials, const Wording& wording, const Rows& rows, const Taken& taken,
                                    Budget& budget)
{
    struct Path
    {
        std::vector<Place> places;
        Trials::Gradients change;
    };
    const std::vector<std::size_t> open = rows.all_open();
    std::vector<Place> places = trials.places();
    std::erase_if(places, [&](const Place& place) {
        const std::vector<bool>& behind = trials.behind(place);
        return std::none_of(open.begin(), open.end(), [&](std::size_t i) { return behind[i]; });
    });
    if (places.size() > 200)
        return {};
    std::sort(places.begin(), places.end());
    std::vector<std::pair<Place, Array<double>>> ends;
    trials.visit(places, taken, [&](const Step& step) {
        ends.emplace_back(Place{static_cast<std::size_t>(step.call.result().index), step.position()},
                          mapped(step.right, [](double x) { return -x; }));
    });
    std::vector<Path> paths; // those with different effects
    for (auto& [place, end] : ends) {
        if (!budget.spend())
            return {};
        Trials::Gradients change = trials.change(trials.ops()[place.op].inputs[place.input], end, taken);
        const bool is_whole = std::all_of(open.begin(), open.end(), [&](std::size_t i) {
            return rows.are_equal(i, mapped(change[i], [](double x) { return -x; }), rows.right[i]);
        });
        const auto same = std::find_if(paths.begin(), paths.end(),
                                       [&](const Path& path) { return has_same_effect(rows, change, path.change); });
        if (is_whole)
            continue;
        if (same != paths.end())
            same->places.push_back(place);
        else
            paths.push_back({{place}, std::move(change)});
    }
    for (std::size_t a = 0; a < paths.size() && paths.size() <= 40; ++a)
        for (std::size_t b = 0; b < a; ++b) {
            if (!budget.spend())
                return {};
            std::vector<Place> both = {paths[a].places.front(), paths[b].places.front()};
            std::sort(both.begin(), both.end());
            Finding found;
            found.trial = {both,
                           [](const Step& step) { return std::optional(Array<double>(step.input().shape(), 0.0)); }};
            Taken wrong = taken;
            wrong.push_back(found.trial);
            const Trials::Gradients gradients = trials.gradients(wrong);
            bool explains = true, is_zero = true;
            for (std::size_t i = 0; i < rows.states.size() && explains; ++i) {
                if (rows.states[i] == Rows::ignored)
                    continue;
                const bool is_open = rows.states[i] == Rows::open;
                explains = rows.are_equal(i, gradients[i], is_open ? rows.by_hand[i] : rows.right[i]);
                if (is_open && largest_of(rows.by_hand[i]) > rows.allowed[i])
                    is_zero = false;
                if (is_open)
                    found.evidence += rows.by_hand[i].size();
            }
            if (!explains || is_zero || found.evidence < 4)
                continue;
            found.is_path = true;
            found.section = "missing-path";
            found.explained = open;
            found.words = fmt::format("two paths are missing: {}; and {}",
                                      in_words(chains_of(paths[a].places, trials).front(), trials, wording),
                                      in_words(chains_of(paths[b].places, trials).front(), trials, wording));
            return {found};
        }
    return {};
}

} // namespace xgrad::detail
