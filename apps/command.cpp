#include "command.hpp"

#include <xgrad/base/error.hpp>
#include <xgrad/base/workers.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <thread>
#include <utility>

namespace xgrad::command
{

namespace
{

std::string& program_name()
{
    static std::string name = "xgrad";
    return name;
}

bool has_threads = false;

} // namespace

std::vector<Verb> add_verbs(const Options& app)
{
    return {train(app),     evaluate(app), predict(app), summary(app),
            gradcheck(app), graph(app),    compare(app), export_model(app)};
}

const std::string& program() { return program_name(); }
void set_program(std::string name) { program_name() = std::move(name); }

void add_model_options(const Options& verb, const std::vector<std::pair<std::string, std::vector<ModelOption>>>& models,
                       Choices& given)
{
    std::map<std::string, std::string> helps; // models may share an option
    std::map<std::string, bool> flags;
    for (const auto& [model, options] : models)
        for (const ModelOption& option : options) {
            std::string& help = helps[option.name];
            help += fmt::format("{}{}: {}", help.empty() ? "" : "; ", model, option.help);
            if (option.is_flag())
                flags[option.name] = true;
            else
                help += fmt::format(" [{}]", fmt::join(option.values, ", "));
        }
    for (const auto& [name, help] : helps) {
        const auto choose = [&given, name = name](const std::string& value) { given[name] = value; };
        const Option option = flags[name] ? verb.add_flag(
                                                "--" + name, [choose] { choose("yes"); }, help)
                                          : verb.add("--" + name, choose, help);
        option.group("Options of the models (the first value is the default)");
    }
}

void ModelArguments::add_to(const Options& verb, bool or_file)
{
    std::vector<std::string> names, helps;
    std::vector<std::pair<std::string, std::vector<ModelOption>>> models;
    for (const Architecture& each : architectures()) {
        names.push_back(each.name);
        helps.push_back(each.name + ": " + each.help);
        models.emplace_back(each.name, each.options);
    }
    const std::string help = fmt::format("{}{}", fmt::join(helps, "; "), or_file ? "; or a checkpoint" : "");
    const Check is_name = one_of(names);
    const auto wrong = [=](const std::string& text) {
        return or_file && std::filesystem::is_regular_file(text) ? std::string() : is_name.wrong(text);
    };
    verb.add("MODEL", model, help).required().check({wrong});
    add_model_options(verb, models, given);
}

const ModelOption* ModelArguments::open_choice() const
{
    const Architecture& found = architecture(model);
    for (const ModelOption& option : found.options)
        if (option.name == found.each && !given.contains(option.name))
            return &option;
    return nullptr;
}

void ModelArguments::require_one(const char* why) const
{
    if (const ModelOption* const option = open_choice())
        throw UsageError(
            fmt::format("[{}] {}: give --{}, one of {}", model, why, option->name, fmt::join(option->values, ", ")));
}

bool ModelArguments::is_file() const
{
    const auto& all = architectures();
    return std::none_of(all.begin(), all.end(), [&](const Architecture& each) { return each.name == model; });
}

void ModelArguments::refuse_options() const
{
    if (!given.empty())
        throw UsageError(
            fmt::format("the checkpoint {} says what its model is: leave --{} out", model, given.begin()->first));
}

Choices ModelArguments::over(Choices base) const
{
    for (const auto& [name, value] : given)
        base[name] = value;
    return base;
}

Classifier ModelArguments::make(std::uint64_t seed, const Choices& choices) const
{
    try {
        return make_classifier(model, seed, choices);
    } catch (const Error& error) {
        throw UsageError(error.what());
    }
}

Classifier finite_classifier(const Checkpoint& checkpoint)
{
    Classifier classifier = load_classifier(checkpoint);
    for (const Parameters<float>* tensors : {&classifier.parameters, &classifier.state})
        for (std::size_t i = 0; i < tensors->size(); ++i) {
            const Array<float>& values = (*tensors)[i].value();
            if (const auto bad =
                    std::find_if_not(values.begin(), values.end(), [](float x) { return std::isfinite(x); });
                bad != values.end())
                throw DataError(fmt::format("[checkpoint] {}: the tensor '{}' has {} at flat index {}, so every answer "
                                            "would be meaningless: take another checkpoint",
                                            checkpoint.name, tensors->name(i), std::isnan(*bad) ? "NaN" : "infinity",
                                            bad - values.begin()));
        }
    return classifier;
}

std::string all_recipes()
{
    std::vector<std::string> all;
    for (const Architecture& each : architectures())
        for (const Recipe& recipe : each.recipes)
            all.push_back(fmt::format("{} has {}", each.name, recipe.name));
    return fmt::to_string(fmt::join(all, ", "));
}

std::string pretrainable_models()
{
    std::vector<std::string> all;
    for (const Architecture& each : architectures())
        if (!make_classifier(each.name, 0).stages.empty())
            all.push_back(each.name);
    return fmt::to_string(fmt::join(all, " and "));
}

void add_unchecked(const Options& verb, Checksum& checksum)
{
    verb.add_flag(
        "--unchecked", [&checksum] { checksum = Checksum::ignored; },
        "takes a checkpoint that was changed since it was written");
}

Dataset load_data(const std::string& name_or_folder)
{
    const auto& names = dataset_names();
    std::error_code ignored;
    if (std::find(names.begin(), names.end(), name_or_folder) != names.end() &&
        std::filesystem::is_directory(name_or_folder, ignored))
        fmt::print(stderr, "note: {0} is the data set of that name; the folder {0} is --data ./{0}\n", name_or_folder);
    return load_dataset(name_or_folder);
}

bool threads_are_given() { return has_threads; }

void add_threads(const Options& verb)
{
    const auto use = [](const std::size_t& count) {
        const unsigned cores = std::thread::hardware_concurrency();
        if (cores != 0 && count > cores)
            fmt::print(stderr, "note: {} threads share {} cores; results are the same, but it is slower\n", count,
                       cores);
        set_threads(count);
        has_threads = true;
    };
    verb.add("--threads", use, "number of threads [all cores]; results do not depend on it").check(between(1, 1024));
}

} // namespace xgrad::command
