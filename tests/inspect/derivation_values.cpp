// The derivations must be true. Each equation is computed as it is written, from the values of the names in it, and
// compared with the recorded value.

#include "derivations.hpp"
#include <xgrad/graph/tape.hpp>
#include <xgrad/inspect/derivation/notation.hpp>
#include <xgrad/inspect/derivation/reading.hpp>
#include <xgrad/models/networks/bouvrie.hpp>
#include <xgrad/models/networks/lenet5.hpp>
#include <xgrad/models/networks/mlp.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

using namespace xgrad;
using namespace xgrad::detail;
using namespace xgrad::test;

namespace
{

using Value = Variable<double>;

constexpr std::size_t samples = 3; // and no other extent is 3

bool is_batch(const Value& x) { return x.dimension() == 4 && x.shape()[0] == samples; }

/** A batch as columns: (N, I) turned, (N, C, H, W) flattened. */
Value columns(const Value& x) { return is_batch(x) ? transpose(flatten(x, 1)) : x; }

/** x with axes so that it broadcasts over y as the equations mean it: a number for each map or unit, for each kernel,
 *  or the same elements as columns. */
Value over(const Value& x, const Value& y)
{
    const Shape &from = x.shape(), &to = y.shape();
    if (to.size() == 4 && from.size() == 1 && from[0] == to[1])
        return reshape(x, {1, from[0], 1, 1});
    if (to.size() == 2 && from.size() == 1 && from[0] == to[0])
        return reshape(x, {from[0], 1});
    if (to.size() == 4 && from.size() == 2 && from[1] == samples)
        return reshape(transpose(x), to);
    if (to.size() >= 3 && from.size() == 2)
        return reshape(x, {from[0], from[1], 1, 1});
    return x;
}

class Calculator
{
  public:
    explicit Calculator(const Graph& recording) : equations_(equations_of(recording))
    {
        const Reading reading(recording);
        const Naming names(reading);
        for (std::size_t i = 0; i < reading.size(); ++i)
            if (!names[i].head.empty()) {
                Value x = constant(Array<double>(reading.value(i).value));
                if (reading.value(i).op == "log_softmax")
                    x = exp(x); // it is written as log(y), and y has the name
                values_[key(names[i])] = reading.of_batch[i] && x.dimension() == 2 ? transpose(x) : x;
            }
        values_["1/N"] = constant<double>(1.0 / samples);
        values_["1/(2N)"] = constant<double>(0.5 / samples);
        values_["a"] = constant<double>(1.7159);
        values_["b"] = constant<double>(2.0 / 3);
        values_["b/a"] = constant<double>(2.0 / 3 / 1.7159);
        if (!values_.contains("t"))
            values_["t"] = transpose(one_hot<double>(Labels{0, 1, 2}, 10));
    }

    /** Computes all equations. @return  their number */
    std::size_t check()
    {
        std::size_t count = 0;
        for (const auto* part : {&equations_.forward, &equations_.backward})
            for (const Section& section : *part)
                for (const Equation& equation : section.equations) {
                    CAPTURE(written(equation, as_text));
                    check_equal(evaluate(equation.right), values_.at(key(equation.left)));
                    ++count;
                }
        return count;
    }

  private:
    static std::string key(const Expression& name) { return written(name, as_text); }

    static void check_equal(const Value& computed, const Value& recorded)
    {
        REQUIRE(computed.size() == recorded.size());
        const Value x = recorded.dimension() == 4 ? over(computed, recorded) : columns(computed);
        double largest = 0;
        for (std::size_t i = 0; i < x.size(); ++i)
            largest = std::max(largest, std::abs(recorded.data()[i]));
        const double tolerance = 1e-5 * largest; // numbers that were found from values have six digits
        CHECK(std::equal(x.data(), x.data() + x.size(), recorded.data(),
                         [&](double a, double b) { return std::abs(a - b) <= tolerance; }));
    }

    Value evaluate(const Expression& e);
    Value fold(const Expression& e, Value (*f)(const Value&, const Value&));
    Value sum_over(const std::string& letters, const Value& x) const;
    Value function(const Expression& e);
    Value convolution(const Expression& e, bool turned);

