// docs/ops.md is made from the headers of the ops. An op with its own formula or shapes has its own entry; other ops
// are rows of a table.

#include "files.hpp"
#include "op_headers.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

namespace
{

namespace fs = std::filesystem;
using namespace xgrad::test;

const char* const made_by =
    R"(This page is made from the comments in `ops/*.hpp`, and a test compares the two. To change the page, change
the comments. Then build the tests, and let this one write the page:

```sh
XGRAD_WRITE_OPS=1 build/release/tests/xgrad_tests -tc='documents: the op reference*'
```

)";

/** A text of a header as Markdown: documents are links, errors are code. */
std::string marked(const std::string& text)
{
    return replaced(replaced(text, "docs/([\\w-]+\\.md)", "[$1]($1)"), "(^|[\\s(])((?:Shape)?Error)\\b", "$1`$2`");
}

/** A link to a family. */
std::string link_to(const Family& family)
{
    std::string anchor = replaced(family.title, " ", "-");
    std::transform(anchor.begin(), anchor.end(), anchor.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return "[" + family.title + "](#" + anchor + ")";
}

std::string page_of(const std::string& prose)
{
    std::string page;
    for (const std::string& paragraph : paragraphs_of(prose))
        page += (paragraph.starts_with("    ") ? paragraph : marked(paragraph)) + "\n";
    return page;
}

std::string page_of(const Type& type)
{
    std::string lines = "- `" + type.name + "`: " + type.comment.description;
    if (!type.comment.source.empty())
        lines += " Source: " + type.comment.source + ".";
    for (const std::string& member : type.members)
        lines += "\n  - " + member;
    return marked(lines) + "\n";
}

std::string row(const Strings& cells)
{
    std::string line = "|";
    for (const std::string& cell : cells)
        line += cell.empty() ? " |" : " " + replaced(cell, "\\|", "\\|") + " |";
    return line + "\n";
}

std::string table_of(const std::vector<Op>& ops)
{
    const bool sources = std::any_of(ops.begin(), ops.end(), [](const Op& op) { return !op.comment.source.empty(); });
    std::string table = sources ? row({"op", "result", "gradient", "source"}) + "|---|---|---|---|\n"
                                : row({"op", "result", "gradient"}) + "|---|---|---|\n";
    for (const Op& op : ops) {
        std::string result = op.comment.description;
        for (const std::string& error : op.comment.errors)
            result += " Throws " + error + ".";
        const std::string gradient = replaced(op.comment.gradient, "^Gradients?: ", "");
        Strings cells{"`" + op.call + "`", marked(without_full_stop(result)), without_full_stop(gradient)};
        if (sources)
            cells.push_back(op.comment.source);
        table += row(cells);
    }
    return table + "\n";
}

std::string page_of(const Op& op)
{
    const Comment& comment = op.comment;
    std::string page = "### `" + op.call + "`\n\n" + marked(comment.description) + "\n\n";
    for (const std::string& line : lines_of(comment.formula))
        page += "    " + trimmed(line) + "\n";
    page += comment.formula.empty() ? "" : "\n";
    for (const auto& [name, shape] : comment.parameters)
        page += "- `" + name + "`: " + shape + "\n";
    if (!comment.result.empty())
        page += "- Result: " + comment.result + "\n";
    page += "- " + without_full_stop(comment.gradient) + "\n";
    for (const std::string& error : comment.errors)
        page += "- Throws " + marked(error) + "\n";
    if (!comment.source.empty())
        page += "- Source: " + comment.source + "\n";
    return page + "\n";
}

std::string page_of(const Family& family)
{
    std::string page = "## " + family.title + "\n\n[ops/" + family.file + "](../ops/" + family.file + ")\n\n";
    for (const Section& section : family.sections) {
        page += page_of(section.prose);
        for (const Type& type : section.types)
            page += page_of(type);
        page += section.types.empty() ? "" : "\n";
        if (section.ops.empty())
            continue;
        if (std::all_of(section.ops.begin(), section.ops.end(), [](const Op& op) { return op.comment.is_short(); }))
            page += table_of(section.ops);
        else
            for (const Op& op : section.ops)
                page += page_of(op);
    }
    return page;
}

std::string contents_of(const std::vector<Family>& all)
{
    std::string table = row({"family", "ops and types"}) + "|---|---|\n";
    for (const Family& family : all) {
        Strings names;
        const auto add = [&](const std::string& name) {
            if (std::find(names.begin(), names.end(), name) == names.end())
                names.push_back(name);
        };
        for (const Section& section : family.sections) {
            for (const Type& type : section.types)
                add("`" + type.name + "`");
            for (const Op& op : section.ops)
                add("`" + op.name + "`");
        }
        table += row({link_to(family), joined(names, ", ")});
    }
    return table + "\n";
}

std::string reference()
{
    const std::vector<Family> all = families();
    const Family whole = HeaderReader(source_folder() / "ops" / "ops.hpp").family();
    std::string page = "# " + whole.title + "\n\n" + made_by;
    for (const Section& section : whole.sections)
        page += page_of(section.prose);
    page += contents_of(all);
    for (const Family& family : all)
        page += page_of(family);
    for (const Family& family : all) // where one family's prose names another one's header
        page = replaced(page, "(\\s)ops/" + family.file, "$1" + link_to(family));
    page.pop_back(); // the last blank line
    return page;
}

} // namespace

