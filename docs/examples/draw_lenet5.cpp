#include <xgrad/graph/drawing.hpp>
#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

int main()
{
    const LeNet5<float> net(1);
    const auto images = constant(Array<float>(Shape{16, 1, 32, 32}, 0.0f));
    Tape tape;
    const auto loss = softmax_cross_entropy(net(images), Labels(Shape{16}, 3));
    std::cout << to_dot(tape, loss, net.parameters());
}
