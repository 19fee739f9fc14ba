// The documents show programs that are compiled and run. The text shown must be the program that runs, and its output.
//
//   <!-- example: first_gradient.cpp -->     the ```cpp block below is docs/examples/first_gradient.cpp,
//   <!-- example: own_op.cpp check -->       or the part of it between two lines //! [check]
//   <!-- source: ops/elementwise.cpp -->     the block is a part of that file
//   <!-- output: first_gradient.expected --> the ```text block is what the program prints

#include "documents.hpp"

#include "files.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace
{

namespace fs = std::filesystem;
using xgrad::test::anchors_of;
using xgrad::test::lines_of;
using xgrad::test::read_text;
using xgrad::test::source_folder;

std::vector<fs::path> documents()
{
    std::vector<fs::path> all{source_folder() / "README.md"};
    for (const auto& entry : fs::recursive_directory_iterator(source_folder() / "docs"))
        if (entry.path().extension() == ".md")
            all.push_back(entry.path());
    return all;
}

/** A fenced block, and the comment on the line before it. */
struct Block
{
    std::string language, text;
    std::string kind, file, region; // of <!-- kind: file region -->; empty without one
};

std::vector<Block> blocks_of(const std::string& document)
{
    std::vector<Block> blocks;
    std::string before;
    bool inside = false;
    for (const std::string& line : lines_of(document)) {
        if (inside && line == "```")
            inside = false;
        else if (inside)
            blocks.back().text += line + "\n";
        else if (line.rfind("```", 0) == 0) {
            inside = true;
            Block block{line.substr(3), "", "", "", ""};
            std::smatch match;
            if (std::regex_match(before, match, std::regex("<!-- (\\w+): (\\S+) ?(\\S*) -->"))) {
                block.kind = match[1];
                block.file = match[2];
                block.region = match[3];
            }
            blocks.push_back(block);
        }
        before = line;
    }
    return blocks;
}

/** The text between two lines //! [region], without the indentation that all of it has. */
std::string region_of(const std::string& source, const std::string& region)
{
    std::vector<std::string> lines;
    std::size_t indentation = std::string::npos;
    bool inside = false;
    for (const std::string& line : lines_of(source)) {
        const std::size_t first = line.find_first_not_of(' ');
        if (first != std::string::npos && line.substr(first) == "//! [" + region + "]")
            inside = !inside;
        else if (inside) {
            lines.push_back(line);
            indentation = std::min(indentation, first);
        }
    }
    std::string text;
    for (const std::string& line : lines)
        text += (line.empty() ? line : line.substr(indentation)) + "\n";
    return text;
}

std::string example(const Block& block)
{
    const std::string source = read_text(source_folder() / "docs" / "examples" / block.file);
    return block.region.empty() ? source : region_of(source, block.region);
}

/** The document without its blocks of code. */
std::string prose_of(const std::string& document)
{
    std::string prose;
    bool inside = false;
    for (const std::string& line : lines_of(document))
        if (line.rfind("```", 0) == 0)
            inside = !inside;
        else if (!inside)
            prose += line + "\n";
    return prose;
}

/** All matches of a pattern's group in a text. */
std::multiset<std::string> matches(const std::string& text, const char* pattern)
{
    const std::regex regex(pattern);
    std::multiset<std::string> found;
    for (std::sregex_iterator match(text.begin(), text.end(), regex), end; match != end; ++match)
        found.insert((*match)[1]);
    return found;
}

/** The targets of links and pictures that are files of the repository. */
std::vector<std::string> relative_links(const std::string& prose)
{
    std::vector<std::string> links;
    for (const std::string& link : matches(prose, "[^\\[]\\]\\(([^) ]+)[^)]*\\)")) // a lambda's [](…) is none
        if (link.find("://") == std::string::npos)
            links.push_back(link);
    return links;
}

} // namespace

