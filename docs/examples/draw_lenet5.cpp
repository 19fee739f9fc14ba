#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

int main()
{
    const LeNet5<float> net(1);
    const auto images = variable(Random(2).normal<float>({16, 1, 32, 32}, 0, 1));
    const auto loss = [&] { return softmax_cross_entropy(net(images), Labels(Shape{16}, 3)); };
    std::cout << to_dot(graph_of_gradient<float>(loss, net.parameters(), {{"x", images}}));
}