TEST_CASE("documents: the headers tell the formula and the gradient of every op")
{
    const std::string oracles = read_text(source_folder() / "docs" / "oracles.md");
    std::size_t count = 0;
    for (const Family& family : families()) {
        CAPTURE(family.file);
        CHECK_MESSAGE(family.undocumented.empty(), "no comment: " << joined(family.undocumented, ", "));
        std::set<std::string> names;
        for (const Op& op : ops_of(family)) {
            CAPTURE(op.call);
            const Comment& comment = op.comment;
            CHECK(contains(comment.description + comment.formula, " = "));
            CHECK(!comment.gradient.empty());
            CHECK(std::regex_search(comment.description, std::regex("^(The|A|An) .*\\.$")));
            if (!comment.source.empty())
                for (const std::string& id : arguments_of(comment.source))
                    CHECK_MESSAGE(contains(oracles, "\n| " + trimmed(id) + " |"), id << " is not in docs/oracles.md");
            names.insert(op.name);
            ++count;
        }
        for (const std::string& name : family.spellings)
            CHECK_MESSAGE((name.starts_with("operator") || names.contains(name)), "no comment: " << name);
    }
    CHECK(count > 80);
}

TEST_CASE("documents: every op is among those that the fuzzer calls")
{
    const std::string fuzzed = read_text(source_folder() / "tests" / "fuzz" / "ops.cpp");
    for (const Family& family : families())
        for (const Op& op : ops_of(family))
            CHECK_MESSAGE(contains(fuzzed, "XGRAD_OP(\"" + op.name + "\""), op.name);
}

TEST_CASE("documents: the op reference says what the headers say")
{
    const fs::path document = source_folder() / "docs" / "ops.md";
    const std::string wanted = reference();
    if (std::getenv("XGRAD_WRITE_OPS"))
        write(document, wanted);
    const Strings expected = lines_of(wanted), there = lines_of(read_text(document));
    std::size_t same = 0;
    while (same < std::min(expected.size(), there.size()) && expected[same] == there[same])
        ++same;
    const std::size_t line = same + 1;
    CAPTURE(line);
    INFO("docs/ops.md is not what the comments in ops/*.hpp say; its first lines tell how to write it anew");
    CHECK((same < there.size() ? there[same] : "") == (same < expected.size() ? expected[same] : ""));
    CHECK(there.size() == expected.size());
}
