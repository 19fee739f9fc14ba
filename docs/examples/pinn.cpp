#include <xgrad/base/xtensor.hpp>
#include <xgrad/optim/lbfgs.hpp>
#include <xgrad/xgrad.hpp>

#include <cstdio>
#include <numbers>

using namespace xgrad;

namespace
{

constexpr double end = 2 * std::numbers::pi;

//! [trial]
/** A function with u(0) = 0 and u'(0) = 1, whatever its network is (Lagaris, Likas and Fotiadis 1998). */
struct Trial
{
    Random random{1};
    Linear<double> hidden1{1, 16, random}, hidden2{16, 16, random}, output{16, 1, random};

    /** @param x  (N, 1)   @return  x + x²·network(x), of the same shape */
    Variable<double> operator()(const Variable<double>& x) const
    {
        return x + square(x) * output(tanh(hidden2(tanh(hidden1(x / std::numbers::pi - 1.0)))));
    }

    Parameters<double> parameters() const
    {
        return {{"hidden1", hidden1.parameters()}, {"hidden2", hidden2.parameters()}, {"output", output.parameters()}};
    }
};
//! [trial]

/** Points from 0 to 2π, (count, 1). */
Variable<double> points(std::size_t count)
{
    return variable(Array<double>(xt::view(xt::linspace(0.0, end, count), xt::all(), xt::newaxis())));
}

} // namespace

int main()
{
    //! [equation]
    const Trial u;
    const Variable<double> x = points(40);
    const auto derivative = [](Tape& tape, const Variable<double>& y, const Variable<double>& at) {
        return tape.gradient(sum(y), at, {.record = true}); // y_n depends on x_n alone
    };
    const auto loss = [&] {
        Tape tape;
        const Variable<double> y = u(x), slope = derivative(tape, y, x), curvature = derivative(tape, slope, x);
        return mean(square(curvature + y)); // u'' + u = 0
    };

    const Parameters<double> parameters = u.parameters();
    optim::LBFGS<double> optimizer(parameters, {.history = 50, .max_iterations = 1000});
    optimizer.minimize([&] { return value_and_gradient(parameters, loss); });
    //! [equation]

    const Variable<double> between = points(1001);
    const double error = max(abs(u(between) - sin(between))).item();
    std::printf("largest error against sin x below 0.0001: %s\n", error < 1e-4 ? "yes" : "no");
}
