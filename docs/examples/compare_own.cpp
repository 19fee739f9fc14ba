#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

int main()
{
    Random random(1);
    const auto x = constant(random.normal<double>({1, 1, 6, 6}, 0, 1));
    const Array<double> kernel = random.normal<double>({1, 1, 3, 3}, 0, 1);

    // the loss of a layer: E = ½ Σ tanh(x * k)², where * is true convolution
    const auto loss = [&](const Variable<double>& k) { return sum(square(tanh(conv2d(x, k)))) / 2; };

    // its gradient by hand: δ = y·(1 − y²), ∂E/∂k = rot180(x * rot180(δ)); the outer rot180 is missing here
    const auto by_hand = [&](const Array<double>& k) {
        const auto y = tanh(conv2d(x, constant(Array<double>(k))));
        const auto delta = y * (1 - square(y));
        return conv2d(x, rot180(delta)).value();
    };
    std::cout << compare(loss, kernel, by_hand, {.name = "kernel"}) << "\n";
}
