// Command lines, which are parsed and not run.

#include "input.hpp"

#include <CLI/CLI.hpp>

#include <apps/command.hpp>
#include <memory>
#include <string>

using namespace xgrad;

/** An argument a line. */
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    // CLI11 keeps a list of all options that were ever parsed, so the parser is made anew from time to time.
    static std::unique_ptr<CLI::App> app;
    static std::vector<command::Verb> verbs;
    static std::size_t executions = 0;
    if (executions++ % 10000 == 0) {
        verbs.clear();
        app = std::make_unique<CLI::App>("fuzzed", "xgrad");
        verbs = command::add_verbs(command::Options(*app));
    }
    std::vector<std::string> arguments;
    std::string_view text = fuzz::Input(data, size).rest();
    while (!text.empty()) {
        const std::string_view argument = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), argument.size() + 1));
        arguments.emplace_back(argument);
    }
    std::reverse(arguments.begin(), arguments.end()); // as CLI11 takes them
    try {
        app->clear();
        app->parse(arguments);
    } catch (const CLI::Error&) {
    } catch (const command::UsageError&) {
    }
    return 0;
}
