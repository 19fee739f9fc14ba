#include "program.hpp"

#include "command.hpp"
#include "ranks.hpp"
#include "streams.hpp"
#include "version.hpp"
#include "words.hpp"
#include <xgrad/base/nearest.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace xgrad::command
{

namespace
{

const Verb* verb_of(const std::vector<Verb>& verbs, const std::string& name)
{
    const auto found = std::find_if(verbs.begin(), verbs.end(),
                                    [&](const Verb& verb) { return verb.options.parser().get_name() == name; });
    return found == verbs.end() ? nullptr : &*found;
}

std::vector<std::string> names_of(const std::vector<Verb>& verbs)
{
    std::vector<std::string> names;
    for (const Verb& verb : verbs)
        names.push_back(verb.options.parser().get_name());
    names.emplace_back("help");
    return names;
}

bool asks_for_help(const std::vector<std::string>& words)
{
    return std::any_of(words.begin(), words.end(),
                       [](const std::string& word) { return word == "--help" || word == "-h"; });
}

/** Runs a verb, or the command itself for --help and --version.
 *  @param words  the words after the name of the program; "help VERB" is "VERB --help" already */
int run(const Options& app, const std::vector<Verb>& verbs, const std::vector<std::string>& words)
{
    const Verb* const verb = verb_of(verbs, words[0]);
    const std::string hint =
        fmt::format("see {} {}--help", program(), verb == nullptr ? "" : verb->options.parser().get_name() + " ");
    try {
        if (verb == nullptr && !words[0].starts_with('-'))
            throw UsageError(detail::no_such("verb", words[0], names_of(verbs)));
        if (!asks_for_help(words))
            check_options(verb == nullptr ? app : verb->options, words);
        app.parser().parse(std::vector(words.rbegin(), words.rend())); // CLI11 takes them from the end
        if (words[0] == "train" || words[0] == "evaluate")
            settle_ranks(words);
        else
            check_alone(words[0]);
        return verb->run();
    } catch (const CLI::Success& request) { // --help or --version
        std::ostringstream text;
        app.parser().exit(request, text, text);
        fmt::print("{}", text.str());
        return success;
    } catch (const CLI::ParseError& error) {
        const std::string message = message_of(error, verb == nullptr ? app : verb->options);
        return complain(fmt::format("{}; {}", message, hint), wrong_usage);
    } catch (const UsageError& error) {
        return complain(error.what(), wrong_usage);
    }
}

} // namespace

int run(const std::vector<std::string>& given)
{
    CLI::App app("xgrad: trains networks with gradients that nobody wrote by hand, and checks gradients.", "xgrad");
    app.set_version_flag("--version", version_text,
                         "Print the version, the compiler, the instruction set and the libraries");
    app.require_subcommand(1);
    app.footer("Examples:\n"
               "  xgrad train lenet5                  trains LeNet-5 on MNIST\n"
               "  xgrad evaluate xgrad-runs/lenet5/best.safetensors\n"
               "  xgrad gradcheck conv2d              compares its gradients with finite differences\n"
               "'xgrad VERB --help' or 'xgrad help VERB' shows the options of a verb.");
    const std::vector<Verb> verbs = add_verbs(Options(app));
    for (const Verb& verb : verbs)
        check_types(verb.options);
    std::vector<std::string> words = given;
    if (words.empty()) {
        std::fputs(app.help().c_str(), stderr);
        return wrong_usage;
    }
    if (words[0] == "help") {
        words.erase(words.begin());
        words.emplace_back("--help");
    }
    return run(Options(app), verbs, words);
}

} // namespace xgrad::command
