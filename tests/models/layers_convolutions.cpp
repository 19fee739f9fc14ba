#include "ops.hpp"
#include <xgrad/models/layers/convolution_kinds.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** Draws the bias, as a wrong one of 0 would not show. */
template <class Layer>
Layer with_bias(Layer layer)
{
    layer.bias.mutable_value() = numbers<double>(layer.bias.shape(), -0.5, 1, 5);
    return layer;
}

Variable<double> fixed(const Array<double>& x) { return constant(Array<double>(x)); }

} // namespace

TEST_CASE("convolutions of sequences and transposed ones have the values of plain loops")
{
    Random random(7);
    const auto signed_of = [](std::size_t n) { return static_cast<std::ptrdiff_t>(n); };
    const auto conv = with_bias(Conv1d<double>(4, 6, 3, random, Initialization::lecun,
                                               {.padding = 2, .stride = 2, .dilation = 2, .groups = 2}));
    const Array<double> x = numbers<double>({2, 4, 7});
    const auto expected = generate<double>({2, 6, 4}, [&](const Index& i) {
        double sum = conv.bias.data()[i[1]];
        for (std::size_t c = 0; c < 2; ++c)
            for (std::size_t u = 0; u < 3; ++u) {
                const std::ptrdiff_t place = signed_of(2 * i[2] + 2 * u) - 2;
                if (place >= 0 && place < 7)
                    sum += conv.weight.data()[(i[1] * 2 + c) * 3 + u] *
                           x(i[0], i[1] / 3 * 2 + c, static_cast<std::size_t>(place));
            }
        return sum;
    });
    check_close(conv(fixed(x)).value(), expected, 1e-13);
    CHECK(summarize("c", conv, {6, 4}).multiply_adds == 6 * 2 * 3 * 4);
    check_shape_error([&] { conv(leaf<double>({2, 3, 7})); }, {"[conv1d]", "(N, 4, L)"});
    check_shape_error([&] { Conv1d<double>(3, 4, 2, random, Initialization::lecun, {.groups = 2}); }, {"[conv1d]"});

    const TransposedOptions how{
        .padding = {1, 0}, .stride = {2, 3}, .output_padding = {1, 2}, .dilation = {2, 1}, .groups = 2};
    const auto layer = with_bias(ConvTranspose2d<double>(4, 6, {3, 2}, random, Initialization::lecun, how));
    const Array<double> maps = numbers<double>({2, 4, 3, 2});
    Array<double> sums = generate<double>({2, 6, 8, 7}, [&](const Index& i) { return layer.bias.data()[i[1]]; });
    for_each_index({2, 4, 3, 2}, [&](const Index& i) {
        for (std::size_t o = 0; o < 3; ++o)
            for (std::size_t u = 0; u < 3; ++u)
                for (std::size_t v = 0; v < 2; ++v) {
                    const std::ptrdiff_t row = signed_of(2 * i[2] + 2 * u) - 1, column = signed_of(3 * i[3] + v);
                    if (row >= 0 && row < 8 && column < 7)
                        sums(i[0], i[1] / 2 * 3 + o, static_cast<std::size_t>(row), static_cast<std::size_t>(column)) +=
                            at(maps, i) * layer.weight.data()[((i[1] * 3 + o) * 3 + u) * 2 + v];
                }
    });
    check_close(layer(fixed(maps)).value(), sums, 1e-13);
    CHECK(layer.parameters()["weight"].shape() == Shape{4, 3, 3, 2});
    const std::string name = "[conv_transpose2d]";
    check_shape_error([&] { layer(leaf<double>({2, 3, 3, 2})); }, {name, "(N, 4, H, W)"});
    const auto with = [&](const TransposedOptions& options) {
        return [&random, options] {
            ConvTranspose2d<double>(4, 4, 3, random, Initialization::lecun, options)(leaf<double>({1, 4, 2, 2}));
        };
    };
    check_shape_error(with({.stride = 0}), {name, "stride 0"});
    check_shape_error(with({.output_padding = 1}), {name, "output padding 1"});
    check_shape_error(with({.padding = 2}), {name, "nothing remains"});
    check_shape_error(with({.padding = -1}), {name, "padding -1"});
    check_shape_error(with({.dilation = std::ptrdiff_t{1} << 62}), {name});
    check_shape_error(with({.groups = 3}), {name, "3 group(s)"});
}
