#include "command.hpp"

#include "ranks.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/workers.hpp>
#include <xgrad/models/training/onnx.hpp>
#include <xgrad/models/training/training.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <thread>
#include <tuple>
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
    return {train(app), evaluate(app), predict(app),      summary(app), gradcheck(app),
            graph(app), compare(app),  export_model(app), explore(app)};
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

std::vector<ModelOption> options_for_users(const Architecture& model)
{
    std::vector<ModelOption> options = model.options;
    std::erase_if(options,
                  [&](const ModelOption& option) { return model.name == onnx_model && option.name == "graph"; });
    return options;
}

void ModelArguments::add_to(const Options& verb, const OptionsOf& options)
{
    std::vector<std::string> names, helps;
    std::vector<std::pair<std::string, std::vector<ModelOption>>> models;
    for (const Architecture& each : architectures()) {
        names.push_back(each.name);
        helps.push_back(each.name + ": " + each.help);
        models.emplace_back(each.name, options(each));
    }
    models.emplace_back(onnx_model, options(architecture(onnx_model)));
    const std::string help = fmt::format("{}; or a file: a checkpoint, or a network in ONNX", fmt::join(helps, "; "));
    const Check is_name = one_of(names);
    const auto wrong = [=](const std::string& text) {
        return std::filesystem::is_regular_file(text) ? std::string() : is_name.wrong(text);
    };
    const auto take = [=, this](const std::string& text) { (is_name.wrong(text).empty() ? model : file) = text; };
    verb.add("MODEL", take, help).required().check({wrong});
    add_model_options(verb, models, given);
}

void ModelArguments::add_file_to(const Options& verb)
{
    verb.add("CHECKPOINT", file, "a file that 'xgrad train' wrote, or a network in ONNX").required();
    add_model_options(verb, {{onnx_model, options_for_users(architecture(onnx_model))}}, given);
}

void ModelArguments::read_file(Checksum checksum)
{
    if (file.empty())
        return;
    if (is_onnx(file)) {
        const std::vector<ModelOption> options = options_for_users(architecture(onnx_model));
        for (const auto& each : given)
            if (std::none_of(options.begin(), options.end(),
                             [&](const ModelOption& option) { return option.name == each.first; }))
                throw UsageError(fmt::format("a network in ONNX has no --{}: leave it out", each.first));
        checkpoint = load_onnx_once(file, given);
    } else {
        if (!given.empty())
            throw UsageError(
                fmt::format("the checkpoint {} says what its model is: leave --{} out", file, given.begin()->first));
        checkpoint = load_checkpoint_once(file, checksum);
    }
    std::tie(model, given) = model_of(*checkpoint);
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

Choices ModelArguments::over(Choices base) const
{
    for (const auto& [name, value] : given)
        base[name] = value;
    return base;
}

Classifier ModelArguments::make(std::uint64_t seed, const Choices& choices) const
{
    if (checkpoint && choices == given)
        return load_classifier(*checkpoint);
    Classifier classifier = [&] {
        try {
            return make_classifier(model, seed, choices);
        } catch (const Error& error) {
            throw UsageError(error.what());
        }
    }();
    if (checkpoint)
        restore(classifier, *checkpoint);
    return classifier;
}

Classifier ModelArguments::make_finite(std::uint64_t seed) const
{
    Classifier classifier = make(seed, given);
    if (checkpoint)
        check_finite(classifier, file);
    return classifier;
}

void check_finite(const Classifier& classifier, const std::string& file)
{
    const Parameters<float> tensors = classifier.tensors();
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const Array<float>& values = tensors[i].value();
        if (const auto bad = std::find_if_not(values.begin(), values.end(), [](float x) { return std::isfinite(x); });
            bad != values.end())
            throw DataError(fmt::format("[checkpoint] {}: the tensor '{}' has {} at flat index {}, so every answer "
                                        "would be meaningless: take another checkpoint",
                                        file, tensors.name(i), std::isnan(*bad) ? "NaN" : "infinity",
                                        bad - values.begin()));
    }
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

Dataset load_data_for(const ModelArguments& model, const Classifier& classifier,
                      const std::optional<std::string>& named)
{
    if (named)
        return load_data(*named);
    return model.checkpoint && model.checkpoint->metadata.contains("data") ? load_training_data(*model.checkpoint)
                                                                           : load_data(classifier.usual_data());
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
