#include <xgrad/xgrad.hpp>

#include <cstdio>

using namespace xgrad;

namespace
{

//! [explain]
using V = const Variable<double>&;

Variable<double> some(const Shape& shape, std::uint64_t seed = 1)
{
    return constant(Random(seed).normal<double>(shape, 0, 1));
}

void print(const char* section, const Comparison& comparison)
{
    std::printf("%s\n", section);
    for (const TensorComparison& each : comparison.tensors)
        if (!each.explanation.empty())
            std::printf("  %s: %s\n", each.name.c_str(), each.explanation.c_str());
}

/** Prints what compare says of a gradient by hand at some point. */
template <class Loss, class Gradient>
void explain(const char* section, V point, Loss loss, Gradient by_hand, const CompareOptions& options = {})
{
    print(section, compare([&](V x) { return loss(x); }, point.value(),
                           [&](const Array<double>& x) { return by_hand(constant(x)).value(); }, options));
}
//! [explain]

//! [factor]
void factor()
{
    const auto t = some({4, 3});
    const auto loss = [&](V y) { return squared_error(y, t); }; // ½Σ(y − t)²/N with N = 4
    explain("factor", some({4, 3}, 7), loss, [&](V y) { return y - t; }, {.samples = 4});
}
//! [factor]

//! [convolution]
void convolution()
{
    const auto x = some({1, 2, 6, 6}), k = some({3, 2, 3, 3}, 2);
    const auto of_kernel = [&](V w) { return sum(square(correlate2d(x, w))) / 2; };
    explain("convolution-for-correlation", some({3, 2, 3, 3}, 7), of_kernel,
            [&](V w) { return rot180(correlate2d_kernel(x, correlate2d(x, w), 3)); });

    const auto of_input = [&](V z) { return sum(square(correlate2d(tanh(z), k))) / 2; };
    explain("convolution-for-correlation", some({1, 2, 6, 6}, 7), of_input, [&](V z) {
        const auto y = tanh(z);
        return correlate2d_input(correlate2d(y, k), rot180(k), 6) * (1 - square(y)); // k, not rot180(k)
    });
}
//! [convolution]

//! [moved]
void moved()
{
    const auto x = some({1, 3}), t = some({1, 3}, 2), images = some({2, 3, 4, 4});
    const auto full = [&](V w) { return sum(square(matmul(x, w, {.b = true}) - t)) / 2; };
    explain("transposed", some({3, 3}, 7), full, [&](V w) { // δᵀ·x is right, B7
        return transpose(matmul(matmul(x, w, {.b = true}) - t, x, {.a = true}));
    });
    const auto loss = [&](V u) { return sum(square(u * images)) / 2; };
    const auto right = [&](V u) { return u * square(images); };
    explain("flipped", some({2, 3, 4, 4}, 7), loss, [&](V u) { return flip(right(u), 3); });
    explain("permuted", some({2, 3, 4, 4}, 7), loss, [&](V u) {
        const auto g = right(u);
        return concatenate<double>({slice(g, 1, 1, 3), slice(g, 1, 0, 1)}, 1);
    });
}
//! [moved]

//! [sum]
void missing_sum()
{
    const auto u = some({4, 3, 5, 5});
    const auto maps = [&](V b) { return u + reshape(b, {1, 3, 1, 1}); };
    const auto loss = [&](V b) { return sum(square(maps(b))) / 2; };
    explain("missing-sum", some({3}, 7), loss, [&](V b) { return maps(b); });
    explain("missing-sum", some({3}, 7), loss, [&](V b) { return sum(slice(maps(b), 0, 3, 4), {0, 2, 3}); });
}
//! [sum]

//! [derivative]
void derivative()
{
    const auto t = some({4, 3});
    const auto loss = [&](V u) { return sum(square(tanh(u) - t)) / 2; };
    const auto error = [&](V u) { return tanh(u) - t; };
    explain("missing-derivative", some({4, 3}, 7), loss, [&](V u) { return error(u); });
    explain("derivative-at-the-output", some({4, 3}, 7), loss,
            [&](V u) { return error(u) * (1 - square(tanh(tanh(u)))); });
    explain("derivative-at-the-input", some({4, 3}, 7), loss, [&](V u) { return error(u) * (1 - square(u)); });
}
//! [derivative]

//! [pooling]
void pooling()
{
    const auto beta = reshape(some({3}), {1, 3, 1, 1});
    const auto u = [&](V x) { return tanh(beta * block_sum(x, 2)); };
    const auto loss = [&](V x) { return sum(square(u(x))) / 2; };
    const auto delta = [&](V x) { return u(x) * (1 - square(u(x))); };
    explain("missing-factor", some({2, 3, 4, 4}, 7), loss, [&](V x) { return upsample(delta(x), 2); });
    explain("missing-upsampling", some({2, 3, 4, 4}, 7), loss, [&](V x) { return beta * delta(x); });

    const auto dots = greater(some({2, 3, 6, 6}), constant<double>(0)); // 0 and 1: many are tied
    explain(
        "every-tie", dots, [&](V x) { return sum(square(max_pool2d(x) + 1)) / 2; },
        [&](V x) {
            const auto y = upsample(max_pool2d(x), 2);
            return (y + 1) * greater_equal(x, y);
        });
    explain(
        "whole-block", some({2, 3, 4, 4}, 7), [&](V x) { return sum(square(max_pool2d(x))) / 2; },
        [&](V x) { return upsample(max_pool2d(x), 2); });
}
//! [pooling]

//! [softmax]
void probabilities()
{
    const auto t = softmax(some({4, 3})), a = sigmoid(some({4, 3}, 2));
    const auto entropy = [&](V z) { return softmax_cross_entropy(z, t); };
    explain("diagonal-softmax", some({4, 3}, 7), entropy, [&](V z) { return -t * (1 - softmax(z)) / 4; });
    explain("cross-entropy-sign", some({4, 3}, 7), entropy, [&](V z) { return (t - softmax(z)) / 4; });
    const auto binary = [&](V z) { return binary_cross_entropy(sigmoid(z), a); };
    explain("cross-entropy-sign", some({4, 3}, 7), binary, [&](V z) {
        const auto p = sigmoid(z);
        return (-a / p - (1 - a) / (1 - p)) * p * (1 - p) / 4; // + before (1 − a) is right, G4
    });
}
//! [softmax]

//! [penalty]
void penalty()
{
    const auto x = some({4, 3}), t = some({4, 2}, 2);
    const auto y = [&](V w) { return matmul(x, w); };
    explain(
        "missing-penalty", some({3, 2}, 7), [&](V w) { return sum(square(y(w) - t)) / 2 + 0.1 * sum(square(w)); },
        [&](V w) { return matmul(x, y(w) - t, {.a = true}); });
}
//! [penalty]

//! [full]
void full()
{
    const auto k = some({3, 2, 3, 3}, 2);
    const auto right = [&](V y) { return correlate2d_input(correlate2d(y, k), k, 8); };
    explain(
        "valid-for-full", some({1, 2, 8, 8}, 7), [&](V z) { return sum(square(correlate2d(tanh(z), k))) / 2; },
        [&](V z) {
            const auto y = tanh(z);
            const auto valid = slice(slice(right(y), 2, 2, 6), 3, 2, 6);
            return pad(valid, {{0, 0}, {0, 0}, {2, 2}, {2, 2}}) * (1 - square(y));
        });
}
//! [full]

//! [weights]
void weights()
{
    const auto w = some({3, 3});
    explain(
        "transposed-weights", some({4, 3}, 7), [&](V x) { return sum(square(matmul(tanh(x), w, {.b = true}))) / 2; },
        [&](V x) {
            const auto delta = matmul(tanh(x), w, {.b = true});
            return matmul(delta, w, {.b = true}) * (1 - square(tanh(x))); // δ·w is right
        });
}
//! [weights]

//! [factors]
/** Gradients of a β and of a denominator. */
void factors()
{
    const auto x = some({4, 3, 2, 2});
    const auto scaled = [&](V beta) { return reshape(beta, {3, 1, 1}) * x; };
    explain(
        "missing-other-factor", some({3}, 7), [&](V beta) { return sum(square(scaled(beta))) / 2; },
        [&](V beta) {
            return sum(scaled(beta), {0, 2, 3});
        }); // Σ δ x is right

    const auto a = some({4, 3});
    explain(
        "quotient", exp(some({4, 3}, 7)), [&](V b) { return sum(square(a / b)) / 2; },
        [&](V b) { return -(a / b) * a / b; }); // −δ a/b² is right
}
//! [factors]

//! [places]
/** Gradients that arrive at wrong places. */
void places()
{
    const auto k = some({3, 2, 3, 3}, 2);
    const auto delta = [&](V y, std::size_t stride) { return correlate2d(y, k, {.stride = stride}); };
    explain(
        "shifted", some({1, 2, 7, 7}, 7), [&](V z) { return sum(square(delta(tanh(z), 1))) / 2; },
        [&](V z) {
            const auto y = tanh(z), right = correlate2d_input(delta(y, 1), k, 7);
            return pad(slice(right, 3, 0, 6), {{0, 0}, {0, 0}, {0, 0}, {1, 0}}) * (1 - square(y));
        });
    explain(
        "stride-and-padding", some({1, 2, 7, 7}, 7), [&](V z) { return sum(square(delta(tanh(z), 2))) / 2; },
        [&](V z) {
            const auto y = tanh(z), dense = correlate2d_input(delta(y, 2), k, 5); // as with stride 1
            return pad(dense, {{0, 0}, {0, 0}, {0, 2}, {0, 2}}) * (1 - square(y));
        });

    const auto t = some({4, 3});
    const Labels ids = {0, 2, 0, 1}; // row 0 is read twice
    explain(
        "overwritten", some({3, 3}, 7), [&](V w) { return sum(square(gather(w, ids) - t)) / 2; },
        [&](V w) {
            const auto error = gather(w, ids) - t;
            return concatenate<double>({slice(error, 0, 2, 4), slice(error, 0, 1, 2)}, 0); // row 0 lacks error 0
        });
}
//! [places]

//! [path]
void path()
{
    const auto w = some({3, 3});
    const auto y = [&](V x) { return x + tanh(matmul(x, w)); };
    explain(
        "missing-path", some({4, 3}, 7), [&](V x) { return sum(square(y(x))) / 2; },
        [&](V x) { // + δ is right
            return matmul(y(x) * (1 - square(tanh(matmul(x, w)))), w, {.b = true});
        });

    const auto t = some({6, 3});
    const auto centred = [&](V u) { return u - mean(u, {0}, true); };
    const auto deviation = [&](V u) { return sqrt(mean(square(centred(u)), {0}, true) + 1e-5); };
    explain(
        "missing-path", some({6, 3}, 7), [&](V u) { return sum(square(centred(u) / deviation(u) - t)) / 2; },
        [&](V u) { // the deviation depends on u, too
            const auto error = centred(u) / deviation(u) - t;
            return centred(error) / deviation(u);
        });
}
//! [path]

//! [rows]
void rows()
{
    const auto x = some({4, 3}), t = some({4, 6}, 2);
    explain(
        "only-some-rows", some({6, 3}, 7), [&](V w) { return sum(square(matmul(x, w, {.b = true}) - t)) / 2; },
        [&](V w) {
            const auto right = matmul(matmul(x, w, {.b = true}) - t, x, {.a = true});
            return concatenate<double>({2 * slice(right, 0, 0, 2), slice(right, 0, 2, 6)}, 0);
        });
}
//! [rows]

//! [stale]
void stale()
{
    const auto now = some({4, 3}), before = some({4, 3}, 2);
    const auto w = variable(some({2, 3}, 3).value());
    const auto of = [&](V x) { return sum(square(matmul(x, w, {.b = true}))) / 2; };
    const auto gradient = [&](V x) { return matmul(matmul(x, w, {.b = true}), x, {.a = true}); };
    print("stale", compare([&] { return of(now); }, Parameters<double>{{"w", w}},
                           {[&] { return gradient(before).value(); }}, {.previous = [&] { return of(before); }}));
}
//! [stale]

//! [consequence]
void consequence()
{
    const auto x = some({4, 3}), t = some({4, 2});
    const auto w = variable(some({2, 3}, 2).value());
    const auto probe = variable(Array<double>(Shape{4, 2}, 0.0)); // its gradient is ∂E/∂u
    const auto u = [&] { return matmul(x, w, {.b = true}) + probe; };
    const auto delta = [&] { return (tanh(u()) - t) * (2 - square(tanh(u()))); }; // 1 − y² is right
    print("consequence",
          compare([&] { return sum(square(tanh(u()) - t)) / 2; }, Parameters<double>{{"w", w}, {"u", probe}},
                  {[&] { return matmul(delta(), x, {.a = true}).value(); }, [&] { return delta().value(); }}));
}
//! [consequence]

} // namespace

int main()
{
    factor();
    convolution();
    moved();
    missing_sum();
    derivative();
    pooling();
    probabilities();
    penalty();
    full();
    weights();
    factors();
    places();
    path();
    rows();
    stale();
    consequence();
}
