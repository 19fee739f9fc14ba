#include "ops.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/inspect/graph.hpp>
#include <xgrad/models/networks/bouvrie.hpp>
#include <xgrad/models/networks/lenet5.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <set>
#include <string>

using namespace xgrad;

namespace
{

constexpr std::size_t none = Graph::none;

/** The values by name or op, with the inputs' places: "x y add(0,1)". */
std::string list(const Graph& recording, std::size_t begin, std::size_t end)
{
    std::string text;
    for (std::size_t i = begin; i < end; ++i) {
        const GraphValue& value = recording.values[i];
        text += (i == begin ? "" : " ") + (value.op.empty() ? value.name.empty() ? "?" : value.name : value.op);
        for (std::size_t k = 0; k < value.inputs.size(); ++k)
            text += (k == 0 ? "(" : ",") + std::to_string(value.inputs[k]) + (k + 1 < value.inputs.size() ? "" : ")");
    }
    return text;
}
std::string forward(const Graph& recording) { return list(recording, 0, recording.forward); }
std::string backward(const Graph& recording) { return list(recording, recording.forward, recording.values.size()); }

/** CHECKs that inputs come first, that every value is needed for the loss, a sensitivity or a gradient, and that all
 *  places exist. */
void check_order(const Graph& recording)
{
    std::set<std::size_t> needed(recording.gradients.begin(), recording.gradients.end());
    needed.insert(recording.sensitivities.begin(), recording.sensitivities.end());
    needed.insert(recording.loss);
    CHECK(recording.sensitivities.size() == recording.forward);
    for (std::size_t i = recording.values.size(); i-- > 0;) {
        CHECK(needed.contains(i));
        for (const std::size_t input : recording.values[i].inputs) {
            CHECK(input < i);
            needed.insert(input);
        }
    }
}

template <class T>
bool same_bits(const Array<double>& recorded, const Variable<T>& value)
{
    return recorded == Array<double>(xt::cast<double>(value.value()));
}

/** Compares a recording with a tape: the loss, and the gradients of parameters.
 *  @param rounded  those that are equal up to rounding: the bias of a layer in one pass sums no zeros */
template <class T>
void check_against_tape(const std::function<Variable<T>()>& loss, const Parameters<T>& parameters,
                        const std::set<std::string>& rounded = {})
{
    const Graph recording = graph_of_gradient(loss, parameters);
    check_order(recording);
    Tape tape;
    const Variable<T> result = loss();
    const Variables<T> gradients = tape.gradient(result, parameters);
    CHECK(same_bits(recording.values[recording.loss].value, result));
    REQUIRE(recording.gradients.size() == parameters.size());
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        CAPTURE(parameters.name(i));
        const Array<double>& recorded = recording.values[recording.gradients[i]].value;
        if (rounded.count(parameters.name(i)) == 1)
            test::check_close<T>(xt::cast<T>(recorded), gradients[i].value());
        else
            CHECK(same_bits(recorded, gradients[i]));
        std::size_t places = 0;
        for (std::size_t place = 0; place < recording.forward; ++place)
            if (recording.values[place].name == parameters.name(i)) {
                ++places;
                CHECK(same_bits(recording.values[place].value, parameters[i]));
                CHECK(recording.sensitivities[place] == recording.gradients[i]);
            }
        CHECK(places == 1);
    }
}

} // namespace

TEST_CASE("a recording has every value once, after its inputs, and the sweep after the loss")
{
    const auto x = variable<double>({{1, 2}, {3, 4}});
    const auto loss = [&] { return sum(tanh(x) * x); };
    const Graph recording = graph_of_gradient<double>(loss, {{"x", x}});
    check_order(recording);
    CHECK(forward(recording) == "x tanh(0) multiply(1,0) sum(2)");
    CHECK(backward(recording).starts_with("? reshape(4) broadcast_to(5) multiply(6,0)"));
    CHECK(recording.loss == 3);
    CHECK(recording.values[3].value() == sum(tanh(x) * x).item());
    CHECK(recording.values[4].value() == 1);
    CHECK(recording.sensitivities[3] == 4);
    CHECK(recording.sensitivities[2] == 6);
    CHECK(recording.sensitivities[1] == 7);
    CHECK(recording.values[recording.sensitivities[0]].op == "add"); // of its two uses
    CHECK(recording.gradients == std::vector{recording.sensitivities[0]});
}

