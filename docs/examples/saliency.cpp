#include <xgrad/models/data/dataset.hpp>
#include <xgrad/xgrad.hpp>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>

using namespace xgrad;

namespace
{

constexpr Preparation black{.padding = 2, .background = 0, .foreground = 1};

/** LeNet-5 after an epoch. */
LeNet5<double> trained(const Images& digits)
{
    const LeNet5<double> net(1, {.activation = Activation::tanh});
    optim::Momentum<double> optimizer(net.parameters(), {.learning_rate = 0.05, .momentum = 0.9});
    for (const auto& [images, labels] : digits.batches(50, 1, black)) {
        const Array<double> pixels = xt::cast<double>(images);
        const auto [loss, gradients] =
            value_and_gradient(net.parameters(), pixels, labels, [&](const Variable<double>& x, const Labels& t) {
                return softmax_cross_entropy(net(x), t);
            });
        optimizer.step(gradients);
    }
    return net;
}

//! [score]
/** The score of one class, before the softmax, for an image (1, 1, 32, 32). */
Variable<double> score(const LeNet5<double>& net, const Variable<double>& image, std::size_t c)
{
    return sum(slice(net(image), 1, c, c + 1));
}
//! [score]

//! [saliency]
/** The saliency of each pixel: |∂S_c/∂x| (Simonyan et al. 2014). */
Array<double> saliency(const LeNet5<double>& net, const Array<double>& digit, std::size_t c)
{
    const auto image = variable(digit);
    Tape tape;
    return abs(tape.gradient(score(net, image, c), image)).value();
}
//! [saliency]

//! [maximum]
/** An image x for which S_c(x) − λ‖x‖² is large, by gradient ascent. */
Array<double> maximum(const LeNet5<double>& net, const Array<double>& start, std::size_t c)
{
    const auto image = variable(start);
    const Parameters<double> sought{{"image", image}};
    optim::Momentum<double> ascent(sought, {.learning_rate = 0.02, .momentum = 0.8});
    for (int step = 0; step < 60; ++step) {
        const auto [value, gradient] =
            value_and_gradient(sought, [&] { return 0.05 * sum(square(image)) - score(net, image, c); });
        ascent.step(gradient);
    }
    return image.value();
}
//! [maximum]

/** The mean image (1, 1, 32, 32). */
Array<double> mean_of(const Images& digits)
{
    const Array<double> all = xt::cast<double>(digits.batches(digits.size(), black)[0].images);
    return mean(constant(all), {0}, true).value();
}

/** Rows 2r and 2r + 1 of an image as characters, the darker the larger, relative to the largest. */
std::string row_of(const Array<double>& image, std::size_t r)
{
    const double largest = *std::max_element(image.begin(), image.end());
    std::string row;
    for (std::size_t j = 2; j < 30; ++j) {
        const double both = std::max(image(0, 0, 2 * r, j) + image(0, 0, 2 * r + 1, j), 0.0);
        row += " .:+#"[static_cast<std::size_t>(2.499 * both / largest)];
    }
    return row;
}

} // namespace

int main()
{
    const Dataset mnist = load_dataset("mnist-sample");
    const LeNet5<double> net = trained(mnist.train);
    const Batch first = mnist.test.batches(1, black)[0];
    const Array<double> digit = xt::cast<double>(first.images);
    const auto c = static_cast<std::size_t>(first.labels(0));
    const Array<double> seen = saliency(net, digit, c), best = maximum(net, mean_of(mnist.train), c);
    for (std::size_t r = 1; r < 15; ++r)
        std::cout << row_of(digit, r) << "|" << row_of(seen, r) << "|" << row_of(best, r) << "|\n";
    const auto score_of = [&](const Array<double>& image) { return score(net, constant(image), c).item(); };
    std::printf("the score of class %zu: %.1f for the digit, %.1f for the last image\n", c, score_of(digit),
                score_of(best));
}
