#pragma once

#include <xgrad/models/checkpoint.hpp>
#include <xgrad/models/dataset.hpp>
#include <xgrad/models/layers.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace xgrad
{

/** What decides the outcome of a training, together with model and data: the same options, the same bits. */
struct TrainingOptions
{
    std::size_t epochs = 20;
    std::size_t batch = 64;
    std::size_t chunk = 16; ///< images on one tape; changes the last bits, unlike the number of threads
    double learning_rate = 0.05;
    double weight_decay = 5e-4;
    std::string optimizer = "nesterov";
    std::string schedule = "cosine";
    std::uint64_t seed = 1; ///< of the first weights and of the order of the images
};

/** What the named classifiers leave open. */
struct ClassifierOptions
{
    bool connection_table = false;             ///< lenet5: C3 reads the maps of the paper's table, not all
    bool mean_pooling = false;                 ///< lenet5: mean instead of max pooling
    std::optional<Activation> activation = {}; ///< none: the model's own
};

/** A network that tells which class an image is of, whatever its architecture. Copies share the parameters. */
struct Classifier
{
    std::string name;
    ClassifierOptions options;
    Parameters<float> parameters;
    std::function<Variable<float>(const Variable<float>& images)>
        logits; ///< (N, C, H, W) to (N, classes): the largest wins
    std::function<Variable<float>(const Variable<float>& logits, const Labels& labels)>
        criterion;                       ///< mean over the images
    Preparation preparation;             ///< of the images that `logits` takes
    std::size_t height = 28, width = 28; ///< of an image before its preparation
    std::vector<LayerSummary> summary;
    TrainingOptions defaults; ///< that train it well

    /** The mean of what the network is trained to make small; gradients can be taken of it. */
    Variable<float> loss(const Variable<float>& images, const Labels& labels) const
    {
        return criterion(logits(images), labels);
    }
};

/** The names that `make_classifier` takes. */
std::vector<std::string> model_names();

/** "lenet5"; "bouvrie"; or "mlp", a perceptron 784-300-100-10.
 *  @throws Error if there is none of that name, or an option is not for it */
Classifier make_classifier(const std::string& name, std::uint64_t seed, const ClassifierOptions& options = {});

/** Adds the classifier to a checkpoint: its name and options, and each parameter under its own name. */
void store(const Classifier& classifier, Checkpoint& checkpoint);

/** The classifier that a checkpoint holds.
 *  @throws DataError if it holds none, or a parameter is missing or has another shape */
Classifier load_classifier(const Checkpoint& checkpoint);

/** Overwrites the parameters with those of a checkpoint.
 *  @throws DataError if it is of another model, or a parameter is missing; then nothing has been changed */
void restore(const Classifier& classifier, const Checkpoint& checkpoint);

} // namespace xgrad