TEST_CASE("a recording of the loss alone has no sensitivities")
{
    const auto x = variable<float>({1, 2});
    const auto target = constant<float>({3, 5});
    const Graph recording = graph_of_loss<float>([&] { return sum(square(x - target)); }, {{"x", x}});
    CHECK(forward(recording) == "x ? subtract(0,1) square(2) sum(3)");
    CHECK(recording.forward == recording.values.size());
    CHECK(recording.gradients.empty());
    CHECK(recording.sensitivities == std::vector<std::size_t>(5, none));
    CHECK(recording.values[1].value == Array<double>{3, 5});
    CHECK(recording.values[4].value() == 13);
}

TEST_CASE("a recording leaves out what nothing needs")
{
    const auto x = variable<double>({1, 2});
    const auto loss = [&] {
        const auto beside = sin(x);
        return sum(exp(x));
    };
    CHECK(forward(graph_of_gradient<double>(loss, {{"x", x}})) == "x exp(0) sum(1)");
}

TEST_CASE("a recording shows an op, not those that it is computed with")
{
    const auto x = variable<double>({1, 2, 3});
    const Graph recording = graph_of_loss<double>([&] { return log_sum_exp(x); }, {{"x", x}});
    CHECK(forward(recording) == "x log_sum_exp(0) reshape(1)");

    const auto exp_of_sin = [&] {
        const auto compute = [&] {
            const PauseRecording pause;
            return exp(sin(x));
        };
        return sum(record("exp_of_sin", compute(), wrt(x, [&](const auto& g) { return g * exp(sin(x)) * cos(x); })));
    };
    CHECK(forward(graph_of_gradient<double>(exp_of_sin, {{"x", x}})) == "x exp_of_sin(0) sum(1)");
}

TEST_CASE("a recording has the facts that its values do not tell")
{
    const auto x = variable<double>({{1, 2, 3}, {4, 5, 6}});
    const auto last = [&](const auto& network) {
        return graph_of_loss<double>([&] { return network(x); }, {{"x", x}}).values.back();
    };
    using Places = std::vector<std::size_t>;
    CHECK(last([](const auto& v) { return softmax(v, 0); }).attributes.axes == Places{0});
    CHECK(last([](const auto& v) { return log_softmax(v); }).attributes.axes == Places{1});
    CHECK(last([](const auto& v) { return cumsum(v, 0); }).attributes.axes == Places{0});
    CHECK(last([](const auto& v) { return flip(v, {-1, 0}); }).attributes.axes == Places{1, 0});
    CHECK(last([](const auto& v) {
              return pad(v, {{1, 0}, {0, 0}}, 7.0);
          }).attributes.numbers == std::vector<double>{7});
    CHECK(last([](const auto& v) { return standardize(v, 0.5); }).attributes.numbers == std::vector<double>{0.5});
    CHECK(last([](const auto& v) { return rms_normalize(v, 0.5); }).attributes.numbers == std::vector<double>{0.5});
    const GraphValue taken = last([](const auto& v) { return gather(v, Labels{2, 0}, 1); });
    CHECK(taken.attributes.axes == Places{1});
    CHECK(taken.attributes.numbers == std::vector<double>{2, 0});
    CHECK(last([](const auto& v) { return unstack(v, 0)[1]; }).result == 1);
    for (const char* op : {"max", "min"}) {
        const GraphValue best = last([&](const auto& v) { return std::string(op) == "max" ? max(v, 1) : min(v, 1); });
        CHECK(best.op == op);
        CHECK(best.attributes.axes == Places{1});
    }
    const auto images = variable(Array<double>(Shape{1, 1, 4, 4}, 1.0));
    const auto of_images = [&](const auto& network) {
        return graph_of_loss<double>([&] { return network(images); }, {{"x", images}}).values.back().attributes;
    };
    CHECK(of_images([](const auto& v) { return max_pool2d(v, {.size = 2}); }).window->stride_width == 2);
    CHECK(of_images([](const auto& v) { return l2_pool2d(v, {.size = 2}); }).window->kernel_height == 2);
    CHECK(of_images([](const auto& v) { return patches(v, 3); }).window->out_width == 2);
    CHECK(of_images([](const auto& v) { return mean_pool2d(v, {.size = 2}); }).numbers == std::vector<double>{0});
    CHECK(of_images([](const auto& v) { return mean_pool2d(v, {.size = 2}, true); }).numbers.empty());
}

