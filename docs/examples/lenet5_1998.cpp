#include <xgrad/models/data/dataset.hpp>
#include <xgrad/models/networks/lenet5_1998.hpp>
#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

//! [bitmaps]
/** Some digits side by side, 12 rows of 7 dots each. */
void show_bitmaps(std::size_t first, std::size_t last)
{
    for (std::size_t row = 0; row < 12; ++row) {
        for (std::size_t digit = first; digit <= last; ++digit) {
            for (std::size_t column = 0; column < 7; ++column)
                std::cout << (digit_prototypes<float>()(digit, 7 * row + column) > 0 ? '#' : '.');
            std::cout << (digit < last ? "   " : "\n");
        }
    }
    std::cout << "\n";
}
//! [bitmaps]

int main()
{
    show_bitmaps(0, 4);
    show_bitmaps(5, 9);

    //! [training]
    const Dataset mnist = load_dataset("mnist-sample");
    const LeNet5Of1998<float> net(1);
    optim::SGD<float> optimizer(net.parameters(), {.learning_rate = 5e-4f});

    for (std::uint64_t pass = 1; pass <= 2; ++pass)
        for (const auto& [image, label] : mnist.train.batches(1, pass)) {
            const auto [loss, gradients] =
                value_and_gradient(net.parameters(), image, label,
                                   [&](const Variable<float>& x, const Labels& t) { return net.loss(net(x), t); });
            optimizer.step(gradients);
        }
    //! [training]

    //! [sliding]
    const auto [images, labels] = mnist.test.batches(2)[0];
    const auto digits = constant(images);
    const auto line = concatenate({slice(digits, 0, 0, 1), slice(digits, 0, 1, 2)}, 3); // (1, 1, 32, 64)

    const auto scores = net.slide(line);   // (1, 10, 1, 9): a window every 4 columns
    const Labels read = argmax(scores, 1); // (1, 1, 9)
    std::cout << "read " << read(0, 0, 0) << " and " << read(0, 0, 8) << ", written " << labels(0) << " and "
              << labels(1) << "\n";
    //! [sliding]
}
