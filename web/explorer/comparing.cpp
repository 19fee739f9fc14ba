#include "comparing.hpp"

#include "apps/held_against.hpp"
#include "problem.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/inspect/comparison/arrangement.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace xgrad::explorer
{

namespace
{

/** A number, or null: JSON has no NaN. */
Json number(double x) { return std::isfinite(x) ? Json(x) : Json(); }

const Problem& problem_named(const std::string& id)
{
    const auto& all = all_problems();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Problem& each) { return each.id == id; });
    if (found == all.end())
        throw Error(fmt::format("[explorer] there is no problem '{}'", id));
    return *found;
}

/** The body of a JavaScript function to begin with: it returns zeros. */
std::string body_to_begin_with(const Problem& problem)
{
    std::string arrays;
    for (const auto& [name, array] : problem.given)
        arrays += fmt::format("{}{} ({})", arrays.empty() ? "" : ", ", name, fmt::join(array.shape(), "×"));
    const Shape shape = problem.given.at(problem.wanted).shape();
    return fmt::format("// {}\n// given: {}\nconst out = zeros({});\n\nreturn out;\n", problem.forward, arrays,
                       fmt::join(shape, ", "));
}

/** The mistakes that need no option. */
std::vector<oracles::Mistake> plain(const oracles::Mistakes& all)
{
    std::vector<oracles::Mistake> some;
    std::copy_if(all.begin(), all.end(), std::back_inserter(some),
                 [](const oracles::Mistake& each) { return each.needs.empty(); });
    return some;
}

constexpr std::uint64_t seed = 1; // the command's

} // namespace

Json json_of(const Comparison& comparison, Answer& answer)
{
    if (!comparison.problem.empty())
        throw Error(comparison.problem);
    Json rows = Json::array();
    for (const TensorComparison& each : comparison.tensors) {
        const bool was_computed = each.by_hand.size() > 0 || each.automatic.size() == 0;
        rows.push_back({{"name", each.name},
                        {"shape", extents(each.shape)},
                        {"agrees", each.agrees},
                        {"explanation", each.explanation},
                        {"page", each.page},
                        {"relative", number(each.largest_relative)},
                        {"first", detail::index_of(each.first, each.shape)},
                        {"autodiff", number(each.autodiff)},
                        {"handwritten", number(each.handwritten)},
                        {"finite_difference", number(each.finite_difference)},
                        {"at_kink", each.at_kink},
                        {"problem", each.problem},
                        {"automatic", answer.add(each.automatic)},
                        {"by_hand", was_computed ? answer.add(each.by_hand) : Json()}});
    }
    return {{"agrees", comparison.agrees()}, {"rows", rows}, {"text", to_string(comparison)}};
}

Json problems(Answer& answer)
{
    Json all = Json::array();
    for (const Problem& problem : all_problems()) {
        Json given = Json::array();
        for (const auto& [name, array] : problem.given)
            given.push_back({{"name", name}, {"value", answer.add(array)}});
        const Shape& shape = problem.given.at(problem.wanted).shape();
        all.push_back({{"id", problem.id},
                       {"level", problem.level},
                       {"title", problem.layer},
                       {"forward", problem.forward},
                       {"right", problem.right},
                       {"start", problem.start},
                       {"start_js", body_to_begin_with(problem)},
                       {"given", given},
                       {"wanted", {{"name", problem.wanted}, {"shape", extents(shape)}}},
                       {"mistake", problem.mistake}});
    }
    return all;
}

Json check(const std::string& id, const Array<double>& gradient, Answer& answer)
{
    const Problem& problem = problem_named(id);
    Array<double> given = gradient;
    if (gradient.size() == 1 && problem.given.at(problem.wanted).size() == 1) // a number for a 1×1 matrix
        given.reshape(problem.given.at(problem.wanted).shape());
    const Variable<double> wanted = variable(Array<double>(problem.given.at(problem.wanted)));
    return json_of(xgrad::compare([&] { return problem.loss(wanted); }, {{problem.wanted, wanted}},
                                  {[&] { return given; }}, {.samples = problem.samples}),
                   answer);
}

Json mistakes(const std::string& model)
{
    Json all = Json::array();
    for (const oracles::Mistake& each : plain(command::make_handwritten(model, seed, {}).mistakes))
        all.push_back({{"name", each.name}, {"step", each.step}, {"what", each.what}});
    return all;
}

Json plant(const std::string& model, const std::string& name, const Images& images, std::size_t samples, Answer& answer)
{
    command::Handwritten network = command::make_handwritten(model, seed, {});
    if (!name.empty()) {
        const std::vector<oracles::Mistake> all = plain(network.mistakes);
        const auto found = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
        if (found == all.end())
            throw Error(fmt::format("[explorer] {} has no mistake '{}'", model, name));
        network.steps = planted(std::move(network.steps), *found);
    }
    if (samples == 0 || samples > images.size())
        throw ShapeError(fmt::format("[explorer] {} samples were asked for: there are {}", samples, images.size()));
    const command::Prepared now = command::prepared(images, 0, samples, network.preparation),
                            before =
                                command::prepared(images, images.size() - samples, images.size(), network.preparation);
    const command::FoundByHand found = found_in_training(network, now, before);
    return json_of(held_against(found, network, values_of(network, now.images, now.labels), now, before,
                                CompareOptions().tolerance),
                   answer);
}

} // namespace xgrad::explorer
