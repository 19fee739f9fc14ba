#include "mutants/mutants.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <set>

using namespace xgrad::test;

namespace
{

const std::string root = XGRAD_SOURCE_DATA "/../";

std::vector<Mutant> all_mutants() { return read_mutants(root + "tests/mutants/mutants.txt"); }

} // namespace

TEST_CASE("mutants: each one's line is there once, and the wrong piece is another than the right one")
{
    std::set<std::string> names;
    for (const Mutant& one : all_mutants()) {
        CAPTURE(one.name);
        CHECK_NOTHROW(place_of(one, text_of(root + one.file)));
        CHECK(one.right != one.wrong);
        CHECK(names.insert(one.file + one.name).second);
    }
    CHECK(names.size() >= 60);
}

TEST_CASE("mutants: none changes what another one changes")
{
    std::map<std::string, std::map<std::size_t, const Mutant*>> places; // of each file
    const std::vector<Mutant> all = all_mutants();
    for (const Mutant& one : all)
        places[one.file].emplace(place_of(one, text_of(root + one.file)), &one);
    for (const auto& of_file : places) {
        std::size_t end = 0;
        for (const auto& [place, one] : of_file.second) {
            const std::string name = of_file.first + ": " + one->name;
            CHECK_MESSAGE(place >= end, name);
            end = place + one->right.size();
        }
    }
}

TEST_CASE("mutants: there are some of every family of ops")
{
    std::set<std::string> files;
    for (const Mutant& one : all_mutants())
        files.insert(one.file);
    for (const auto& entry : std::filesystem::directory_iterator(root + "ops"))
        if (entry.path().extension() == ".cpp") {
            CAPTURE(entry.path().filename().string());
            CHECK(files.count("ops/" + entry.path().filename().string()) == 1);
        }
}

TEST_CASE("mutants: a line that is gone, one that is there twice, and one without a change are errors")
{
    const Mutant sign{"file", "sign", "return ", "-g", "g", ";"};
    CHECK(place_of(sign, "{ return -g; }") == 9);
    CHECK_THROWS_WITH(place_of(sign, "{ return g; }"),
                      "mutants: 'sign' needs this once in file, it is there not at all: return -g;");
    CHECK_THROWS_WITH(place_of(sign, "return -g; return -g;"),
                      "mutants: 'sign' needs this once in file, it is there more than once: return -g;");
    CHECK_THROWS_WITH(read_mutant("", "", "return -g => g;"), "mutants: no «right => wrong» in: return -g => g;");
}

TEST_CASE("mutants: a choice between expressions, or between statements")
{
    CHECK(choice({"", "", "", "-g", "g", ""}, 3) == "(::xgrad::test::is_mutant(3) ? (g) : (-g))");
    CHECK(choice({"", "", "", "a += b;", "a = b;", ""}, 4) ==
          "if (::xgrad::test::is_mutant(4)) { a = b; } else { a += b; }");
}
