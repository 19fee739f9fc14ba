#include <xgrad/graph/error.hpp>
#include <xgrad/graph/shape.hpp>
#include <xgrad/models/bouvrie.hpp>
#include <xgrad/models/classifier.hpp>
#include <xgrad/models/lenet5.hpp>
#include <xgrad/models/metadata.hpp>
#include <xgrad/models/mlp.hpp>
#include <xgrad/ops/loss.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

namespace xgrad
{

namespace
{

template <class Model>
Classifier classifier_of(std::string name, const ClassifierOptions& options, Model model)
{
    const auto shared = std::make_shared<const Model>(std::move(model));
    Classifier classifier;
    classifier.name = std::move(name);
    classifier.options = options;
    classifier.options.activation = shared->options.activation;
    classifier.parameters = shared->parameters();
    classifier.logits = [shared](const Variable<float>& images) { return (*shared)(images); };
    if constexpr (requires { shared->loss(Variable<float>(), Labels()); })
        classifier.criterion = [shared](const auto& outputs, const auto& labels) {
            return shared->loss(outputs, labels);
        };
    else
        classifier.criterion = [](const auto& logits, const auto& labels) {
            return softmax_cross_entropy(logits, labels);
        };
    classifier.summary = shared->summary();
    return classifier;
}

Classifier make_lenet5(std::uint64_t seed, const ClassifierOptions& options)
{
    LeNet5Options choice;
    choice.connection_table = options.connection_table;
    choice.mean_pooling = options.mean_pooling;
    choice.activation = options.activation.value_or(choice.activation);
    return classifier_of("lenet5", options, LeNet5<float>(seed, choice)); // TrainingOptions' own defaults suit it
}

Classifier make_bouvrie(std::uint64_t seed, const ClassifierOptions& options)
{
    if (options.connection_table || options.mean_pooling)
        throw Error("[bouvrie] its maps are all connected and its pooling is its own: leave these options out");
    BouvrieOptions choice;
    choice.activation = options.activation.value_or(choice.activation);
    if (choice.activation != Activation::sigmoid && choice.activation != Activation::scaled_tanh)
        throw Error("[bouvrie] the activation is sigmoid or scaled-tanh");
    Classifier classifier = classifier_of("bouvrie", options, Bouvrie<float>(seed, choice));
    classifier.preparation.padding = 0;
    classifier.defaults = {.batch = 8, .chunk = 8, .learning_rate = 0.004, .weight_decay = 0};
    return classifier;
}

Classifier make_mlp(std::uint64_t seed, const ClassifierOptions& options)
{
    if (options.connection_table || options.mean_pooling)
        throw Error("[mlp] a perceptron has no connection table and no pooling: leave these options out");
    MLPOptions choice;
    choice.activation = options.activation.value_or(Activation::relu);
    Classifier classifier = classifier_of("mlp", options, MLP<float>({28 * 28, 300, 100, 10}, seed, choice));
    classifier.preparation.padding = 0;
    classifier.defaults.learning_rate = 0.02;
    return classifier;
}

struct Maker
{
    const char* name;
    Classifier (*make)(std::uint64_t seed, const ClassifierOptions& options);
};

constexpr Maker makers[] = {{"lenet5", make_lenet5}, {"bouvrie", make_bouvrie}, {"mlp", make_mlp}};

constexpr const char* model_key = "model";

std::map<std::string, std::string> describe(const Classifier& classifier)
{
    const auto activation = static_cast<std::size_t>(classifier.options.activation.value_or(Activation::identity));
    return {{model_key, classifier.name},
            {"model.connection_table", classifier.options.connection_table ? "yes" : "no"},
            {"model.pooling", classifier.options.mean_pooling ? "mean" : "max"},
            {"model.activation", activation_names()[activation]}};
}

} // namespace

std::vector<std::string> model_names()
{
    std::vector<std::string> names;
    for (const Maker& maker : makers)
        names.emplace_back(maker.name);
    return names;
}

Classifier make_classifier(const std::string& name, std::uint64_t seed, const ClassifierOptions& options)
{
    for (const Maker& maker : makers)
        if (name == maker.name)
            return maker.make(seed, options);
    throw Error(fmt::format("[classifier] there is no '{}'; there are: {}", name, fmt::join(model_names(), ", ")));
}

void store(const Classifier& classifier, Checkpoint& checkpoint)
{
    checkpoint.metadata.merge(describe(classifier));
    for (std::size_t i = 0; i < classifier.parameters.size(); ++i)
        checkpoint.tensors.emplace(classifier.parameters.name(i), classifier.parameters[i].value());
}

void restore(const Classifier& classifier, const Checkpoint& checkpoint)
{
    for (const auto& [key, own] : describe(classifier)) {
        const std::string& other = detail::metadata(checkpoint, key);
        if (other != own)
            throw DataError(fmt::format("[classifier] the checkpoint was made with {} '{}', not '{}': leave the option "
                                        "out, or take another checkpoint",
                                        key, other, own));
    }
    const Parameters<float>& parameters = classifier.parameters;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const auto found = checkpoint.tensors.find(parameters.name(i));
        if (found == checkpoint.tensors.end() || found->second.shape() != parameters[i].shape())
            throw DataError(
                fmt::format("[classifier] the checkpoint has no tensor '{}' of shape {}: it is not of this {}",
                            parameters.name(i), to_string(parameters[i].shape()), classifier.name));
    }
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        Variable<float> parameter = parameters[i];
        const Array<float>& values = checkpoint.tensors.at(parameters.name(i));
        std::copy(values.begin(), values.end(), parameter.mutable_value().begin());
    }
}

Classifier load_classifier(const Checkpoint& checkpoint)
{
    const std::string& name = detail::metadata(checkpoint, model_key);
    const auto names = model_names();
    if (std::find(names.begin(), names.end(), name) == names.end())
        throw DataError(
            fmt::format("[classifier] the checkpoint is of a model '{}'; there are: {}", name, fmt::join(names, ", ")));
    const ClassifierOptions options{.connection_table = detail::metadata(checkpoint, "model.connection_table") == "yes",
                                    .mean_pooling = detail::metadata(checkpoint, "model.pooling") == "mean",
                                    .activation = activation_named(detail::metadata(checkpoint, "model.activation"))};
    Classifier classifier = make_classifier(name, 0, options);
    restore(classifier, checkpoint);
    return classifier;
}

} // namespace xgrad
