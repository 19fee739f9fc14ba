#include "families.hpp"
#include <xgrad/models/layers/local.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/local.hpp>

namespace xgrad::test
{

namespace
{

/** The sizes of a case. Kernels are (O, C, K_h, K_w); there is a bank of them for each tile. */
struct Geometry
{
    std::string name;
    Shape x, kernels;
    std::size_t tile_rows, tile_columns; // some do not divide the number of outputs
    PatchOptions options = {};
};

std::vector<Geometry> geometries()
{
    const Padding same = Padding::same, full = Padding::full;
    return {
        {"2x3 kernels", {2, 1, 4, 5}, {1, 1, 2, 3}, 2, 2},
        {"channels and maps", {2, 3, 4, 3}, {2, 3, 2, 2}, 3, 1},
        {"1x1", {2, 2, 3, 2}, {3, 2, 1, 1}, 2, 2},
        {"as large as the image", {3, 2, 2, 3}, {2, 2, 2, 3}, 1, 1},
        {"one pixel", {1, 1, 1, 1}, {1, 1, 1, 1}, 1, 1},
        {"stride 2", {1, 2, 5, 6}, {2, 2, 2, 2}, 1, 2, {.stride = 2}},
        {"stride (1,3), a rest", {2, 1, 3, 7}, {1, 1, 2, 2}, 2, 1, {.stride = {1, 3}}},
        {"stride beyond the kernel", {1, 1, 7, 4}, {2, 1, 1, 2}, 2, 1, {.stride = 3}},
        {"dilation 2", {1, 1, 4, 5}, {2, 1, 2, 2}, 1, 3, {.dilation = 2}},
        {"same", {1, 2, 3, 3}, {1, 2, 3, 3}, 2, 3, {.padding = same}},
        {"same, stride 2", {1, 1, 5, 4}, {2, 1, 2, 3}, 3, 2, {.padding = same, .stride = 2}},
        {"full", {2, 1, 2, 2}, {1, 1, 2, 2}, 2, 1, {.padding = full}},
        {"padding beyond the kernel", {1, 1, 2, 1}, {1, 1, 2, 1}, 4, 2, {.padding = 3}},
        {"padding and all",
         {1, 2, 4, 4},
         {1, 2, 2, 2},
         2,
         2,
         {.padding = {1, 0, 0, 2}, .stride = {2, 1}, .dilation = {1, 2}}},
    };
}

Size2d plane(const Shape& shape)
{
    return {static_cast<std::ptrdiff_t>(shape[2]), static_cast<std::ptrdiff_t>(shape[3])};
}

/** The shape of rows × columns banks of kernels. */
Shape banks(std::size_t rows, std::size_t columns, const Shape& kernels)
{
    return {rows, columns, kernels[0], kernels[1], kernels[2], kernels[3]};
}

template <class Layer>
Variable<double> through(Layer layer, Xs x)
{
    layer.weight = x[1];
    layer.bias = x[2];
    return layer(x[0]);
}

void add_layers(Cases& cases)
{
    Random random(1);
    const LocallyConnected<double> local(2, 3, {4, 3}, 2, random);
    const LocallyConnected<double> strided(1, 2, 5, 3, random, Initialization::he, {.padding = 1, .stride = 2});
    const Tiled<double> tiled(2, 3, {2, 1}, 2, random);
    const Tiled<double> padded(1, 2, {2, 3}, 3, random, Initialization::lecun, {.padding = Padding::same});
    const auto add = [&](const char* op, const char* name, const Shape& images, const auto& layer) {
        cases.push_back(
            {op, name, {point(images), point(layer.weight.shape(), 2), point(layer.bias.shape(), 3)}, [layer](Xs x) {
                 return through(layer, x);
             }});
    };
    add("locally_connected", "channels and maps", {2, 2, 4, 3}, local);
    add("locally_connected", "stride, padding", {2, 1, 5, 5}, strided);
    add("tiled", "channels and maps", {2, 2, 4, 3}, tiled);
    add("tiled", "padding, a rest", {1, 1, 3, 4}, padded);
}

void add_rearrangements(Cases& cases)
{
    const auto shuffle = [&](const char* name, const Shape& shape, std::ptrdiff_t groups) {
        cases.push_back(
            {"channel_shuffle", name, {point(shape)}, [groups](Xs x) { return channel_shuffle(x[0] * x[0], groups); }});
    };
    shuffle("6 channels, 2 groups", {2, 6, 2, 3}, 2);
    shuffle("6 channels, 3 groups", {1, 6, 2, 1}, 3);
    shuffle("1 group", {2, 4, 1, 2}, 1);
    shuffle("as many groups as channels", {2, 4, 1, 2}, 4);
    shuffle("(N, C)", {3, 4}, 2);

    const auto repeat = [&](const char* name, const Shape& shape, std::size_t extent, Axis axis) {
        cases.push_back({"cycle", name, {point(shape)}, [=](Xs x) { return cycle(x[0] * x[0], extent, axis); }});
    };
    repeat("2 to 5", {2, 3}, 5, 0);
    repeat("3 to 6, last axis", {2, 3}, 6, -1);
    repeat("1 to 4", {2, 1, 2}, 4, 1);
    repeat("as they are", {3}, 3, 0);
    repeat("3 to 2", {3, 2}, 2, 0);
}

} // namespace

Cases local_cases()
{
    Cases cases;
    for (const Geometry& geometry : geometries()) {
        const PatchOptions options = geometry.options;
        const std::string& name = geometry.name;
        const Size2d image = plane(geometry.x), size = plane(geometry.kernels);
        const Array<double> x = point(geometry.x);
        const Shape tiles = banks(geometry.tile_rows, geometry.tile_columns, geometry.kernels);
        const Array<double> shared = point(tiles, 2);
        const Shape result = tiled2d(constant(x), constant(shared), options).shape();
        const Array<double> own = point(banks(result[2], result[3], geometry.kernels), 3);
        const Array<double> p = point(patches(constant(x), size, options).shape(), 4);
        cases.push_back({"patches", name, {x}, [=](Xs v) { return patches(v[0] * v[0], size, options); }});
        cases.push_back(
            {"patches_sum", name, {p}, [=](Xs v) { return patches_sum(v[0] * v[0], image, size, options); }});
        cases.push_back({"locally_connected2d", name, {x, own}, [options](Xs v) {
                             return locally_connected2d(v[0], v[1], options);
                         }});
        cases.push_back({"tiled2d", name, {x, shared}, [options](Xs v) { return tiled2d(v[0], v[1], options); }});
    }
    add_rearrangements(cases);
    add_layers(cases);
    return cases;
}

} // namespace xgrad::test
