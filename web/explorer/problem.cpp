#include "problem.hpp"

#include <xgrad/base/random.hpp>
#include <xgrad/ops/ops.hpp>

#include <utility>

namespace xgrad::explorer
{

namespace
{

using V = Variable<double>;
using Arrays = std::map<std::string, Array<double>>;
using Loss = std::function<V(const V&)>;

Array<double> some(const Shape& shape, std::uint64_t seed) { return Random(seed).normal<double>(shape, 0, 1); }

V image(const V& x) { return reshape(x, Shape{1, 1, x.shape()[0], x.shape()[1]}); }
V plane(const V& x) { return reshape(x, Shape{x.shape()[2], x.shape()[3]}); }
V convolved(const V& x, const V& k) { return plane(conv2d(image(x), image(k))); }
V correlated(const V& x, const V& k) { return plane(correlate2d(image(x), image(k))); }
V down(const V& x) { return plane(block_sum(image(x), 2)); }

/** A layer, and what its problems share. */
struct Layer
{
    std::string name, forward;
    Arrays given;
    /** The result for the given arrays, of which one is a variable. */
    std::function<V(const std::function<V(const char*)>& of)> result;
    std::string upstream = "δ"; ///< the array that is ∂E/∂result; empty: the result is E itself
    std::size_t samples = 0;
};

/** A gradient that is wanted of a layer, and the wrong formulas that make puzzles of it. */
struct Wanted
{
    std::string of, right;
    int level;
    struct Puzzle
    {
        std::string mistake, start;
        int level;
    };
    std::vector<Puzzle> puzzles = {};
};

Loss loss_of(const Layer& layer, const std::string& wanted)
{
    return [layer, wanted](const V& variable) {
        const V result = layer.result([&](const char* name) {
            return name == wanted ? variable : constant(Array<double>(layer.given.at(name)));
        });
        return layer.upstream.empty() ? result : sum(constant(Array<double>(layer.given.at(layer.upstream))) * result);
    };
}

/** Adds a problem for each gradient that is wanted, and one for each mistake in it. */
void add(std::vector<Problem>& all, const Layer& layer, const std::vector<Wanted>& wanted)
{
    for (const Wanted& each : wanted) {
        const Problem free{layer.name + "-" + each.of,
                           each.level,
                           layer.name,
                           layer.forward,
                           each.right,
                           "",
                           "",
                           each.of,
                           layer.given,
                           loss_of(layer, each.of),
                           layer.samples};
        all.push_back(free);
        for (const Wanted::Puzzle& puzzle : each.puzzles) {
            Problem one = free;
            one.id += "-" + puzzle.mistake;
            one.level = puzzle.level;
            one.start = puzzle.start;
            one.mistake = puzzle.mistake;
            all.push_back(std::move(one));
        }
    }
}

/** With a result of f(given) under its name, as a backward pass has kept it. */
Arrays with(Arrays given, const std::string& name, const V& result)
{
    given[name] = result.value();
    return given;
}

V var(const Arrays& given, const char* name) { return constant(Array<double>(given.at(name))); }

void add_losses(std::vector<Problem>& all)
{
    const Arrays outputs = {{"y", some({4, 3}, 1)}, {"t", some({4, 3}, 2)}};
    add(all,
        {"squared-error", "E = sum((y - t).^2) / (2*4)", outputs,
         [](const auto& of) { return sum(square(of("y") - of("t"))) / 8; }, "", 4},
        {{"y", "(y - t) / 4", 1, {{"factor", "y - t", 1}}}});
    Arrays classes = {{"z", some({5, 1}, 3)}, {"t", Array<double>(Shape{5, 1}, 0.0)}};
    classes["t"].data()[2] = 1;
    add(all,
        {"cross-entropy", "E = -sum(t .* log(softmax(z)))", classes,
         [](const auto& of) { return -sum(of("t") * log_softmax(of("z"), 0)); }, ""},
        {{"z", "softmax(z) - t", 1, {{"cross-entropy-sign", "t - softmax(z)", 1}}}});
    const Arrays weights = {{"W", some({3, 3}, 4)}, {"x", some({3, 1}, 5)}, {"t", some({3, 1}, 6)}};
    add(all,
        {"weight-decay", "E = sum((W*x - t).^2)/2 + 0.1*sum(W.^2)/2", weights,
         [](const auto& of) {
             return sum(square(matmul(of("W"), of("x")) - of("t"))) / 2 + 0.05 * sum(square(of("W")));
         },
         ""},
        {{"W", "(W*x - t)*x' + 0.1*W", 2, {{"missing-penalty", "(W*x - t)*x'", 2}}}});
}

void add_full_layers(std::vector<Problem>& all)
{
    Arrays given = {{"W", some({3, 3}, 7)}, {"x", some({3, 1}, 8)}, {"b", some({3, 1}, 9)}, {"δ", some({3, 1}, 10)}};
    add(all, {"full", "u = W*x + b", given, [](const auto& of) { return matmul(of("W"), of("x")) + of("b"); }},
        {{"W", "δ*x'", 1, {{"transposed", "x*δ'", 1}}},
         {"x", "W'*δ", 1, {{"transposed-weights", "W*δ", 1}}},
         {"b", "δ", 1}});

    const Arrays samples = {{"x", some({4, 3}, 11)}, {"b", some({1, 3}, 12)}, {"δ", some({4, 3}, 13)}};
    add(all, {"bias", "u = x + b, a sample in each row", samples, [](const auto& of) { return of("x") + of("b"); }},
        {{"b", "sum(δ, 1)", 1, {{"missing-sum", "δ", 1}}}});

    const Arrays twice = {{"W", some({3, 3}, 14)}, {"x", some({3, 1}, 15)}, {"δ", some({3, 1}, 16)}};
    add(all, {"shared", "y = W*(W*x)", twice, [](const auto& of) { return matmul(of("W"), matmul(of("W"), of("x"))); }},
        {{"W", "δ*(W*x)' + (W'*δ)*x'", 3, {{"missing-path", "δ*(W*x)'", 3}}}});
}

void add_functions(std::vector<Problem>& all)
{
    Arrays u = {{"u", some({3, 4}, 17)}, {"g", some({3, 4}, 18)}};
    u = with(u, "y", tanh(var(u, "u")));
    add(all, {"tanh", "y = tanh(u), g = ∂E/∂y", u, [](const auto& of) { return tanh(of("u")); }, "g"},
        {{"u",
          "g .* (1 - y.^2)",
          1,
          {{"missing-derivative", "g", 1},
           {"derivative-at-the-input", "g .* (1 - u.^2)", 2},
           {"derivative-at-the-output", "g .* (1 - tanh(y).^2)", 2}}}});

    Arrays z = {{"z", some({5, 1}, 19)}, {"g", some({5, 1}, 20)}};
    z = with(z, "y", softmax(var(z, "z"), 0));
    add(all, {"softmax", "y = softmax(z), g = ∂E/∂y", z, [](const auto& of) { return softmax(of("z"), 0); }, "g"},
        {{"z", "y .* (g - sum(g .* y))", 2, {{"diagonal-softmax", "g .* y .* (1 - y)", 3}}}});

    Arrays ratio = {{"a", some({3, 3}, 21)}, {"b", some({3, 3}, 22)}, {"g", some({3, 3}, 23)}};
    for (double& each : ratio["b"])
        each = each < 0 ? each - 1 : each + 1;
    add(all, {"quotient", "y = a ./ b, g = ∂E/∂y", ratio, [](const auto& of) { return of("a") / of("b"); }, "g"},
        {{"b", "-g .* a ./ b.^2", 2, {{"quotient", "-g .* a ./ b", 2}}}});
}

void add_convolutions(std::vector<Problem>& all)
{
    const Arrays given = {
        {"x", some({6, 6}, 24)}, {"k", some({3, 3}, 25)}, {"b", some({1, 1}, 26)}, {"δ", some({4, 4}, 27)}};
    add(all,
        {"convolution", "u = conv2(x, k, 'valid') + b", given,
         [](const auto& of) { return convolved(of("x"), of("k")) + of("b"); }},
        {{"k",
          "rot180(conv2(x, rot180(δ), 'valid'))",
          2,
          {{"convolution-for-correlation", "conv2(x, rot180(δ), 'valid')", 2},
           {"flipped", "flipud(conv2(x, rot180(δ), 'valid'))", 3}}},
         {"x",
          "conv2(δ, rot180(k), 'full')",
          2,
          {{"convolution-for-correlation", "conv2(δ, k, 'full')", 2},
           {"valid-for-full", "conv2(δ, rot180(k), 'valid')", 2}}},
         {"b", "sum(δ)", 1}});
    add(all,
        {"correlation", "u = xcorr2(x, k, 'valid') + b", given,
         [](const auto& of) { return correlated(of("x"), of("k")) + of("b"); }},
        {{"k", "xcorr2(x, δ, 'valid')", 2, {{"convolution-for-correlation", "rot180(xcorr2(x, δ, 'valid'))", 2}}},
         {"x", "conv2(δ, k, 'full')", 2, {{"convolution-for-correlation", "xcorr2(δ, k, 'full')", 2}}}});

    Arrays layer = {{"x", some({6, 6}, 28)}, {"k", some({3, 3}, 29)}, {"g", some({4, 4}, 30)}};
    layer = with(layer, "y", tanh(convolved(var(layer, "x"), var(layer, "k"))));
    add(all,
        {"convolution-tanh", "y = tanh(conv2(x, k, 'valid')), g = ∂E/∂y", layer,
         [](const auto& of) { return tanh(convolved(of("x"), of("k"))); }, "g"},
        {{"k",
          "rot180(conv2(x, rot180(g .* (1 - y.^2)), 'valid'))",
          3,
          {{"missing-derivative", "rot180(conv2(x, rot180(g), 'valid'))", 3}}},
         {"x", "conv2(g .* (1 - y.^2), rot180(k), 'full')", 3}});
}

void add_pooling(std::vector<Problem>& all)
{
    const Arrays mean = {{"x", some({4, 4}, 31)}, {"δ", some({2, 2}, 32)}};
    add(all, {"mean-pooling", "u = down(x, 2) / 4", mean, [](const auto& of) { return down(of("x")) / 4; }},
        {{"x", "up(δ, 2) / 4", 1, {{"missing-factor", "up(δ, 2)", 1}}}});

    const Arrays beta = {
        {"x", some({4, 4}, 33)}, {"β", some({1, 1}, 34)}, {"b", some({1, 1}, 35)}, {"δ", some({2, 2}, 36)}};
    add(all,
        {"subsampling", "u = β*down(x, 2) + b", beta, [](const auto& of) { return of("β") * down(of("x")) + of("b"); }},
        {{"β", "sum(δ .* down(x, 2))", 2, {{"missing-other-factor", "sum(δ)", 2}}},
         {"x", "β*up(δ, 2)", 1, {{"missing-factor", "up(δ, 2)", 1}}}});

    Arrays largest = {{"x", some({4, 4}, 37)}, {"δ", some({2, 2}, 38)}};
    for (const std::size_t of_second_block : {2UL, 3UL, 6UL, 7UL}) // as a relu leaves it: a tie
        largest["x"].data()[of_second_block] = 0;
    add(all,
        {"max-pooling", "y = maxpool(x, 2)", largest, [](const auto& of) { return plane(max_pool2d(image(of("x")))); }},
        {{"x",
          "msk(x, 2) .* up(δ, 2)",
          2,
          {{"whole-block", "up(δ, 2)", 2}, {"every-tie", "(x == up(maxpool(x, 2), 2)) .* up(δ, 2)", 3}}}});
}

} // namespace

const std::vector<Problem>& all_problems()
{
    static const std::vector<Problem> problems = [] {
        std::vector<Problem> all;
        add_losses(all);
        add_full_layers(all);
        add_functions(all);
        add_convolutions(all);
        add_pooling(all);
        return all;
    }();
    return problems;
}

} // namespace xgrad::explorer
