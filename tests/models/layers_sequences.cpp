// The layers for sequences, and those that normalize, embed or leave out.

#include "ops.hpp"
#include <xgrad/layers.hpp>
#include <xgrad/ops/ops.hpp>

#include <functional>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

using V = Variable<double>;
using Vector = std::vector<double>;

V fixed(const Array<double>& x) { return constant(Array<double>(x)); }

double sigma(double x) { return 1 / (1 + std::exp(-x)); }

/** Draws the parameters of one axis, as a wrong bias of 0 would not show. */
template <class Layer>
Layer with_biases(Layer layer)
{
    unsigned seed = 5;
    for (const V& leaf : layer.parameters())
        if (leaf.dimension() == 1) {
            V bias = leaf;
            bias.mutable_value() = numbers<double>(leaf.shape(), -0.5, 1, seed++);
        }
    return layer;
}

/** W·x + b of one vector. */
Vector affine(const V& weight, const V& bias, const Vector& x)
{
    Vector y(bias.data(), bias.data() + bias.size());
    for (std::size_t i = 0; i < y.size(); ++i)
        for (std::size_t j = 0; j < x.size(); ++j)
            y[i] += weight.data()[i * x.size() + j] * x[j];
    return y;
}

struct State
{
    Vector h, c;
};

/** One step of a cell from its parameters by PyTorch's names. */
State step(const std::string& kind, const Parameters<double>& all, const std::string& layer, const Vector& x,
           const State& before)
{
    const Vector u = affine(all["weight_ih_" + layer], all["bias_ih_" + layer], x);
    const Vector p = affine(all["weight_hh_" + layer], all["bias_hh_" + layer], before.h);
    const std::size_t width = before.h.size();
    State after = before;
    for (std::size_t j = 0; j < width; ++j) {
        const auto sum = [&](std::size_t part) { return u[part * width + j] + p[part * width + j]; };
        if (kind == "lstm") {
            after.c[j] = sigma(sum(1)) * before.c[j] + sigma(sum(0)) * std::tanh(sum(2));
            after.h[j] = sigma(sum(3)) * std::tanh(after.c[j]);
        } else if (kind == "gru") {
            const double n = std::tanh(u[2 * width + j] + sigma(sum(0)) * p[2 * width + j]);
            after.h[j] = (1 - sigma(sum(1))) * n + sigma(sum(1)) * before.h[j];
        } else {
            after.h[j] = kind == "relu" ? std::max(sum(0), 0.0) : std::tanh(sum(0));
        }
    }
    return after;
}

/** CHECKs two layers of 3 and 4 numbers over sequences (2, 5, 3), from given states and from none. */
template <class Run>
void check_recurrent(const std::string& kind, const Parameters<double>& all, Run run)
{
    const Array<double> x = numbers<double>({2, 5, 3});
    for (const bool given : {false, true}) {
        const Array<double> h = given ? numbers<double>({2, 2, 4}, -1, 1, 7) : Array<double>(Shape{2, 2, 4}, 0.0);
        const Array<double> c = given ? numbers<double>({2, 2, 4}, -1, 1, 8) : Array<double>(Shape{2, 2, 4}, 0.0);
        const RecurrentResult<double> result = given ? run(fixed(x), fixed(h), fixed(c)) : run(fixed(x), V(), V());
        Array<double> outputs = empty_array<double>({2, 5, 4}), last = h, cells = c;
        for (std::size_t n = 0; n < 2; ++n) {
            State states[2];
            for (std::size_t i = 0; i < 2; ++i)
                states[i] = {Vector(&h(i, n, 0), &h(i, n, 0) + 4), Vector(&c(i, n, 0), &c(i, n, 0) + 4)};
            for (std::size_t t = 0; t < 5; ++t) {
                states[0] = step(kind, all, "l0", Vector(&x(n, t, 0), &x(n, t, 0) + 3), states[0]);
                states[1] = step(kind, all, "l1", states[0].h, states[1]);
                std::copy_n(states[1].h.begin(), 4, &outputs(n, t, 0));
            }
            for (std::size_t i = 0; i < 2; ++i) {
                std::copy_n(states[i].h.begin(), 4, &last(i, n, 0));
                std::copy_n(states[i].c.begin(), 4, &cells(i, n, 0));
            }
        }
        check_close(result.outputs.value(), outputs, 1e-13);
        check_close(result.state.value(), last, 1e-13);
        CHECK(result.cells.has_value() == (kind == "lstm"));
        if (kind == "lstm")
            check_close(result.cells.value(), cells, 1e-13);
    }
}

} // namespace

