#pragma once

#include <xgrad/models/networks/architecture.hpp>

#include <CLI/CLI.hpp>

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
    CLI::App* app;
    std::function<int()> run;
};

Verb train(CLI::App& app);
Verb evaluate(CLI::App& app);
Verb predict(CLI::App& app);
Verb summary(CLI::App& app);
Verb gradcheck(CLI::App& app);
Verb graph(CLI::App& app);
Verb compare(CLI::App& app);

enum ExitCode
{
    success = 0,
    failure = 1,
    wrong_usage = 2,
    signalled = 128 // plus the signal's number
};

/** Options that are well formed but make no sense together. */
class UsageError : public std::runtime_error
{
  public:
    using std::runtime_error::runtime_error;
};

/** How the user called this program, for the commands that it proposes. */
const std::string& program();
void set_program(std::string name);

/** The options of models, each with what it means for which model; `given` has to stay where it is. */
void add_model_options(CLI::App& app, const std::vector<std::pair<std::string, std::vector<ModelOption>>>& models,
                       Choices& given);

/** The model's name and its options, as they were given. */
struct ModelArguments
{
    std::string model;
    Choices given;

    /** Binds the arguments to this object, which has to stay where it is. */
    void add_to(CLI::App& app);

    /** The model's option of which all values are meant, as none was given; else nullptr. */
    const ModelOption* open_choice() const;

    /** `base`, changed by what was given. */
    Choices over(Choices base) const;

    /** @throws UsageError if the options are not for this model */
    Classifier make(std::uint64_t seed, const Choices& choices) const;
};

void add_threads(CLI::App& app);

/** "lenet5 has lecun1998": which models have which recipes. */
std::string all_recipes();
/** "lenet5 and bouvrie": the models whose convolutions can be pretrained. */
std::string pretrainable_models();

/** Numbers that are finite and above 0, or at least 0. */
CLI::Validator positive();
CLI::Validator not_negative();

} // namespace xgrad::command
