#include "derivations.hpp"
#include "files.hpp"
#include "networks.hpp"
#include <xgrad/graph/record.hpp>
#include <xgrad/inspect/derivation/derivation.hpp>
#include <xgrad/inspect/derivation/notation.hpp>
#include <xgrad/models/data/text.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

using namespace xgrad;
using namespace xgrad::detail;
using namespace xgrad::test;

namespace
{

/** An equation as it is printed, with its formulas: "∂E/∂W^f5 = δ^f5 (x^s4)ᵀ [B7, G1]". */
std::string line_of(const Equation& equation)
{
    const std::string ids = ids_of(equation);
    return written(equation, as_text) + (ids.empty() ? "" : " [" + ids + "]");
}

std::set<std::string> lines_of(const std::vector<Section>& sections)
{
    std::set<std::string> lines;
    for (const Section& section : sections)
        for (const Equation& equation : section.equations)
            lines.insert(line_of(equation));
    return lines;
}

std::set<std::string> backward_of(const Graph& recording) { return lines_of(equations_of(recording).backward); }

void check_lines(const std::set<std::string>& lines, const std::vector<std::string>& expected)
{
    std::string all;
    for (const std::string& line : lines)
        all += line + "\n";
    CAPTURE(all);
    for (const std::string& line : expected)
        CHECK_MESSAGE(lines.contains(line), line);
}

/** A chain of ops, squashed or not, with the same parameters all along or with a layer for each step. */
Graph chain(std::size_t steps, bool of_matrices, bool squashed, bool of_layers)
{
    Random random(1);
    const auto x = variable(random.normal<double>({3, 4}, 0, 1));
    Parameters<double> parameters;
    for (std::size_t i = 0; i < (of_layers ? steps : 1); ++i) {
        const std::string layer = "l" + std::to_string(i);
        const Shape shape = of_matrices ? Shape{4, 4} : Shape{4};
        parameters.add(layer + ".weight", variable(random.normal<double>(shape, 0, 0.5)));
        parameters.add(layer + ".shift", variable(random.normal<double>({4}, 0, 0.5)));
    }
    const auto loss = [&] {
        Variable<double> y = x;
        for (std::size_t i = 0; i < steps; ++i) {
            const Variable<double>&w = parameters[of_layers ? 2 * i : 0], &c = parameters[of_layers ? 2 * i + 1 : 1];
            const auto u = of_matrices ? matmul(y, w, {.b = true}) : y * w;
            y = (squashed ? tanh(u) : sin(u)) + c;
        }
        return sum(square(y));
    };
    return graph_of_gradient<double>(loss, parameters, {{"x", x}});
}

struct Sizes
{
    std::size_t all = 0, largest = 0;
};

/** The sizes of the equations of a graph. CHECKs that each v in them has an equation. */
Sizes sizes_of(const Graph& graph)
{
    Sizes sizes;
    std::set<std::string> known, used;
    const std::function<void(const Expression&)> use = [&](const Expression& e) {
        if (e.head == "v" || e.head.starts_with("v_"))
            used.insert(written(e, as_text));
        for (const Expression& operand : e.operands)
            use(operand);
    };
    const Equations equations = equations_of(graph);
    for (const auto* part : {&equations.forward, &equations.backward})
        for (const Section& section : *part)
            for (const Equation& equation : section.equations) {
                known.insert(written(equation.left, as_text));
                use(equation.right);
                const std::size_t size = size_of(equation.right);
                sizes.all += size;
                sizes.largest = std::max(sizes.largest, size);
            }
    CHECK(std::includes(known.begin(), known.end(), used.begin(), used.end()));
    return sizes;
}

} // namespace