TEST_CASE("recurrent layers have the values of plain loops")
{
    Random random(1);
    for (const bool rectified : {false, true}) {
        const auto rnn = with_biases(RNN<double>(3, 4, random, 2, rectified));
        check_recurrent(rectified ? "relu" : "tanh", rnn.parameters(),
                        [&](const V& x, const V& h, const V&) { return rnn(x, h); });
    }
    const auto lstm = with_biases(LSTM<double>(3, 4, random, 2));
    check_recurrent("lstm", lstm.parameters(), [&](const V& x, const V& h, const V& c) { return lstm(x, h, c); });
    const auto gru = with_biases(GRU<double>(3, 4, random, 2));
    check_recurrent("gru", gru.parameters(), [&](const V& x, const V& h, const V&) { return gru(x, h); });
    CHECK(lstm.parameters()["weight_ih_l0"].shape() == Shape{16, 3});
    CHECK(gru.parameters()["weight_hh_l1"].shape() == Shape{12, 4});
    CHECK(summarize("l", lstm, {5, 4}).parameters == lstm.parameters().element_count());
    CHECK(summarize("l", lstm, {5, 4}).kind == "LSTM of 2 layers");
    CHECK(summarize("g", GRU<double>(3, 4, random), {5, 4}).multiply_adds == 5 * (12 * 3 + 12 * 4));
}

TEST_CASE("recurrent layers that cannot be")
{
    Random random(1);
    const LSTM<double> lstm(3, 2, random);
    const GRU<double> gru(3, 2, random);
    check_shape_error([&] { lstm(leaf<double>({2, 0, 3})); }, {"[lstm]", "(2,0,3)", "no steps"});
    check_shape_error([&] { lstm(leaf<double>({2, 4, 2})); }, {"[lstm]", "(2,4,2)", "(N, T, 3)"});
    check_shape_error([&] { gru(leaf<double>({4, 3})); }, {"[gru]", "(4,3)"});
    check_shape_error([&] { gru(leaf<double>({2, 4, 3}), leaf<double>({1, 3, 2})); }, {"[gru]", "states", "(1,2,2)"});
    check_shape_error([&] { lstm(leaf<double>({2, 4, 3}), {}, leaf<double>({2, 2})); }, {"[lstm]", "cells"});
    check_shape_error([&] { RNN<double>(0, 2, random); }, {"[rnn]"});
    check_shape_error([&] { LSTM<double>(1, std::size_t{1} << 62, random); }, {"[lstm]"});
    CHECK(lstm(fixed(Array<double>(Shape{0, 2, 3}))).outputs.shape() == Shape{0, 2, 2});
}

