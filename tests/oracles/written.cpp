#include "docs/documents.hpp"
#include "files.hpp"
#include "oracles.hpp"
#include <xgrad/base/array.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <list>
#include <set>
#include <sstream>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

std::list<OracleEntry>& entries()
{
    static std::list<OracleEntry> all; // entries keep their places
    return all;
}

/** The entries in the order of the texts: B2 before B10, B10 before B10u. */
std::vector<OracleEntry> in_order()
{
    std::vector<OracleEntry> all(entries().begin(), entries().end());
    const auto key = [](const OracleEntry& entry) {
        const std::size_t digits = entry.id.find_first_of("0123456789");
        const int number = entry.id[1] == '-' || digits == std::string::npos ? 0 : std::atoi(entry.id.c_str() + digits);
        return std::tuple(entry.id[0], number, entry.id);
    };
    std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
    return all;
}

const char* const heading = "| ID | formula | test | largest relative difference |\n|---|---|---|---|\n";

/** A row of docs/oracles.md up to the figure, which differs from machine to machine. */
std::string row(const OracleEntry& entry)
{
    return "| " + entry.id + " | " + entry.formula + " | [" + entry.file + "](../tests/oracles/" + entry.file + ") | ";
}

std::filesystem::path document() { return XGRAD_SOURCE_DATA "/../docs/oracles.md"; }

} // namespace

OracleEntry& test::register_oracle(const char* id, const char* formula, const char* file)
{
    entries().push_back({id, formula, std::filesystem::path(file).filename().string()});
    return entries().back();
}

void test::agree(OracleEntry& entry, const Variable<double>& autodiff, const oracles::Tensor& by_hand,
                 const std::string& what)
{
    CAPTURE(what);
    REQUIRE(autodiff.size() == by_hand.data.size());
    double largest = 0, difference = 0;
    for (std::size_t i = 0; i < by_hand.data.size(); ++i) {
        largest = std::max(largest, std::abs(by_hand.data[i]));
        const double here = std::abs(autodiff.data()[i] - by_hand.data[i]);
        REQUIRE(std::isfinite(here));
        difference = std::max(difference, here);
    }
    const double relative = largest > 0 ? difference / largest : difference;
    CHECK(relative <= 1e-10);
    entry.largest = std::max(entry.largest, relative);
}

void test::agree(OracleEntry& entry, double autodiff, double by_hand, const std::string& what)
{
    agree(
        entry, constant(Array<double>{autodiff}),
        [&] {
            oracles::Tensor one({1});
            one(0) = by_hand;
            return one;
        }(),
        what);
}

// Last in this file, and this file after all others of its folder in the order of doctest, so that every oracle has
// run.
TEST_CASE("oracles: every formula has its test, and docs/oracles.md its row")
{
    std::set<std::string> tested;
    for (const OracleEntry& entry : entries())
        tested.insert(entry.id);
    for (const char* id : {
#include "ids.inc"
         })
    {
        CAPTURE(id);
        CHECK(tested.contains(id));
    }

    if (std::getenv("XGRAD_WRITE_ORACLES")) {
        std::string text = read_text(document());
        text.resize(text.find(heading));
        text += heading;
        for (const OracleEntry& entry : in_order()) {
            std::ostringstream figure;
            figure.precision(1);
            figure << std::scientific << std::max(entry.largest, 0.0);
            text += row(entry) + figure.str() + " |\n";
        }
        test::write(document(), text);
    }
    const std::string text = read_text(document());
    std::size_t rows = 0;
    for (const OracleEntry& entry : entries()) {
        CAPTURE(entry.id);
        CHECK(contains(text, row(entry)));
        ++rows;
    }
    const std::string table = text.substr(text.find(heading) + std::string(heading).size());
    CHECK(static_cast<std::size_t>(std::count(table.begin(), table.end(), '\n')) == rows);
}
