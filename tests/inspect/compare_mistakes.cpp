// Mistakes in the chain of rules, planted in a backward pass by hand and in single layers.

#include "compare_pass.hpp"
#include "docs/documents.hpp"
#include "files.hpp"
#include "long.hpp"
#include "ops.hpp"
#include <xgrad/inspect/comparison/mistakes.hpp>

#include <set>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

const std::set<std::string> below_c3 = {"c1.weight", "c1.bias", "c1.u"};
const std::set<std::string> from_c3 = {"c1.weight", "c1.bias", "c1.u", "s2.beta", "c3.weight", "c3.bias", "c3.u"};

/** Plants a step, and CHECKs that exactly these tensors differ, with these words and this section. */
void check_planted(const std::string& step, const Pass::Rule& wrong, const std::set<std::string>& differing,
                   const std::string& words, const std::string& section)
{
    CAPTURE(step);
    Pass pass;
    pass.steps[step] = wrong;
    for (const TensorComparison& tensor : pass.compared().tensors) {
        CAPTURE(tensor.name);
        CHECK(tensor.agrees == !differing.count(tensor.name));
        if (!tensor.agrees) {
            CHECK_MESSAGE(contains(tensor.explanation, words), tensor.explanation);
            CHECK(tensor.page == "docs/mistakes.md#" + section);
        } else
            CHECK(tensor.page.empty());
    }
}

/** The comparison of the one array of a loss. */
template <class Loss, class Gradient>
TensorComparison explained(const V& point, Loss loss, Gradient by_hand, const CompareOptions& options = {})
{
    const Comparison comparison =
        compare([&](const V& x) { return loss(x); }, point.value(),
                [&](const Array<double>& x) { return by_hand(constant(x)).value(); }, options);
    CHECK_FALSE(comparison.agrees());
    return comparison.tensors.front();
}

void check_section(const TensorComparison& tensor, const std::string& section, const std::string& words = "")
{
    CHECK_MESSAGE(tensor.page == "docs/mistakes.md#" + section, tensor.explanation);
    CHECK_MESSAGE(contains(tensor.explanation, words), tensor.explanation);
}

} // namespace

TEST_CASE("mistakes: the pass by hand without one agrees")
{
    const Comparison comparison = Pass().compared();
    CHECK_MESSAGE(comparison.agrees(), comparison);
    CHECK(comparison.tensors[2].automatic.shape() == Shape{2, 2, 8, 8});
    check_close(comparison.tensors[2].automatic, comparison.tensors[2].by_hand, 1e-10);
}

TEST_CASE("mistakes: a derivative that is missing or taken elsewhere is named with its place")
{
    check_planted(
        "c3.u", [](const Network&, const V& g) { return g; }, from_c3,
        "f' is missing in sigmoid after c3, of shape (2,3,2,2)", "missing-derivative");
    check_planted(
        "c1.u", [](const Network&, const V& g) { return g; }, below_c3,
        "f' is missing in tanh after c1, of shape (2,2,8,8)", "missing-derivative");
    check_planted(
        "c1.u", [](const Network& n, const V& g) { return g * (1 - square(tanh(tanh(n.first())))); }, below_c3,
        "f' is taken at the output f(u) instead of the input u, in tanh after c1", "derivative-at-the-output");
    check_planted(
        "c1.u", [](const Network& n, const V& g) { return g * (1 - square(n.first())); }, below_c3,
        "the formula for f' that takes the output f(u) is given the input u, in tanh after c1",
        "derivative-at-the-input");
    check_planted(
        "c3.u",
        [](const Network& n, const V& g) {
            const V y = sigmoid(sigmoid(n.third()));
            return g * y * (1 - y);
        },
        from_c3, "in sigmoid after c3", "derivative-at-the-output");
    check_planted(
        "c3.u", [](const Network& n, const V& g) { return g * n.third() * (1 - n.third()); }, from_c3,
        "in sigmoid after c3", "derivative-at-the-input");
}