TEST_CASE("a sensitivity is the sum over all uses")
{
    const auto x = variable<double>({0.5, -1});
    const auto loss = [&] {
        const auto y = exp(x);
        return sum(y * y + sin(y));
    };
    const Graph recording = graph_of_gradient<double>(loss, {{"x", x}});
    const auto y = exp(x);
    REQUIRE(recording.values[1].op == "exp");
    const Array<double>& sensitivity = recording.values[recording.sensitivities[1]].value;
    for (std::size_t i = 0; i < 2; ++i)
        CHECK(sensitivity(i) == doctest::Approx(2 * y.value()(i) + std::cos(y.value()(i))));
}

TEST_CASE("a gradient that is passed on as it was has one place")
{
    const auto a = variable<double>({1, 2}), b = variable<double>({3, 4});
    const Graph recording = graph_of_gradient<double>([&] { return sum(a + b); }, {{"a", a}, {"b", b}});
    check_order(recording);
    CHECK(recording.gradients[0] == recording.gradients[1]);
    CHECK(recording.sensitivities[2] == recording.gradients[0]); // of the sum a + b
}

TEST_CASE("an op that passes its input on adds no value")
{
    const auto x = variable<double>({1, 2});
    const auto doubled_backward = [](const Variable<double>& y) {
        return record("doubled_backward", Variable<double>(y), wrt(y, [](const auto& g) { return 2 * g; }));
    };
    const Graph recording = graph_of_gradient<double>([&] { return sum(doubled_backward(exp(x))); }, {{"x", x}});
    check_order(recording);
    CHECK(forward(recording) == "x exp(0) sum(1)");
    CHECK(recording.values[recording.sensitivities[1]].value == Array<double>{2, 2});
}

TEST_CASE("a parameter may itself be the loss")
{
    const auto x = variable<double>(3);
    const Graph recording = graph_of_gradient<double>([&] { return x; }, {{"x", x}});
    CHECK(forward(recording) == "x");
    CHECK(backward(recording) == "?");
    CHECK(recording.gradients == std::vector<std::size_t>{1});
}

TEST_CASE("the others get names, and no gradients")
{
    const auto x = variable<double>({1, 2}), w = variable<double>({3, 4});
    const Graph recording = graph_of_gradient<double>([&] { return sum(x * w); }, {{"w", w}}, {{"x", x}});
    CHECK(forward(recording) == "x w multiply(0,1) sum(2)");
    CHECK(recording.sensitivities[0] == none);
    CHECK(recording.sensitivities[1] == recording.gradients[0]);
}

TEST_CASE("the order follows from the graph, not from the order in which the ops ran")
{
    const auto a = variable<double>(1), b = variable<double>(2);
    std::string lists[2];
    for (const bool b_first : {false, true}) {
        const auto loss = [&] {
            auto u = b_first ? cos(b) : sin(a);
            auto v = b_first ? sin(a) : cos(b);
            return b_first ? v * u : u * v;
        };
        const Graph recording = graph_of_gradient<double>(loss, {{"a", a}, {"b", b}});
        lists[b_first] = forward(recording) + " | " + backward(recording);
    }
    CHECK(lists[0] == lists[1]);
}