    const Equations equations_;
    std::map<std::string, Value> values_;
};

Value Calculator::fold(const Expression& e, Value (*f)(const Value&, const Value&))
{
    Value result = evaluate(e.operands[0]);
    for (std::size_t i = 1; i < e.operands.size(); ++i) {
        const Value next = evaluate(e.operands[i]);
        result = f(over(result, next), over(next, result));
    }
    return result;
}

Value Calculator::sum_over(const std::string& letters, const Value& x) const
{
    const bool batch = x.dimension() == 2 ? x.shape()[1] == samples : is_batch(x);
    const std::string axes = x.dimension() == 4 ? (batch ? "njuv" : "jiuv") : batch ? "in" : "ij";
    Axes summed{};
    for (const char letter : letters)
        if (letter != ',')
            summed.push_back(static_cast<Axis>(axes.find(letter)));
    return sum(x, summed);
}

/** f or f' at a point, by its written formula. */
Value Calculator::function(const Expression& e)
{
    for (const Equation& each : equations_.functions)
        if (each.left.head == e.head && each.left.operands[0] == e.operands[0]) {
            values_["u"] = evaluate(e.operands[1]);
            return evaluate(each.right);
        }
    FAIL("a function without an equation");
    return {};
}

/** A convolution of images with kernels; of images with maps it is the gradient to the kernels. */
Value Calculator::convolution(const Expression& e, bool turned)
{
    const Value x = evaluate(e.operands[0]), other = evaluate(e.operands[1]);
    const Value w = turned ? rot180(other) : other;
    const auto extent = [](const Value& v, std::size_t axis) { return static_cast<std::ptrdiff_t>(v.shape()[axis]); };
    if (e.operands.size() == 3 && e.operands[2].head == "full")
        return correlate2d_input(x, other, {extent(x, 2) + extent(w, 2) - 1, extent(x, 3) + extent(w, 3) - 1});
    if (is_batch(w))
        return correlate2d_kernel(x, w, {extent(x, 2) - extent(w, 2) + 1, extent(x, 3) - extent(w, 3) + 1});
    return correlate2d(x, w);
}

Value Calculator::evaluate(const Expression& e)
{
    if (e.is_number())
        return constant<double>(e.number);
    if (e.head == "msk") { // the gradient of a sum of ones
        const Value x = variable(Array<double>(values_.at(key(name("x", e.layer))).value()));
        Tape tape;
        return tape.gradient(sum(max_pool2d(x)), x);
    }
    if (e.operands.empty() || e.head == "∂")
        return values_.at(key(e));
    if (e.head == "∘")
        return fold(e, [](const Value& a, const Value& b) { return a * b; });
    if (e.head == "+")
        return fold(e, [](const Value& a, const Value& b) { return a + b; });
    if (e.head == "/")
        return fold(e, [](const Value& a, const Value& b) { return a / b; });
    if (e.head == "Σ")
        return sum_over(e.operands[0].head, evaluate(e.operands[1]));
    if (e.head == "apply" || e.head == "f'")
        return function(e);
    if (e.head == "*" || e.head == "conv2d" || e.head == "⋆")
        return convolution(e, e.head != "⋆");
    const Value x = evaluate(e.operands[0]);
    if (e.operands.size() == 2)
        return e.head == "·" ? matmul(columns(x), columns(evaluate(e.operands[1])))
                             : maximum(x, evaluate(e.operands[1]));
    static const std::map<std::string, Value (*)(const Value&)> functions = {
        {"ᵀ", [](const Value& v) { return transpose(columns(v)); }},
        {"²", [](const Value& v) { return square(v); }},
        {"abs", [](const Value& v) { return abs(v); }},
        {"sign", [](const Value& v) { return sign(v); }},
        {"step", [](const Value& v) { return step(v); }},
        {"exp", [](const Value& v) { return exp(v); }},
        {"log", [](const Value& v) { return log(v); }},
        {"tanh", [](const Value& v) { return tanh(v); }},
        {"σ", [](const Value& v) { return sigmoid(v); }},
        {"softplus", [](const Value& v) { return softplus(v); }},
        {"softmax", [](const Value& v) { return softmax(v, 0); }},
        {"rot180", [](const Value& v) { return rot180(v); }},
        {"up", [](const Value& v) { return upsample(v, 2); }},
        {"down", [](const Value& v) { return block_sum(v, 2); }},
        {"max", [](const Value& v) { return max_pool2d(v); }},
    };
    return functions.at(e.head)(x);
}

template <class Model>
std::size_t check(const Model& model, std::size_t extent)
{
    return Calculator(recording_of(model, extent, samples)).check();
}

} // namespace

TEST_CASE("derivation values: what is written of Bouvrie's network is what was computed")
{
    CHECK(check(Bouvrie<double>(1), 28) == 28);
    CHECK(check(Bouvrie<double>(1, {.combination = true}), 28) == 33);
    CHECK(check(Bouvrie<double>(1, {.combination = true, .sparsity = Sparsity::l1}), 28) == 35);
    CHECK(check(Bouvrie<double>(1, {.activation = Activation::sigmoid}), 28) == 28);
}

TEST_CASE("derivation values: what is written of LeNet-5 is what was computed")
{
    CHECK(check(LeNet5<double>(1), 32) == 30);
    CHECK(check(LeNet5<double>(1, {.connection_table = true, .mean_pooling = true}), 32) == 32);
    CHECK(check(LeNet5<double>(1, {.activation = Activation::scaled_tanh}), 32) == 30);
}

TEST_CASE("derivation values: what is written of perceptrons is what was computed")
{
    using Loss = MLPOptions::Loss;
    for (const Loss loss : {Loss::softmax_cross_entropy, Loss::binary_cross_entropy, Loss::squared_error})
        for (const Activation activation : {Activation::sigmoid, Activation::tanh, Activation::relu})
            CHECK(check(MLP<double>({784, 12, 11, 10}, 1, {.activation = activation, .loss = loss}), 28) >= 14);
}