TEST_CASE("mistakes: the derivatives of other functions")
{
    const V u = numbers_like({3, 4}, 1), t = numbers_like({3, 4}, 2);
    const auto check = [&](auto f, auto slope, auto at_output, auto at_input) {
        const auto loss = [&](const V& x) { return sum(t * f(x)); };
        const Comparison right = compare([&](const V& x) { return loss(x); }, u.value(),
                                         [&](const Array<double>& x) { return (t * slope(constant(x))).value(); });
        CHECK(right.agrees());
        check_section(explained(u, loss, [&](const V&) { return t; }), "missing-derivative");
        check_section(explained(u, loss, [&](const V& x) { return t * at_output(f(x)); }), "derivative-at-the-output");
        check_section(explained(u, loss, [&](const V& x) { return t * at_input(x); }), "derivative-at-the-input");
    };
    const double a = 1.7159, b = 2. / 3;
    const auto scaled_slope = [&](const V& x) { return a * b * (1 - square(tanh(b * x))); };
    check([](const V& x) { return scaled_tanh(x); }, scaled_slope, scaled_slope,
          [&](const V& x) { return a * b * (1 - square(x / a)); });
    check([](const V& x) { return exp(x); }, [](const V& x) { return exp(x); }, [](const V& y) { return exp(y); },
          [](const V& x) { return x; });
    check_section(
        explained(
            u, [&](const V& x) { return sum(t * softplus(x)); }, [&](const V& x) { return t * sigmoid(softplus(x)); }),
        "derivative-at-the-output");
    for (const auto& f :
         {std::function([](const V& x) { return relu(x); }), std::function([](const V& x) { return leaky_relu(x); }),
          std::function([](const V& x) { return sin(x); }), std::function([](const V& x) { return square(x); })})
        check_section(explained(
                          u, [&](const V& x) { return sum(t * f(x)); }, [&](const V&) { return t; }),
                      "missing-derivative");
}

TEST_CASE("mistakes: one that is made in every place is named once")
{
    const V u = numbers_like({3, 4}, 1);
    const auto loss = [](const V& x) { return sum(sin(x) + sin(2 * x)); };
    check_section(explained(u, loss, [](const V& x) { return 0 * x + 3; }), "missing-derivative", "in every sin");
}

TEST_CASE("mistakes: two that stand in one chain are both named")
{
    Pass pass;
    pass.steps["c3.u"] = [](const Network&, const V& g) { return g; };
    pass.steps["c1.u"] = [](const Network& n, const V& g) { return g * (1 - square(n.first())); };
    for (const TensorComparison& tensor : pass.compared().tensors)
        if (!tensor.agrees)
            CHECK_MESSAGE(
                contains(tensor.page, tensor.name.rfind("c1", 0) == 0 ? "at-the-input" : "missing-derivative"),
                tensor.name, tensor.explanation);
}

TEST_CASE("mistakes: convolution for correlation, and valid or same for full")
{
    std::set<std::string> before_c3 = below_c3;
    before_c3.insert("s2.beta");
    check_planted(
        "c3.x", [](const Network& n, const V& delta) { return correlate2d_input(delta, rot180(n.k3), 4); }, before_c3,
        "on the way back through correlate2d of c3, of shape (2,3,2,2)", "convolution-for-correlation");
    check_planted(
        "c3.weight", [](const Network& n, const V& delta) { return rot180(correlate2d_kernel(n.second(), delta, 3)); },
        {"c3.weight"}, "rot180", "convolution-for-correlation");
    check_planted(
        "c3.x",
        [](const Network& n, const V& delta) {
            const V full = correlate2d_input(delta, n.k3, 4);
            return pad(slice(slice(full, 2, 1, 3), 3, 1, 3), {{0, 0}, {0, 0}, {1, 1}, {1, 1}});
        },
        before_c3, "the product is 'same' where 'full' is meant, on the way back through correlate2d of c3",
        "valid-for-full");

    const V x = numbers_like({1, 2, 9, 9}, 1), k = numbers_like({3, 2, 3, 3}, 2);
    const auto loss = [&](const V& y) { return sum(square(correlate2d(y, k))) / 2; };
    const auto right = [&](const V& y) { return correlate2d_input(correlate2d(y, k), k, 9); };
    const auto middle = [&](const V& y) { return slice(slice(right(y), 2, 2, 7), 3, 2, 7); };
    check_section(explained(x, loss, middle), "valid-for-full", "only the middle");
    check_section(explained(x, loss,
                            [&](const V& y) {
                                return pad(middle(y), {{0, 0}, {0, 0}, {2, 2}, {2, 2}});
                            }),
                  "valid-for-full", "'valid' where 'full'");
}

