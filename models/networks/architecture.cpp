#include <xgrad/base/error.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/networks/bouvrie.hpp>
#include <xgrad/models/networks/lenet5.hpp>
#include <xgrad/models/networks/lenet5_1998.hpp>
#include <xgrad/models/networks/mlp.hpp>
#include <xgrad/models/networks/pixel_labeller.hpp>
#include <xgrad/models/networks/variants.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace xgrad
{

namespace
{

const std::vector<std::string> flag = {"no", "yes"};

bool is(const Choices& choices, const std::string& name, const std::string& value) { return choices.at(name) == value; }

/** @throws Error if the text is not a number of at least 0 */
double number(const char* model, const std::string& option, const std::string& text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value >= 0))
        throw Error(fmt::format("[{}] {} '{}' is not a number of at least 0", model, option, text));
    return value;
}

/** @throws Error if the text is not a whole number from `least` to `most`: a checkpoint may say anything */
std::size_t whole(const char* model, const std::string& option, const std::string& text, std::size_t least,
                  std::size_t most)
{
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least || value > most)
        throw Error(fmt::format("[{}] {} '{}' is not a whole number from {} to {}", model, option, text, least, most));
    return value;
}

// mlp

/** {300, 100} of "300-100"; nothing of "none". */
std::vector<std::size_t> hidden_sizes(const std::string& text)
{
    std::vector<std::size_t> sizes;
    if (text == "none")
        return sizes;
    const char* at = text.data();
    const char* const end = at + text.size();
    for (;;) {
        std::size_t size = 0;
        const auto [next, error] = std::from_chars(at, end, size);
        if (error != std::errc() || size == 0 || size > 10000 || (next != end && *next != '-') || sizes.size() == 20)
            throw Error(fmt::format("[mlp] hidden '{}' is not like 300-100, or none for no hidden layer: at most 20 "
                                    "layers of at most 10,000 units",
                                    text.substr(0, 100)));
        sizes.push_back(size);
        if (next == end)
            return sizes;
        at = next + 1;
    }
}

Classifier make_mlp(std::uint64_t seed, const Choices& choices)
{
    MLPOptions options;
    options.activation = activation_named(choices.at("activation"));
    using Loss = MLPOptions::Loss;
    options.loss = is(choices, "loss", "squared-error")          ? Loss::squared_error
                   : is(choices, "loss", "binary-cross-entropy") ? Loss::binary_cross_entropy
                                                                 : Loss::softmax_cross_entropy;
    if (options.loss == Loss::squared_error) // targets are what a squashed output can reach
        options.output_activation = squashes(options.activation) ? options.activation : Activation::sigmoid;
    std::vector<std::size_t> sizes = {28 * 28};
    for (const std::size_t size : hidden_sizes(choices.at("hidden")))
        sizes.push_back(size);
    sizes.push_back(10);
    Classifier classifier = classifier_of("mlp", MLP<float>(sizes, seed, options));
    classifier.choices = choices;
    classifier.preparation.padding = 0;
    classifier.defaults.learning_rate = options.loss == Loss::softmax_cross_entropy ? 0.02 : 0.005;
    return classifier;
}

// lenet5

/** LeCun et al. 1998, section III.B: online, 20 passes, each weight's step by its curvature. Their μ = 0.02 is taken
 *  for the mean over the 84 components of a distance; the RBF units sum them, and so does the loss. */
const TrainingOptions lecun1998{.batch = 1,
                                .chunk = 1,
                                .learning_rate = 5e-4,
                                .weight_decay = 0,
                                .damping = 84 * 0.02,
                                .optimizer = "sdlm",
                                .schedule = "lecun1998"};