TEST_CASE("attention of several heads has the values of plain loops")
{
    Random random(2);
    const auto layer = with_biases(MultiHeadAttention<double>(6, 2, random));
    const Parameters<double> all = layer.parameters();
    CHECK(all["in_proj_weight"].shape() == Shape{18, 6});
    CHECK(all["out_proj.weight"].shape() == Shape{6, 6});
    const Array<double> q = numbers<double>({2, 3, 6}), k = numbers<double>({2, 4, 6}, -2, 2, 2),
                        v = numbers<double>({2, 4, 6}, -2, 2, 3);
    const auto expected = [&](const Array<double>& queries, const Array<double>& keys, const Array<double>& values,
                              bool causal, const Array<double>& mask) {
        Array<double> y = empty_array<double>(queries.shape());
        const auto part = [&](const Array<double>& x, std::size_t n, std::size_t place, std::size_t which) {
            const Vector whole =
                affine(all["in_proj_weight"], all["in_proj_bias"], Vector(&x(n, place, 0), &x(n, place, 0) + 6));
            return Vector(whole.begin() + std::ptrdiff_t(6 * which), whole.begin() + std::ptrdiff_t(6 * which + 6));
        };
        for (std::size_t n = 0; n < queries.shape()[0]; ++n)
            for (std::size_t i = 0; i < queries.shape()[1]; ++i) {
                Vector read(6, 0.0);
                for (std::size_t head = 0; head < 2; ++head) {
                    Vector e;
                    double total = 0;
                    for (std::size_t j = 0; j < keys.shape()[1]; ++j) {
                        double score = causal && j > i ? -infinity : mask(i, j);
                        for (std::size_t c = 3 * head; c < 3 * head + 3; ++c)
                            score += part(queries, n, i, 0)[c] * part(keys, n, j, 1)[c] / std::sqrt(3.0);
                        e.push_back(std::exp(score));
                        total += e.back();
                    }
                    for (std::size_t j = 0; j < e.size(); ++j)
                        for (std::size_t c = 3 * head; c < 3 * head + 3; ++c)
                            read[c] += e[j] / total * part(values, n, j, 2)[c];
                }
                const Vector out = affine(all["out_proj.weight"], all["out_proj.bias"], read);
                std::copy(out.begin(), out.end(), &y(n, i, 0));
            }
        return y;
    };
    const Mode mode = Mode::evaluation();
    const Array<double> mask = numbers<double>({3, 4}, -1, 1, 4);
    check_close(layer.attend(fixed(q), fixed(k), fixed(v), mode, fixed(mask)).value(), expected(q, k, v, false, mask),
                1e-13);
    const V x = fixed(k);
    const Array<double> none(Shape{4, 4}, 0.0);
    check_close(layer(x, mode).value(), expected(k, k, k, false, none), 1e-13);
    check_close(layer(x, mode, {}, true).value(), expected(k, k, k, true, none), 1e-13);
    // A causal layer does not see what comes later.
    Array<double> changed = k;
    changed(0, 3, 2) += 1;
    const auto before = layer(x, mode, {}, true).value(), after = layer(fixed(changed), mode, {}, true).value();
    CHECK(std::equal(&before(0, 0, 0), &before(0, 0, 0) + 18, &after(0, 0, 0)));
    CHECK(before(0, 3, 0) != after(0, 3, 0));

    check_shape_error([&] { MultiHeadAttention<double>(6, 4, random); }, {"[attention layer]", "4 heads"});
    check_shape_error([&] { MultiHeadAttention<double>(6, 2, random, 2); }, {"[attention layer]", "0 to 1"});
    check_shape_error([&] { layer(leaf<double>({2, 3, 5}), mode); }, {"[attention layer]", "(2,3,5)"});
    check_shape_error([&] { layer.attend(x, leaf<double>({2, 3, 6}), leaf<double>({2, 4, 6}), mode); }, {"keys"});
}

TEST_CASE("a transformer block is its parts, in both orders")
{
    Random random(3);
    const V x = fixed(numbers<double>({2, 3, 4}));
    const Mode mode = Mode::evaluation();
    for (const bool first : {true, false}) {
        const auto block = with_biases(TransformerBlock<double>(
            4, 2, 5, random, {.activation = Activation::gelu, .norm_first = first, .causal = true}));
        const auto net = [&](const V& u) { return block.linear2(gelu(block.linear1(u))); };
        V expected;
        if (first) {
            const V u = x + block.attention(block.norm1(x), mode, {}, true);
            expected = u + net(block.norm2(u));
        } else {
            const V u = block.norm1(x + block.attention(x, mode, {}, true));
            expected = block.norm2(u + net(u));
        }
        check_close(block(x, mode).value(), expected.value(), 1e-13);
        CHECK(block.parameters()["self_attn.out_proj.bias"].shape() == Shape{4});
        CHECK(block.parameters()["linear1.weight"].shape() == Shape{5, 4});
        CHECK(summarize("b", block, {3, 4}).parameters == block.parameters().element_count());
    }
    const TransformerBlock<double> dropping(4, 2, 5, random, {.dropout = 0.5});
    Generators one = sample_generators(1, 0, 0, 2), same = sample_generators(1, 0, 0, 2);
    const auto training = dropping(x, Mode::training(one)).value();
    CHECK(training == dropping(x, Mode::training(same)).value());
    CHECK(training != dropping(x, mode).value());
}