TEST_CASE("a long chain is recorded without recursion")
{
    const auto x = variable<double>(1);
    const auto loss = [&] {
        Variable<double> y = x;
        for (int i = 0; i < 100000; ++i)
            y = -y;
        return y;
    };
    CHECK(graph_of_gradient<double>(loss, {{"x", x}}).values.size() == 200002);
}

TEST_CASE("recording leaves the tape around it as it was")
{
    const auto x = variable<double>({1, 2});
    Tape tape;
    const auto y = sum(exp(x));
    static_cast<void>(graph_of_gradient<double>([&] { return sum(sin(x)); }, {{"x", x}}));
    const auto dx = tape.gradient(y, x);
    CHECK(dx.value()(1) == std::exp(2.0));
}

TEST_CASE("a recording has the gradients that a tape gives, to the last bit")
{
    Random random(7);
    SUBCASE("LeNet-5 in float")
    {
        const LeNet5<float> net(1);
        const auto images = constant(random.normal<float>({3, 1, 32, 32}, 0, 1));
        const Labels labels{4, 0, 9};
        check_against_tape<float>([&] { return softmax_cross_entropy(net(images), labels); }, net.parameters(),
                                  {"c1.bias", "c3.bias"});
    }
    SUBCASE("LeNet-5 with a connection table and mean pooling, in double")
    {
        const LeNet5<double> net(2, {.connection_table = true, .mean_pooling = true});
        const auto images = constant(random.normal<double>({2, 1, 32, 32}, 0, 1));
        const Labels labels{4, 1};
        check_against_tape<double>([&] { return softmax_cross_entropy(net(images), labels); }, net.parameters());
    }
    SUBCASE("Bouvrie's network in double")
    {
        const Bouvrie<double> net(3, {.combination = true, .sparsity = Sparsity::entropy, .sparsity_weight = 0.1});
        const auto images = constant(random.normal<double>({2, 1, 28, 28}, 0, 1));
        const Labels labels{2, 8};
        check_against_tape<double>([&] { return net.loss(net(images), labels); }, net.parameters());
    }
}

TEST_CASE("the sensitivities of LeNet-5 are the gradients of its intermediate results")
{
    const LeNet5<double> net(5);
    const auto images = constant(Random(1).normal<double>({2, 1, 32, 32}, 0, 1));
    const Labels labels{3, 7};
    const Graph recording =
        graph_of_gradient<double>([&] { return softmax_cross_entropy(net(images), labels); }, net.parameters());

    Tape tape;
    const auto s2 = max_pool2d(relu(net.c1(images)));
    const auto c5 = relu(net.c5(max_pool2d(relu(net.c3(s2)))));
    const auto loss = softmax_cross_entropy(net.f7(relu(net.f6(flatten(c5, 1)))), labels);
    const auto ds2 = tape.gradient(loss, s2);
    std::size_t found = 0;
    for (std::size_t place = 0; place < recording.forward; ++place)
        if (recording.values[place].value.shape() == s2.shape()) {
            CHECK(same_bits(recording.values[place].value, s2));
            CHECK(same_bits(recording.values[recording.sensitivities[place]].value, ds2));
            ++found;
        }
    CHECK(found == 1);
}

TEST_CASE("a gradient is recorded of a scalar that depends on every parameter")
{
    const auto x = variable<double>({1, 2}), y = variable<double>({1, 2});
    CHECK_THROWS_AS(static_cast<void>(graph_of_gradient<double>([&] { return exp(x); }, {{"x", x}})), GraphError);
    CHECK_THROWS_WITH_AS(static_cast<void>(graph_of_gradient<double>([&] { return sum(x); }, {{"x", x}, {"y", y}})),
                         doctest::Contains("'y'"), GraphError);
    CHECK(graph_of_loss<double>([&] { return exp(x); }, {{"x", x}}).values.size() == 2);
}
