#include <xgrad/models/layers/local.hpp>
#include <xgrad/xgrad.hpp>

#include <iomanip>
#include <iostream>
#include <string>

using namespace xgrad;

namespace
{

void print(const LayerSummary& layer)
{
    std::cout << std::left << std::setw(22) << layer.name << std::right << std::setw(10) << layer.parameters
              << std::setw(13) << layer.connections << "\n";
}

} // namespace

int main()
{
    std::cout << "                      parameters  connections\n";
    //! [sizes]
    Random random(1);
    const Shape output{16, 10, 10}; // by 5×5 kernels from 8 maps of 14×14
    for (const std::ptrdiff_t groups : {4, 2, 1}) {
        const Convolution<float> layer(8, 16, 5, random, Initialization::lecun, {.groups = groups});
        print(summarize("convolution, groups " + std::to_string(groups), layer, output));
    }
    for (const std::ptrdiff_t t : {1, 2, 5, 10})
        print(summarize("tiled, t = " + std::to_string(t), Tiled<float>(8, 16, t, 5, random), output));
    print(summarize("locally connected", LocallyConnected<float>(8, 16, 14, 5, random)));
    print(summarize("full", Linear<float>(8 * 14 * 14, 16 * 10 * 10, random)));
    //! [sizes]
}