TEST_CASE("derivation: a person's simplifications")
{
    const auto simple = [](const char* text) { return written(simplified(parse(text)), as_text); };
    CHECK(simple("(∘ 1 x)") == "x");
    CHECK(simple("(∘ 2 (∘ x 3) (∘ -1 y))") == "−6 x ∘ y");
    CHECK(simple("(+ x (∘ -1 y))") == "x − y");
    CHECK(simple("(+ (∘ -0.5 t) (∘ 0.5 y))") == "0.5 (y − t)");
    CHECK(simple("(+ x 0)") == "x");
    CHECK(simple("(∘ 0 x)") == "0");
    CHECK(simple("(/ x 4)") == "0.25 x");
    CHECK(simple("(rot180 (rot180 k))") == "k");
    CHECK(simple("(⋆ x (rot180 k))") == "x * k");
    CHECK(simple("(rot180 (⋆ x g))") == "rot180(conv2d(x, rot180(g), valid))");
    CHECK(simple("(ᵀ (· g (ᵀ W)))") == "W gᵀ");
    CHECK(simple("(Σ n (∘ 2 (Σ i x)))") == "2 Σ_{n,i} x");
    CHECK(simple("(up (∘ g β^s2))") == "β^s2 up(g)");
    CHECK(simple("(∘ g (squash sigmoid u x) (+ 1 (∘ -1 x)))") == "g ∘ squash(sigmoid, u, x) ∘ (1 − x)");
    CHECK(simple("(∘ g (∘ (squash sigmoid u x) (+ 1 (∘ -1 (squash sigmoid u x)))))") == "sigmoid'(u) ∘ g");
}

TEST_CASE("derivation: parentheses where they are needed, and only there")
{
    const auto text = [](const char* expression) { return written(parse(expression), as_text); };
    CHECK(text("(∘ x (+ y z))") == "x ∘ (y + z)");
    CHECK(text("(+ x (∘ -1 (+ y z)))") == "x − (y + z)");
    CHECK(text("(∘ (* x k) y)") == "(x * k) ∘ y");
    CHECK(text("(∘ (· W x) y)") == "W x ∘ y");
    CHECK(text("(· (+ x y) z)") == "(x + y) z");
    CHECK(text("(ᵀ W^f5)") == "(W^f5)ᵀ");
    CHECK(text("(ᵀ W)") == "Wᵀ");
    CHECK(text("(² (+ y t))") == "(y + t)²");
    CHECK(text("(Σ i (+ x y))") == "Σ_i (x + y)");
    CHECK(text("(∘ (Σ i x) y)") == "(Σ_i x) ∘ y");
    CHECK(text("(∘ x (Σ i y))") == "x ∘ Σ_i y");
    CHECK(text("(+ (/ x y) 1/N)") == "x / y + 1/N");
}

TEST_CASE("derivation: a pattern's letters are free, and stand for one thing")
{
    const auto fits = [](const char* pattern, const char* expression) {
        Bindings bindings;
        return matches(parse(pattern), parse(expression), bindings);
    };
    CHECK(fits("(∘ ?a ?a)", "(∘ x x)"));
    CHECK_FALSE(fits("(∘ ?a ?a)", "(∘ x y)"));
    CHECK(fits("(∘ δ^l W^m)", "(∘ δ^c1 W^c3)"));
    CHECK_FALSE(fits("(∘ δ^l W^l)", "(∘ δ^c1 W^c3)"));
    CHECK_FALSE(fits("(∘ δ^l W^l)", "(∘ δ^c1 k^c1)"));
    CHECK(fits("(= k|w^l ?a)", "(= w^c1 x)"));
    CHECK_FALSE(fits("(= k|w^l ?a)", "(= b^c1 x)"));
    CHECK(fits("(∘ #a x)", "(∘ 2 x)"));
    CHECK_FALSE(fits("(∘ #a x)", "(∘ y x)"));
    CHECK_FALSE(fits("y", "y^c1"));
}

