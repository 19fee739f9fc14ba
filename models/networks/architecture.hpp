#pragma once

#include <xgrad/models/training/classifier.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace xgrad
{

/** An option of a model. */
struct ModelOption
{
    std::string name;                ///< "pooling", as in `--pooling mean`
    std::vector<std::string> values; ///< the possible values, the default first; a single one: a free text's default
    std::string help;

    bool is_free() const { return values.size() == 1; }
    bool is_flag() const { return values == std::vector<std::string>{"no", "yes"}; }
};

/** A named way to train a model, such as that of a paper: choices and training options that belong together. */
struct Recipe
{
    std::string name, help;
    Choices choices;
    TrainingOptions training;

    /** The given choices and those of the recipe. @throws Error if they contradict each other */
    Choices with(Choices given) const;
};

/** A kind of network that `make_classifier` can make. */
struct Architecture
{
    std::string name, help;
    std::vector<ModelOption> options;
    /** Makes a new network by the choices. They become the classifier's, unless `make` sets those that matter. */
    Classifier (*make)(std::uint64_t seed, const Choices& choices);
    std::vector<Recipe> recipes = {};
    std::string each = {}; ///< the option whose values are all trained, one after the other, if none is named
    /** The number of parameters that `make` would make; none: the choices cannot make a large network. */
    std::size_t (*parameter_count)(const Choices& choices) = nullptr;
    bool takes_any_size = false; ///< images of any size, unless `make` says one; else they are MNIST's
};

/** The architectures that have a name: one for each file of models/networks. */
const std::vector<Architecture>& architectures();

/** The architecture of this name, or the one that is made of files, "onnx" (models/training/onnx.hpp).
 *  @throws Error if there is none; the message lists those that there are */
const Architecture& architecture(const std::string& name);

/** The recipe of this name. @throws Error if the model has none; the message lists those that it has */
const Recipe& recipe(const Architecture& model, const std::string& name);

/** A new classifier: `make_classifier("lenet5", 1, {{"pooling", "mean"}})`.
 *  @throws Error if there is no such model, option or value; the message lists those that there are */
Classifier make_classifier(const std::string& model, std::uint64_t seed, const Choices& choices = {});

/** A new classifier from a description that is not trusted.
 *  @param numbers  the number of parameters that it has at most
 *  @throws Error if it would have more, or as make_classifier */
Classifier make_classifier_within(std::size_t numbers, const std::string& model, const Choices& choices);

/** The classifier that a checkpoint holds. A network for which the checkpoint has too few numbers is not made.
 *  @throws DataError if it holds none, or a parameter is missing or has another shape */
Classifier load_classifier(const Checkpoint& checkpoint);

/** Helpers for the rows in the files of models/networks. Each x.cpp defines `Architecture x()` in this namespace. */
namespace detail::networks
{

/** The values of a flag. */
inline std::vector<std::string> no_or_yes() { return {"no", "yes"}; }

/** The activations by name, the default first. */
std::vector<std::string> activations(const std::string& first);

/** Returns whether an option has this value. */
bool is(const Choices& choices, const std::string& option, const std::string& value);

/** The value of a free-text option as a number. @throws Error if it is not a number of at least 0 */
double number(const char* model, const Choices& choices, const std::string& option);

/** The value of a free-text option as a whole number.
 *  @throws Error if it is not a whole number from `least` to `most`: a checkpoint may have any text */
std::size_t whole(const char* model, const Choices& choices, const std::string& option, std::size_t least,
                  std::size_t most);

/** The value of a free-text option as a probability. @throws Error if it is not a number from 0 to below 1 */
double probability(const char* model, const Choices& choices, const std::string& option);

/** The options of a network that takes images of other sizes and numbers of classes than MNIST's. A training sets those
 *  that are not given by its data. */
std::vector<ModelOption> options_of_data();

/** The side of the square images, their channels, and the number of classes. */
struct OfData
{
    std::size_t size = 28, channels = 1, classes = 10;
};

/** The values of options_of_data. @throws Error if one is out of range */
OfData of_data(const char* model, const Choices& choices);

/** Makes a classifier one of such data. Values that are MNIST's do not become its choices: checkpoints that are older
 *  than the options do not have them. */
void take_data(Classifier& classifier, Choices choices, const OfData& data);

/** Makes a classifier of characters (N, L) one of the windows of a text. */
void read_text_windows(Classifier& classifier);

} // namespace detail::networks

} // namespace xgrad