Classifier make_lenet5_of_1998(std::uint64_t seed, const Choices& choices)
{
    if (is(choices, "connection-table", "yes") || is(choices, "pooling", "mean") || !is(choices, "activation", "relu"))
        throw Error("[lenet5] the variant of 1998 has its connection table, pooling and activation: leave these out");
    LeNet5Of1998Options options;
    if (is(choices, "outputs", "softmax"))
        options.outputs = LeNet5Of1998Options::Outputs::softmax;
    Classifier classifier = classifier_of("lenet5", LeNet5Of1998<float>(seed, options));
    classifier.choices = {{"variant", "1998"}, {"outputs", choices.at("outputs")}};
    classifier.defaults = lecun1998;
    if (options.outputs == LeNet5Of1998Options::Outputs::softmax) { // the logits are as good a place as any
        classifier.features = {};
        classifier.loss_of_features = {};
        classifier.defaults.damping = 0.02;
    }
    return classifier;
}

Classifier make_lenet5(std::uint64_t seed, const Choices& choices)
{
    if (is(choices, "variant", "1998"))
        return make_lenet5_of_1998(seed, choices);
    if (!is(choices, "outputs", "rbf"))
        throw Error("[lenet5] the modern variant ends in softmax: outputs are a choice of the variant of 1998");
    LeNet5Options options;
    options.connection_table = is(choices, "connection-table", "yes");
    options.mean_pooling = is(choices, "pooling", "mean");
    options.activation = activation_named(choices.at("activation"));
    Classifier classifier = classifier_of("lenet5", LeNet5<float>(seed, options));
    classifier.choices = choices; // TrainingOptions' own defaults suit it
    classifier.choices.erase("outputs");
    return classifier;
}

// bouvrie

Classifier make_bouvrie(std::uint64_t seed, const Choices& choices)
{
    BouvrieOptions options;
    options.activation = activation_named(choices.at("activation"));
    options.output_activation = activation_named(choices.at("output-activation"));
    options.combination = is(choices, "combination", "yes");
    options.sparsity = sparsity_named(choices.at("sparsity"));
    options.sparsity_weight = number("bouvrie", "sparsity-weight", choices.at("sparsity-weight"));
    Classifier classifier = classifier_of("bouvrie", Bouvrie<float>(seed, options));
    classifier.choices = choices;
    classifier.preparation.padding = 0;
    // β multiplies the sum of four pixels, not their mean: 16 times the curvature, so 1/16 of the rate. Few weights,
    // each shared by many pixels, bear large steps once the first ones are taken.
    classifier.defaults = {.batch = 32,
                           .learning_rate = 0.12,
                           .weight_decay = 1e-4,
                           .schedule = "warm-cosine",
                           .rates = {{"c1", 4}, {"s2.beta", 1.0 / 16}, {"c3", 4}, {"s4.beta", 1.0 / 16}}};
    if (options.output_activation == Activation::scaled_tanh)
        classifier.defaults.learning_rate = 0.008;   // its errors and slopes are larger
    if (options.activation == Activation::sigmoid) { // five of them in a row hardly pass a gradient at the start
        classifier.defaults.optimizer = "adam";
        classifier.defaults.learning_rate = 0.003;
    }
    return classifier;
}

// pixel-labeller

Classifier make_pixel_labeller(std::uint64_t seed, const Choices& choices)
{
    PixelLabellerOptions options;
    options.steps = whole("pixel-labeller", "steps", choices.at("steps"), 2, 100);
    options.maps = whole("pixel-labeller", "maps", choices.at("maps"), 1, 1000);
    Classifier classifier = classifier_of("pixel-labeller", PixelLabeller<float>(seed, options));
    classifier.choices = choices;
    classifier.classes = options.classes;
    classifier.preparation.padding = 0;
    classifier.compose = compose_scene;
    classifier.defaults = {.epochs = 7, .batch = 32, .learning_rate = 0.01, .weight_decay = 0, .optimizer = "adam"};
    return classifier;
}

/** The activations by name, the default first. */
std::vector<std::string> activations(const std::string& first)
{
    std::vector<std::string> names = activation_names();
    std::rotate(names.begin(), std::find(names.begin(), names.end(), first),
                std::next(std::find(names.begin(), names.end(), first)));
    return names;
}

} // namespace

