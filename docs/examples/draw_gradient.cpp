#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

int main()
{
    const auto x = variable<double>({{1, 2}, {3, 4}});
    const auto loss = [&] { return sum(tanh(x) * x); };
    std::cout << to_dot(graph_of_gradient<double>(loss, {{"x", x}}));
}
