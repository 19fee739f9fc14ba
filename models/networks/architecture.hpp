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
    std::vector<std::string> values; ///< that it takes, the default first; one alone: the default of a free text
    std::string help;

    bool is_free() const { return values.size() == 1; }
    bool is_flag() const { return values == std::vector<std::string>{"no", "yes"}; }
};

/** A named way to train a model, from a paper say: choices and training options that belong together. */
struct Recipe
{
    std::string name, help;
    Choices choices;
    TrainingOptions training;

    /** The choices with the recipe's own among them. @throws Error if they say otherwise */
    Choices with(Choices given) const;
};

/** A kind of network that `make_classifier` can make. */
struct Architecture
{
    std::string name, help;
    std::vector<ModelOption> options;
    /** A new network by all of the choices. They are the classifier's, unless it is given those that count. */
    Classifier (*make)(std::uint64_t seed, const Choices& choices);
    std::vector<Recipe> recipes = {};
    std::string each = {}; ///< an option of which all values are trained, one after the other, if none is named
};

/** All that there are: one for each file of models/networks. */
const std::vector<Architecture>& architectures();

/** @throws Error if there is none of that name, with those that there are */
const Architecture& architecture(const std::string& name);

/** @throws Error if the model has no recipe of that name, with those that it has */
const Recipe& recipe(const Architecture& model, const std::string& name);

/** A new classifier: `make_classifier("lenet5", 1, {{"pooling", "mean"}})`.
 *  @throws Error if there is no such model, or it has no such option or value, with those that it has */
Classifier make_classifier(const std::string& model, std::uint64_t seed, const Choices& choices = {});

/** The classifier that a checkpoint holds.
 *  @throws DataError if it holds none, or a parameter is missing or has another shape */
Classifier load_classifier(const Checkpoint& checkpoint);

/** What the files of models/networks write their rows with. Each x.cpp defines `Architecture x()` in here. */
namespace detail::networks
{

/** The values of a flag. */
inline std::vector<std::string> no_or_yes() { return {"no", "yes"}; }

/** The activations by name, the default first. */
std::vector<std::string> activations(const std::string& first);

/** Whether an option has that value. */
bool is(const Choices& choices, const std::string& option, const std::string& value);

/** The value of an option that is a free text. @throws Error if it is not a number of at least 0 */
double number(const char* model, const Choices& choices, const std::string& option);

/** The value of an option that is a free text.
 *  @throws Error if it is not a whole number from `least` to `most`: a checkpoint may say anything */
std::size_t whole(const char* model, const Choices& choices, const std::string& option, std::size_t least,
                  std::size_t most);

} // namespace detail::networks

} // namespace xgrad
