#include <xgrad/models/data/dataset.hpp>
#include <xgrad/xgrad.hpp>

#include <cstdio>

using namespace xgrad;

namespace
{

constexpr std::size_t samples = 1000;

/** A subsampling layer that learns, from 4×4 images, to do what another one does. */
struct Task
{
    Random random{1};
    Variable<double> x = constant(random.normal<double>({samples, 1, 4, 4}, 0, 1));
    Variable<double> target = block_sum(x, 4) / 2.0 - 1.0; // β = 1/2, b = −1
    Subsampling<double> layer{1, 4};

    Variable<double> loss() const { return squared_error(layer(x), target); }

    /** Returns the number of steps until the loss is below a millionth. */
    int steps(optim::Optimizer<double>& optimizer) const
    {
        for (int count = 0;; ++count) {
            const auto [loss, gradients] = value_and_gradient(layer.parameters(), [&] { return this->loss(); });
            if (loss < 1e-6)
                return count;
            optimizer.step(gradients);
        }
    }
};

int steps_alike()
{
    const Task task;
    optim::SGD<double> optimizer(task.layer.parameters(), {.learning_rate = 0.1});
    return task.steps(optimizer);
}

int steps_with_rates()
{
    const Task task;
    //! [rates]
    optim::SGD<double> optimizer(task.layer.parameters(), {.learning_rate = 1});
    optimizer.scale_rate("beta", 1.0 / 16);
    //! [rates]
    return task.steps(optimizer);
}

int steps_by_curvature()
{
    const Task task;
    //! [curvature]
    const auto of = [](const Variable<double>& all, std::size_t n) { return slice(all, 0, n, n + 1); };
    const auto h = optim::gauss_newton_diagonal<double>(
        task.layer.parameters(), samples,
        {[&](std::size_t n) { return task.layer(of(task.x, n)); },
         [&](const Variable<double>& y, std::size_t n) { return squared_error(y, of(task.target, n)); }});
    std::printf("curvature: beta %.1f, bias %.1f\n", h[0].data()[0], h[1].data()[0]);

    optim::SDLM<double> optimizer(task.layer.parameters(), {.learning_rate = 1, .mu = 0.02});
    optimizer.set_curvature(h);
    //! [curvature]
    return task.steps(optimizer);
}

} // namespace

int main()
{
    std::printf("steps with one learning rate for both: %d\n", steps_alike());
    std::printf("steps with a rate of its own for beta: %d\n", steps_with_rates());
    std::printf("steps by the curvature: %d\n", steps_by_curvature());

    //! [last_layer]
    const Dataset mnist = load_dataset("mnist-sample");
    const LeNet5<float> net(1);
    const Parameters<float> last = net.f7.parameters();
    optim::Momentum<float> optimizer(last, {.learning_rate = 0.1f});
    for (const auto& [images, labels] : mnist.train.batches(64, 1)) {
        const auto [loss, gradients] =
            value_and_gradient(last, images, labels, [&](const Variable<float>& x, const Labels& t) {
                return softmax_cross_entropy(net(x), t);
            });
        optimizer.step(gradients);
    }
    //! [last_layer]
    std::size_t right = 0;
    for (const auto& [images, labels] : mnist.test.batches(250)) {
        const Labels read = argmax(net(constant(images)));
        for (std::size_t n = 0; n < labels.size(); ++n)
            right += read[n] == labels[n];
    }
    std::printf("F7 alone, after one epoch: %s of the digits right\n",
                2 * right > mnist.test.size() ? "more than half" : "less than half");

    //! [pretraining]
    for (const PretrainingReport& report :
         pretrain(net.stages(), mnist.train, Preparation(), {.epochs = 5, .learning_rate = 0.003}))
        std::printf("%s rebuilds its input with less than 1/10 of the error at the start: %s\n", report.layer.c_str(),
                    report.last < report.first / 10 ? "yes" : "no");
    //! [pretraining]
}