TEST_CASE("derivation: Bouvrie's network has Bouvrie's formulas")
{
    check_lines(backward_of(recording_of(Bouvrie<double>(1), 28)),
                {"δ^f5 = 1/N f₂'(u^f5) ∘ (y − t) [B6, G3]", "δ^s4 = (W^f5)ᵀ δ^f5 ∘ f'(u^s4) [B5, G5, H-F.4]",
                 "∂E/∂W^f5 = δ^f5 (x^s4)ᵀ [B7, G1, H-F.2]", "δ^c3 = β^s4 f'(u^c3) ∘ up(δ^s4) [B10, G7]",
                 "∂E/∂b^c3 = Σ_{n,u,v} δ^c3 [B11]", "∂E/∂k^c3 = rot180(conv2d(x^s2, rot180(δ^c3), valid)) [B13]",
                 "δ^s2 = f'(u^s2) ∘ conv2d(δ^c3, rot180(k^c3), full) [B14d]", "∂E/∂b^s2 = Σ_{n,u,v} δ^s2 [B14b]",
                 "∂E/∂β^s2 = Σ_{n,u,v} δ^s2 ∘ d^s2 [B14b]", "∂E/∂k^c1 = rot180(conv2d(x, rot180(δ^c1), valid)) [B13]"});
    check_lines(backward_of(recording_of(Bouvrie<double>(1, {.combination = true}), 28)),
                {"∂E/∂c^c3 = α^c3 ∘ (∂E/∂α^c3 − Σ_i ∂E/∂α^c3 ∘ α^c3) [B17]",
                 "∂E/∂α^c3 = (Σ_{u,v} ∂E/∂K^c3 ∘ k^c3)ᵀ [B15a]", "∂E/∂k^c3 = Σ_j ∂E/∂K^c3 ∘ (α^c3)ᵀ [B13]"});
    check_lines(backward_of(recording_of(Bouvrie<double>(1, {.combination = true, .sparsity = Sparsity::l1}), 28)),
                {"∂E/∂α₂^c3 = 0.05 sign(α₂^c3) [B19]",
                 "∂E/∂c^c3 = α₂^c3 ∘ (∂E/∂α₂^c3 − Σ_i ∂E/∂α₂^c3 ∘ α₂^c3) + α^c3 ∘ (∂E/∂α^c3 − Σ_i ∂E/∂α^c3 ∘ α^c3) "
                 "[B17, B20, B21]"});
}

TEST_CASE("derivation: LeNet-5 is a correlation, and has the formulas of one")
{
    check_lines(backward_of(recording_of(LeNet5<double>(1), 32)),
                {"δ^f7 = 1/N (y − t) [H-S2]", "∂E/∂w^c3 = s^c1 ⋆ δ^c3 [G9, H-C3.2]",
                 "∂E/∂b^c3 = Σ_{n,u,v} δ^c3 [H-C3.3]", "∂E/∂s^c1 = conv2d(δ^c3, w^c3, full) [G8, H-C3.4]",
                 "∂E/∂b^c5 = Σ_n δ^c5 [H-C5.3]", "δ^c1 = f'(u^c1) ∘ msk^c1 ∘ up(∂E/∂s^c1) [H-S2p, H-S4]"});
    check_lines(backward_of(recording_of(LeNet5<double>(1, {.connection_table = true, .mean_pooling = true}), 32)),
                {"δ^c1 = 0.25 f'(u^c1) ∘ up(∂E/∂s^c1) [G7]", "∂E/∂w^c3 = ∂E/∂K^c3 ∘ M"});
    check_lines(backward_of(recording_of(LeNet5Of1998<double>(1), 32)),
                {"δ^s4 = f'(u^s4) ∘ conv2d(δ^c5, w^c5, full) [G8]"});
}

TEST_CASE("derivation: every activation's derivative is known by its name, and every loss's sensitivity")
{
    using Loss = MLPOptions::Loss;
    for (const Activation activation :
         {Activation::sigmoid, Activation::tanh, Activation::scaled_tanh, Activation::relu, Activation::leaky_relu})
    {
        const MLP<double> net({784, 12, 10}, 1, {.activation = activation});
        check_lines(backward_of(recording_of(net, 28)),
                    {"δ^1 = (W^2)ᵀ δ^2 ∘ f'(u^1) [B5, G5, H-F.4]", "∂E/∂W^1 = δ^1 xᵀ [B7, G1, H-F.2]"});
    }
    const MLP<double> logistic({784, 12, 10}, 1, {.loss = Loss::binary_cross_entropy});
    check_lines(backward_of(recording_of(logistic, 28)), {"δ^2 = 1/N (σ(u^2) − t) [G4]"});
    const MLP<double> squared(
        {784, 12, 10}, 1,
        {.activation = Activation::sigmoid, .output_activation = Activation::sigmoid, .loss = Loss::squared_error});
    check_lines(backward_of(recording_of(squared, 28)), {"δ^2 = 1/N f'(u^2) ∘ (y − t) [B6, G3]"});
    check_lines(backward_of(recording_of(squared, 28, 1)), {"δ^2 = f'(u^2) ∘ (y − t) [B6, G3]"});
}

