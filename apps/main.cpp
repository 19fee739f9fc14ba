#include "command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <exception>

namespace
{

using namespace xgrad::command;

int complain(const std::string& what, ExitCode code)
{
    // Some messages of CLI11 and the system have line breaks; here an error is one line.
    std::string line = what;
    std::replace(line.begin(), line.end(), '\n', ' ');
    fmt::print(stderr, "xgrad: {}\n", line);
    return code;
}

std::string help_hint(const std::vector<Verb>& verbs)
{
    const auto used = std::find_if(verbs.begin(), verbs.end(), [](const Verb& verb) { return verb.app->parsed(); });
    return fmt::format("see {} {}--help", program(), used == verbs.end() ? "" : used->app->get_name() + " ");
}

int run(int argc, char** argv)
{
    CLI::App app("xgrad: trains networks with gradients that nobody wrote by hand, and checks gradients.", "xgrad");
    app.set_version_flag("--version", "xgrad " XGRAD_VERSION);
    app.require_subcommand(1);
    app.footer("Examples:\n"
               "  xgrad train lenet5                  trains LeNet-5 on MNIST\n"
               "  xgrad evaluate xgrad-runs/lenet5/best.safetensors\n"
               "  xgrad gradcheck conv2d              compares its gradients with finite differences\n"
               "'xgrad VERB --help' shows the options of a verb.");
    const std::vector<Verb> verbs = {train(app),     evaluate(app), predict(app), summary(app),
                                     gradcheck(app), graph(app),    compare(app)};
    if (argc < 2) {
        fmt::print(stderr, "{}", app.help());
        return wrong_usage;
    }
    const std::string first = argv[1];
    const auto has_name = [&](const Verb& verb) { return verb.app->get_name() == first; };
    if (first[0] != '-' && std::none_of(verbs.begin(), verbs.end(), has_name)) {
        std::vector<std::string> names;
        names.reserve(verbs.size());
        for (const Verb& verb : verbs)
            names.push_back(verb.app->get_name());
        return complain(fmt::format("there is no verb '{}'; there are: {}", first, fmt::join(names, ", ")),
                        wrong_usage);
    }
    try {
        app.parse(argc, argv);
        return std::find_if(verbs.begin(), verbs.end(), [](const Verb& verb) { return verb.app->parsed(); })->run();
    } catch (const CLI::Success& request) { // --help or --version
        return app.exit(request);
    } catch (const CLI::ParseError& error) {
        return complain(fmt::format("{}; {}", error.what(), help_hint(verbs)), wrong_usage);
    } catch (const UsageError& error) {
        return complain(error.what(), wrong_usage);
    }
}

} // namespace

int main(int argc, char** argv)
{
    try {
        if (argc > 0)
            set_program(argv[0]);
        return run(argc, argv);
    } catch (const std::exception& error) {
        return complain(error.what(), failure);
    }
}
