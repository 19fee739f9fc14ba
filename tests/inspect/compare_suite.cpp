// The suite for comparisons: what is right is never called wrong, nothing throws, mistakes are named, and no reason is
// given that is none. XGRAD_COMPARE_SUITE=all runs all seeds and all pairs and prints a table; =verbose prints more.
#include "compare_suite.hpp"

#include "files.hpp"
#include "long.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>

namespace xgrad::test::suite
{

// The pass

namespace
{

struct Keeper : Observer
{
    explicit Keeper(std::vector<Op>& ops) : ops(ops) {}

    void op(OpCall& call) override
    {
        std::vector<AnyVariable> inputs;
        for (std::size_t i = 0; i < call.inputs(); ++i)
            inputs.push_back(call.input(i));
        call.run();
        if (!call.result().requires_gradient())
            return;
        const std::size_t place = detail::origin_of(call.result()).index;
        ops.resize(std::max(ops.size(), place + 1));
        ops[place] = {call.name(), inputs, call.result(), call.attributes()};
    }
    std::vector<Op>& ops;
};

struct Planter : Observer
{
    Planter(const std::vector<Op>& ops, std::function<std::optional<V>(const Rule&)> f) : ops(ops), f(std::move(f)) {}

    AnyVariable rule(RuleCall& call) override
    {
        const auto right = [&](const V& g) { return V(call.run(AnyVariable(g))); };
        const auto wrong = f({ops, call.result().index, call.position(), V(call.upstream()), right});
        return wrong ? AnyVariable(*wrong) : call.run();
    }
    const std::vector<Op>& ops;
    std::function<std::optional<V>(const Rule&)> f;
};

} // namespace

std::string Rule::maker(std::size_t input) const
{
    if (input >= op().inputs.size())
        return "";
    const detail::Origin origin = detail::origin_of(op().inputs[input]);
    return origin.tape > detail::Origin::leaf ? ops[origin.index].name : "";
}

Backprop::Backprop(const Net& net) : net_(net)
{
    Keeper keeper(ops_);
    const Observing observing(keeper);
    loss_ = net.loss();
}

Gradients Backprop::gradients(const WrongRule& wrong)
{
    Planter planter(ops_, [&](const Rule& rule) { return wrong ? wrong(rule) : std::nullopt; });
    const Observing observing(planter);
    Gradients all;
    for (const V& gradient : tape_.gradient(loss_, net_.parameters, {.keep_tape = true, .unused_is_zero = true}))
        all.push_back(gradient.value());
    return all;
}

Gradients Backprop::gradients(const WrongRule& wrong, const std::vector<Spot>& at)
{
    return gradients([&](const Rule& rule) -> std::optional<V> {
        return std::find(at.begin(), at.end(), Spot(rule.place, rule.position)) != at.end() ? wrong(rule)
                                                                                            : std::nullopt;
    });
}

std::vector<Spot> Backprop::spots(const WrongRule& wrong)
{
    std::vector<Spot> found;
    gradients([&](const Rule& rule) -> std::optional<V> {
        const auto other = wrong(rule);
        if (other && !are_equal(other->value(), rule.right(rule.g).value()))
            found.emplace_back(rule.place, rule.position);
        return std::nullopt;
    });
    return found;
}

bool are_equal(const A& a, const A& b, double tolerance)
{
    if (a.shape() != b.shape())
        return false;
    double size = 1e-300;
    for (const double value : b)
        size = std::max(size, std::abs(value));
    for (std::size_t i = 0; i < a.size(); ++i)
        if (std::abs(a.data()[i] - b.data()[i]) > tolerance * size)
            return false;
    return true;
}

namespace
{

struct Planting
{
    const Kind* kind = nullptr;
    Gradients gradients = {};
};

/** Plants a kind somewhere; nothing if it cannot be, or if it changes nothing. */
std::optional<Planting> plant(const Kind& kind, const Net& net, Random& random)
{
    Backprop pass(net);
    const Gradients right = pass.gradients();
    Gradients wrong = right;
    if (kind.rule) {
        const auto at = kind.rule(pass, random);
        if (!at)
            return std::nullopt;
        wrong = pass.gradients(at->first, at->second);
    } else {
        std::vector<std::size_t> order(right.size());
        for (std::size_t i = 0; i < order.size(); ++i)
            order[i] = i;
        for (std::size_t i = order.size(); i > 1; --i)
            std::swap(order[i - 1], order[random.below(i)]);
        for (const std::size_t i : order) {
            double largest = 0;
            for (const double value : right[i])
                largest = std::max(largest, std::abs(value));
            const auto row = largest > 1e-10 ? kind.row(right[i], net, i, random) : std::nullopt;
            if (row && !are_equal(*row, right[i])) {
                wrong[i] = *row;
                break;
            }
        }
    }
    bool differs = false;
    for (std::size_t i = 0; i < right.size(); ++i) {
        double largest = 0;
        for (const double value : right[i])
            largest = std::max(largest, std::abs(value));
        differs = differs || (largest > 1e-10 && !are_equal(wrong[i], right[i], 1e-5));
    }
    if (!differs)
        return std::nullopt;
    return Planting{&kind, wrong};
}

bool has_one_of(const std::string& text, const std::vector<std::string>& words)
{
    return std::any_of(words.begin(), words.end(), [&](const std::string& word) { return contains(text, word); });
}

/** Returns whether an explanation states no reason, but at most a fact, such as a factor in numbers. */
bool states_nothing(const std::string& text)
{
    return text.starts_with("no simple explanation") || text == "it is 0 everywhere" ||
           text.starts_with("only some of it differs") || text.starts_with("it follows from") ||
           contains(text, "constant factor") || (text.starts_with("it is ") && contains(text, "times the right one"));
}

struct Score
{
    std::size_t runs = 0, named = 0, silent = 0, other = 0;
};

struct Suite
{
    bool prints =
        std::getenv("XGRAD_COMPARE_SUITE") != nullptr && std::string(std::getenv("XGRAD_COMPARE_SUITE")) == "verbose";
    std::size_t threw = 0;
    double slowest = 0;