TEST_CASE("derivation: which operand was transposed is found from the values, even of square matrices")
{
    Random random(1);
    const auto x = variable(random.normal<double>({4, 4}, 0, 1)), w = variable(random.normal<double>({4, 4}, 0, 1));
    const auto forward = [&](const std::function<Variable<double>()>& y) {
        const auto lines =
            lines_of(equations_of(graph_of_loss<double>([&] { return sum(y()); }, {{"W", w}, {"z", x}})).forward);
        REQUIRE(lines.size() == 1);
        return *lines.begin();
    };
    CHECK(forward([&] { return matmul(x, w); }) == "E = Σ_{i,j} z W");
    CHECK(forward([&] { return matmul(x, w, {.b = true}); }) == "E = Σ_{i,j} z Wᵀ");
    CHECK(forward([&] { return matmul(x, w, {.a = true}); }) == "E = Σ_{i,j} zᵀ W");
    CHECK(forward([&] { return matmul(w, x, {.a = true, .b = true}); }) == "E = Σ_{i,j} Wᵀ zᵀ");
}

TEST_CASE("derivation: numbers, sums and divisions are those of the ops")
{
    const auto z = variable<double>({{1, 2, 3}, {4, 5, 7}});
    const auto forward = [&](const std::function<Variable<double>()>& y) {
        const auto lines = lines_of(equations_of(graph_of_loss<double>([&] { return y(); }, {{"z", z}})).forward);
        REQUIRE(lines.size() == 1);
        return *lines.begin();
    };
    CHECK(forward([&] { return sum(2.5 * z, 0); }) == "E = 2.5 Σ_i z");
    CHECK(forward([&] { return sum(z, 1); }) == "E = Σ_j z");
    CHECK(forward([&] { return mean(z); }) == "E = 0.1667 Σ_{i,j} z");
    CHECK(forward([&] { return 3 - z; }) == "E = 3 − z");
    CHECK(forward([&] { return z + 3; }) == "E = 3 + z");
    CHECK(forward([&] { return 2 / z; }) == "E = 2 / z");
    CHECK(forward([&] { return z / 2; }) == "E = 0.5 z");
    CHECK(forward([&] { return pow(z, 3); }) == "E = pow(z, 3)");
    CHECK(forward([&] { return flip(z, 0); }) == "E = flip(z)");
}

TEST_CASE("derivation: a wrong rule is seen, and is no formula")
{
    Random random(1);
    const auto w = variable(random.normal<double>({4, 5}, 0, 1)), b = variable(random.normal<double>({4}, 0, 1));
    const auto x = variable(random.normal<double>({3, 5}, 0, 1));
    const auto t = constant(random.normal<double>({3, 4}, 0, 1));
    const auto backward = [&](const auto& rule) {
        const auto loss = [&] {
            const auto u = matmul(x, w, {.b = true}) + b;
            return squared_error(record("sigmoid", Array<double>(sigmoid(u).value()), wrt(u, rule)), t);
        };
        return backward_of(graph_of_gradient<double>(loss, {{"f.weight", w}, {"f.bias", b}}, {{"x", x}}));
    };
    const auto right = [](const auto& g, const auto& y) { return g * (y * (1 - y)); };
    const auto wrong = [](const auto& g, const auto& y) { return -(g * (y * (1 + y))); };
    check_lines(backward(right), {"δ^f = 1/N f'(u^f) ∘ (y − t) [B6, G3]"});
    check_lines(backward(wrong), {"δ^f = −1/N (y − t) ∘ y ∘ (1 + y)"});
}

TEST_CASE("derivation: LaTeX has a heading for the notation, and a line for each term of a long sum")
{
    const Bouvrie<double> sparse(1, {.combination = true, .sparsity = Sparsity::l1});
    const std::string latex = to_latex(recording_of(sparse, 28));
    CHECK(count(latex, "\\section*{Notation}") == 1);
    CHECK(count(latex, "&\\quad + \\alpha ^{c3} \\circ ") == 1);
}

