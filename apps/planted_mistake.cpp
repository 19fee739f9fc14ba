#include "planted_mistake.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace xgrad::command
{

namespace
{

std::vector<std::string> models_that_can_have(const std::string& mistake)
{
    std::vector<std::string> names;
    for (const HandwrittenModel& model : handwritten_models()) {
        const oracles::Mistakes all = make_handwritten(model.name, 1, {}).mistakes;
        if (std::any_of(all.begin(), all.end(), [&](const auto& each) { return each.name == mistake; }))
            names.push_back(model.name);
    }
    return names;
}

} // namespace

oracles::Mistake find_mistake(const Handwritten& network, const std::string& wanted, const ModelArguments& model,
                              std::size_t samples)
{
    std::vector<std::string> names;
    for (const oracles::Mistake& mistake : network.mistakes) {
        names.push_back(mistake.name);
        if (mistake.name != wanted)
            continue;
        const auto option = model.given.find(mistake.needs);
        if (!mistake.needs.empty() &&
            (option == model.given.end() || option->second == "no" || option->second == "none"))
            throw UsageError(
                fmt::format("[{}] the mistake '{}' needs the option --{}", model.model, mistake.name, mistake.needs));
        if (mistake.needs_batch && samples < 2)
            throw UsageError(
                fmt::format("[{}] the mistake '{}' shows only with --samples 2 or more", model.model, mistake.name));
        return mistake;
    }
    const std::vector<std::string> others = models_that_can_have(wanted);
    if (!others.empty())
        throw UsageError(fmt::format("[{}] it cannot have the mistake '{}'; these can: {}", model.model, wanted,
                                     fmt::join(others, ", ")));
    throw UsageError(
        fmt::format("there is no mistake '{}'; {} can have: {}", wanted, model.model, fmt::join(names, ", ")));
}

int list_mistakes(const oracles::Mistakes& mistakes)
{
    std::size_t name = 7, step = 5;
    for (const oracles::Mistake& mistake : mistakes) {
        name = std::max(name, mistake.name.size());
        step = std::max(step, mistake.step.size());
    }
    fmt::print("{:<{}}  {:<{}}  what is done there\n", "mistake", name, "where", step);
    for (const oracles::Mistake& mistake : mistakes)
        fmt::print("{:<{}}  {:<{}}  {}{}\n", mistake.name, name, mistake.step, step, mistake.what,
                   mistake.needs.empty() ? "" : "; needs --" + mistake.needs);
    return success;
}

} // namespace xgrad::command
