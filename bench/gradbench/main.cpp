#include "protocol.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/workers.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>

using namespace xgrad;

namespace
{

constexpr const char* usage = "usage: xgrad_gradbench [--multithreaded] EVAL FILE FUNCTION\n"
                              "       EVAL FILE FUNCTION, by a link of the eval's name\n"
                              "evals and their functions:\n";

int show_usage()
{
    std::fputs(usage, stderr);
    for (const gradbench::Eval& eval : gradbench::evals()) {
        std::fprintf(stderr, "  %-10s", eval.name.c_str());
        for (const gradbench::Function& function : eval.functions)
            std::fprintf(stderr, " %s", function.name.c_str());
        std::fputc('\n', stderr);
    }
    return 2;
}

} // namespace

int main(int argc, char** argv)
{
    try {
        std::vector<std::string> words(argv + 1, argv + argc);
        const std::string name = std::filesystem::path(argv[0]).filename();
        const std::vector<gradbench::Eval> evals = gradbench::evals();
        const auto find = [&](const std::string& wanted) {
            return std::find_if(evals.begin(), evals.end(), [&](const auto& eval) { return eval.name == wanted; });
        };
        if (find(name) != evals.end())
            words.insert(words.begin(), name);
        const bool multithreaded = !words.empty() && words.front() == "--multithreaded";
        if (multithreaded)
            words.erase(words.begin());
        else
            set_threads(1);
        if (words == std::vector<std::string>{"--names"}) {
            for (const gradbench::Eval& eval : evals)
                std::printf("%s\n", eval.name.c_str());
            return 0;
        }
        if (words.size() != 3 || find(words[0]) == evals.end())
            return show_usage();
        std::ifstream file(words[1]);
        if (!file)
            throw Error("[gradbench] cannot read " + words[1]);
        gradbench::run(*find(words[0]), words[2], gradbench::json::parse(file));
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
