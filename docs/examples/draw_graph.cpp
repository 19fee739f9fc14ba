#include <xgrad/graph/drawing.hpp>
#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

int main()
{
    const auto x = variable<double>({{1, 2}, {3, 4}});
    Tape tape;
    const auto loss = sum(tanh(x) * x);
    std::cout << to_dot(tape, loss, Parameters<double>{{"x", x}});
}
