// The slips of docs/pitfalls.md are compiled: each must be refused, in few lines. The page quotes what compilers say.

#include "documents.hpp"
#include "files.hpp"
#include "long.hpp"
#include "shell.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <regex>
#include <string>
#include <vector>

using namespace xgrad::test;
namespace fs = std::filesystem;

namespace
{

struct Slip
{
    std::string code, instead;
};

std::vector<Slip> slips()
{
    std::vector<Slip> all;
    for (const std::string& line : lines_of(read_text(source_folder() / "tests/docs/slips.txt")))
        if (const std::size_t arrow = line.find(" => "); arrow != std::string::npos && line[0] != '#')
            all.push_back({line.substr(0, arrow), line.substr(arrow + 4)});
    return all;
}

/** A compiler that has read xgrad.hpp once. */
class Compiler
{
  public:
    /** @param version  the one that the page quotes */
    Compiler(std::string name, std::string version, const Folder& folder)
        : name_(std::move(name)), folder_(folder.path().string())
    {
        const std::string found = output_of(name_ + " -dumpversion");
        if (!found.starts_with(version + "\n") && !found.starts_with(version + "."))
            return;
        const std::string header = XGRAD_HEADERS "/xgrad/xgrad.hpp";
        std::ofstream(folder / "all.hpp") << "#include <xgrad/xgrad.hpp>\n";
        const std::string from = is_clang() ? header : folder_ + "/all.hpp", to = folder_ + "/all.hpp.gch";
        const std::string said = output_of(name_ + flags() + "-w -x c++-header " + from + " -o " + to);
        INFO(said);
        REQUIRE(fs::exists(to));
        is_there_ = true;
    }

    bool is_there() const { return is_there_; }

    /** The lines that it says of a slip. */
    std::vector<std::string> says(const Slip& slip) const
    {
        std::ofstream(folder_ + "/slip.cpp")
            << (is_clang() ? "#include <xgrad/xgrad.hpp>" : "#include \"all.hpp\"") << "\nusing namespace xgrad;\n"
            << "void slip(Variable<double> x, const Parameters<double>& parameters)\n"
            << "{\n    " << slip.code << "\n}\n";
        return lines_of(output_of("cd " + folder_ + " && " + name_ + flags() +
                                  (is_clang() ? "-include-pch all.hpp.gch " : "") + "-fsyntax-only slip.cpp"));
    }

  private:
    bool is_clang() const { return name_ == "clang++"; }
    static std::string flags() { return " -std=c++20 -I " XGRAD_HEADERS " "; }

    std::string name_, folder_;
    bool is_there_ = false;
};

/** The first error among the lines, without the place in a file. clang takes options in another order, and warns. */
std::string first_error(const std::vector<std::string>& lines)
{
    for (const char* kind : {"error: ", "warning: "})
        for (const std::string& line : lines)
            if (const std::size_t error = line.find(kind); error != std::string::npos)
                return line.substr(error);
    return "";
}

/** A cell of a Markdown table. */
std::string cell(const std::string& text) { return " " + std::regex_replace(text, std::regex("\\|"), "\\|") + " |"; }
std::string code(const std::string& text)
{
    const std::string fence = text.find('`') == std::string::npos ? "`" : "``";
    return fence + text + fence;
}

} // namespace

TEST_CASE("documents: compilers refuse the slips of the page on pitfalls, in at most twelve lines" *
          xgrad::test::is_long)
{
    const char* architecture = std::getenv("XGRAD_ARCH");
    if (architecture != nullptr && architecture != std::string("baseline")) {
        MESSAGE("skipped: compilers do not depend on the instruction set; baseline's run asks them");
        return;
    }
    const Folder of_gcc, of_clang;
    const Compiler gcc("g++", "12", of_gcc), clang("clang++", "14", of_clang);
    if (!gcc.is_there() && !clang.is_there()) {
        MESSAGE("skipped: neither g++ 12 nor clang++ 14, which the page quotes, is here");
        return;
    }
    const fs::path page = source_folder() / "docs/pitfalls.md";
    std::string text = read_text(page), table = "| slip | instead | g++ 12 | clang 14 |\n|---|---|---|---|\n";
    for (const Slip& slip : slips()) {
        CAPTURE(slip.code);
        std::string row = "|" + cell(code(slip.code)) + cell(slip.instead);
        for (const Compiler* compiler : {&gcc, &clang}) {
            if (!compiler->is_there())
                continue;
            const std::vector<std::string> lines = compiler->says(slip);
            CAPTURE(first_error(lines));
            CHECK(!first_error(lines).empty());
            CHECK(lines.size() <= 12);
            const std::string quoted = cell(code(first_error(lines)));
            row += quoted;
            CHECK_MESSAGE(text.find(quoted) != std::string::npos, "docs/pitfalls.md quotes another");
        }
        table += row + "\n";
    }
    if (std::getenv("XGRAD_WRITE_SLIPS") != nullptr && gcc.is_there() && clang.is_there()) {
        const std::size_t begin = text.find("| slip |"), end = text.find("\n\n", begin);
        std::ofstream(page) << text.replace(begin, end + 1 - begin, table);
    }
    CHECK(slips().size() >= 20);
}
