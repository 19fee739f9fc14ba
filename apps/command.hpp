#pragma once

#include "options.hpp"
#include "program.hpp"
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/training/checkpoint.hpp>

#include <cstdint>
#include <functional>
#include <optional>
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
Verb explore(const Options& app);

/** Adds all verbs, in the order of the help. */
std::vector<Verb> add_verbs(const Options& app);

/** Adds the options of models, with their meaning for each model; `given` must not move. */
void add_model_options(const Options& verb, const std::vector<std::pair<std::string, std::vector<ModelOption>>>& models,
                       Choices& given);

/** The options of a model that users give: all but the graph of a network in ONNX. */
std::vector<ModelOption> options_for_users(const Architecture& model);

/** The model's name and its options, as given by the user; or a file that has a model and its weights: a checkpoint, or
 *  a network in ONNX. */
struct ModelArguments
{
    std::string model; ///< the name
    Choices given;
    std::string file = {};                     ///< the file; empty: the model is named
    std::optional<Checkpoint> checkpoint = {}; ///< the file, once it is read

    using OptionsOf = std::function<std::vector<ModelOption>(const Architecture&)>;

    /** Binds the arguments MODEL and options to this object, which must not move.
     *  @param options  the options of each model that are meant */
    void add_to(const Options& verb, const OptionsOf& options = options_for_users);
    /** The same with an argument CHECKPOINT, which is a file. */
    void add_file_to(const Options& verb);

    /** Reads the file, if there is one, once for all ranks. Then `model` and `given` are those of the file, and `make`
     *  gives its weights.
     *  @throws UsageError if options are given that a checkpoint has itself; DataError if the file is no such file */
    void read_file(Checksum checksum);

    /** The model's option whose values are all meant, because none was given; nullptr if there is none. */
    const ModelOption* open_choice() const;

    /** Checks that one network is meant. @param why  the reason: "a graph shows one network"
     *  @throws UsageError if the model has an open choice */
    void require_one(const char* why) const;

    /** The choices `base`, changed by the given options. */
    Choices over(Choices base) const;

    /** Makes the classifier, with the weights of the file if there is one.
     *  @throws UsageError if the options are not for this model */
    Classifier make(std::uint64_t seed, const Choices& choices) const;
    /** The same with the given choices.
     *  @throws DataError, with the name of the tensor, if a number in the file is NaN or infinite */
    Classifier make_finite(std::uint64_t seed = 0) const;

    /** The model as the user gave it: a name or a file. */
    const std::string& shown() const { return file.empty() ? model : file; }
};

/** @throws DataError, with the name of the tensor, if a number in a classifier is NaN or infinite
 *  @param file  the file that it was read from */
void check_finite(const Classifier& classifier, const std::string& file);

void add_threads(const Options& verb);
/** True if --threads was given. */
bool threads_are_given();

/** Adds --unchecked, which takes a checkpoint that was edited; `checksum` must not move. */
void add_unchecked(const Options& verb, Checksum& checksum);

/** Loads a data set, and says so if a folder of its name is not meant. */
Dataset load_data(const std::string& name_or_folder);
/** The data for a model: those that are named, else those that its file was trained on, else those of its kind. */
Dataset load_data_for(const ModelArguments& model, const Classifier& classifier,
                      const std::optional<std::string>& named);

/** The recipes of all models: "lenet5 has lecun1998". */
std::string all_recipes();
/** The models whose convolutions can be pretrained: "lenet5 and bouvrie". */
std::string pretrainable_models();

} // namespace xgrad::command
