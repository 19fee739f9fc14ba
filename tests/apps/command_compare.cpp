// The verb compare: the handwritten passes against autodiff, and each mistake that can be planted in them.
#ifdef XGRAD_COMMAND

#include "command.hpp"
#include "html.hpp"
#include "long.hpp"
#include "oracles/planted.hpp"

#include <iterator>
#include <map>
#include <regex>
#include <sstream>

using namespace xgrad::test;

namespace
{

const std::string sample = XGRAD_SOURCE_DATA "/mnist-sample";

Words compare(const std::string& model, const Words& more = {})
{
    Words words = {"compare", model, "--data", sample};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

void check_agreement(const std::string& model, std::size_t rows, const Words& more = {})
{
    CAPTURE(model);
    const Result result = call(compare(model, more));
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    CHECK(contains(result.out, "\nall " + std::to_string(rows) + " rows agree\n"));
    CHECK_FALSE(contains(result.out, "^"));
}

/** A part of the explanation of each mistake. */
const std::map<std::string, std::string> words = {
    {"missing-rot180", "agrees after rot180"},
    {"extra-rot180", "agrees after rot180"},
    {"transposed", "transposed"},
    {"flipped", "flipped along axis 3"},
    {"convolution-for-correlation", "one rot180 of the kernel too many or too few"},
    {"valid-for-full", "'valid' where 'full' is meant"},
    {"factor-n", "too large by the factor 4, the number of samples"},
    {"factor-one-over-n", "too small by the factor 4, the number of samples"},
    {"factor-2", "twice as large"},
    {"sign", "the sign is wrong"},
    {"mean-for-sum", "a mean where a sum is meant"},
    {"missing-derivative", "f' is missing in "},
    {"derivative-at-output", "f' is taken at the output"},
    {"derivative-at-input", "is given the input u"},
    {"missing-upsampling", "the upsampling is missing"},
    {"missing-beta", "the factor is missing in multiply of s4"},
    {"every-tie", "every element that equals its block's maximum"},
    {"bias-not-summed-positions", "the sum over axes 1, 2 is missing"},
    {"bias-not-summed-batch", "the sum over axes 0 is missing"},
    {"diagonal-softmax", "only the diagonal of softmax's Jacobian"},
    {"cross-entropy-sign", "the sign of the cross-entropy is wrong"},
    {"missing-penalty", "a term of the loss is missing"},
    {"permuted-channels", "are in another order"},
    {"stale", "the gradient of the previous sample"},
};

/** A wrapped text as one line. */
std::string unwrapped(const std::string& text)
{
    std::string line;
    for (const char c : text)
        if (!(line.ends_with(' ') && (c == ' ' || c == '\n')))
            line += c == '\n' ? ' ' : c;
    return line;
}

/** Plants each of the mistakes and looks for the words that name it. @return  the number of mistakes */
std::size_t check_mistakes(const std::string& model, const oracles::Mistakes& mistakes)
{
    CHECK(mistakes.size() >= 11);
    for (const oracles::Mistake& mistake : mistakes) {
        CAPTURE(model);
        CAPTURE(mistake.name);
        Words more = {"--plant", mistake.name};
        if (!mistake.needs.empty())
            more.push_back("--combination");
        if (mistake.needs == "sparsity")
            more.insert(more.end(), {"--sparsity", "entropy"});
        const Result result = call(compare(model, more));
        CHECK(result.code == 1);
        CHECK(result.err.empty());
        CHECK(contains(result.out, "planted: " + mistake.name + " in " + mistake.step));
        CHECK(contains(result.out, " rows differ\n"));
        CHECK(line_count(result.out) < 60);
        const std::string text = unwrapped(result.out);
        CAPTURE(text);
        REQUIRE(words.contains(mistake.name));
        CHECK(contains(text, words.at(mistake.name)));
        CHECK(contains(text, "see docs/mistakes.md#"));
        CHECK_FALSE(contains(text, "no simple explanation"));
        const std::size_t first = text.find(" ^ "); // one mistake, one explanation
        CHECK(text.find(" ^ ", first + 1) == std::string::npos);
    }
    return mistakes.size();
}

/** The output without times, and without the differences of a few units in the last place. */
std::string without_rounding(const std::string& text)
{
    const std::string without_times = std::regex_replace(text, std::regex(" +[0-9.]+ (µs|ms|s)\n"), "\n");
    return std::regex_replace(without_times, std::regex("0\\.0e\\+00|[0-9]\\.[0-9]e-1[4-9]"), "tiny");
}

} // namespace

TEST_CASE("command: compare: every gradient of the three networks agrees with the one derived by hand")
{
    check_agreement("lenet5", 23);
    check_agreement("lenet5", 23, {"--activation", "sigmoid", "--seed", "2", "--samples", "1"});
    check_agreement("bouvrie", 16);
    check_agreement("bouvrie", 16, {"--activation", "sigmoid", "--output-activation", "scaled-tanh"});
    for (const char* sparsity : {"none", "l1", "entropy", "power"})
        check_agreement("bouvrie", 17, {"--combination", "--sparsity", sparsity});
    for (const char* activation : {"scaled-tanh", "sigmoid", "tanh"})
        check_agreement("mlp", 10, {"--activation", activation, "--samples", "7"});
}

TEST_CASE("command: compare: a row says which gradient by which formula, and what three ways find")
{
    const Result result = call(compare("lenet5"));
    CHECK(contains(result.out, "lenet5: the first 4 images of "));
    CHECK(contains(result.out, "F7's f is the identity"));
    for (const char* id : {"H-S2 ", "H-F.1", "H-F.4", "H-C5.2", "H-S4", "H-C3.2", "H-C3.4", "H-S2p", "H-C1.3"})
        CHECK_MESSAGE(contains(result.out, id), id);
    for (const char* part : {"(16,6,5,5)", "(4,6,28,28)", "finite diff", "cosine", " µs", "by hand, backward alone"})
        CHECK_MESSAGE(contains(result.out, part), part);
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);)
        CHECK(line.size() <= 145);
}

