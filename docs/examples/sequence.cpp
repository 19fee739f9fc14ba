#include <xgrad/xgrad.hpp>

#include <iostream>

using namespace xgrad;

int main()
{
    Random random(1);
    Sequence<float> net({1, 28, 28});
    net.add("c1", Convolution<float>(1, 8, 5, random)).add("relu", [](const auto& x) { return relu(x); });
    const auto pool = [](const auto& x) { return max_pool2d(x, {.size = 6}); };
    net.add("pool", pool, "max pooling 6x6", 6 * 6).add("scale", SqueezeExcitation<float>(8, 2, random));
    net.add("flatten", [](const auto& x) { return flatten(x, 1); }).add("f2", Linear<float>(8 * 4 * 4, 10, random));

    const Classifier classifier = classifier_of("mine", net);
    for (const LayerSummary& layer : classifier.summary)
        std::cout << layer.name << ": " << to_string(layer.output) << ", " << layer.parameters << " parameters, "
                  << layer.connections << " connections\n";
}
