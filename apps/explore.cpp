#include "command.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/installed.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>

extern char** environ; // NOLINT: POSIX has it in no header

namespace xgrad::command
{

namespace
{

namespace fs = std::filesystem;

struct Arguments
{
    bool print = false;
};

/** The page that an install brings. @throws DataError if it is not there */
fs::path page()
{
    const fs::path path = detail::installed_data() / "explorer" / "index.html";
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored))
        throw DataError(fmt::format("[explore] there is no page {}: this xgrad was installed without it; in the source "
                                    "tree, ./xgrad explore builds and serves it",
                                    path.string()));
    return path;
}

/** Shows a file in the user's browser. @return  whether there is a program that does */
bool opened(const fs::path& path)
{
    std::string program = "xdg-open", file = path.string();
    char* const words[] = {program.data(), file.data(), nullptr};
    pid_t child = 0;
    if (posix_spawnp(&child, program.c_str(), nullptr, nullptr, words, environ) != 0)
        return false;
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int run(const Arguments& arguments)
{
    const fs::path path = page();
    if (arguments.print || !opened(path))
        fmt::print("{}\n",
                   arguments.print ? path.string() : fmt::format("open this file in a browser: {}", path.string()));
    return success;
}

} // namespace

Verb explore(const Options& app)
{
    const Options verb = app.add_verb(
        "explore", "opens the explorer: a page where one draws a digit and sees every gradient",
        "The page needs no network. It shows every map and gradient of a network, the sweep step by step,\n"
        "the derivation, and it says what is wrong in a gradient of your own.\n"
        "Examples:\n  xgrad explore\n  firefox \"$(xgrad explore --print)\"");
    const auto arguments = std::make_shared<Arguments>();
    verb.add_flag("--print", arguments->print, "prints the page's file, and opens nothing");
    return {verb, [arguments] { return run(*arguments); }};
}

} // namespace xgrad::command
