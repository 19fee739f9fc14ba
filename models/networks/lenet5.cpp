#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/models/layers/positions.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/networks/lenet5.hpp>
#include <xgrad/models/networks/lenet5_1998.hpp>
#include <xgrad/ops/ops.hpp>

#include <fmt/core.h>

namespace xgrad
{

using Outputs = LeNet5Of1998Options::Outputs;

namespace
{

/** The numbers of 32×32 windows, in steps of 4, in images (N, 1, H, W): (N, rows, columns).
 *  @param model  the name for error messages   @throws ShapeError unless H and W are 32, 36, 40, … */
Shape sliding_windows(const char* model, const Shape& images)
{
    const auto fits = [](std::size_t extent) { return extent >= 32 && extent % 4 == 0; };
    if (images.size() != 4 || images[1] != 1 || !fits(images[2]) || !fits(images[3]))
        throw ShapeError(fmt::format("[{}] images (N, 1, H, W) with H and W of 32, 36, 40, ... are needed to slide "
                                     "over, the shape is {}",
                                     model, to_string(images)));
    return {images[0], (images[2] - 32) / 4 + 1, (images[3] - 32) / 4 + 1};
}

/** @throws ShapeError unless the images are (N, 1, 32, 32) */
void require_one_window(const char* model, const Shape& images)
{
    if (images.size() != 4 || images[1] != 1 || images[2] != 32 || images[3] != 32)
        throw ShapeError(fmt::format("[{}] images (N, 1, 32, 32) are needed, the shape is {}: pad 28x28 digits by 2",
                                     model, to_string(images)));
}

} // namespace

template <class T>
const ConnectionTable& LeNet5<T>::table()
{
    static const ConnectionTable connections = [] {
        const char* const rows[] = {"x...xxx..xxxx.xx", "xx...xxx..xxxx.x", "xxx...xxx..x.xxx",
                                    ".xxx..xxxx..x.xx", "..xxx..xxxx.xx.x", "...xxx..xxxx.xxx"};
        ConnectionTable result;
        for (const char* row : rows) {
            result.emplace_back();
            for (; *row; ++row)
                result.back().push_back(*row == 'x');
        }
        return result;
    }();
    return connections;
}

template <class T>
LeNet5<T>::LeNet5(std::uint64_t seed, const LeNet5Options& choice) : LeNet5(Random(seed), choice)
{}

// The order of the members is that of their initialisation, so the weights depend on the seed alone.
template <class T>
LeNet5<T>::LeNet5(Random random, const LeNet5Options& choice)
    : options(choice),
      c1(1, 6, 5, random, initialization_for(choice.activation)),
      c3(choice.connection_table ? Convolution<T>(table(), 5, random, initialization_for(choice.activation))
                                 : Convolution<T>(6, 16, 5, random, initialization_for(choice.activation))),
      c5(16, 120, 5, random, initialization_for(choice.activation)),
      f6(120, 84, random, initialization_for(choice.activation)),
      f7(84, choice.classes, random, Initialization::lecun)
{}

template <class T>
Variable<T> LeNet5<T>::pooled(const Convolution<T>& layer, const Variable<T>& x) const
{
    const Variable<T> y = layer(x, {options.activation, !options.mean_pooling});
    return options.mean_pooling ? mean_pool2d(y) : y;
}

template <class T>
Variable<T> LeNet5<T>::scores_of_windows(const Variable<T>& images) const
{
    return f7(squash(f6(rows_of_positions(c5(s4(images), {options.activation})))));
}

template <class T>
Variable<T> LeNet5<T>::operator()(const Variable<T>& images) const
{
    require_one_window("lenet5", images.shape());
    return scores_of_windows(images);
}

template <class T>
Variable<T> LeNet5<T>::slide(const Variable<T>& images) const
{
    const Shape windows = sliding_windows("lenet5", images.shape());
    return maps_of_rows(scores_of_windows(images), windows);
}

template <class T>
Parameters<T> LeNet5<T>::parameters() const
{
    return {{"c1", c1.parameters()},
            {"c3", c3.parameters()},
            {"c5", c5.parameters()},
            {"f6", f6.parameters()},
            {"f7", f7.parameters()}};
}

template <class T>
std::vector<LayerSummary> LeNet5<T>::summary() const
{
    const std::string pooling = options.mean_pooling ? "mean pooling 2x2" : "max pooling 2x2";
    return {summarize("C1", c1, {6, 28, 28}),
            summarize_pooling("S2", pooling, {6, 14, 14}, 4),
            summarize("C3", c3, {16, 10, 10}),
            summarize_pooling("S4", pooling, {16, 5, 5}, 4),
            summarize("C5", c5, {120, 1, 1}),
            summarize("F6", f6),
            summarize("F7", f7)};
}

template <class T>
std::vector<ConvolutionStage<T>> LeNet5<T>::stages() const
{
    return {{"c1", c1, [](const auto& images) { return images; }},
            {"c3", c3, [net = *this](const auto& images) { return net.s2(images); }},
            {"c5", c5, [net = *this](const auto& images) { return net.s4(images); }}};
}

template <class T>
LeNet5Of1998<T>::LeNet5Of1998(std::uint64_t seed, const LeNet5Of1998Options& choice)
    : LeNet5Of1998(Random(seed), choice)
{}

// The order of the members is that of their initialisation, so the weights depend on the seed alone.
template <class T>
LeNet5Of1998<T>::LeNet5Of1998(Random random, const LeNet5Of1998Options& choice)
    : options(choice),
      c1(1, 6, 5, random, Initialization::lecun_1998),
      s2(6, 2),
      c3(LeNet5<T>::table(), 5, random, Initialization::lecun_1998),
      s4(16, 2),
      c5(16, 120, 5, random, Initialization::lecun_1998),
      f6(120, 84, random, Initialization::lecun_1998)
{
    if (options.outputs == Outputs::softmax)
        f7.emplace(84, 10, random, Initialization::lecun_1998);
}

template <class T>
Variable<T> LeNet5Of1998<T>::features_of_windows(const Variable<T>& images) const
{
    return scaled_tanh(f6(rows_of_positions(c5(x4(images), {Activation::scaled_tanh}))));
}

template <class T>
Variable<T> LeNet5Of1998<T>::scores(const Variable<T>& features) const
{
    return f7 ? (*f7)(features) : -rbf(features);
}

template <class T>
Variable<T> LeNet5Of1998<T>::features(const Variable<T>& images) const
{
    require_one_window("lenet5_1998", images.shape());
    return features_of_windows(images);
}

template <class T>
Variable<T> LeNet5Of1998<T>::operator()(const Variable<T>& images) const
{
    return scores(features(images));
}

template <class T>
Variable<T> LeNet5Of1998<T>::slide(const Variable<T>& images) const
{
    const Shape windows = sliding_windows("lenet5_1998", images.shape());
    return maps_of_rows(scores(features_of_windows(images)), windows);
}

template <class T>
Variable<T> LeNet5Of1998<T>::loss_of_features(const Variable<T>& features, const Labels& labels) const
{
    return loss(scores(features), labels);
}

template <class T>
Variable<T> LeNet5Of1998<T>::loss(const Variable<T>& scores, const Labels& labels) const
{
    if (f7)
        return softmax_cross_entropy(scores, labels);
    return options.discriminative ? rbf_loss(-scores, labels, options.j) : rbf_loss(-scores, labels);
}

template <class T>
Parameters<T> LeNet5Of1998<T>::parameters() const
{
    Parameters<T> all = {{"c1", c1.parameters()}, {"s2", s2.parameters()}, {"c3", c3.parameters()},
                         {"s4", s4.parameters()}, {"c5", c5.parameters()}, {"f6", f6.parameters()}};
    if (f7)
        all.add("f7", f7->parameters());
    return all;
}

template <class T>
std::vector<LayerSummary> LeNet5Of1998<T>::summary() const
{
    return {summarize("C1", c1, {6, 28, 28}),
            summarize("S2", s2, {6, 14, 14}),
            summarize("C3", c3, {16, 10, 10}),
            summarize("S4", s4, {16, 5, 5}),
            summarize("C5", c5, {120, 1, 1}),
            summarize("F6", f6),
            f7 ? summarize("F7", *f7) : summarize("RBF", rbf)};
}

template <class T>
std::vector<ConvolutionStage<T>> LeNet5Of1998<T>::stages() const
{
    return {{"c1", c1, [](const auto& images) { return images; }},
            {"c3", c3, [net = *this](const auto& images) { return net.x2(images); }},
            {"c5", c5, [net = *this](const auto& images) { return net.x4(images); }}};
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template struct LeNet5<T>;                                                                                         \
    template struct LeNet5Of1998<T>;
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

namespace detail::networks
{

namespace
{

/** The training of LeCun et al. 1998, section III.B: online, 20 passes, each weight's step by its curvature. We take
 *  their μ = 0.02 as meant for the mean over the 84 components of a distance; the RBF units, and so the loss, have the
 *  sum. */
TrainingOptions lecun1998()
{
    return {.batch = 1,
            .chunk = 1,
            .learning_rate = 5e-4,
            .weight_decay = 0,
            .damping = 84 * 0.02,
            .optimizer = "sdlm",
            .schedule = "lecun1998"};
}

/** Two epochs after which five networks of five have 99 % of MNIST's test digits right. The choices are the best of 190
 *  that were drawn at random, by the errors on 5,000 validation digits. */
TrainingOptions fast()
{
    return {.epochs = 2, .batch = 96, .learning_rate = 0.18, .weight_decay = 1e-3, .schedule = "one-cycle"};
}

/** Five epochs after which five networks of five have more than 97 % of the test digits of mnist-sample right, of which
 *  it has 4,000 to learn from. The choices are among the best of 14 by the errors on 600 validation digits. */
TrainingOptions sample()
{
    return {.epochs = 5,
            .batch = 8,
            .learning_rate = 0.02,
            .weight_decay = 1e-3,
            .schedule = "one-cycle",
            .augmentation = {.shift = 1}};
}

Classifier make_1998(std::uint64_t seed, const Choices& choices)
{
    if (is(choices, "connection-table", "yes") || is(choices, "pooling", "mean") || !is(choices, "activation", "relu"))
        throw Error("[lenet5] the variant of 1998 has its connection table, pooling and activation: leave these out");
    if (!is(choices, "classes", "10"))
        throw Error("[lenet5] the variant of 1998 has ten classes: leave --classes out, or take the modern one");
    LeNet5Of1998Options options;
    if (is(choices, "outputs", "softmax"))
        options.outputs = Outputs::softmax;
    Classifier classifier = classifier_of("lenet5", LeNet5Of1998<float>(seed, options));
    classifier.choices = {{"variant", "1998"}, {"outputs", choices.at("outputs")}};
    classifier.defaults = lecun1998();
    if (options.outputs == Outputs::softmax) { // the curvature is taken at the logits
        classifier.features = {};
        classifier.loss_of_features = {};
        classifier.defaults.damping = 0.02;
    }
    return classifier;
}

Classifier make(std::uint64_t seed, const Choices& choices)
{
    if (is(choices, "variant", "1998"))
        return make_1998(seed, choices);
    if (!is(choices, "outputs", "rbf"))
        throw Error("[lenet5] the modern variant ends in softmax: outputs are a choice of the variant of 1998");
    LeNet5Options options;
    options.connection_table = is(choices, "connection-table", "yes");
    options.mean_pooling = is(choices, "pooling", "mean");
    options.activation = activation_named(choices.at("activation"));
    options.classes = whole("lenet5", choices, "classes", 2, 1000);
    Classifier classifier = classifier_of("lenet5", LeNet5<float>(seed, options));
    classifier.choices = choices; // the defaults of TrainingOptions suit it
    classifier.choices.erase("outputs");
    classifier.classes = options.classes;
    if (is(choices, "classes", "10")) // older checkpoints do not have it
        classifier.choices.erase("classes");
    return classifier;
}

} // namespace

Architecture lenet5()
{
    return {
        "lenet5",
        "LeNet-5 (LeCun et al. 1998), modern or as published",
        {{"variant", {"modern", "1998"}, "1998: trainable subsampling, scaled tanh, RBF outputs, the paper's losses"},
         {"outputs", {"rbf", "softmax"}, "outputs of the variant of 1998"},
         {"connection-table", no_or_yes(), "C3 reads the maps of the paper's table, not all six"},
         {"pooling", {"max", "mean"}, "kind of pooling"},
         {"activation", activations("relu"), "activation of the hidden units"},
         {"classes", {"10"}, "number of classes of the modern variant [that of the data]"}},
        make,
        {{"lecun1998",
          "as in the paper: online, with its own step for each weight",
          {{"variant", "1998"}},
          lecun1998()},
         {"fast", "99 % of the test digits after two epochs", {{"activation", "gelu-tanh"}}, fast()},
         {"sample",
          "97 % after five epochs of the 4,000 digits of mnist-sample",
          {{"activation", "gelu-tanh"}},
          sample()}}};
}

} // namespace detail::networks

} // namespace xgrad
