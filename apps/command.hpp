#pragma once

#include "options.hpp"
#include "program.hpp"
#include <xgrad/models/networks/architecture.hpp>

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace xgrad::command
{

/** A verb of the command. Its options are bound when it is made; `run` is called once they are parsed, and returns the
 *  exit code. */
struct Verb
{
    Options options;
    std::function<int()> run;
};

Verb train(const Options& app);
Verb evaluate(const Options& app);
Verb predict(const Options& app);
Verb summary(const Options& app);
Verb gradcheck(const Options& app);
Verb graph(const Options& app);
Verb compare(const Options& app);
Verb export_model(const Options& app);

/** Adds all verbs, in the order of the help. */
std::vector<Verb> add_verbs(const Options& app);

/** Adds the options of models, with their meaning for each model; `given` must not move. */
void add_model_options(const Options& verb, const std::vector<std::pair<std::string, std::vector<ModelOption>>>& models,
                       Choices& given);

/** The model's name and its options, as given by the user. */
struct ModelArguments
{
    std::string model;
    Choices given;

    /** Binds the arguments to this object, which must not move.
     *  @param or_file  whether MODEL may also be a file, which is then a checkpoint */
    void add_to(const Options& verb, bool or_file = false);

    /** The model's option whose values are all meant, because none was given; nullptr if there is none. */
    const ModelOption* open_choice() const;

    /** Checks that one network is meant. @param why  the reason: "a graph shows one network"
     *  @throws UsageError if the model has an open choice */
    void require_one(const char* why) const;

    /** True if MODEL is no name, and so a checkpoint. */
    bool is_file() const;
    /** @throws UsageError if options of models are given, which a checkpoint has itself */
    void refuse_options() const;

    /** The choices `base`, changed by the given options. */
    Choices over(Choices base) const;

    /** Makes the classifier. @throws UsageError if the options are not for this model */
    Classifier make(std::uint64_t seed, const Choices& choices) const;
};

/** The classifier that a checkpoint holds.
 *  @throws DataError, with the name of the tensor, if a number in it is NaN or infinite */
Classifier finite_classifier(const Checkpoint& checkpoint);

void add_threads(const Options& verb);
/** True if --threads was given. */
bool threads_are_given();

/** Adds --unchecked, which takes a checkpoint that was edited; `checksum` must not move. */
void add_unchecked(const Options& verb, Checksum& checksum);

/** Loads a data set, and says so if a folder of its name is not meant. */
Dataset load_data(const std::string& name_or_folder);

/** The recipes of all models: "lenet5 has lecun1998". */
std::string all_recipes();
/** The models whose convolutions can be pretrained: "lenet5 and bouvrie". */
std::string pretrainable_models();

} // namespace xgrad::command