TEST_CASE("mistakes: β, the upsampling and the mean of pooling layers")
{
    check_planted(
        "s2.x", [](const Network&, const V& g) { return upsample(g, 2); }, below_c3,
        "the factor is missing in multiply of s2, of shape (2,2,4,4)", "missing-factor");
    const auto first_of_block = [](const V& x) { // of 2×2
        const V corner = constant<double>({{1, 0}, {0, 0}});
        return upsample(x, 2) * kron(reshape(constant(Array<double>(Shape{4, 4}, 1.0)), {4, 4}), corner);
    };
    check_planted(
        "s2.x", [&](const Network& n, const V& g) { return first_of_block(Network::per_map(n.beta) * g); }, below_c3,
        "only the first element of each block gets the gradient: the upsampling is missing in block_sum of s2",
        "missing-upsampling");

    const V x = numbers_like({2, 3, 8, 8}, 1);
    const auto of_mean = [](const V& y) { return sum(square(sin(mean_pool2d(y)))) / 2; };
    const auto delta = [](const V& p) { return sin(p) * cos(p); };
    check_section(explained(x, of_mean, [&](const V& y) { return upsample(delta(mean_pool2d(y)), 2); }),
                  "missing-factor", "mean over a block is missing in mean_pool2d");
    check_section(explained(x, of_mean, [&](const V& y) { return first_of_block(delta(mean_pool2d(y))); }),
                  "missing-upsampling", "undivided");
    check_section(explained(x, of_mean, [&](const V& y) { return delta(mean_pool2d(y)); }), "missing-upsampling",
                  "one element for each block of 2×2");
    const auto of_max = [](const V& y) { return sum(square(sin(max_pool2d(y)))) / 2; };
    check_section(explained(x, of_max, [&](const V& y) { return first_of_block(delta(max_pool2d(y))); }),
                  "missing-upsampling", "in max_pool2d");
    check_section(explained(x, of_max, [&](const V& y) { return delta(max_pool2d(y)); }), "missing-upsampling",
                  "one element for each block of 2×2");

    const V dots = greater(x, constant<double>(0));
    const auto of_ties = [&](const V& y) {
        const V largest = upsample(max_pool2d(y), 2);
        return upsample(delta(max_pool2d(y)), 2) * greater_equal(y, largest);
    };
    check_section(explained(dots, of_max, of_ties), "every-tie", "in max_pool2d");
}

TEST_CASE("mistakes: a gradient that is passed on unchanged is named by the op")
{
    const V x = numbers_like({3, 4}, 1);
    check_section(explained(
                      x, [](const V& u) { return sum(square(u / 7)) / 2; }, [](const V& u) { return 3 * u / 7; }),
                  "factor");
    check_section(explained(
                      x, [](const V& u) { return sum(sin(u / 7)); }, [](const V& u) { return cos(u / 7); }),
                  "missing-factor", "the factor is missing in divide, of shape (3,4): perhaps a 1/N");
    check_section(explained(
                      x, [](const V& u) { return sum(sin(0.3 * u)); }, [](const V& u) { return cos(0.3 * u); }),
                  "missing-factor", "perhaps a β");
    const V one = numbers_like({1}, 1);
    check_section(explained(
                      one, [](const V& u) { return sum(square(tanh(u))) / 2; }, [](const V& u) { return tanh(u); }),
                  "missing-derivative", "f' is missing in tanh");
}

TEST_CASE("mistakes: softmax by its diagonal alone, and signs of a cross-entropy")
{
    const std::set<std::string> all = {"c1.weight", "c1.bias", "c1.u",    "s2.beta",   "c3.weight",
                                       "c3.bias",   "c3.u",    "f5.bias", "f5.weight", "f5.u"};
    check_planted(
        "f5.u", [](const Network& n, const V&) { return -n.t * (1 - softmax(n.scores())) / 2; }, all,
        "only the diagonal of softmax's Jacobian is there, in log_softmax after f5, of shape (2,3)",
        "diagonal-softmax");
    check_planted(
        "f5.u", [](const Network& n, const V&) { return (n.t - softmax(n.scores())) / 2; }, all,
        "the sign of the cross-entropy is wrong, in negative in the loss", "cross-entropy-sign");

    const V z = numbers_like({4, 3}, 1), t = sigmoid(numbers_like({4, 3}, 2)), g = numbers_like({4, 3}, 3);
    const auto y = [](const V& x) { return softmax(x); };
    check_section(
        explained(
            z, [&](const V& x) { return sum(g * softmax(x)); }, [&](const V& x) { return g * y(x) * (1 - y(x)); }),
        "diagonal-softmax", "in softmax");
    const auto labels = indices({2, 0, 1, 1});
    check_section(explained(
                      z, [&](const V& x) { return softmax_cross_entropy(x, labels); },
                      [&](const V& x) { return -one_hot<double>(labels, 3) * (1 - y(x)) / 4; }),
                  "diagonal-softmax", "in log_softmax");
    const auto erratum = [&](const V& a) { return (-t / a - (1 - t) / (1 - a)) / 4; }; // of G's formula 4
    check_section(explained(
                      constant(t.value() * 0.9), [&](const V& a) { return binary_cross_entropy(a, t); }, erratum),
                  "cross-entropy-sign", "in subtract");
}

