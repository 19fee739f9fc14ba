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
    Classifier (*make)(std::uint64_t seed, const Choices& choices); ///< gets all of the choices
    std::vector<Recipe> recipes = {};
    std::string each = {}; ///< an option of which all values are trained, one after the other, if none is named
};

/** All that there are. */
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

} // namespace xgrad
