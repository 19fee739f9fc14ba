#include <xgrad/models/data/dataset.hpp>
#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

//! [evaluation]
double error_of(const LeNet5<float>& net, const Images& images)
{
    std::size_t wrong = 0;
    for (const auto& [pixels, labels] : images.batches(250)) {
        const Labels predicted = argmax(net(constant(pixels))); // no tape, so nothing is recorded
        for (std::size_t n = 0; n < labels.size(); ++n)
            wrong += predicted[n] != labels[n];
    }
    return static_cast<double>(wrong) / static_cast<double>(images.size());
}
//! [evaluation]

int main()
{
    //! [training]
    const Dataset mnist = load_dataset("mnist-sample"); // 4,000 digits for training, 1,000 for the test
    const LeNet5<float> net(1);
    optim::Momentum<float> optimizer(net.parameters(), {.learning_rate = 0.02f, .momentum = 0.9f});

    for (std::uint64_t epoch = 1; epoch <= 2; ++epoch)
        for (const auto& [images, labels] : mnist.train.batches(64, epoch)) {
            const auto [loss, gradients] =
                value_and_gradient(net.parameters(), images, labels, [&](const Variable<float>& x, const Labels& t) {
                    return softmax_cross_entropy(net(x), t); // called for chunks of the batch, on all cores
                });
            optimizer.step(gradients);
        }
    //! [training]

    std::cout << "more than 9 of 10 right: " << (error_of(net, mnist.test) < 0.1 ? "yes" : "no") << "\n";
}
