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
    {"formats", {"base", "kernels", "graph", "ops", "inspect"}},
    {"models", {"base", "kernels", "graph", "ops", "optim", "inspect", "formats"}},
    {"ranks", {"base"}},
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

/** The headers that a file includes, and those that they include. */
const std::set<std::string>& headers_of(const fs::path& file)
{
    static std::map<fs::path, std::set<std::string>> known;
    const auto [place, is_new] = known.try_emplace(file.lexically_normal());
    if (!is_new)
        return place->second;
    std::set<std::string> all;
    for (const std::string& header : matches_of(read_text(file), "#include ([<\"][^>\"]+)")) {
        const std::string name = header.substr(1);
        const bool is_ours = header.starts_with("<xgrad/");
        all.insert(is_ours ? name.substr(6) : name);
        const fs::path path = is_ours ? root / name.substr(6) : file.parent_path() / name;
        if ((is_ours || header[0] == '"') && fs::exists(path))
            all.insert(headers_of(path).begin(), headers_of(path).end());
    }
    return known[file.lexically_normal()] = all;
}

/** One of the headers is included, itself or through a header of ours, by each file that has the words. */
struct Need
{
    std::regex words;
    std::vector<std::string> headers;
};

const Need needs[] = {
    {std::regex("std::(sort|stable_sort|find|find_if|any_of|all_of|none_of|copy|copy_n|fill|fill_n|transform|reverse|"
                "rotate|max_element|min_element|equal|count|count_if|lower_bound|upper_bound|min|max|clamp|unique|"
                "for_each|is_sorted|search|generate)\\("),
     {"algorithm"}},
    {std::regex("std::array\\b"), {"array"}},
    {std::regex("std::atomic\\b"), {"atomic"}},
    {std::regex("std::(bit_floor|bit_ceil|popcount|bit_cast|has_single_bit)\\b"), {"bit"}},
    {std::regex("std::(sqrt|exp|log|isfinite|isnan|pow|abs|floor)\\b"), {"cmath"}},
    {std::regex("std::(size_t|ptrdiff_t)\\b"), {"cstddef"}},
    {std::regex("std::u?int(8|16|32|64)_t"), {"cstdint"}},
    {std::regex("std::filesystem"), {"filesystem"}},
    {std::regex("fmt::"), {"fmt/core.h", "fmt/format.h", "fmt/ranges.h"}},
    {std::regex("std::function\\b"), {"functional"}},
    {std::regex("Variable<|\\bTape\\b"), {"graph/variable.hpp", "graph/tape.hpp"}},
    {std::regex("\\bArray<"), {"base/array.hpp"}},
    {std::regex("std::numeric_limits"), {"limits"}},
    {std::regex("std::map\\b"), {"map"}},
    {std::regex("std::(unique_ptr|shared_ptr|make_unique|make_shared)\\b"), {"memory"}},
    {std::regex("std::(mutex|lock_guard|unique_lock)\\b"), {"mutex"}},
    {std::regex("std::(accumulate|iota)\\("), {"numeric"}},
    {std::regex("std::(optional|nullopt)\\b"), {"optional"}},
    {std::regex("std::set\\b"), {"set"}},
    {std::regex("std::span\\b"), {"span"}},
    {std::regex("std::(runtime_error|logic_error)\\b"), {"stdexcept"}},
    {std::regex("std::(string|to_string)\\b"), {"string"}},
    {std::regex("std::string_view\\b"), {"string_view"}},
    {std::regex("std::(tuple|tie)\\b"), {"tuple"}},
    {std::regex("std::(is_same_v|is_pointer_v|decay_t|conditional_t)\\b"), {"type_traits", "concepts"}},
    {std::regex("std::variant\\b"), {"variant"}},
    {std::regex("std::vector\\b"), {"vector"}},
};

std::string without_comments(const std::string& code)
{
    std::string rest;
    for (std::size_t at = 0; at < code.size();) {
        const std::size_t begin = std::min(code.find("//", at), code.find("/*", at));
        rest += code.substr(at, begin - at);
        if (begin == std::string::npos)
            break;
        const std::string end = code[begin + 1] == '/' ? "\n" : "*/";
        at = std::min(code.find(end, begin + 2), code.size() - end.size()) + end.size();
    }
    return rest;
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

// Precompiled headers hide what is missing: in the builds of users, who may have none, it is an error.
TEST_CASE("house: each file includes what it uses")
{
    std::size_t uses = 0;
    for (const auto& [room, below] : allowed)
        for (const fs::path& file : sources_of(room)) {
            if (file.extension() == ".ipp") // a part of another file
                continue;
            CAPTURE(file.string());
            const std::string code = without_comments(read_text(file));
            const std::set<std::string>& headers = headers_of(file);
            const std::string own = fs::relative(file, root).lexically_normal().generic_string();
            for (const Need& need : needs) {
                std::smatch word;
                if (!std::regex_search(code, word, need.words))
                    continue;
                ++uses;
                const bool is_there =
                    std::any_of(need.headers.begin(), need.headers.end(),
                                [&](const std::string& header) { return header == own || headers.contains(header); });
                const std::string what = word.str() + " needs <" + need.headers[0] + ">";
                CHECK_MESSAGE(is_there, what);
            }
        }
    CHECK(uses > 1000);
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
        const std::string code = without_comments(read_text(file));
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
