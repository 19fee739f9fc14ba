#pragma once

#include <xgrad/models/data/dataset.hpp>
#include <xgrad/models/layers/layers.hpp>
#include <xgrad/models/layers/mode.hpp>
#include <xgrad/models/training/checkpoint.hpp>
#include <xgrad/models/training/pretraining.hpp>
#include <xgrad/models/training/training_options.hpp>
#include <xgrad/ops/loss.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace xgrad
{

/** Choices among the options of an architecture, by name: {{"pooling", "mean"}}. Other options have their defaults. */
using Choices = std::map<std::string, std::string>;

/** The task of a classifier: what gets a class. */
enum class Task
{
    image_classes,  ///< each image
    pixel_classes,  ///< each pixel of an image
    next_characters ///< the character after each one of a text (models/data/text.hpp)
};

/** The samples of a task in messages: "images", or "windows" of a text. */
const char* samples_of(Task task);
/** The things that get a class, in messages: "images", "pixels" or "characters". */
const char* answers_of(Task task);

/** A network of any architecture that finds the class of an image, of each of its pixels, or of the next character of a
 *  text. Copies share the parameters. */
struct Classifier
{
    using Network = std::function<Variable<float>(const Variable<float>& images, const Mode& mode)>;

    std::string name;
    Task task = Task::image_classes;
    Choices choices = {}; ///< a value for each option of the architecture
    Parameters<float> parameters;
    Parameters<float> state = {}; ///< arrays that are kept but not learned by gradients, such as running means
    Network network; ///< maps (N, C, H, W) to (N, classes) or (N, classes, H', W'), or characters (N, L) to
                     ///< (N, classes, L); the largest wins
    std::function<Variable<float>(const Variable<float>& outputs, const Labels& labels)>
        criterion; ///< the loss: a mean over the images
    /** The same loss in two parts that meet where the network is closest to linear, for the curvature; without them
     *  they meet at the outputs. */
    std::function<Variable<float>(const Variable<float>& images)> features = {};
    std::function<Variable<float>(const Variable<float>& features, const Labels& labels)> loss_of_features = {};
    std::size_t classes = 10;
    std::vector<LayerSummary> summary = {};
    Preparation preparation = {};      ///< the preparation of the images that the network reads
    std::size_t height = 0, width = 0; ///< the size of the images that it takes, before their preparation; 0: any
    std::size_t channels = 1;          ///< the channels of these images: 1 for grey, 3 for colours
    std::function<Batch(const Batch& samples, SampleRandom random)> compose =
        {}; ///< makes what the network reads of the data's samples, with a label for each answer: scenes of single
            ///< digits, or characters of windows; none: the images stay as they are
    bool looks_at_whole_batch = false;                ///< true if the batch must not be cut into chunks
    std::vector<ConvolutionStage<float>> stages = {}; ///< the convolutions that can be pretrained, first to last
    TrainingOptions defaults = {};                    ///< the options that train it well

    /** The outputs in evaluation mode. */
    Variable<float> logits(const Variable<float>& images) const { return network(images, Mode::evaluation()); }

    /** The parameters and the state: all that a checkpoint has of it. */
    Parameters<float> tensors() const
    {
        Parameters<float> all = parameters;
        all.add("", state);
        return all;
    }

    /** True if the loss chooses the best epoch, not the error: often no next character of a text is the right one. */
    bool is_judged_by_loss() const { return task == Task::next_characters; }

    /** The data set that it learns from if no other is named. */
    const char* usual_data() const { return task == Task::next_characters ? "alice" : "mnist"; }

    /** The number of trainable parameters, without those that a connection table leaves out. */
    std::size_t parameter_count() const
    {
        std::size_t count = 0;
        for (const LayerSummary& layer : summary)
            count += layer.parameters;
        return count;
    }

    /** The loss that training makes small: a mean over the images, which has gradients. */
    Variable<float> loss(const Variable<float>& images, const Labels& labels,
                         const Mode& mode = Mode::evaluation()) const
    {
        return criterion(network(images, mode), labels);
    }
};

namespace detail
{

template <class Model>
void describe_model(Classifier& classifier, std::shared_ptr<const Model> model)
{
    if constexpr (requires(const Variable<float>& x, const Mode& mode) { (*model)(x, mode); })
        classifier.network = [model](const Variable<float>& images, const Mode& mode) {
            return (*model)(images, mode);
        };
    else
        classifier.network = [model](const Variable<float>& images, const Mode&) { return (*model)(images); };
    if constexpr (requires { model->loss(Variable<float>(), Labels()); })
        classifier.criterion = [model](const auto& outputs, const auto& labels) {
            return model->loss(outputs, labels);
        };
    if constexpr (requires { model->features(Variable<float>()); }) {
        classifier.features = [model](const auto& images) { return model->features(images); };
        classifier.loss_of_features = [model](const auto& x, const auto& labels) {
            return model->loss_of_features(x, labels);
        };
    }
    if constexpr (requires { model->state(); })
        classifier.state = model->state();
    classifier.looks_at_whole_batch = classifier.state.size() > 0;
    if constexpr (requires { model->stages(); })
        classifier.stages = model->stages();
}

} // namespace detail

/** A classifier from a model of your own. The model needs `operator()(images)`, or `(images, Mode)`, `parameters()` and
 *  `summary()`. It may have `loss(outputs, labels)`, else its loss is softmax cross-entropy; `features(images)` with
 *  `loss_of_features(features, labels)`; `state()` and `stages()`. */
template <class Model>
Classifier classifier_of(const std::string& name, Model model)
{
    const auto shared = std::make_shared<const Model>(std::move(model));
    Classifier classifier{.name = name, .parameters = shared->parameters(), .network = {}, .criterion = {}};
    classifier.criterion = [](const auto& logits, const auto& labels) { return softmax_cross_entropy(logits, labels); };
    classifier.summary = shared->summary();
    detail::describe_model(classifier, shared);
    return classifier;
}

/** Adds the classifier to a checkpoint: its name, its choices, and each parameter and array of its state under its
 *  name. */
void store(const Classifier& classifier, Checkpoint& checkpoint);

/** The SHA-256 of the names and the bits of all parameters and of the state, its first 16 hexadecimal digits: two
 *  trainings that came to the same bits have the same one. */
std::string hash_of_weights(const Classifier& classifier);

/** Checks that the images, or the windows of a text, have the size and the channels that the network takes.
 *  @throws ShapeError if they have others */
void check_images(const Classifier& classifier, const Images& images);

/** Checks that the network has an output for each class of the images. @throws ShapeError if it has fewer */
void check_classes(const Classifier& classifier, const Images& images);

/** The name and the choices of the model in a checkpoint.
 *  @throws DataError if it names none */
std::pair<std::string, Choices> model_of(const Checkpoint& checkpoint);

/** Overwrites the parameters and the state with those of a checkpoint.
 *  @throws DataError if it has another model, or a parameter is missing; then nothing has changed */
void restore(const Classifier& classifier, const Checkpoint& checkpoint);

} // namespace xgrad
