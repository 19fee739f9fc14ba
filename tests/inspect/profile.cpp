#include "threads.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/workers.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/inspect/profile.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

using namespace xgrad;
using nlohmann::json;

namespace
{

/** The cost of an op in a direction; no calls if it is not there. */
OpCost cost_of(const Profile& profile, const std::string& op, bool backward)
{
    const std::vector<OpCost> costs = profile.costs();
    const auto found = std::find_if(costs.begin(), costs.end(),
                                    [&](const OpCost& each) { return each.op == op && each.backward == backward; });
    return found == costs.end() ? OpCost{} : *found;
}

json trace_of(const Profile& profile)
{
    std::ostringstream text;
    profile.write_trace(text);
    return json::parse(text.str())["traceEvents"];
}

} // namespace

TEST_CASE("profile: calls, FLOP and bytes of ops forward and backward")
{
    const auto x = constant(Array<float>(Shape{2, 3, 8, 8}, 1.0f));
    const auto w = variable(Array<float>(Shape{4, 3, 3, 3}, 0.5f));
    const auto v = variable(Array<float>(Shape{144, 10}, 0.1f));
    const Profile profile;
    Tape tape;
    const auto y = matmul(reshape(tanh(correlate2d(x, w)), {2, 144}), v);
    (void)tape.gradient(sum(y), {w, v});

    const OpCost forward = cost_of(profile, "correlate2d", false), backward = cost_of(profile, "correlate2d", true);
    const double products = 2.0 * 2 * 4 * 6 * 6 * 3 * 3 * 3;
    CHECK(forward.calls == 1);
    CHECK(forward.flop == products);
    CHECK(forward.bytes == 4.0 * (2 * 3 * 8 * 8 + 4 * 3 * 3 * 3 + 2 * 4 * 6 * 6));
    CHECK(backward.calls == 1); // as the image needs no gradient
    CHECK(backward.flop == products);
    CHECK(cost_of(profile, "matmul", false).flop == 2.0 * 2 * 144 * 10);
    CHECK(cost_of(profile, "matmul", true).flop == 2 * 2.0 * 2 * 144 * 10);
    CHECK(cost_of(profile, "matmul", true).calls == 2);
    CHECK(cost_of(profile, "tanh", false).flop == 2 * 144);
    CHECK(cost_of(profile, "reshape", false).flop == 0);
    for (const OpCost& each : profile.costs())
        CHECK(each.seconds >= 0);

    const std::string table = to_string(profile, 3);
    CHECK(std::count(table.begin(), table.end(), '\n') == 1 + 3 + 1); // the head and "and … others"
}

TEST_CASE("profile: the trace is JSON, and an op of a rule lies inside of it")
{
    const auto w = variable(Array<double>(Shape{5, 5}, 0.5));
    const Profile profile;
    Tape tape;
    (void)tape.gradient(sum(tanh(matmul(w, w))), w);

    json rule, op;
    for (const json& event : trace_of(profile)) {
        if (event["ph"] != "X")
            continue;
        CHECK(event["args"].contains("chunk"));
        if (event["name"] == "tanh (rule)")
            rule = event;
        if (event["name"] == "tanh_gradient")
            op = event;
    }
    REQUIRE(rule.is_object());
    REQUIRE(op.is_object());
    CHECK(rule["cat"] == "backward");
    CHECK(op["cat"] == "backward");
    CHECK(op["args"]["shape"] == "(5,5)");
    CHECK(op["args"]["FLOP"] == 25);
    const double rounding = 0.002; // microseconds
    CHECK(op["ts"].get<double>() >= rule["ts"].get<double>() - rounding);
    CHECK(op["ts"].get<double>() + op["dur"].get<double>() <=
          rule["ts"].get<double>() + rule["dur"].get<double>() + rounding);
}

TEST_CASE("profile: chunks on several threads")
{
    const test::Threads set(2);
    const Parameters<float> parameters = {{"w", variable(Array<float>(Shape{20, 20}, 0.5f))}};
    const Array<float> x(Shape{64, 20}, 1.0f);
    const Profile profile;
    for (int step = 0; step < 20; ++step)
        (void)value_and_gradient(parameters, x, x, [&](const Variable<float>& a, const Variable<float>& b) {
            return squared_error(matmul(a, parameters[0]), b);
        });
    CHECK(cost_of(profile, "matmul", false).calls == 20 * 4);
    std::set<int> chunks;
    std::map<int, std::map<double, double>> rows; // when ops began and ended, by thread
    for (const json& event : trace_of(profile))
        if (event["ph"] == "X" && event["name"] == "matmul") {
            chunks.insert(event["args"]["chunk"].get<int>());
            const double begin = event["ts"].get<double>();
            rows[event["tid"].get<int>()][begin] = begin + event["dur"].get<double>();
        }
    CHECK(chunks == std::set<int>{0, 1, 2, 3});
    CHECK(!rows.empty());
    for (const auto& [number, ops] : rows) // a thread does one thing at a time
        for (auto op = ops.begin(); std::next(op) != ops.end(); ++op)
            CHECK(op->second <= std::next(op)->first + 0.01);
}

TEST_CASE("profile: the trace is bounded, the costs are not; there is one profile at a time")
{
    const auto x = constant<double>({1, 2});
    {
        const Profile profile(3);
        for (int i = 0; i < 10; ++i)
            (void)tanh(x);
        CHECK(cost_of(profile, "tanh", false).calls == 10);
        const json events = trace_of(profile);
        CHECK(std::count_if(events.begin(), events.end(), [](const json& event) { return event["ph"] == "X"; }) == 3);
        CHECK_THROWS_AS(Profile(), Error);
        (void)tanh(x);
        CHECK(cost_of(profile, "tanh", false).calls == 11); // the profile that was refused has not taken over
    }
    (void)tanh(x);
    const Profile next;
    CHECK(next.costs().empty());
}