TEST_CASE("command: compare: each mistake that is planted in LeNet-5's pass is named" * is_long)
{
    check_mistakes("lenet5", oracles::lenet5_mistakes(oracles::hyperbolic));
}

TEST_CASE("command: compare: each mistake that is planted in Bouvrie's pass is named" * is_long)
{
    check_mistakes("bouvrie", oracles::bouvrie_mistakes(oracles::scaled_hyperbolic));
    for (const Words& more : {Words{}, Words{"--combination"}}) {
        Words all = compare("bouvrie", {"--plant", "convolution-for-correlation"});
        all.insert(all.end(), more.begin(), more.end());
        CHECK(contains(unwrapped(call(all).out), "on the way back through conv2d of c3")); // as the network calls it
    }
}

TEST_CASE("command: compare: a penalty without a gradient can be left out, and it is said why that is not seen")
{
    const Folder folder;
    const Result result = call(folder, compare("bouvrie", {"--combination", "--sparsity", "l1", "--plant",
                                                           "missing-penalty", "--report", "page.html"}));
    CHECK(result.code == 0);
    CHECK(contains(result.out, "bouvrie --combination --sparsity l1: the first 4 images of "));
    CHECK(contains(result.out, "planted: missing-penalty in c3.scores"));
    CHECK(contains(result.out, "all 17 rows agree: the gradient of an L1 penalty on α is 0 everywhere (B21, "));
    CHECK(contains(contents(folder / "page.html"), ", which is not seen: the gradient of an L1 penalty on α is 0 "));
}

TEST_CASE("command: compare: each mistake that is planted in the perceptron's pass is named" * is_long)
{
    check_mistakes("mlp", oracles::perceptron_mistakes(oracles::scaled_hyperbolic));
}

TEST_CASE("command: compare: every usual mistake can be planted somewhere, and --plant list tells them")
{
    std::string lists;
    for (const char* model : {"lenet5", "bouvrie", "mlp"}) {
        const Result result = call(compare(model, {"--plant", "list"}));
        CHECK(result.code == 0);
        lists += result.out;
    }
    for (const auto& mistake : words)
        CHECK_MESSAGE(contains(lists, "\n" + mistake.first + " "), mistake.first);
    CHECK(contains(lists, "; needs --combination"));
}

TEST_CASE("command: compare: the document names every mistake")
{
    const std::string document = contents(XGRAD_SOURCE_DATA "/../docs/compare.md");
    for (const auto& mistake : words)
        CHECK_MESSAGE(contains(document, "`" + mistake.first + "`"), mistake.first);
}

TEST_CASE("command: compare: the document quotes what is printed")
{
    std::istringstream lines(contents(XGRAD_SOURCE_DATA "/../docs/compare.md"));
    std::string printed, quoted;
    std::size_t commands = 0;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("> xgrad compare ")) {
            std::istringstream words(line.substr(16));
            const Words arguments{std::istream_iterator<std::string>(words), {}};
            printed = without_rounding(call(compare(arguments[0], {arguments.begin() + 1, arguments.end()})).out);
            ++commands;
        } else if (!printed.empty() && (line == "…" || line == "```")) {
            CHECK_MESSAGE(contains(printed, quoted), quoted); // the text between two … is printed in one piece
            quoted.clear();
            if (line == "```")
                printed.clear();
        } else if (!printed.empty())
            quoted += without_rounding(line + "\n");
    }
    CHECK(commands == 2);
}

