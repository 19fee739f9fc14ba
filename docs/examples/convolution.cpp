#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

int main()
{
    //! [both]
    const auto image =
        variable<double>({{3, 3, 2, 1, 0}, {0, 0, 1, 3, 1}, {3, 1, 2, 2, 3}, {2, 0, 0, 2, 2}, {2, 0, 0, 0, 1}});
    const auto kernel = variable<double>({{0, 1, 2}, {2, 2, 0}, {0, 1, 2}});

    std::cout << "correlate2d\n" << correlate2d(image, kernel) << "\n";
    std::cout << "conv2d\n" << conv2d(image, kernel) << "\n";
    //! [both]
    std::cout << "\n";

    //! [rules]
    Tape tape;
    const auto y = correlate2d(image, kernel);
    const auto by_tape = tape.gradient(sum(square(y)) / 2, kernel); // the upstream gradient of y is y
    const auto by_hand = correlate2d(image, stop_gradient(y));
    std::cout << by_tape << "\n";
    std::cout << "x ⋆ g, valid, is " << (by_tape.value() == by_hand.value() ? "the same" : "another") << "\n";
    //! [rules]
}
