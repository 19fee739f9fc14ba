#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/from_chars.hpp>
#include <xgrad/base/nearest.hpp>
#include <xgrad/models/data/text.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/training/onnx.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace xgrad
{

namespace detail::networks
{

bool is(const Choices& choices, const std::string& option, const std::string& value)
{
    return choices.at(option) == value;
}

double number(const char* model, const Choices& choices, const std::string& option)
{
    const std::string& text = choices.at(option);
    double value = 0;
    const auto [end, error] = detail::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value >= 0))
        throw Error(fmt::format("[{}] {} '{}' is not a number of at least 0", model, option, text));
    return value;
}

std::size_t whole(const char* model, const Choices& choices, const std::string& option, std::size_t least,
                  std::size_t most)
{
    const std::string& text = choices.at(option);
    std::size_t value = 0;
    const auto [end, error] = detail::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
        throw Error(fmt::format("[{}] {} '{}' is not a whole number from {} to {}", model, option, text, least, most));
    return value;
}

double probability(const char* model, const Choices& choices, const std::string& option)
{
    const double value = number(model, choices, option);
    if (value >= 1)
        throw Error(fmt::format("[{}] {} '{}' is not below 1", model, option, choices.at(option)));
    return value;
}

std::vector<ModelOption> options_of_data()
{
    return {{"size", {"28"}, "side of the images, in pixels [that of the data]"},
            {"channels", {"1"}, "channels of the images: 1 for grey, 3 for colours [those of the data]"},
            {"classes", {"10"}, "number of classes [that of the data]"}};
}

OfData of_data(const char* model, const Choices& choices)
{
    return {.size = whole(model, choices, "size", 4, 256),
            .channels = whole(model, choices, "channels", 1, 3),
            .classes = whole(model, choices, "classes", 2, 1000)};
}

void take_data(Classifier& classifier, Choices choices, const OfData& data)
{
    for (const ModelOption& option : options_of_data())
        if (is(choices, option.name, option.values.front()))
            choices.erase(option.name);
    classifier.choices = std::move(choices);
    classifier.height = classifier.width = data.size;
    classifier.channels = data.channels;
    classifier.classes = data.classes;
}

void read_text_windows(Classifier& classifier)
{
    classifier.task = Task::next_characters;
    classifier.classes = character_classes;
    classifier.preparation = as_characters;
    classifier.height = 1;
    classifier.width = text_context + 1;
    classifier.compose = [](const Batch& windows, SampleRandom) { return next_characters(windows); };
}

std::vector<std::string> activations(const std::string& first)
{
    std::vector<std::string> names = activation_names();
    std::rotate(names.begin(), std::find(names.begin(), names.end(), first),
                std::next(std::find(names.begin(), names.end(), first)));
    return names;
}

// bouvrie(), lenet5(), …: cmake/Umbrellas.cmake lists a function for each file of this folder.
Architecture XGRAD_NETWORKS;

} // namespace detail::networks

const std::vector<Architecture>& architectures()
{
    using namespace detail::networks;
    static const std::vector<Architecture> all = {XGRAD_NETWORKS};
    return all;
}

const Architecture& architecture(const std::string& name)
{
    std::vector<std::string> names;
    for (const Architecture& each : architectures()) {
        if (each.name == name)
            return each;
        names.push_back(each.name);
    }
    if (name == onnx_model)
        return detail::networks::onnx();
    throw Error("[classifier] " + detail::no_such("", name, names));
}

Choices Recipe::with(Choices given) const
{
    for (const auto& [option, value] : choices) {
        const auto [found, is_new] = given.try_emplace(option, value);
        if (!is_new && found->second != value)
            throw Error(fmt::format("[recipe] {} is for {} '{}', not '{}': leave the option out", name, option, value,
                                    found->second));
    }
    return given;
}

const Recipe& recipe(const Architecture& model, const std::string& name)
{
    std::vector<std::string> names;
    for (const Recipe& each : model.recipes) {
        if (each.name == name)
            return each;
        names.push_back(each.name);
    }
    throw Error(names.empty() ? fmt::format("[{}] it has no recipes, so none '{}'", model.name, name)
                              : fmt::format("[{}] {}", model.name, detail::no_such("recipe", name, names)));
}

namespace
{

/** A value for each option of a model. @throws Error if there is no such option or value */
Choices completed(const Architecture& model, const Choices& choices)
{
    Choices all;
    std::vector<std::string> names;
    for (const ModelOption& option : model.options) {
        all[option.name] = option.values.front();
        names.push_back(option.name);
    }
    for (const auto& [option, value] : choices) {
        const auto known = std::find(names.begin(), names.end(), option);
        if (known == names.end())
            throw Error(fmt::format("[{}] it has no option '{}'{}; it has: {}", model.name, option,
                                    detail::did_you_mean(option, names), fmt::join(names, ", ")));
        const ModelOption& found = model.options[static_cast<std::size_t>(known - names.begin())];
        if (!found.is_free() && std::find(found.values.begin(), found.values.end(), value) == found.values.end())
            throw Error(fmt::format("[{}] {} is one of {}, not '{}'{}", model.name, option,
                                    fmt::join(found.values, ", "), value, detail::did_you_mean(value, found.values)));
        all[option] = value;
    }
    return all;
}

} // namespace

Classifier make_classifier(const std::string& name, std::uint64_t seed, const Choices& choices)
{
    const Architecture& model = architecture(name);
    Choices all = completed(model, choices);
    Classifier classifier = model.make(seed, all);
    if (classifier.choices.empty())
        classifier.choices = std::move(all);
    if (classifier.height == 0 && !model.takes_any_size)
        classifier.height = classifier.width = 28;
    return classifier;
}

Classifier make_classifier_within(std::size_t numbers, const std::string& name, const Choices& choices)
{
    const Architecture& model = architecture(name);
    if (model.parameter_count != nullptr)
        if (const std::size_t needed = model.parameter_count(completed(model, choices)); needed > numbers)
            throw Error(fmt::format("its {} has {} parameters, and its tensors have {} numbers: some are missing", name,
                                    needed, numbers));
    return make_classifier(name, 0, choices);
}

Classifier load_classifier(const Checkpoint& checkpoint)
{
    const auto [name, choices] = model_of(checkpoint);
    std::size_t numbers = 0;
    for (const auto& entry : checkpoint.tensors)
        numbers += entry.second.size();
    Classifier classifier = [&, &name = name, &choices = choices] {
        try {
            return make_classifier_within(numbers, name, choices);
        } catch (const Error& error) {
            constexpr std::size_t most = 500;
            throw DataError(fmt::format("[classifier] the checkpoint has no model that can be made: {}",
                                        printable(error.what(), most)));
        }
    }();
    restore(classifier, checkpoint);
    return classifier;
}

} // namespace xgrad
