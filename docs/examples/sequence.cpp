#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

int main()
{
    Random random(1);
    Sequence<float> net;
    net.add("c1", Convolution<float>(1, 8, 5, random)).add("relu", [](const auto& x) { return relu(x); });
    net.add("pool", [](const auto& x) { return adaptive_mean_pool2d(x, 4); });
    net.add("scale", SqueezeExcitation<float>(8, 2, random));
    net.add("flatten", [](const auto& x) { return flatten(x, 1); }).add("f2", Linear<float>(8 * 4 * 4, 10, random));

    for (const LayerSummary& layer : net.summary({1, 28, 28}))
        std::cout << layer.name << ": " << to_string(layer.output) << ", " << layer.parameters << " parameters\n";
}
