// The derivations in docs/derivations/ are those that xgrad derives. Each is between two comments,
//
//   <!-- derivation: bouvrie -->
//   <!-- end of the derivation -->
//
// and is written there by XGRAD_WRITE_DERIVATIONS=1 build/release/tests/xgrad_tests -tc='derivation documents*'

#include "derivations.hpp"
#include "docs/documents.hpp"
#include "files.hpp"
#include <xgrad/inspect/derivation/derivation.hpp>
#include <xgrad/inspect/derivation/notation.hpp>
#include <xgrad/models/networks/bouvrie.hpp>
#include <xgrad/models/networks/lenet5.hpp>
#include <xgrad/models/networks/mlp.hpp>
#ifdef XGRAD_COMMAND
#include "apps/command.hpp"
#endif

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

using detail::Equation;
using detail::Equations;
using detail::Formula;

/** A text as code in a table cell. */
std::string code(std::string text)
{
    for (std::size_t bar = 0; (bar = text.find('|', bar)) != std::string::npos; bar += 2)
        text.insert(bar, "\\");
    return "`" + text + "`";
}

/** The formulas of an equation in the texts with the given letters; those of any text if there are none. */
std::vector<Formula> formulas_of_texts(const Equation& equation, const std::string& texts)
{
    std::vector<Formula> all = equation.formulas, own;
    std::copy_if(all.begin(), all.end(), std::back_inserter(own),
                 [&](const Formula& formula) { return texts.find(formula.id[0]) != std::string::npos; });
    return own.empty() ? all : own;
}

std::string row(const Equation& equation, const std::string& texts)
{
    std::string ids, by_hand;
    for (const Formula& formula : formulas_of_texts(equation, texts)) {
        const std::string written = code(formula.by_hand);
        ids += (ids.empty() ? "" : ", ") + std::string(formula.id);
        if (!contains(by_hand, written))
            by_hand += (by_hand.empty() ? "" : "<br>") + written;
    }
    return "| " + ids + " | " + by_hand + " | " + code(written(equation, detail::as_text)) + " |\n";
}

/** The equations by hand and by xgrad, side by side.
 *  @param texts  the letters of those whose formulas are shown
 *  @param only   the sections to show, with the uses of their K below; empty: all */
std::string side_by_side(const Graph& recording, const std::string& texts, const std::set<std::string>& only = {})
{
    const Equations equations = detail::equations_of(recording);
    std::string all;
    for (const auto* part : {&equations.forward, &equations.backward}) {
        all += "\n";
        all += std::string("| ID | by hand | by xgrad, ") + (part == &equations.forward ? "forward" : "backward") +
               " |\n|---|---|---|\n";
        for (const detail::Section& section : *part)
            for (const Equation& equation : section.equations)
                if (only.empty() || only.contains(section.layer) || contains(equation.right, "K"))
                    all += row(equation, texts);
    }
    return all + "\n";
}

std::string printed(const Graph& recording) { return "```text\n" + to_text(recording) + "```\n"; }

Graph bouvrie(const BouvrieOptions& options = {}) { return recording_of(Bouvrie<double>(1, options), 28); }
Graph penalized() { return bouvrie({.combination = true, .sparsity = Sparsity::l1}); }
Graph lenet5(const LeNet5Options& options = {}) { return recording_of(LeNet5<double>(1, options), 32); }
Graph mlp(const MLPOptions& options) { return recording_of(MLP<double>({784, 12, 10}, 1, options), 28); }

/** The derivations in the documents, by name. */
const std::map<std::string, std::function<std::string()>>& derivations()
{
    using Loss = MLPOptions::Loss;
    static const MLPOptions squared{
        .activation = Activation::sigmoid, .output_activation = Activation::sigmoid, .loss = Loss::squared_error};
    static const std::map<std::string, std::function<std::string()>> all = {
        {"bouvrie", [] { return side_by_side(bouvrie(), "B"); }},
        {"bouvrie as printed", [] { return printed(bouvrie()); }},
        {"combination", [] { return side_by_side(bouvrie({.combination = true}), "B", {"c3"}); }},
        {"penalty",
         [] {
             return side_by_side(penalized(), "B", {"c3", "loss"});
         }},
        {"lenet5", [] { return side_by_side(lenet5(), "GH"); }},
        {"lenet5 as printed", [] { return printed(lenet5()); }},
        {"table", [] { return side_by_side(lenet5({.connection_table = true, .mean_pooling = true}), "GH", {"c3"}); }},
        {"mlp", [] { return side_by_side(mlp(squared), "BG"); }},
        {"mlp as printed", [] { return printed(mlp(squared)); }},
        {"softmax", [] { return side_by_side(mlp({}), "H", {"layer2"}); }},
        {"logistic", [] { return side_by_side(mlp({.loss = Loss::binary_cross_entropy}), "G", {"layer2"}); }},
    };
    return all;
}

const std::string opening = "<!-- derivation: ", end = "<!-- end of the derivation -->";

/** The document with every derivation as it is now. @param count  the number of derivations */
std::string renewed(std::string text, std::size_t& count)
{
    for (std::size_t at = 0; (at = text.find(opening, at)) != std::string::npos; ++count) {
        const std::size_t name = at + opening.size(), begin = text.find(" -->\n", name), after = text.find(end, begin);
        REQUIRE(after != std::string::npos);
        const std::string derivation = derivations().at(text.substr(name, begin - name))();
        at = begin + 5;
        text.replace(at, after - at, derivation);
    }
    return text;
}

} // namespace

TEST_CASE("derivation documents: what they show is what xgrad derives")
{
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(source_folder() / "docs" / "derivations"))
        if (entry.path().extension() == ".md") {
            CAPTURE(entry.path().filename().string());
            const std::string text = test::read_text(entry.path()), now = renewed(text, count);
            if (std::getenv("XGRAD_WRITE_DERIVATIONS"))
                test::write(entry.path(), now);
            else
                CHECK(text == now);
        }
    CHECK(count == derivations().size());
}

#ifdef XGRAD_COMMAND
TEST_CASE("derivation documents: the command prints the same")
{
    for (const std::string model : {"bouvrie", "lenet5"}) {
        const Result result = call({"graph", model, "--backward"});
        CHECK(result.code == 0);
        CHECK("```text\n" + result.out + "```\n" == derivations().at(model + " as printed")());
    }
}
#endif
