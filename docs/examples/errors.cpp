#include <xgrad/xgrad.hpp>

#include <functional>
#include <iostream>

using namespace xgrad;

namespace
{

void show(const std::function<void()>& mistake)
{
    try {
        mistake();
        std::cout << "nothing was thrown\n";
    } catch (const Error& error) {
        std::cout << error.what() << "\n";
    }
}

} // namespace

int main()
{
    const auto x = variable<double>({1, 2, 3});

    //! [mistakes]
    show([&] { x + variable<double>({1, 2}); });
    show([&] { correlate2d(variable<double>({{1, 2}, {3, 4}}), variable<double>({{1, 2, 3}})); });
    show([&] {
        Tape tape;
        tape.gradient(exp(x), x); // not a scalar
    });
    show([&] {
        Tape tape;
        tape.gradient(sum(x), constant<double>(1));
    });
    show([&] {
        Tape tape;
        tape.gradient(sum(stop_gradient(x)), x);
    });
    show([&] {
        Tape tape;
        const auto loss = sum(x);
        tape.gradient(loss, x);
        tape.gradient(loss, x); // the first call consumed the tape
    });
    show([&] {
        Variable<double> y;
        {
            Tape tape;
            y = exp(x);
        }
        sum(y); // its tape is gone
    });
    show([&] {
        auto y = exp(x);
        auto z = std::move(y);
        y.value();
    });
    //! [mistakes]
}