TEST_CASE("mistakes: a term of the loss that is missing or turned")
{
    check_planted(
        "f5.weight", [](const Network& n, const V& delta) { return matmul(delta, n.rows(), {.a = true}); },
        {"f5.weight"}, "a term of the loss is missing: divide(multiply(sum(square(f5.weight))))", "missing-penalty");
    check_planted(
        "f5.weight", [](const Network& n, const V& delta) { return matmul(delta, n.rows(), {.a = true}) - 0.3 * n.w; },
        {"f5.weight"}, "the sign of a term of the loss is wrong: divide(multiply(sum(square(f5.weight))))",
        "missing-penalty");
}

TEST_CASE("mistakes: sums over positions and over the batch")
{
    check_planted(
        "c1.bias",
        [](const Network&, const V& delta) {
            return sum(slice(delta, 0, 1, 2), {0, 2, 3});
        },
        {"c1.bias"}, "only the last sample counts, in add, the first op of that name", "missing-sum");
    check_planted(
        "c1.bias",
        [](const Network&, const V& delta) {
            return sum(slice(delta, 0, 0, 1), {0, 2, 3});
        },
        {"c1.bias"}, "only the first sample counts", "missing-sum");
    check_planted(
        "f5.bias", [](const Network&, const V& delta) { return reshape(slice(delta, 0, 1, 2), {3}); }, {"f5.bias"},
        "only the last sample counts", "missing-sum");
    check_planted(
        "c1.bias",
        [](const Network&, const V& delta) {
            return sum(slice(slice(delta, 2, 0, 1), 3, 0, 1), {0, 2, 3});
        },
        {"c1.bias"}, "it is not summed over the positions, only the first one counts", "missing-sum");
    Pass pass;
    pass.steps["c1.bias"] = [](const Network&, const V& delta) { return delta; };
    const TensorComparison bias = pass.compared().tensors[1];
    CHECK(contains(bias.problem, "it has shape (2,2,8,8), (2) is needed"));
    check_section(bias, "missing-sum", "the sum over axes 0, 2, 3 is missing");
}

TEST_CASE("mistakes: weights that are not transposed")
{
    const V w = numbers_like({3, 3}, 1), x = numbers_like({4, 3}, 2), column = numbers_like({3, 2}, 3);
    const auto y = [&](const V& rows) { return matmul(sin(rows), w, {.b = true}); };
    check_section(explained(
                      x, [&](const V& rows) { return sum(square(y(rows))) / 2; },
                      [&](const V& rows) { return matmul(y(rows), w, {.b = true}) * cos(rows); }),
                  "transposed-weights", "through matmul");
    const auto u = [&](const V& columns) { return matmul(w, sin(columns)); };
    check_section(explained(
                      column, [&](const V& columns) { return sum(square(u(columns))) / 2; },
                      [&](const V& columns) { return matmul(w, u(columns)) * cos(columns); }),
                  "transposed-weights", "through matmul");
}

TEST_CASE("mistakes: the gradient of the previous sample")
{
    Pass pass, before;
    before.net.x = numbers_like({2, 1, 10, 10}, 77);
    pass.steps["c1.weight"] = [&](const Network&, const V&) { return before.gradients().at("c1.weight"); };
    Network previous = pass.net;
    previous.x = before.net.x;
    const Comparison comparison = pass.compared({.previous = [&] { return previous.loss(); }});
    check_section(comparison.tensors[0], "stale", "the gradient of the previous sample");
    CHECK(comparison.tensors[1].agrees);
    CHECK(pass.compared().tensors[0].explanation == "no simple explanation");
}