TEST_CASE("derivation: every sign that is used is explained")
{
    const auto text = [](const auto& model, std::size_t extent) { return to_text(recording_of(model, extent)); };
    for (const char* sign : {"log(x) ", "softmax(u) ", "step(u) ", "max(x) ", "x ⋆ w "})
        CHECK_MESSAGE(contains(text(LeNet5<double>(1), 32), sign), sign);
    const Bouvrie<double> sparse(1, {.combination = true, .sparsity = Sparsity::l1});
    for (const char* sign : {"|x| ", "sign(x) ", "K ", "down(x) "})
        CHECK_MESSAGE(contains(text(sparse, 28), sign), sign);
    CHECK_FALSE(contains(text(Bouvrie<double>(1), 28), "  K "));
    const MLP<double> logistic({784, 12, 10}, 1, {.loss = MLPOptions::Loss::binary_cross_entropy});
    for (const char* sign : {"σ(u) ", "softplus(u) "})
        CHECK_MESSAGE(contains(text(logistic, 28), sign), sign);
    CHECK(written(parse("(pow x -3)"), as_text) == "pow(x, −3)");
}

TEST_CASE("derivation: of every model each parameter has its equation, in all formats")
{
    std::size_t models = 0;
    for_each_network([&](const Classifier& classifier) {
        Random random(1);
        const std::size_t border = 2 * classifier.preparation.padding;
        const Shape samples = classifier.task == Task::next_characters
                                  ? Shape{3, text_context}
                                  : Shape{3, 1, classifier.height + border, classifier.width + border};
        const auto x = variable(random.normal<float>(samples, 0, 1));
        const Shape outputs = classifier.logits(x).shape();
        Shape shape = {outputs[0]};
        for (std::size_t axis = 2; axis < outputs.size(); ++axis)
            shape.push_back(outputs[axis]);
        const Graph recording = graph_of_gradient<float>([&] { return classifier.loss(x, Labels(shape, 1)); },
                                                         classifier.parameters, {{"x", x}});
        const std::string text = to_text(recording), latex = to_latex(recording), html = to_html(recording);
        const Equations equations = equations_of(recording);
        CHECK_FALSE(contains(text, "nan"));
        CHECK_FALSE(contains(text, "squash"));
        std::size_t slopes = 0, all = 0;
        for (const auto* part : {&equations.forward, &equations.backward})
            for (const Section& section : *part)
                for (const Equation& equation : section.equations) {
                    ++all;
                    const bool is_slope = equation.left.head == "∂";
                    slopes += is_slope && equation.left.operands[0].head != "s" ? 1 : 0;
                }
        CHECK(slopes >= classifier.parameters.size());
        CHECK(count(latex, " &= ") == all + equations.functions.size());
        CHECK(count(latex, "{") == count(latex, "}"));
        CHECK(std::all_of(latex.begin(), latex.end(), [](char c) { return c > 0; })); // without Unicode
        CHECK(count(html, "class=\"id\"") == all);
        for (const char* tag : {"table", "tr", "td", "sup", "sub", "b"})
            CHECK(count(html, std::string("<") + tag + ">") + count(html, std::string("<") + tag + " ") ==
                  count(html, std::string("</") + tag + ">"));
        ++models;
    });
    CHECK(models > 30);
}

TEST_CASE("derivation: of a chain it is as long as the chain, in equations that are not")
{
    for (const bool of_matrices : {false, true})
        for (const bool squashed : {false, true})
            for (const bool of_layers : {false, true}) {
                CAPTURE(of_matrices);
                CAPTURE(squashed);
                CAPTURE(of_layers);
                const Sizes some = sizes_of(chain(50, of_matrices, squashed, of_layers)),
                            more = sizes_of(chain(200, of_matrices, squashed, of_layers));
                CHECK(more.largest <= 100);
                CHECK(more.all < 4.2 * static_cast<double>(some.all));
            }
}

TEST_CASE("derivation: what is simple is not looked into again")
{
    const Expression once = simplified(parse("(rot180 (rot180 k))"));
    CHECK(once == parse("k"));
    CHECK(once.is_simple);
    Expression marked = parse("(rot180 (rot180 k))");
    marked.is_simple = true;
    const Expression sum{.head = "+", .operands = {marked, parse("(rot180 (rot180 w))")}};
    CHECK(written(simplified(sum), as_text) == "rot180(rot180(k)) + w");
    CHECK(simplified(sum).is_simple);
}

TEST_CASE("derivation: of a forward pass there is no backward part")
{
    const auto z = variable<double>({1, 2});
    const std::string text = to_text(graph_of_loss<double>([&] { return sum(square(z)); }, {{"z", z}}));
    CHECK(contains(text, "\nForward\n"));
    CHECK(contains(text, "E = Σ_i z²\n"));
    CHECK_FALSE(contains(text, "Backward"));
}
