// Each formula that a derivation prints in LaTeX is one that KaTeX takes, which shows formulas on pages.
#include "documents.hpp"
#include "files.hpp"
#include "shell.hpp"
#include <xgrad/inspect/derivation/derivation.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/training/random_batch.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

// Prints what KaTeX does not take, and the number of formulas.
constexpr const char* program = R"(
const katex = require("katex");
const text = require("fs").readFileSync("formulas.tex", "utf8");
const display = /\\begin\{align\*\}[\s\S]*?\\end\{align\*\}/g;
const inline = [...text.replace(display, "").matchAll(/\$([^$]*)\$/g)].map(found => [found[1], false]);
const all = [...text.matchAll(display)].map(found => [found[0], true]).concat(inline);
for (const [formula, displayMode] of all)
    try {
        katex.renderToString(formula, { displayMode, strict: "error", maxExpand: Infinity });
    } catch (error) {
        console.log(error.message);
    }
console.log(all.length + " formulas");
)";

std::string checked(const Folder& folder)
{
    // Where Debian and npm put modules.
    return output_of("cd " + folder.path().string() +
                     " && NODE_PATH=/usr/share/nodejs:$NODE_PATH node program.js 2>&1");
}

std::string derivation_of(const Classifier& classifier)
{
    const Batch batch = random_batch(classifier, 2, 1);
    const Variable<float> images = variable(batch.images);
    return to_latex(graph_of_gradient<float>([&] { return classifier.loss(images, batch.labels); },
                                             classifier.parameters, Parameters<float>{{"x", images}}));
}

} // namespace

TEST_CASE("documents: KaTeX takes each formula of each derivation")
{
    const Folder folder;
    write(folder / "program.js", program);
    write(folder / "formulas.tex", "$\\frac{1}{2}$");
    if (checked(folder) != "1 formulas\n") {
        MESSAGE("skipped: there is no KaTeX");
        return;
    }
    write(folder / "formulas.tex", "$\\frac{1$ $\\notacommand$");
    CHECK(contains(checked(folder), "notacommand"));
    for (const Architecture& each : architectures()) {
        CAPTURE(each.name);
        write(folder / "formulas.tex", derivation_of(make_classifier(each.name, 1)));
        const std::string found = checked(folder);
        CHECK_MESSAGE(found.find('\n') == found.size() - 1, found); // the number alone
        CHECK(std::stoi(found) > 8);
    }
}
