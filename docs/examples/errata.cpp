#include <xgrad/xgrad.hpp>

#include <cmath>
#include <cstdio>
#include <functional>

using namespace xgrad;

namespace
{

void print(const char* before, const Array<double>& values)
{
    std::printf("%s", before);
    for (const double value : values)
        std::printf(" %g", std::round(value * 1e4) / 1e4 + 0.0); // + 0.0: no −0
}

//! [compare]
using Function = std::function<Variable<double>(const Variable<double>&)>;

/** Returns "passes" if a formula for the gradient of f agrees with central differences at x (B22), else "fails". */
const char* verdict(const Function& f, const Function& formula, const Array<double>& x)
{
    const auto op = [&](const Variables<double>& xs) {
        return record("f", f(xs[0]).value(), wrt(xs[0], [&, at = xs[0]](const auto& g) { return g * formula(at); }));
    };
    return check_gradient("f", op, {x}, {.order = 1}).passed() ? "passes" : "fails";
}

/** Prints the gradients of f at x by two formulas, and their verdicts. */
void compare(const char* name, const Function& f, const Function& printed, const Function& right,
             const Array<double>& x)
{
    print(name, printed(constant(x)).value());
    std::printf(" %s; right:", verdict(f, printed, x));
    print("", right(constant(x)).value());
    std::printf(" %s\n", verdict(f, right, x));
}
//! [compare]

//! [l1]
void l1()
{
    const auto c = variable<double>({0, 1, 2});
    const auto slopes = [&](const Function& penalty) {
        Tape tape;
        return tape.gradient(penalty(softmax(c)), c).value();
    };
    print("B18-B21  slopes of Σ|α|:", slopes([](const auto& a) { return sum(abs(a)); }));
    print("; of −Σ α ln α:", slopes([](const auto& a) { return -sum(a * log(a)); }));
    print("; of Σ √α:", slopes([](const auto& a) { return sum(sqrt(a)); }));
    std::printf("\n");
}
//! [l1]

//! [weights]
void weights()
{
    const auto x = constant<double>({1, 2}), t = constant<double>({6, 8});
    const auto delta = [&](const auto& w) { return matmul(w, x) - t; }; // B6 for f(u) = u
    compare(
        "B7       printed:", [&](const auto& w) { return sum(square(delta(w))) / 2; },
        [&](const auto& w) { return outer(x, delta(w)); }, //
        [&](const auto& w) { return outer(delta(w), x); }, Array<double>{{1, 2}, {3, 4}});
}
//! [weights]

//! [cross_entropy]
void cross_entropy()
{
    const auto y = constant<double>({0, 1});
    compare(
        "G4       printed:", [&](const auto& a) { return -sum(y * log(a) + (1 - y) * log(1 - a)); },
        [&](const auto& a) { return -y / a - (1 - y) / (1 - a); }, //
        [&](const auto& a) { return -y / a + (1 - y) / (1 - a); }, Array<double>{0.2, 0.7});
}
//! [cross_entropy]

//! [subsampling]
void subsampling()
{
    const LayerSummary s4 = summarize("S4", Subsampling<float>(16, 2), {16, 5, 5});
    std::printf("G, S4    printed: 12; right: %zu, with %zu connections\n", s4.parameters, s4.connections);
}
//! [subsampling]

//! [table]
void table()
{
    Random random(1);
    const ConnectionTable right = LeNet5<float>::table();
    ConnectionTable printed = right;
    printed[5][13] = false;
    const auto c3 = [&](const ConnectionTable& each) {
        return summarize("C3", Convolution<float>(each, 5, random), {16, 10, 10});
    };
    std::printf("H, Cbn   printed: %zu; right: %zu, with %zu connections\n", c3(printed).parameters,
                c3(right).parameters, c3(right).connections);
}
//! [table]

//! [uniform]
void uniform()
{
    const auto z = softmax(constant(Array<double>(Shape{1, 10}, 0.0)));
    const double loss = softmax_cross_entropy(log(z), z).item(); // y = z, so that J = H(Z)
    std::printf("H(Z)     printed: 1; right: %.4f\n", loss);
}
//! [uniform]

//! [squash]
void squash()
{
    const Function f = [](const auto& x) { return (1 - exp(-x)) / (1 + exp(-x)); }; // a = 1
    compare(
        "H, tanh  printed:", f, [&](const auto& x) { return 1 - square(tanh(x)); },
        [&](const auto& x) { return 0.5 * (1 - square(tanh(0.5 * x))); }, Array<double>{0, 1});
}
//! [squash]

//! [mask]
void mask()
{
    const auto window = variable<double>({{{{5, 5}, {5, 5}}}});
    const double step = 0.5;
    const auto slope = (max_pool2d(window + step) - max_pool2d(window - step)) / (2 * step);
    const auto printed = greater_equal(window, max(window));
    Tape tape;
    const auto right = tape.gradient(sum(max_pool2d(window)), window);
    std::printf("H, mask  printed: %g; right: %g; difference: %g\n", sum(printed).item(), sum(right).item(),
                slope.item());
}
//! [mask]

//! [holes]
void holes()
{
    const auto x = variable(Array<double>(Shape{1, 16}, 1.0));
    const auto w = constant<double>({{1, 1, 1}});
    const std::ptrdiff_t d = 2;
    Tape tape;
    const auto s = correlate2d(x, w, {.dilation = d + 1});
    print("N18      read by the first output:", tape.gradient(sum(slice(s, 1, 0, 1)), x).value());
    std::printf("\n         printed: %td; right: %td\n", (d + 1) * 3 + 1, (d + 1) * (3 - 1) + 1);
}
//! [holes]

//! [depthwise]
void depthwise()
{
    Random random(1);
    const Convolution<float> whole(64, 64, 3, random);
    const Convolution<float> each(64, 64, 3, random, Initialization::lecun, {.groups = 64});
    std::printf("N15      printed: %d; right: %zu; an ordinary convolution: %zu\n", 3 * 3 * 64 * 64, each.weight.size(),
                whole.weight.size());
}
//! [depthwise]

} // namespace

int main()
{
    l1();
    weights();
    cross_entropy();
    subsampling();
    table();
    uniform();
    squash();
    mask();
    holes();
    depthwise();
}