TEST_CASE("documents: every program that is shown is one that is compiled and run")
{
    std::size_t shown = 0;
    for (const fs::path& document : documents())
        for (const Block& block : blocks_of(read_text(document))) {
            if (block.language != "cpp")
                continue;
            CAPTURE(document.filename().string());
            CAPTURE(block.text);
            ++shown;
            if (block.kind == "example")
                CHECK(block.text == example(block));
            else if (block.kind == "source")
                CHECK(read_text(source_folder() / block.file).find(block.text) != std::string::npos);
            else
                FAIL_CHECK("a block of code does not say which file it is from");
        }
    CHECK(shown > 10);
}

TEST_CASE("documents: every output that is shown is what the example prints")
{
    std::size_t shown = 0;
    for (const fs::path& document : documents())
        for (const Block& block : blocks_of(read_text(document)))
            if (block.kind == "output") {
                CAPTURE(document.filename().string());
                CHECK(block.text == example(block));
                ++shown;
            }
    CHECK(shown > 3);
}

#ifdef XGRAD_EXAMPLES
TEST_CASE("documents: every example prints what is expected")
{
    std::size_t run = 0;
    for (const auto& entry : fs::directory_iterator(source_folder() / "docs" / "examples"))
        if (fs::path path = entry.path(); path.extension() == ".cpp") {
            CAPTURE(path.filename().string());
            const xgrad::test::Folder folder;
            const fs::path program = fs::path(XGRAD_EXAMPLES) / ("example_" + path.stem().string());
            const std::string command = "cd '" + folder.path().string() + "' && '" + program.string() + "' >printed";
            CHECK(std::system(command.c_str()) == 0);
            CHECK(read_text(folder / "printed") == read_text(path.replace_extension(".expected")));
            ++run;
        }
    CHECK(run >= 12);
}
#endif

TEST_CASE("documents: every example has its expected output, and is shown in a document")
{
    std::string all;
    for (const fs::path& document : documents())
        all += read_text(document);
    for (const auto& entry : fs::directory_iterator(source_folder() / "docs" / "examples"))
        if (fs::path path = entry.path(); path.extension() == ".cpp") {
            CAPTURE(path.filename().string());
            CHECK(all.find(path.filename().string()) != std::string::npos);
            CHECK(fs::exists(path.replace_extension(".expected")));
        }
}

TEST_CASE("documents: every relative link leads to a file, and to a heading of it")
{
    std::size_t followed = 0;
    for (const fs::path& document : documents())
        for (const std::string& link : relative_links(prose_of(read_text(document)))) {
            CAPTURE(document.filename().string());
            const std::size_t hash = link.find('#');
            const std::string name = link.substr(0, hash);
            const fs::path file = name.empty() ? document : document.parent_path() / name;
            CHECK_MESSAGE(fs::exists(file), link);
            if (hash != std::string::npos && file.extension() == ".md")
                CHECK_MESSAGE(anchors_of(read_text(file)).contains(link.substr(hash + 1)), link);
            ++followed;
        }
    CHECK(followed > 10);
}

TEST_CASE("documents: the README names the commands")
{
    const std::string readme = read_text(source_folder() / "README.md");
    for (const char* command : {"./xgrad train lenet5", "./xgrad test"})
        CHECK_MESSAGE(readme.find(command) != std::string::npos, command);
}

TEST_CASE("documents: the pictures of graphs show every op and leaf of their DOT text")
{
    const fs::path folder = source_folder() / "docs";
    const std::map<std::string, std::string> pictures{{"first_gradient.svg", "draw_graph.expected"},
                                                      {"recorded_gradient.svg", "draw_gradient.expected"},
                                                      {"lenet5.svg", "draw_lenet5.expected"}};
    for (const auto& picture : pictures) {
        CAPTURE(picture.first);
        const std::string dot = read_text(folder / "examples" / picture.second);
        const std::string svg = read_text(folder / "images" / picture.first);
        const std::string drawing = svg.substr(0, svg.find("<g class=\"legend\">"));
        const auto labels = matches(dot, "label=\"([^\"\\\\]+)");
        CHECK(labels.size() > 3);
        CHECK(labels == matches(drawing, ">([^<>()]+)</text>"));
    }
}