TEST_CASE("command: compare: the page begins with the explanation, and has a line for each gradient")
{
    const Folder folder;
    for (const Words& more : {Words{}, Words{"--plant", "missing-derivative"}}) {
        Words all = compare("lenet5", more);
        all.insert(all.end(), {"--report", "page.html"});
        const Result result = call(folder, all);
        CHECK(result.code == (more.empty() ? 0 : 1));
        CHECK(contains(result.out, "page.html"));
        const std::string page = contents(folder / "page.html");
        const Html html(page);
        CHECK(page.size() < 1000000);
        CHECK(html.named("h1")[0].text == "xgrad compare lenet5");
        CHECK(contains(page, "lenet5: the first 4 images of "));
        CHECK(html.named("details").size() == 23);
        CHECK(html.named("img").size() == 4 * 23);
        CHECK(count(page, "<b>H-C3.2</b> δ(w3") == 1);
        CHECK(count(page, "F7's f is the identity") == 1);
        CHECK(count(page, "by hand, backward alone") == 1);
        CHECK(count(page, "✓ All 23 gradients agree") == (more.empty() ? 1 : 0));
        CHECK(count(page, "✗ 14 of 23 gradients are wrong") == (more.empty() ? 0 : 1));
        CHECK(count(page, "planted: missing-derivative in c5.u") == (more.empty() ? 0 : 1));
        CHECK(count(page, "f' is missing in tanh after c5") == (more.empty() ? 0 : 1));
        CHECK(count(page, "docs/mistakes.md#missing-derivative\">") == (more.empty() ? 0 : 1));
        CHECK(count(page, "<details class=\"row\" open>") == (more.empty() ? 0 : 1));
        if (!more.empty()) {
            CHECK(contains(html.named("details")[0].text, "c5.u"));
            CHECK(contains(html.named("details")[14].text, "f7.output"));
        }
    }
    CHECK(folder.count() == 3); // the page, out and err
}

TEST_CASE("command: compare: the page has a formula in every row, of the layers that are meant")
{
    const Folder folder;
    for (const Words& more : {Words{"mlp"}, Words{"bouvrie"}, Words{"bouvrie", "--combination"}, Words{"lenet5"}}) {
        Words all = compare(more[0], {more.begin() + 1, more.end()});
        all.insert(all.end(), {"--report", "page.html"});
        REQUIRE(call(folder, all).code == 0);
        const std::string page = contents(folder / "page.html");
        const std::size_t rows = Html(page).named("details").size();
        CHECK_MESSAGE(count(page, "<div class=\"numbers\">\n<p><b>") == rows, more[0]);
        CHECK_MESSAGE(!contains(page, "</b> </p>"), more[0]);                 // an ID without a formula
        CHECK(contains(page, "<b>B14d</b> ∂E/∂x") == (more[0] == "bouvrie")); // an image has no f'
        CHECK(contains(page, "<b>B5</b> ∂E/∂x") == (more[0] == "mlp"));
        CHECK(count(page, "<b>B14b</b> ∂E/∂β") == (more[0] == "bouvrie" ? 2 : 0));
        CHECK(count(page, "<b>B14b</b> ∂E/∂b") == (more[0] == "bouvrie" ? 2 : 0));
    }
}

TEST_CASE("command: compare: wrong usage and failures are one line")
{
    check_error(call({"compare"}), 2, "MODEL");
    check_error(call({"compare", "variants"}), 2, "no handwritten pass of variants: give gradients of your own");
    check_error(call({"compare", "variant"}), 2, "bouvrie");
    check_error(call(compare("mlp", {"--samples", "0"})), 2, "--samples: must be a number greater than 0, not 0");
    check_error(call(compare("mlp", {"--samples", "4001"})), 2, "--samples 4001 is more than the 4000 training images");
    check_error(call(compare("mlp", {"--combination"})), 2, "no option 'combination'; it has: activation");
    check_error(call(compare("lenet5", {"--activation", "relu"})), 2, "tanh, scaled-tanh, sigmoid, not 'relu'");
    check_error(call(compare("bouvrie", {"--sparsity", "l1"})), 2, "ask for both");
    check_error(call(compare("mlp", {"--plant", "magic"})), 2, "no mistake 'magic'; mlp can have: transposed, ");
    check_error(call(compare("mlp", {"--plant", "every-tie"})), 2,
                "cannot have the mistake 'every-tie'; these can: lenet5");
    check_error(call(compare("bouvrie", {"--plant", "missing-penalty"})), 2, "needs the option --sparsity");
    check_error(call(compare("mlp", {"--plant", "factor-n", "--samples", "1"})), 2, "--samples 2 or more");
    check_error(call({"compare", "mlp", "--data", "/nowhere"}), 1, "/nowhere");
    check_error(call({"compare", "mlp", "--data", "/nowhere", "--report", "no/folder/page.html"}), 1, "no/folder/page");
    check_error(call({"compare", "mlp", "--data", "/nowhere", "--report", "."}), 1, "is a folder");
}

#endif
