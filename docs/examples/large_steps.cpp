#include <xgrad/models/data/dataset.hpp>
#include <xgrad/models/data/validation.hpp>
#include <xgrad/xgrad.hpp>

#include <cstdio>

using namespace xgrad;

namespace
{

double error_of(const LeNet5<float>& net, const Images& images)
{
    std::size_t wrong = 0;
    for (const auto& [pixels, labels] : images.batches(250)) {
        const Labels predicted = argmax(net(constant(pixels)));
        for (std::size_t n = 0; n < labels.size(); ++n)
            wrong += predicted[n] != labels[n];
    }
    return static_cast<double>(wrong) / static_cast<double>(images.size());
}

void train()
{
    //! [steps]
    const Dataset mnist = load_dataset("mnist-sample");
    const ValidationSplit digits = hold_out(mnist.train, 400, 1);
    const LeNet5<float> net(1);
    const Parameters<float> parameters = net.parameters();
    optim::AdamW<float> optimizer(parameters, {.learning_rate = 0.002f});
    optim::ExponentialAverage<float> average(parameters, 0.9f);
    optim::GradientAccumulator<float> mean;
    const auto loss_of = [&](const Variable<float>& x, const Labels& t) { return softmax_cross_entropy(net(x), t); };

    for (const auto& [images, labels] : digits.train.batches(32, 1)) {
        const auto [loss, gradients] = value_and_gradient(parameters, images, labels, loss_of);
        mean.add(gradients, labels.size());
        if (mean.samples() < 64)
            continue;
        Variables<float> step = mean.take();
        optim::clip_by_global_norm(step, 1.0f);
        optimizer.step(step);
        average.update();
    }
    const optim::ExponentialAverage<float>::InUse averaged(average); // until the end of the block
    const double error = error_of(net, digits.validation);
    //! [steps]
    std::printf("steps: %llu\n", static_cast<unsigned long long>(optimizer.steps()));
    std::printf("averaged weights: more than 4 of 5 validation digits right: %s\n", error < 0.2 ? "yes" : "no");
}

void minimise()
{
    //! [lbfgs]
    const Array<double> x = Random(1).normal<double>({200, 3}, 0, 1);
    const Variable<double> target = 2.0 * slice(constant(x), 1, 0, 1) - 0.5;
    const auto w = variable(Array<double>(Shape{3, 1}, 0.0)), b = variable<double>(0.0);
    const Parameters<double> parameters{{"w", w}, {"b", b}};
    optim::LBFGS<double> optimizer(parameters, {.history = 5});
    const optim::Minimum minimum = optimizer.minimize([&] {
        return value_and_gradient(parameters, [&] { return mean(square(matmul(constant(x), w) + b - target)); });
    });
    //! [lbfgs]
    std::printf("L-BFGS %s: w0 = %.6f, b = %.6f\n", minimum.converged() ? "converged" : "failed", w.data()[0],
                b.item());
}

} // namespace

int main()
{
    train();
    minimise();
}
