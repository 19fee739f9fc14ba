#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

int main()
{
    const LeNet5<float> net(1);
    Random random(2);
    const Array<float> images = random.normal<float>({64, 1, 32, 32}, 0, 1);
    const Labels labels(Shape{64}, 7);
    const auto loss_of = [&](const Variable<float>& x, const Labels& t) { return softmax_cross_entropy(net(x), t); };

    //! [threads]
    set_threads(1);
    const auto one = value_and_gradient(net.parameters(), images, labels, loss_of);
    set_threads(2);
    const auto two = value_and_gradient(net.parameters(), images, labels, loss_of);

    bool same = one.value == two.value;
    for (std::size_t i = 0; i < one.gradients.size(); ++i)
        same = same && one.gradients[i].value() == two.gradients[i].value();
    std::cout << "same bits on one thread and on two: " << (same ? "yes" : "no") << "\n";
    //! [threads]
}
