#include <xgrad/inspect/comparison/arrangement.hpp>
#include <xgrad/inspect/comparison/uses.hpp>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace xgrad::detail
{

namespace
{

struct Use
{
    Place place;
    Array<double> part; // of the parameter's gradient
};

constexpr std::size_t most_uses = 64;

/** The places that read a parameter, or the only value that is made of it by moving its elements. */
std::vector<Place> places_of_uses(const Trials& trials, std::size_t row)
{
    const std::vector<KeptOp>& ops = trials.ops();
    Variable<double> value = trials.parameters()[row];
    for (;;) {
        std::vector<Place> places;
        for (const Place& place : trials.places())
            if (const KeptOp& op = ops[place.op];
                place.input < op.inputs.size() && origin_of(op.inputs[place.input]) == origin_of(value))
                places.push_back(place);
        std::sort(places.begin(), places.end());
        if (places.size() != 1)
            return places;
        const KeptOp& op = ops[places.front().op];
        if (op.inputs.size() != 1 || op.result.size() != value.size())
            return places;
        value = op.result;
    }
}

std::vector<Use> uses_of(const Trials& trials, const Taken& taken, std::size_t row)
{
    const std::vector<Place> places = places_of_uses(trials, row);
    std::vector<Use> uses;
    if (places.size() < 2 || places.size() > most_uses)
        return uses;
    trials.visit(places, taken, [&](const Step& step) {
        uses.push_back({{static_cast<std::size_t>(step.call.result().index), step.position()}, step.right});
    });
    for (Use& use : uses)
        use.part = trials.change(trials.ops()[use.place.op].inputs[use.place.input], use.part, taken)[row];
    std::sort(uses.begin(), uses.end(), [](const Use& a, const Use& b) { return a.place < b.place; });
    return uses;
}

Array<double> difference(Array<double> a, const Array<double>& b)
{
    return mapped(std::move(a), b, std::minus<double>());
}

/** The number of times that each part counts in a gradient, by least squares; nothing if they do not give it. */
std::vector<double> counts_of(const std::vector<Use>& uses, const Array<double>& by_hand, double allowed)
{
    const std::size_t n = uses.size();
    if (n > most_uses || by_hand.size() < n + 2)
        return {};
    std::vector<std::vector<double>> a(n, std::vector<double>(n + 1)); // the normal equations
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t k = 0; k < by_hand.size(); ++k) {
            for (std::size_t j = 0; j < n; ++j)
                a[i][j] += uses[i].part.data()[k] * uses[j].part.data()[k];
            a[i][n] += uses[i].part.data()[k] * by_hand.data()[k];
        }
    for (std::size_t i = 0; i < n; ++i) {
        std::size_t pivot = i;
        for (std::size_t k = i; k < n; ++k)
            pivot = std::abs(a[k][i]) > std::abs(a[pivot][i]) ? k : pivot;
        std::swap(a[i], a[pivot]);
        if (std::abs(a[i][i]) < 1e-9 * std::abs(a[0][0]))
            return {};
        for (std::size_t k = 0; k < n; ++k)
            for (std::size_t j = n + 1; k != i && j-- > i;)
                a[k][j] -= a[k][i] / a[i][i] * a[i][j];
    }
    std::vector<double> counts(n);
    Array<double> rest = by_hand;
    for (std::size_t i = 0; i < n; ++i) {
        counts[i] = std::round(a[i][n] / a[i][i]);
        rest = mapped(rest, uses[i].part, [&](double x, double part) { return x - counts[i] * part; });
    }
    return largest_of(rest) <= allowed ? counts : std::vector<double>{};
}

Explanation explain_counts(const std::vector<Use>& uses, const Wording& wording, const Array<double>& by_hand,
                           double allowed)
{
    const std::vector<double> counts = counts_of(uses, by_hand, allowed);
    std::vector<std::string> counted, missing;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] != 0 && counts[i] != 1)
            return {};
        (counts[i] == 1 ? counted : missing).push_back(wording.description(uses[i].place.op));
    }
    if (counted.empty() || missing.empty())
        return {};
    const bool few = counted.size() <= missing.size();
    const std::vector<std::string>& named = few ? counted : missing;
    const std::size_t shown = std::min<std::size_t>(named.size(), 4);
    return {fmt::format("of the {} uses of it, {}: {}{}", uses.size(),
                        few ? "only some count, as with an = in place of a +=" : "some do not count",
                        fmt::join(named.begin(), named.begin() + static_cast<std::ptrdiff_t>(shown), "; "),
                        shown < named.size() ? "; …" : ""),
            "missing-path", Explanation::Kind::arrangement};
}

} // namespace

Explanation explain_uses(const Trials& trials, const Wording& wording, const Taken& taken, std::size_t row,
                         const Array<double>& right, const Array<double>& by_hand, const FactorContext& context,
                         double tolerance)
{
    const std::vector<Use> uses = uses_of(trials, taken, row);
    if (uses.size() < 2 || right.shape() != by_hand.shape())
        return {};
    Explanation found;
    const auto note = [&](const Array<double>& part, const std::string& where) {
        if (largest_of(part) <= 1e-9 * largest_of(right))
            return;
        const Array<double> of_hand = difference(by_hand, difference(right, part));
        const double of_part = tolerance * std::min(1.0, largest_of(right) / largest_of(part)); // parts may cancel
        const Explanation answer = explain_arrangement(part, of_hand, context, of_part);
        if (answer.kind != Explanation::Kind::arrangement)
            return;
        const std::string words = fmt::format("in the part of it that comes from {}: {}", where, answer.words);
        found = {found.kind == Explanation::Kind::none ? words : found.words + "; or: " + words, answer.section,
                 answer.kind};
    };
    for (const Use& use : uses)
        note(use.part, wording.description(use.place.op));
    if (uses.size() > 2 && found.kind == Explanation::Kind::none)
        for (const Use& use : uses)
            note(difference(right, use.part), "all uses but " + wording.description(use.place.op));
    if (found.kind == Explanation::Kind::none)
        found = explain_counts(uses, wording, by_hand, tolerance * largest_of(by_hand));
    return found;
}

} // namespace xgrad::detail
