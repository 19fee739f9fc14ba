#include "apps/gradcheck/cases.hpp"
#include "long.hpp"
#include <xgrad/kernels/elementwise/functions.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>

using namespace xgrad;
using test::GradientCase;

namespace
{

using Names = std::set<std::string>;

const std::vector<GradientCase>& cases()
{
    static const std::vector<GradientCase> all = test::gradient_cases();
    return all;
}

/** The op of each test, by the test's title. */
std::map<std::string, std::string>& ops_of_tests()
{
    static std::map<std::string, std::string> ops;
    return ops;
}

/** All cases of the op of the test that runs. */
void check_cases()
{
    const std::string& op = ops_of_tests().at(doctest::getContextOptions()->currentTest->m_name);
    for (const GradientCase& one : cases())
        if (one.op == op) {
            const GradientReport report = check_gradient(op + ", " + one.variant, one.function, one.inputs);
            CHECK_MESSAGE(report.passed(), report);
        }
}

/** All matches of a pattern's first group in the files of a folder whose names have this ending. */
Names in_sources(const std::string& folder, const std::string& ending, const std::string& pattern)
{
    Names names;
    for (const auto& entry : std::filesystem::directory_iterator(XGRAD_SOURCE_DATA "/../" + folder)) {
        if (!entry.path().filename().string().ends_with(ending))
            continue;
        std::ifstream file(entry.path());
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        const std::regex expression(pattern);
        for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end; ++match)
            names.insert((*match)[1]);
    }
    return names;
}

Names declared_ops()
{
    return in_sources("ops", ".hpp", "template <class[^>]*>\\s+(?!Variables|Array)[A-Z]\\w*<\\w+> ([a-z]\\w*)\\(");
}

/** The structs that have parameters. */
Names declared_layers()
{
    const std::string pattern = "struct (\\w+)\n\\{(?:\n(?: .*)?)*?\n +Parameters<T> parameters\\(\\)";
    return in_sources("models/layers", ".hpp", pattern);
}

std::string in_snake_case(const std::string& name)
{
    const auto is_capital = [&](std::size_t i) { return i < name.size() && name[i] >= 'A' && name[i] <= 'Z'; };
    std::string snake;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool begins = is_capital(i) && (!is_capital(i - 1) || (i + 1 < name.size() && !is_capital(i + 1)));
        if (begins && i > 0)
            snake += '_';
        snake += is_capital(i) ? static_cast<char>(name[i] - 'A' + 'a') : name[i];
    }
    return snake;
}

/** The names that are in `all` and not in `some`. */
std::string missing(const Names& all, const Names& some)
{
    std::string names;
    for (const std::string& name : all)
        if (!some.count(name))
            names += name + " ";
    return names;
}

struct Collector final : Observer
{
    Names names;
    void op(OpCall& call) override
    {
        names.insert(call.name());
        call.run();
    }
    Observing observing{*this};
};

} // namespace

namespace xgrad::test
{

/** Adds a test for each op that has cases, by which it can be run alone. */
void add_gradient_tests()
{
    for (const GradientCase& one : cases())
        ops_of_tests().emplace("gradients of " + one.op + " at orders 1 and 2", one.op);
    doctest::detail::TestSuite none;
    none * ""; // or a filter of test suites reads its null pointer
    for (const auto& [title, op] : ops_of_tests())
        doctest::detail::regTest(doctest::detail::TestCase(check_cases, __FILE__, __LINE__, none) * title.c_str());
}

} // namespace xgrad::test

TEST_CASE("every op of the headers has gradient cases")
{
    Names names;
    for (const GradientCase& one : cases())
        names.insert(one.op);
    const Names declared = declared_ops();
    REQUIRE(declared.size() > 60);
    CHECK(missing(declared, names) == "");
}

TEST_CASE("every layer with parameters has gradient cases")
{
    Names names, wanted;
    for (const GradientCase& one : cases())
        names.insert(one.op);
    const Names ops = declared_ops();
    for (const std::string& layer : declared_layers()) {
        const std::string name = in_snake_case(layer);
        wanted.insert(ops.count(name) ? name + "_layer" : name); // the op's cases are not the layer's
    }
    REQUIRE(wanted.size() >= 17);
    CHECK(missing(wanted, names) == "");
}

TEST_CASE("every name under which an op is recorded appears while the cases run" * test::is_long)
{
    Names recorded = in_sources("ops", ".cpp", "record\\(\\s*\"([^\"]+)\"");
#define XGRAD_ROW(name, ...) recorded.insert({#name, #name "_gradient"});
    XGRAD_FUNCTIONS(XGRAD_ROW)
    XGRAD_FUNCTIONS_OF_NUMBERS(XGRAD_ROW)
#undef XGRAD_ROW
#define XGRAD_ROW(name, ...) recorded.insert(#name);
    XGRAD_STEPS(XGRAD_ROW)
    XGRAD_STEPS_OF_NUMBERS(XGRAD_ROW)
#undef XGRAD_ROW
#define XGRAD_ROW(name, ...) recorded.insert(#name);
    XGRAD_FUNCTIONS_OF_TWO(XGRAD_ROW)
#undef XGRAD_ROW
    recorded.insert({"less", "less_equal", "equal", "not_equal", "logical_and", "logical_or", "isclose"});
    recorded.insert("argument");                  // of a function that a rule differentiates
    recorded.insert({"fft", "ifft"});             // by the direction
    recorded.insert({"take_last", "max", "min"}); // by what chose the positions
    recorded.insert(
        {"wavelet", "gate", "cross_entropy", "cross_entropy_of_logits", "huber", "kl_divergence"}); // by elementwise
    recorded.insert({"mean_pool2d", "mean_pool2d_input", "sum_pool2d", "sum_pool2d_input"});        // by the divisor
    REQUIRE(recorded.size() > 50);
    Collector seen;
    for (const GradientCase& one : cases())
        check_gradient(one.op, one.function, one.inputs);
    CHECK(missing(recorded, seen.names) == "");
    CHECK(missing(seen.names, recorded) == "");
}

TEST_CASE("the variants of an op have different names")
{
    Names names;
    for (const GradientCase& one : cases())
        CHECK_MESSAGE(names.insert(one.op + ", " + one.variant).second, one.op, ", ", one.variant);
}