    std::optional<Comparison> compared(const Net& net, const Gradients& wrong)
    {
        std::vector<HandwrittenGradient> by_hand;
        for (const A& gradient : wrong)
            by_hand.emplace_back([&gradient] { return gradient; });
        try {
            const auto start = std::chrono::steady_clock::now();
            Comparison result = compare(net.loss, net.parameters, by_hand, {.samples = net.samples});
            slowest =
                std::max(slowest, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
            return result;
        } catch (const std::exception& error) {
            ++threw;
            std::printf("THREW %s: %s\n", net.name.c_str(), error.what());
            return std::nullopt;
        }
    }

    void print(const char* what, const std::string& kind, const Net& net, const Comparison& comparison) const
    {
        if (!prints)
            return;
        std::printf("%s | %s | %s\n", what, kind.c_str(), net.name.c_str());
        for (const TensorComparison& tensor : comparison.tensors)
            std::printf("    %s %s %s\n", tensor.name.c_str(), to_string(tensor.shape).c_str(),
                        tensor.agrees ? "agrees" : (tensor.explanation + tensor.problem).c_str());
    }
};

std::vector<Kind> all_kinds()
{
    std::vector<Kind> all = kinds_in_rules();
    for (Kind& kind : kinds_in_rows())
        all.push_back(std::move(kind));
    return all;
}

std::uint64_t seeds() { return std::getenv("XGRAD_COMPARE_SUITE") ? 4 : 1; }

} // namespace

TEST_CASE("compare suite: a right gradient with another rounding is never called wrong")
{
    Suite suite;
    std::size_t wrong = 0, rows = 0;
    for (std::uint64_t seed = 1; seed <= 5 * seeds(); ++seed)
        for (const Net& net : networks(seed)) {
            Random random(seed);
            Backprop pass(net);
            const Gradients other = pass.gradients([&](const Rule& rule) -> std::optional<V> {
                A g = rule.right(rule.g).value();
                for (double& value : g)
                    value *= 1 + 1e-15 * random.normal();
                return constant(std::move(g));
            });
            Gradients zeros = other;
            for (A& gradient : zeros)
                for (double& value : gradient)
                    value = std::abs(value) < 1e-14 ? 0 : value;
            for (const Gradients& by_hand : {other, zeros}) {
                const auto comparison = suite.compared(net, by_hand);
                REQUIRE(comparison);
                for (const TensorComparison& tensor : comparison->tensors) {
                    ++rows;
                    wrong += tensor.agrees ? 0 : 1;
                    CHECK_MESSAGE(tensor.agrees, net.name, tensor.name, to_string(*comparison));
                }
            }
        }
    CHECK(suite.threw == 0);
    std::printf("compare suite: %zu rows are right, %zu are called wrong\n", rows, wrong);
}

TEST_CASE("compare suite: the kinds of mistakes are named")
{
    Suite suite;
    const std::vector<Kind> kinds = all_kinds();
    std::map<std::string, Score> scores;
    for (std::uint64_t seed = 1; seed <= seeds(); ++seed)
        for (const Net& net : networks(seed))
            for (const Kind& kind : kinds) {
                Random random(seed, static_cast<std::uint64_t>(&kind - kinds.data()));
                const auto planted = plant(kind, net, random);
                const auto comparison = planted ? suite.compared(net, planted->gradients) : std::nullopt;
                if (!comparison)
                    continue;
                Score& score = scores[kind.name];
                bool named = true, other = false;
                for (const TensorComparison& tensor : comparison->tensors) {
                    const bool is_named = tensor.agrees || tensor.explanation == "it is 0 everywhere" ||
                                          has_one_of(tensor.explanation, kind.words);
                    named = named && is_named;
                    other = other || (!is_named && !states_nothing(tensor.explanation));
                }
                ++score.runs;
                score.named += named ? 1 : 0;
                score.other += other ? 1 : 0;
                score.silent += !named && !other ? 1 : 0;
                if (!named)
                    suite.print(other ? "OTHER" : "SILENT", kind.name, net, *comparison);
            }
    double mean = 0;
    std::size_t runs = 0;
    for (const auto& [name, score] : scores) {
        mean += static_cast<double>(score.named) / static_cast<double>(score.runs) / static_cast<double>(scores.size());
        runs += score.runs;
        if (seeds() > 1 || score.named < score.runs)
            std::printf("  %-36s %3zu runs, %3zu named, %zu not found, %zu with another reason\n", name.c_str(),
                        score.runs, score.named, score.silent, score.other);
    }
    std::printf("compare suite: %zu kinds in %zu runs, %.1f %% named (mean over the kinds), slowest %.2f s\n",
                scores.size(), runs, 100 * mean, suite.slowest);
    CHECK(suite.threw == 0);
    CHECK(scores.size() >= 60);
    CHECK(mean >= 0.97);
}

TEST_CASE("compare suite: mistakes of no kind have no reason" * test::is_long)
{
    Suite suite;
    std::size_t runs = 0, falsely = 0;
    for (std::uint64_t seed = 1; seed <= 8 * seeds() * seeds(); ++seed)
        for (const Net& net : networks(seed))
            for (const Kind& kind : unlisted_kinds()) {
                Random random(seed, 77);
                const auto planted = plant(kind, net, random);
                const auto comparison = planted ? suite.compared(net, planted->gradients) : std::nullopt;
                if (!comparison)
                    continue;
                ++runs;
                bool states = false;
                for (const TensorComparison& tensor : comparison->tensors)
                    states = states || (!tensor.agrees && !states_nothing(tensor.explanation));
                falsely += states ? 1 : 0;
                if (states)
                    suite.print("FALSE", kind.name, net, *comparison);
            }
    std::printf("compare suite: %zu mistakes of no kind, %zu with a reason, slowest %.2f s\n", runs, falsely,
                suite.slowest);
    CHECK(suite.threw == 0);
    CHECK(static_cast<double>(falsely) <= 0.002 * static_cast<double>(runs));
}

TEST_CASE("compare suite: of two mistakes none is taken for a third")
{
    Suite suite;
    const std::vector<Kind> kinds = all_kinds();
    const std::size_t pairs = seeds() > 1 ? 1000 : 60;
    std::size_t runs = 0, falsely = 0, both = 0;
    for (std::uint64_t draw = 0; runs < pairs; ++draw) {
        Random random(draw, 5);
        const std::vector<Net> nets = networks(1 + draw % 50);
        const Net& net = nets[random.below(nets.size())];
        const Kind &one = kinds[random.below(kinds.size())], &two = kinds[random.below(kinds.size())];
        if (!one.rule)
            continue;
        Backprop pass(net);
        const auto first = one.rule(pass, random);
        const auto second = first && two.rule ? two.rule(pass, random) : std::nullopt;
        const auto is_of_first = [&](const Spot& spot) {
            return std::find(first->second.begin(), first->second.end(), spot) != first->second.end();
        };
        if (!first || (two.rule && !second) ||
            (second && std::any_of(second->second.begin(), second->second.end(), is_of_first)))
            continue;
        const Gradients right = pass.gradients(), after_one = pass.gradients(first->first, first->second);
        Gradients wrong = after_one;
        if (second)
            wrong = pass.gradients([&](const Rule& rule) -> std::optional<V> {
                for (const auto& each : {*first, *second})
                    if (std::find(each.second.begin(), each.second.end(), Spot(rule.place, rule.position)) !=
                        each.second.end())
                        return each.first(rule);
                return std::nullopt;
            });
        else {
            const std::size_t i = random.below(right.size());
            if (const auto row = two.row(after_one[i], net, i, random))
                wrong[i] = *row;
        }
        bool differs = false, differ_two = false;
        for (std::size_t i = 0; i < right.size(); ++i) {
            differs = differs || !are_equal(after_one[i], right[i], 1e-5);
            differ_two = differ_two || !are_equal(after_one[i], wrong[i], 1e-5);
        }
        const auto comparison = differs && differ_two ? suite.compared(net, wrong) : std::nullopt;
        if (!comparison)
            continue;
        ++runs;
        bool is_false = false, has_one = false, has_two = false;
        for (const TensorComparison& tensor : comparison->tensors) {
            if (tensor.agrees)
                continue;
            const bool is_one = has_one_of(tensor.explanation, one.words),
                       is_two = has_one_of(tensor.explanation, two.words);
            has_one = has_one || is_one;
            has_two = has_two || is_two;
            is_false = is_false || (!is_one && !is_two && !states_nothing(tensor.explanation));
        }
        falsely += is_false ? 1 : 0;
        both += has_one && has_two ? 1 : 0;
        if (is_false || !(has_one && has_two))
            suite.print(is_false ? "FALSE PAIR" : "PAIR", one.name + " + " + two.name, net, *comparison);
    }
    std::printf("compare suite: %zu pairs of mistakes, both named in %zu, %zu with another reason, slowest %.2f s\n",
                runs, both, falsely, suite.slowest);
    CHECK(suite.threw == 0);
    CHECK(falsely == 0);
}

} // namespace xgrad::test::suite
