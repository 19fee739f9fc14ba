#include <xgrad/models/layers/blocks.hpp>
#include <xgrad/models/layers/conversion.hpp>

#include <cstdio>

using namespace xgrad;

namespace
{

void print(const LayerSummary& line, std::size_t of)
{
    std::printf("%-20s %-30s %9zu %7.1f %% %13zu\n", line.name.c_str(), line.kind.c_str(), line.parameters,
                100 * static_cast<double>(line.parameters) / static_cast<double>(of), line.multiply_adds);
}

} // namespace

int main()
{
    //! [table]
    Random random(1);
    const std::size_t maps = 64;
    const Shape output{maps, 28, 28};
    const Convolution<float> whole(maps, maps, 5, random, Initialization::he, {.padding = Padding::same});
    const DepthwiseSeparable<float> separable(maps, maps, 5, random);
    const LayerSummary lines[] = {
        summarize("Convolution", whole, output),
        summarize("StackedSmall", StackedSmall<float>(maps, maps, 5, 3, random), output),
        summarize("Asymmetric", Asymmetric<float>(maps, maps, 5, random), output),
        summarize("ParallelBlock", ParallelBlock<float>(maps, {{1, 16}, {3, 32}, {5, 16}}, random), output),
        summarize("Bottleneck", Bottleneck<float>(maps, 16, maps, 5, random), output),
        summarize("DepthwiseSeparable", separable, output),
        summarize("NormalizedSeparable", NormalizedSeparable<float>(separable), output),
        summarize("ShuffleUnit", ShuffleUnit<float>(maps, maps, 5, 4, random), output),
        summarize("HybridDilation", HybridDilation<float>(maps, maps, 3, {1, 2, 5}, random), output),
        summarize("SqueezeExcitation", SqueezeExcitation<float>(maps, 16, random), output),
        summarize("BatchNorm", BatchNorm<float>(maps), output),
        summarize("Maxout", Maxout<float>(maps, maps, 3, random)),
    };
    for (const LayerSummary& line : lines)
        print(line, lines[0].parameters);
    //! [table]

    //! [modes]
    const NormalizedSeparable<float> block(separable);
    const auto x = constant(random.normal<float>({8, maps, 28, 28}, 0, 1));
    const auto learning = block(x, Mode::training(random)); // by this batch, which updates the running moments
    const auto in_use = block(x, Mode::evaluation());       // by the running moments
    //! [modes]
    std::printf("\n%zu parameters, %zu running moments\n", block.parameters().element_count(),
                block.state().element_count());

    //! [slide]
    const Linear<float> full(16 * 5 * 5, 10, random);
    const Convolution<float> sliding = as_convolution(full, 16, 5);
    const auto scores = sliding(constant(random.normal<float>({1, 16, 9, 7}, 0, 1))); // (1, 10, 5, 3)
    //! [slide]
    const Linear<float> again = as_linear(sliding, {9, 7});
    std::printf("a full layer of %zu weights, at %zu positions; as one full layer it has %zu\n", full.weight.size(),
                scores.size() / 10, again.weight.size());
    return learning.shape() == in_use.shape() ? 0 : 1;
}
