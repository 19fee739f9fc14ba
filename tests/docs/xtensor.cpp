// docs/xtensor.md is the table of xtensor's functions and their counterparts. It is held against xtensor's headers, as
// they are installed, and against the ops.

#include "files.hpp"
#include "op_headers.hpp"

#include <doctest/doctest.h>

#include <regex>
#include <set>
#include <string>

namespace
{

namespace fs = std::filesystem;
using namespace xgrad::test;
using Names = std::set<std::string>;

/** All matches of a pattern's first group. */
Names matches(const std::string& text, const std::string& pattern)
{
    Names names;
    const std::regex expression(pattern, std::regex::ECMAScript | std::regex::multiline);
    for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end; ++match)
        names.insert((*match)[1]);
    return names;
}

/** The functions that a header of xtensor has for its users: those that stand in the namespace itself. */
Names functions_of(const fs::path& header)
{
    const std::string text = read_text(header);
    Names names = matches(text, "^    (?:template <[^\\n]*>\\s*)?(?:inline|constexpr)[^\\n(=;]*?\\b(\\w+)\\(");
    names.merge(matches(text, "^    XTENSOR_\\w*REDUCER_FUNCTION\\((\\w+),"));
    for (const char* const part_of_a_macro : {"NAME", "decltype"})
        names.erase(part_of_a_macro);
    return names;
}

/** The cells of a column of all tables of the page. */
std::string column(std::size_t number)
{
    std::string cells;
    for (const std::string& line : lines_of(read_text(source_folder() / "docs" / "xtensor.md"))) {
        if (!line.starts_with("| "))
            continue;
        std::size_t begin = 0;
        for (std::size_t i = 0; i < number; ++i)
            begin = line.find(" | ", begin) + 3;
        cells += line.substr(begin, line.find(" |", begin) - begin) + "\n";
    }
    return cells;
}

Names names_of_ops()
{
    Names names;
    for (const fs::directory_entry& entry : fs::directory_iterator(source_folder() / "ops"))
        if (entry.path().extension() == ".hpp")
            names.merge(
                matches(read_text(entry.path()), "^(?:template [^\\n]*\\s)?(?:[\\w:]+(?:<T>|<To>)?|Labels) (\\w+)\\("));
    return names;
}

} // namespace

TEST_CASE("documents: the page on xtensor has every function of its headers")
{
    const Names listed = matches(column(0), "`(?:linalg::)?(\\w+)`");
    std::size_t count = 0;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(XGRAD_XTENSOR_INCLUDE "/xtensor")) {
        static const Names headers{"xmath.hpp",      "xnorm.hpp",   "xmanipulation.hpp", "xpad.hpp",
                                   "xoperation.hpp", "xsort.hpp",   "xbuilder.hpp",      "xset_operation.hpp",
                                   "xhistogram.hpp", "xcomplex.hpp"};
        if (!headers.contains(entry.path().filename()))
            continue;
        for (const std::string& name : functions_of(entry.path())) {
            CHECK_MESSAGE(listed.contains(name), name, " of ", entry.path().filename().string());
            ++count;
        }
    }
    CHECK(count > 120);
}

TEST_CASE("documents: the ops on the page on xtensor exist")
{
    const Names ops = names_of_ops();
    CHECK(ops.size() > 150);
    Names named = matches(column(1), "`(\\w+)`");
    for (const std::string& line : lines_of(read_text(source_folder() / "docs" / "xtensor.md")))
        if (line.find("| the same") != std::string::npos)
            named.merge(matches(line.substr(0, line.find("| the same")), "`(\\w+)`"));
    CHECK(named.size() > 130);
    for (const std::string& name : named)
        CHECK_MESSAGE(ops.contains(name), name);
}