TEST_CASE("normalizing layers have the values of plain loops")
{
    const Array<double> x = numbers<double>({2, 4, 3, 2});
    /** x with the elements for which group(index) is the same normalized together. */
    const auto normalized = [&](double epsilon, const std::function<std::size_t(const Index&)>& group) {
        std::vector<double> count(64), mean(64), square(64);
        for_each_index(x.shape(), [&](const Index& i) { count[group(i)] += 1, mean[group(i)] += at(x, i); });
        for_each_index(x.shape(), [&](const Index& i) {
            square[group(i)] += std::pow(at(x, i) - mean[group(i)] / count[group(i)], 2);
        });
        return generate<double>(x.shape(), [&](const Index& i) {
            const std::size_t g = group(i);
            return (at(x, i) - mean[g] / count[g]) / std::sqrt(square[g] / count[g] + epsilon);
        });
    };
    const auto scaled = [&](const Array<double>& y, const V& weight, const V& bias, auto place) {
        return generate<double>(
            y.shape(), [&](const Index& i) { return at(y, i) * weight.data()[place(i)] + bias.data()[place(i)]; });
    };
    const LayerNorm<double> layer = with_biases(LayerNorm<double>({2}));
    check_close(layer(fixed(x)).value(),
                scaled(normalized(1e-5, [](const Index& i) { return (i[0] * 4 + i[1]) * 3 + i[2]; }), layer.weight,
                       layer.bias, [](const Index& i) { return i[3]; }),
                1e-12);
    LayerNorm<double> wide({3, 2});
    wide.weight.mutable_value() = numbers<double>({3, 2}, 0.5, 2, 3);
    wide.bias.mutable_value() = numbers<double>({3, 2}, -1, 1, 4);
    check_close(wide(fixed(x)).value(),
                scaled(normalized(1e-5, [](const Index& i) { return i[0] * 4 + i[1]; }), wide.weight, wide.bias,
                       [](const Index& i) { return i[2] * 2 + i[3]; }),
                1e-12);
    const auto channel = [](const Index& i) { return i[1]; };
    const GroupNorm<double> group = with_biases(GroupNorm<double>(2, 4));
    check_close(
        group(fixed(x)).value(),
        scaled(normalized(1e-5, [](const Index& i) { return i[0] * 2 + i[1] / 2; }), group.weight, group.bias, channel),
        1e-12);
    const auto instances = normalized(1e-5, [](const Index& i) { return i[0] * 4 + i[1]; });
    const InstanceNorm<double> instance = with_biases(InstanceNorm<double>(4, true)), plain(4);
    check_close(instance(fixed(x)).value(), scaled(instances, instance.weight, instance.bias, channel), 1e-12);
    check_close(plain(fixed(x)).value(), instances, 1e-12);
    CHECK(plain.parameters().size() == 0);
    const RMSNorm<double> rms = with_biases(RMSNorm<double>(2));
    check_close(rms(fixed(x)).value(),
                generate<double>(x.shape(),
                                 [&](const Index& i) {
                                     Index a = i, b = i;
                                     a[3] = 0, b[3] = 1;
                                     const double square = (at(x, a) * at(x, a) + at(x, b) * at(x, b)) / 2;
                                     return at(x, i) / std::sqrt(square + 1e-6) * rms.weight.data()[i[3]];
                                 }),
                1e-12);
    CHECK(summarize("n", layer, {4, 3, 2}).parameters == 4);
    CHECK(group(fixed(Array<double>(Shape{0, 4, 2}))).shape() == Shape{0, 4, 2});
    check_shape_error([&] { layer(leaf<double>({2, 3})); }, {"[layer_norm]", "(2,3)", "(2)"});
    check_shape_error([&] { wide(leaf<double>({2})); }, {"[layer_norm]", "(3,2)"});
    check_shape_error([&] { group(leaf<double>({2, 3, 2})); }, {"[group_norm]", "(N, 4, …)"});
    check_shape_error([&] { plain(leaf<double>({4})); }, {"[instance_norm]", "(4)"});
    check_shape_error([&] { rms(leaf<double>({2, 3})); }, {"[rms_norm]", "(…, 2)"});
    check_shape_error([&] { GroupNorm<double>(3, 4); }, {"[group_norm]", "3 groups"});
    check_shape_error([&] { LayerNorm<double>({}); }, {"[layer_norm]"});
}

