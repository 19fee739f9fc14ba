// The problems of the explorer: the right formulas agree with autodiff, the wrong ones are explained.

#include "files.hpp"
#include "page.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** The gradient that a formula of a problem gives. */
Array<double> computed(Page& page, const Json& problem, const std::string& formula)
{
    page.ask("problems"); // whose arrays are read below
    std::map<std::string, Array<double>> given;
    for (const Json& each : problem["given"])
        given[each["name"]] = page.read(each["value"]);
    Json arrays = Json::array();
    for (const auto& [name, array] : given)
        arrays.push_back({{"name", name}, {"value", page.array(array)}});
    const Json answer = page.ask("evaluate", {{"formula", formula}, {"given", arrays}});
    return page.read(answer["value"]);
}

Json checked(Page& page, const Json& problem, const Array<double>& gradient)
{
    const Json array = page.array(gradient);
    return page.ask("check", {{"problem", problem["id"]}, {"gradient", array}});
}

} // namespace

TEST_CASE("explorer: the right formula of each problem agrees with autodiff")
{
    Page page;
    std::set<std::string> ids;
    const Json problems = page.ask("problems")["problems"];
    for (const Json& problem : problems) {
        CAPTURE(problem["id"].get<std::string>());
        CHECK(ids.insert(problem["id"]).second);
        const Json result = checked(page, problem, computed(page, problem, problem["right"]));
        CHECK(result["agrees"] == true);
        CHECK(result["rows"].size() == 1);
    }
    CHECK(ids.size() >= 35);
}

TEST_CASE("explorer: the start of each puzzle is wrong, and its mistake is named")
{
    Page page;
    std::set<std::string> mistakes;
    const Json problems = page.ask("problems")["problems"];
    for (const Json& problem : problems) {
        const std::string start = problem["start"], mistake = problem["mistake"];
        CHECK(start.empty() == mistake.empty());
        if (start.empty())
            continue;
        CAPTURE(problem["id"].get<std::string>());
        const Json row = checked(page, problem, computed(page, problem, start))["rows"][0];
        CAPTURE(row["explanation"].get<std::string>());
        CAPTURE(row["problem"].get<std::string>());
        CHECK(row["agrees"] == false);
        CHECK(row["page"] == "docs/mistakes.md#" + mistake);
        mistakes.insert(mistake);
    }
    CHECK(mistakes.size() >= 15);
}

TEST_CASE("explorer: gradients of another shape or with NaN are told, not compared")
{
    Page page;
    const Json problems = page.ask("problems")["problems"];
    const Json kernel =
        *std::find_if(problems.begin(), problems.end(), [](const Json& each) { return each["id"] == "convolution-k"; });
    CHECK(kernel["wanted"]["shape"] == Json{3, 3});
    const Json other = checked(page, kernel, Array<double>({2, 2}, 1.0))["rows"][0];
    CHECK(contains(other["problem"].get<std::string>(), "shape"));
    const Json nan = checked(page, kernel, Array<double>({3, 3}, std::nan("")))["rows"][0];
    CHECK(nan["agrees"] == false);
    CHECK_FALSE(nan["problem"].get<std::string>().empty());
    CHECK(contains(page.error("check", {{"problem", "none"}, {"gradient", page.array(Array<double>({1}, 0.0))}}),
                   "no problem 'none'"));
}
