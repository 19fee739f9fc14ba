#include <xgrad/graph/drawing.hpp>
#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

int main()
{
    const auto x = variable<double>({{1, 2}, {3, 4}});
    Tape tape;
    const auto loss = sum(tanh(x) * x);
    const auto dx = tape.gradient(loss, x, {.record = true});
    std::cout << to_dot(tape, dx, Parameters<double>{{"x", x}});
}
