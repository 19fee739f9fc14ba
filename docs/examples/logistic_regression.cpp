#include <xgrad/models/data/dataset.hpp>
#include <xgrad/optim/lbfgs.hpp>
#include <xgrad/xgrad.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

using namespace xgrad;

namespace
{

constexpr double lambda = 0.01;

/** Digits as rows of means over 2×2 pixels, from 0 to 1, with a 1 for the bias at the end. */
Variable<double> rows_of(const Images& digits)
{
    const Array<float> pixels =
        digits.batches(digits.size(), {.padding = 0, .background = 0, .foreground = 1})[0].images;
    const Variable<double> means = mean_pool2d(cast<double>(constant(pixels)), {.size = 2});
    return concatenate({flatten(means, 1), constant(Array<double>(Shape{digits.size(), 1}, 1.0))}, 1);
}

double error_of(const Variable<double>& logits, const Labels& labels)
{
    const Labels found = argmax(logits);
    std::size_t wrong = 0;
    for (std::size_t n = 0; n < labels.size(); ++n)
        wrong += found[n] != labels[n];
    return static_cast<double>(wrong) / static_cast<double>(labels.size());
}

void ten_classes(const Dataset& mnist)
{
    //! [lbfgs]
    const Variable<double> x = rows_of(mnist.train); // (4000, 197)
    const Labels& labels = mnist.train.labels;
    const Variable<double> w = variable(Array<double>(Shape{x.shape()[1], 10}, 0.0));
    const Parameters<double> parameters{{"w", w}};
    const auto loss = [&] { return softmax_cross_entropy(matmul(x, w), labels) + lambda / 2 * sum(square(w)); };

    optim::LBFGS<double> optimizer(parameters, {.history = 20, .max_iterations = 1000, .tolerance = 1e-9});
    const optim::Minimum minimum = optimizer.minimize([&] { return value_and_gradient(parameters, loss); });
    //! [lbfgs]
    std::printf("%s: loss %.6f\n", minimum.converged() ? "converged" : "not converged", minimum.value);

    //! [certificate]
    // The loss is strongly convex: its Hessian is at least λ. So the minimum is at most |gradient|/λ away.
    const Variable<double> gradient = value_and_gradient(parameters, loss).gradients[0];
    const double norm = std::sqrt(sum(square(gradient)).item());
    std::printf("norm of the gradient below 1e-8: %s, so each weight has an error below 1e-6\n",
                norm < 1e-8 ? "yes" : "no");
    //! [certificate]
    const double test_error = error_of(matmul(rows_of(mnist.test), w), mnist.test.labels);
    std::printf("more than 5 of 6 test digits right: %s\n", test_error < 1.0 / 6 ? "yes" : "no");
}

/** Even digits against odd ones: small enough for Newton's method. */
void two_classes(const Dataset& mnist)
{
    const Variable<double> x = rows_of(mnist.train);
    Array<double> parity(Shape{x.shape()[0]});
    std::transform(mnist.train.labels.begin(), mnist.train.labels.end(), parity.begin(),
                   [](std::int32_t digit) { return digit % 2; });
    const Variable<double> target = constant(parity);
    const auto loss = [&](const Variable<double>& w) {
        return binary_cross_entropy_with_logits(matmul(x, w), target) + lambda / 2 * sum(square(w));
    };

    //! [newton]
    Variable<double> w = variable(Array<double>(Shape{x.shape()[1]}, 0.0));
    for (int step = 0; step < 8; ++step) {
        const Variable<double> g = constant(jacobian(loss, w)), h = constant(hessian(loss, w));
        w = variable((w - solve(h, g)).value());
    }
    //! [newton]

    const Variable<double> v = variable(Array<double>(w.shape(), 0.0));
    const Parameters<double> parameters{{"v", v}};
    optim::LBFGS<double> optimizer(parameters, {.history = 20, .max_iterations = 1000, .tolerance = 1e-10});
    optimizer.minimize([&] { return value_and_gradient(parameters, [&] { return loss(v); }); });
    const double distance = max(abs(v - w)).item();
    std::printf("L-BFGS and Newton's method agree: %s\n", distance < 1e-7 ? "yes" : "no");
}

} // namespace

int main()
{
    const Dataset mnist = load_dataset("mnist-sample");
    ten_classes(mnist);
    two_classes(mnist);
}