TEST_CASE("mistakes: what follows from a wrong sensitivity is told from it")
{
    Pass pass;
    pass.steps["c3.u"] = [right = pass.steps.at("c3.u")](const Network& n, const V& g) {
        return right(n, g) * (1 + 0.3 * sin(n.third()));
    };
    for (const TensorComparison& tensor : pass.compared().tensors) {
        CAPTURE(tensor.name);
        if (tensor.name == "c3.u")
            CHECK(tensor.explanation == "no simple explanation");
        else if (from_c3.count(tensor.name))
            check_section(tensor, "consequence", "it follows from the wrong gradient of c3.u");
        else
            CHECK(tensor.agrees);
    }
    pass.steps["c3.u"] = [right = Pass().steps.at("c3.u")](const Network& n, const V& g) {
        return flip(right(n, g), 1);
    };
    const Comparison comparison = pass.compared();
    check_section(comparison.tensors[6], "flipped", "along axis 1");
    check_section(comparison.tensors[0], "consequence", "c3.u");
}

TEST_CASE("mistakes: of 200 smooth differences that are none of them, none is explained" * test::is_long)
{
    std::size_t falsely = 0, differences = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Pass pass;
        Random random(seed);
        for (std::size_t wrong = 0; wrong < 1 + seed % 3; ++wrong) {
            auto& step =
                std::next(pass.steps.begin(), static_cast<std::ptrdiff_t>(random.below(pass.steps.size())))->second;
            const double size = random.uniform(0.001, 2), rate = random.uniform(0.1, 3), shift = random.uniform(0, 6);
            step = [=, right = step](const Network& n, const V& g) {
                Array<double> value = right(n, g).value();
                for (std::size_t i = 0; i < value.size(); ++i)
                    value.data()[i] *= 1 + size * std::sin(rate * static_cast<double>(i) + shift);
                return constant(std::move(value));
            };
        }
        const Comparison comparison = pass.compared();
        CHECK_FALSE(comparison.agrees());
        for (const TensorComparison& tensor : comparison.tensors) {
            const bool follows = contains(tensor.page, "#consequence");
            differences += tensor.agrees ? 0 : 1;
            falsely += tensor.agrees || follows || tensor.explanation == "no simple explanation" ? 0 : 1;
            CHECK_MESSAGE((tensor.agrees || follows || tensor.page.empty()), seed, tensor.name, tensor.explanation);
        }
    }
    CHECK(differences > 400);
    CHECK(falsely == 0);
}

TEST_CASE("mistakes: what an agreeing gradient contradicts explains nothing")
{
    Pass pass; // the f' is missing only in the bias: c1.u and c1.weight are right
    pass.steps["c1.bias"] = [](const Network&, const V&) { return sum(Pass().gradients().at("s2.x"), {0, 2, 3}); };
    const Comparison comparison = pass.compared();
    CHECK(comparison.tensors[0].agrees);
    CHECK(comparison.tensors[1].explanation == "no simple explanation");
    CHECK(comparison.tensors[2].agrees);
}

TEST_CASE("mistakes: a gradient of zeros has no other explanation")
{
    Pass pass;
    pass.steps["c3.x"] = [](const Network&, const V&) { return zeros({2, 2, 4, 4}); };
    for (const TensorComparison& tensor : pass.compared().tensors)
        if (!tensor.agrees) {
            CHECK(tensor.explanation == "it is 0 everywhere");
            CHECK(tensor.page.empty());
        }
}

TEST_CASE("mistakes: each has its section in the document")
{
    const std::string document = read_text(source_folder() / "docs" / "mistakes.md");
    std::set<std::string> sections = {"factor", "transposed",  "flipped",      "permuted",      "another-shape",
                                      "stale",  "consequence", "missing-path", "only-some-rows"};
    for (const detail::Mistake& mistake : detail::usual_mistakes())
        sections.insert(mistake.section);
    for (const std::string& section : sections) {
        std::string heading = section;
        std::replace(heading.begin(), heading.end(), '-', ' ');
        heading.front() = static_cast<char>(std::toupper(heading.front()));
        CHECK_MESSAGE(contains(document, "\n## " + heading + "\n"), heading);
    }
}