TEST_CASE("sinusoidal places are sines and cosines, and a step is a rotation of each pair")
{
    const Array<double> y = sinusoidal_places<double>(7, 5).value();
    REQUIRE(y.shape() == Shape{7, 5});
    for (std::size_t t = 0; t < 7; ++t)
        for (std::size_t i = 0; i < 5; ++i) {
            const double angle = static_cast<double>(t) / std::pow(10000.0, static_cast<double>(i - i % 2) / 5);
            CHECK(y(t, i) == doctest::Approx(i % 2 == 0 ? std::sin(angle) : std::cos(angle)).epsilon(1e-12));
        }
    for (std::size_t t = 0; t < 6; ++t)
        for (std::size_t i = 0; i < 4; i += 2) {
            const double c = y(1, i + 1), s = y(1, i);
            CHECK(y(t + 1, i) == doctest::Approx(c * y(t, i) + s * y(t, i + 1)).epsilon(1e-12));
        }
    CHECK(sinusoidal_places<float>(0, 4).shape() == Shape{0, 4});
}

TEST_CASE("an embedding takes rows of its table")
{
    Random random(4);
    const Embedding<double> layer(5, 3, random);
    const Labels words = indices({4, 0, 0, 2}, {2, 2});
    const V y = layer(words);
    CHECK(y.shape() == Shape{2, 2, 3});
    for (std::size_t i = 0; i < 12; ++i)
        CHECK(y.data()[i] == layer.weight.data()[static_cast<std::size_t>(words.data()[i / 3]) * 3 + i % 3]);
    CHECK(layer(indices({3}, {1})).shape() == Shape{1, 3});
    check_shape_error([&] { layer(indices({0, 5})); }, {"[embedding]", "word 5", "5"});
    check_shape_error([&] { layer(indices({-1})); }, {"[embedding]", "word -1"});
    check_shape_error([&] { Embedding<double>(0, 3, random); }, {"[embedding]"});
    CHECK(summarize("e", layer, {2, 3}).parameters == 15);
}

TEST_CASE("dropout as a layer: random in training, nothing in evaluation")
{
    const Dropout<double> layer(0.5);
    const V x = fixed(numbers<double>({3, 40}, 1, 2));
    Random random(1), same(1);
    CHECK(layer(x, Mode::evaluation()).value() == x.value());
    CHECK(layer(x, Mode::training(random)).value() == dropout(x, 0.5, same).value());
    check_shape_error([] { Dropout<double>(1.5); }, {"[dropout layer]", "1.5"});
    check_shape_error([] { Dropout<double>{not_a_number}; }, {"[dropout layer]"});
}

TEST_CASE("a residual block adds its layer to its input")
{
    Random random(5);
    const Linear<double> linear(3, 3, random);
    const V x = fixed(numbers<double>({2, 3}));
    const Residual<double, Linear<double>> block(linear);
    check_close(block(x).value(), (x + linear(x)).value());
    CHECK(block.parameters().name(0) == "weight");
    const Residual<double, Dropout<double>> dropping(Dropout<double>(1));
    CHECK(dropping(x, Mode::training(random)).value() == x.value());
    check_close(dropping(x).value(), (2 * x).value());
    CHECK(dropping.parameters().size() == 0);
    const Residual<double, Linear<double>> wrong(Linear<double>(3, 1, random));
    CHECK_THROWS_WITH_AS(wrong(x), "[residual] the layer makes (2,1) of (2,3): the shapes must be the same",
                         ShapeError);
    Sequence<double> net({3});
    net.add("block", block, "residual").add("drop", dropping, "dropout");
    CHECK(net.parameters().name(1) == "block.bias");

    Sequence<double> inner({3}); // its lines are added up, with a sum of the two paths
    inner.add("full", linear).add("square", [](const V& u) { return square(u); });
    const LayerSummary line = summarize("block", Residual<double, Sequence<double>>(inner), {3});
    CHECK(line.kind == "residual");
    CHECK(line.parameters == 12);
    CHECK(line.multiply_adds == 9);
    CHECK(line.connections == 12 + 2 * 3);
}

TEST_CASE("a full layer over several leading axes is the same for each row")
{
    Random random(6);
    const auto layer = with_biases(Linear<double>(3, 2, random));
    const Array<double> x = numbers<double>({2, 4, 3});
    const auto y = layer(fixed(x)).value();
    CHECK(y.shape() == Shape{2, 4, 2});
    check_equal(Array<double>(xt::reshape_view(y, {8, 2})), layer(reshape(fixed(x), {8, 3})).value());
    CHECK(layer(fixed(Array<double>(Shape{0, 4, 3}))).shape() == Shape{0, 4, 2});
    check_shape_error([&] { layer(leaf<double>({2, 4, 2})); }, {"[linear layer]", "(2,4,2)", "(…, 3)"});
}