const std::vector<Architecture>& architectures()
{
    static const std::vector<Architecture> all = {
        {"lenet5",
         "LeNet-5 (LeCun et al. 1998), modern or as it was",
         {{"variant", {"modern", "1998"}, "1998: trainable subsampling, scaled tanh, RBF outputs, the paper's losses"},
          {"outputs", {"rbf", "softmax"}, "of the variant of 1998"},
          {"connection-table", flag, "C3 reads the maps of the paper's table, not all six"},
          {"pooling", {"max", "mean"}, "kind of pooling"},
          {"activation", activations("relu"), "of the hidden units"}},
         make_lenet5,
         {{"lecun1998",
           "as in the paper: online, with a step of its own for each weight",
           {{"variant", "1998"}},
           lecun1998}}},
        {"bouvrie",
         "the network of Bouvrie's notes (2006), 6c-2s-12c-2s and a full layer, by squared error",
         {{"activation", {"scaled-tanh", "sigmoid"}, "of every layer but the last"},
          {"output-activation", {"sigmoid", "scaled-tanh"}, "of the last layer; the targets follow it"},
          {"combination", flag, "C3 learns which maps to combine (B14c)"},
          {"sparsity", sparsity_names(), "the penalty on the combinations (B18)"},
          {"sparsity-weight", {"0.05"}, "its factor λ"}},
         make_bouvrie},
        {"mlp",
         "a multilayer perceptron",
         {{"hidden", {"300-100"}, "sizes of the hidden layers; none for no hidden layer"},
          {"activation", activations("relu"), "of the hidden units"},
          {"loss",
           {"cross-entropy", "binary-cross-entropy", "squared-error"},
           "of softmax, of logistic outputs, of squashed outputs"}},
         make_mlp},
        {"pixel-labeller",
         "the class of each pixel by a recurrent convolution (N22)",
         {{"steps", {"3"}, "how often it revises its guess, 2 or more"}, {"maps", {"24"}, "of the hidden layer"}},
         make_pixel_labeller},
        {"variants",
         "a small network for each variant of convolution and pooling",
         {{"kind", variant_names(), "the variant; all of them, one after the other, if none is named"}},
         [](std::uint64_t seed, const Choices& choices) { return make_variant(choices.at("kind"), seed); },
         {},
         "kind"},
    };
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
    throw Error(fmt::format("[classifier] there is no '{}'; there are: {}", name, fmt::join(names, ", ")));
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
                              : fmt::format("[{}] there is no recipe '{}'; there are: {}", model.name, name,
                                            fmt::join(names, ", ")));
}

Classifier make_classifier(const std::string& name, std::uint64_t seed, const Choices& choices)
{
    const Architecture& model = architecture(name);
    Choices all;
    std::vector<std::string> names;
    for (const ModelOption& option : model.options) {
        all[option.name] = option.values.front();
        names.push_back(option.name);
    }
    for (const auto& [option, value] : choices) {
        const auto known = std::find(names.begin(), names.end(), option);
        if (known == names.end())
            throw Error(fmt::format("[{}] it has no option '{}'; it has: {}", name, option, fmt::join(names, ", ")));
        const ModelOption& found = model.options[static_cast<std::size_t>(known - names.begin())];
        if (!found.is_free() && std::find(found.values.begin(), found.values.end(), value) == found.values.end())
            throw Error(
                fmt::format("[{}] {} is one of {}, not '{}'", name, option, fmt::join(found.values, ", "), value));
        all[option] = value;
    }
    return model.make(seed, all);
}

Classifier load_classifier(const Checkpoint& checkpoint)
{
    const auto [name, choices] = model_of(checkpoint);
    Classifier classifier = [&, &name = name, &choices = choices] {
        try {
            return make_classifier(name, 0, choices);
        } catch (const Error& error) {
            throw DataError(
                fmt::format("[classifier] the checkpoint is of no model that is known here: {}", error.what()));
        }
    }();
    restore(classifier, checkpoint);
    return classifier;
}

} // namespace xgrad
