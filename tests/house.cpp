// The rules of the house: which folder may use which, and how large files may be.
#include "docs/documents.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

using xgrad::test::read_text;
namespace fs = std::filesystem;

namespace
{

const fs::path root = fs::path(XGRAD_SOURCE_DATA) / "..";

/** The rooms that a room may include besides itself. */
const std::map<std::string, std::set<std::string>> allowed = {
    {"base", {}},
    {"kernels", {"base"}},
    {"graph", {"base", "kernels"}},
    {"ops", {"base", "kernels", "graph"}},
    {"inspect", {"base", "kernels", "graph", "ops"}},
    {"optim", {"base", "kernels", "graph", "ops"}},
    {"formats", {"base", "kernels", "graph", "ops"}},
    {"models", {"base", "kernels", "graph", "ops", "optim", "inspect", "formats"}},
};

std::vector<fs::path> sources_of(const std::string& room)
{
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(root / room))
        if (std::set<std::string>{".hpp", ".cpp", ".ipp"}.contains(entry.path().extension().string()))
            files.push_back(entry.path());
    return files;
}

std::set<std::string> matches_of(const std::string& text, const std::string& pattern)
{
    std::set<std::string> all;
    const std::regex expression(pattern);
    for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end; ++match)
        all.insert((*match)[1]);
    return all;
}

std::ptrdiff_t lines_of(const fs::path& file)
{
    const std::string text = read_text(file);
    return std::count(text.begin(), text.end(), '\n');
}

} // namespace

TEST_CASE("house: no room includes one above it")
{
    for (const auto& [room, below] : allowed)
        for (const fs::path& file : sources_of(room))
            for (const std::string& other : matches_of(read_text(file), "#include <xgrad/(\\w+)/")) {
                CAPTURE(file.string());
                CHECK_MESSAGE((other == room || below.contains(other)), other);
            }
}

TEST_CASE("house: no file includes itself over others")
{
    std::map<std::string, std::set<std::string>> includes;
    for (const auto& [room, below] : allowed)
        for (const fs::path& file : sources_of(room))
            if (file.extension() == ".hpp")
                includes[fs::relative(file, root).lexically_normal().generic_string()] =
                    matches_of(read_text(file), "#include <xgrad/([\\w/.]+)>");
    std::set<std::string> settled; // whose includes are all settled
    for (bool more = true; more;) {
        more = false;
        for (const auto& [file, of_file] : includes)
            if (!settled.contains(file) && std::all_of(of_file.begin(), of_file.end(), [&](const std::string& other) {
                    return settled.contains(other) || !includes.contains(other);
                }))
                more = settled.insert(file).second;
    }
    for (const auto& each : includes)
        CHECK_MESSAGE(settled.contains(each.first), each.first);
    CHECK(settled.size() > 60);
}

TEST_CASE("house: the engine names no op, and is read in fifteen minutes")
{
    std::set<std::string> ops;
    for (const fs::path& file : sources_of("ops"))
        ops.merge(matches_of(read_text(file), "record\\(\\s*\"([^\"]+)\""));
    ops.merge(matches_of(read_text(fs::path(root) / "kernels/elementwise/functions.hpp"), "ROW\\((\\w+),"));
    REQUIRE(ops.size() > 50);
    std::ptrdiff_t lines = 0;
    for (const fs::path& file : sources_of("graph")) {
        lines += lines_of(file);
        std::string code = std::regex_replace(read_text(file), std::regex("//[^\n]*|/\\*[^]*?\\*/"), "");
        for (const std::string& literal : matches_of(code, "\"([a-z0-9_]+)\"")) {
            CAPTURE(file.string());
            CHECK_MESSAGE(!ops.contains(literal), literal);
        }
    }
    CHECK(lines < 2200);
}

TEST_CASE("house: no file of the library is over 400 lines")
{
    for (const auto& [room, below] : allowed)
        for (const fs::path& file : sources_of(room)) {
            CAPTURE(file.string());
            CHECK(lines_of(file) <= 400);
        }
}

TEST_CASE("house: a doc comment begins with what the thing is, not with a fragment")
{
    const std::regex fragment("(/\\*\\*|///<)\\s+(\\*\\s+)?"
                              "(of|what|its|whether|how|where|which|for|from|in|by|as|with|without)\\s[^\n]*",
                              std::regex::icase);
    std::size_t comments = 0;
    for (const char* room : {"base", "kernels", "graph", "ops", "inspect", "optim", "formats", "models", "oracles",
                             "apps", "bench", "tests"})
        for (const fs::path& file : sources_of(room)) {
            CAPTURE(file.string());
            const std::string text = read_text(file);
            for (std::size_t at = text.find("/**"); at != std::string::npos; at = text.find("/**", at + 1))
                ++comments;
            for (std::sregex_iterator match(text.begin(), text.end(), fragment), end; match != end; ++match)
                FAIL_CHECK(match->str());
        }
    CHECK(comments > 500);
}
