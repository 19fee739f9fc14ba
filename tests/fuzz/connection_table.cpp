// Connection tables of a convolution, and the choices of one of its maps from others.

#include "input.hpp"
#include <xgrad/models/layers/layers.hpp>
#include <xgrad/ops/reduction.hpp>

using namespace xgrad;

/** Each byte up to 255 is a row of up to 8 columns; the first two are the kernel. */
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    fuzz::Input input(data, size);
    const auto extent = [&] { return static_cast<std::ptrdiff_t>(static_cast<std::int8_t>(input.byte())) % 8; };
    const Size2d kernel{extent(), extent()};
    ConnectionTable table;
    while (!input.empty() && table.size() < 16) {
        std::vector<bool> row(input.byte() % 9);
        const std::uint8_t connected = input.byte();
        for (std::size_t i = 0; i < row.size(); ++i)
            row[i] = (connected >> i % 8 & 1) != 0;
        table.push_back(row);
    }
    fuzz::may_refuse([&] {
        Random random(1);
        const Convolution<float> layer(table, kernel, random);
        layer(constant(Array<float>(Shape{1, table.size(), 8, 8}, 1.0f)));
    });
    return 0;
}
