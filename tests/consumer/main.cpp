#include "elsewhere.hpp"
#include <xgrad/base/xtensor.hpp>
#include <xgrad/xgrad.hpp>

#include <cmath>
#include <cstdint>
#include <cstdio>

using namespace xgrad;

namespace
{

int failures = 0;

void expect(bool holds, const char* what)
{
    if (!holds) {
        std::printf("failed: %s\n", what);
        ++failures;
    }
}

bool near(double a, double b) { return std::abs(a - b) <= 1e-9 * (1 + std::abs(b)); }

void gradient_of_library_ops()
{
    const auto x = variable(ramp(1003, 0.001));
    Tape tape;
    const auto dx = tape.gradient(sum(tanh(x) * x), x);
    bool right = dx.value().size() == 1003;
    for (std::size_t i = 0; right && i < 1003; ++i) {
        const double at = 0.001 * static_cast<double>(i), t = std::tanh(at);
        right = near(dx.value()(i), t + at * (1 - t * t));
    }
    expect(right, "d/dx sum(tanh(x) x)");
}

void gradient_of_an_op_from_another_file()
{
    const auto x = variable(ramp(37, 0.1));
    Tape tape;
    const auto dx = tape.gradient(sum(my_softplus(x)), x);
    bool right = true;
    for (std::size_t i = 0; i < 37; ++i)
        right = right && near(dx.value()(i), 1 / (1 + std::exp(-0.1 * static_cast<double>(i))));
    expect(right, "the gradient of an op of one's own");
}

void a_formula()
{
    const auto x = variable(ramp(1003, 0.001)), b = variable<double>(0.5);
    Tape tape;
    const auto y = elementwise(
        "formula", [](auto u, auto v) { return u * tanh(u + v) + exp(-u); }, x, b);
    const auto dx = tape.gradient(sum(y), x);
    bool right = true;
    for (std::size_t i = 0; right && i < 1003; ++i) {
        const double at = 0.001 * static_cast<double>(i), t = std::tanh(at + 0.5);
        right = near(y.value()(i), at * t + std::exp(-at)) && near(dx.value()(i), t + at * (1 - t * t) - std::exp(-at));
    }
    expect(right, "a formula and its gradient");
}

void xtensor_expressions_over_values()
{
    const auto x = variable(ramp(515, 0.5));
    const Array<double> twice = 2.0 * x.value() + 1.0;
    expect(near(xt::sum(twice)(), 515 + 0.5 * 514 * 515), "an xtensor expression over a value");
    expect(reinterpret_cast<std::uintptr_t>(twice.data()) % 64 == 0, "alignment of a user's array");
}

void a_training_step_over_threads()
{
    const auto weight = variable<float>({{0.5f, -0.25f}, {0.125f, 1.0f}});
    const Parameters<float> parameters{{"weight", weight}};
    Array<float> images = empty_array<float>({40, 2});
    images.fill(1.0f);
    Labels labels = empty_array<std::int32_t>({40});
    labels.fill(1);
    const auto [loss, gradients] = value_and_gradient(parameters, images, labels, [&](const auto& xs, const auto& ys) {
        return softmax_cross_entropy(matmul(xs, weight), ys);
    });
    const double first = 0.625, second = 0.75; // the logits of each sample
    const double probability = 1 / (1 + std::exp(first - second));
    expect(std::abs(loss + std::log(probability)) < 1e-6, "the loss of a batch");
    expect(std::abs(gradients[0].value()(0, 1) - (probability - 1)) < 1e-6, "its gradient");
}

void errors_cross_the_library()
{
    try {
        matmul(constant(ramp(3, 1.0)), constant(ramp(4, 1.0)));
        expect(false, "a shape error is thrown");
    } catch (const ShapeError&) {
    }
}

} // namespace

int main()
{
    gradient_of_library_ops();
    gradient_of_an_op_from_another_file();
    a_formula();
    xtensor_expressions_over_values();
    a_training_step_over_threads();
    errors_cross_the_library();
    return failures;
}
