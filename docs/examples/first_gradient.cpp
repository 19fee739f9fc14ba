#include <xgrad/xgrad.hpp>

#include <iostream>

int main()
{
    auto x = xgrad::variable<double>({{1, 2}, {3, 4}});

    xgrad::Tape tape;
    auto loss = sum(tanh(x) * x);
    auto dx = tape.gradient(loss, x);

    std::cout << "loss " << loss.item() << "\n" << dx << "\n";
}
