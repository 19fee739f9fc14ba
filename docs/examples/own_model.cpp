#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

//! [model]
template <class T>
struct Perceptron
{
    Linear<T> hidden, output;

    explicit Perceptron(Random random) : hidden(2, 8, random), output(8, 1, random) {}

    Variable<T> operator()(const Variable<T>& x) const { return output(tanh(hidden(x))); }

    Parameters<T> parameters() const { return {{"hidden", hidden.parameters()}, {"output", output.parameters()}}; }
};
//! [model]

int main()
{
    //! [training]
    const auto inputs = constant<double>({{0, 0}, {0, 1}, {1, 0}, {1, 1}});
    const auto targets = reshape(constant<double>({0, 1, 1, 0}), {4, 1}); // exclusive or

    const Perceptron<double> net(Random(1));
    optim::Adam<double> optimizer(net.parameters(), {.learning_rate = 0.05});
    for (int step = 0; step < 300; ++step) {
        auto [loss, gradients] = value_and_gradient(
            net.parameters(), [&] { return binary_cross_entropy_with_logits(net(inputs), targets); });
        optimizer.step(gradients);
    }
    //! [training]

    const auto parameters = net.parameters();
    for (std::size_t i = 0; i < parameters.size(); ++i)
        std::cout << parameters.name(i) << " " << to_string(parameters[i].shape()) << "\n";
    std::cout << (net(inputs) > 0) << "\n";
}
