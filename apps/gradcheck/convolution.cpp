#include "families.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/convolution.hpp>
#include <xgrad/ops/convolution_layer.hpp>

namespace xgrad::test
{

namespace
{

struct Geometry
{
    std::string name;
    Shape x, w;
    ConvolutionOptions options = {};
};

std::vector<Geometry> geometries()
{
    const Padding same = Padding::same, full = Padding::full;
    return {
        {"valid", {1, 1, 4, 5}, {1, 1, 3, 2}},
        {"channels and maps", {2, 3, 4, 4}, {2, 3, 3, 3}},
        {"1x1", {2, 3, 3, 2}, {4, 3, 1, 1}},
        {"1x1, stride 2", {1, 2, 5, 4}, {2, 2, 1, 1}, {.stride = 2}},
        {"as large as the image", {2, 2, 3, 4}, {3, 2, 3, 4}},
        {"5x5", {1, 1, 9, 8}, {3, 1, 5, 5}},
        {"5x5, more channels", {1, 3, 6, 6}, {2, 3, 5, 5}},
        {"row", {2, 1, 1, 6}, {2, 1, 1, 3}},
        {"column", {2, 1, 6, 1}, {2, 1, 3, 1}},
        {"one pixel", {1, 1, 1, 1}, {1, 1, 1, 1}},
        {"stride 2", {1, 2, 5, 6}, {2, 2, 3, 2}, {.stride = 2}},
        {"stride (2,3), a rest", {2, 1, 6, 8}, {1, 1, 2, 3}, {.stride = {2, 3}}},
        {"stride beyond the kernel", {1, 1, 7, 7}, {2, 1, 2, 2}, {.stride = 3}},
        {"dilation 2", {1, 2, 6, 5}, {2, 2, 3, 2}, {.dilation = 2}},
        {"dilation (1,3)", {2, 1, 3, 6}, {1, 1, 2, 2}, {.dilation = {1, 3}}},
        {"stride 2, dilation 2", {1, 1, 7, 8}, {2, 1, 3, 3}, {.stride = 2, .dilation = 2}},
        {"same", {1, 2, 4, 3}, {2, 2, 3, 3}, {.padding = same}},
        {"same, even kernel", {2, 1, 4, 3}, {1, 1, 2, 4}, {.padding = same}},
        {"same, stride 2", {1, 1, 5, 6}, {2, 1, 3, 3}, {.padding = same, .stride = 2}},
        {"same, dilation 2", {1, 1, 5, 4}, {1, 1, 3, 2}, {.padding = same, .dilation = 2}},
        {"full", {1, 2, 3, 4}, {2, 2, 2, 3}, {.padding = full}},
        {"full, kernel beyond the image", {1, 1, 2, 3}, {1, 1, 4, 4}, {.padding = full}},
        {"full, stride 2, dilation 2", {1, 1, 4, 3}, {2, 1, 2, 2}, {.padding = full, .stride = 2, .dilation = 2}},
        {"padding 1", {2, 1, 3, 4}, {2, 1, 3, 3}, {.padding = 1}},
        {"padding beyond the kernel", {1, 1, 2, 2}, {2, 1, 2, 2}, {.padding = 3}},
        {"padding (2,0,1,3)", {1, 2, 3, 4}, {1, 2, 2, 3}, {.padding = {2, 0, 1, 3}}},
        {"padding (0,1,2,0), stride (2,1)", {1, 1, 4, 3}, {2, 1, 3, 2}, {.padding = {0, 1, 2, 0}, .stride = {2, 1}}},
        {"2 groups", {2, 4, 3, 3}, {2, 2, 2, 2}, {.groups = 2}},
        {"depthwise", {2, 3, 4, 3}, {3, 1, 2, 3}, {.groups = 3}},
        {"depthwise, 2 maps each", {1, 2, 4, 4}, {4, 1, 3, 3}, {.groups = 2}},
        {"groups and all",
         {1, 4, 6, 5},
         {2, 2, 2, 2},
         {.padding = {1, 0, 0, 2}, .stride = {2, 1}, .dilation = {1, 2}, .groups = 2}},
        {"no images", {0, 2, 4, 4}, {2, 2, 3, 3}},
        {"matrices", {4, 5}, {3, 2}},
        {"matrices, same", {4, 3}, {3, 3}, {.padding = same}},
        {"matrices, full", {2, 3}, {3, 2}, {.padding = full}},
        {"matrices, stride 2, padding 1", {4, 5}, {2, 3}, {.padding = 1, .stride = 2}},
    };
}

Size2d plane(const Shape& shape)
{
    return {static_cast<std::ptrdiff_t>(shape[shape.size() - 2]), static_cast<std::ptrdiff_t>(shape[shape.size() - 1])};
}

/** Adds the six ops on one geometry. */
void add_geometry(Cases& cases, const Geometry& geometry)
{
    const std::string& name = geometry.name;
    const ConvolutionOptions options = geometry.options;
    const Size2d image = plane(geometry.x), kernel = plane(geometry.w);
    const Array<double> x = point(geometry.x, 1), w = point(geometry.w, 2);
    const Array<double> g = point(correlate2d(constant(x), constant(w), options).shape(), 3);
    cases.push_back({"correlate2d", name, {x, w}, [options](Xs v) { return correlate2d(v[0], v[1], options); }});
    cases.push_back({"conv2d", name, {x, w}, [options](Xs v) { return conv2d(v[0], v[1], options); }});
    cases.push_back({"correlate2d_input", name, {g, w}, [options, image](Xs v) {
                         return correlate2d_input(v[0], v[1], image, options);
                     }});
    cases.push_back(
        {"conv2d_input", name, {g, w}, [options, image](Xs v) { return conv2d_input(v[0], v[1], image, options); }});
    cases.push_back({"correlate2d_kernel", name, {x, g}, [options, kernel](Xs v) {
                         return correlate2d_kernel(v[0], v[1], kernel, options);
                     }});
    cases.push_back({"conv2d_kernel", name, {x, g}, [options, kernel](Xs v) {
                         return conv2d_kernel(v[0], v[1], kernel, options);
                     }});
}

/** Adds the six ops on one geometry, with kernels that are columns times rows. Only such kernels keep rank 1 when a
 *  check moves them. */
void add_separable(Cases& cases, const Geometry& geometry)
{
    const std::string name = geometry.name + ", separable";
    ConvolutionOptions options = geometry.options;
    options.algorithm = Algorithm::separable;
    const Size2d image = plane(geometry.x), kernel = plane(geometry.w);
    Shape columns = geometry.w, rows = geometry.w;
    columns.back() = rows[rows.size() - 2] = 1;
    const Array<double> x = point(geometry.x, 1), column = point(columns, 2), row = point(rows, 3);
    const Array<double> g = point(correlate2d(constant(x), constant(point(geometry.w)), geometry.options).shape(), 4);
    cases.push_back(
        {"correlate2d", name, {x, column, row}, [options](Xs v) { return correlate2d(v[0], v[1] * v[2], options); }});
    cases.push_back({"conv2d", name, {x, column, row}, [options](Xs v) { return conv2d(v[0], v[1] * v[2], options); }});
    cases.push_back({"correlate2d_input", name, {g, column, row}, [options, image](Xs v) {
                         return correlate2d_input(v[0], v[1] * v[2], image, options);
                     }});
    cases.push_back({"conv2d_input", name, {g, column, row}, [options, image](Xs v) {
                         return conv2d_input(v[0], v[1] * v[2], image, options);
                     }});
    cases.push_back({"correlate2d_kernel", name, {x, g}, [options, kernel](Xs v) {
                         return correlate2d_kernel(v[0], v[1], kernel, options);
                     }});
    cases.push_back({"conv2d_kernel", name, {x, g}, [options, kernel](Xs v) {
                         return conv2d_kernel(v[0], v[1], kernel, options);
                     }});
}

/** Adds a layer on one geometry, with activations that have no kink. */
void add_layers(Cases& cases, const Geometry& geometry)
{
    if (geometry.x.size() != 4)
        return;
    const ConvolutionOptions options = geometry.options;
    const Array<double> x = point(geometry.x, 1), w = point(geometry.w, 2), b = point({geometry.w[0]}, 3);
    const auto add = [&](const std::string& name, const LayerEnd& end) {
        cases.push_back({"convolution_layer", geometry.name + ", " + name, {x, w, b}, [=](Xs v) {
                             return convolution_layer(v[0], v[1], v[2], end, options);
                         }});
    };
    using enum Activation;
    for (const auto& [name, activation] : {std::pair{"identity", identity},
                                           {"sigmoid", sigmoid},
                                           {"tanh", tanh},
                                           {"scaled tanh", scaled_tanh},
                                           {"gelu", gelu}})
    {
        add(name, {activation});
        const Shape y = correlate2d(constant(x), constant(w), options).shape();
        if (y[2] > 1 && y[3] > 1)
            add(std::string(name) + ", halved", {activation, true});
    }
}

} // namespace

Cases convolution_cases()
{
    Cases cases;
    for (Geometry geometry : geometries()) {
        add_geometry(cases, geometry);
        add_separable(cases, geometry);
        add_layers(cases, geometry);
        geometry.name += ", fft";
        geometry.options.algorithm = Algorithm::fft;
        add_geometry(cases, geometry);
    }
    const Array<double> x = point({2, 2, 4, 4}), w = point({2, 2, 3, 3}, 2);
    const std::vector<GradientCase> others = {
        {"correlate2d", "constant images", {w}, [c = constant(x)](Xs v) { return correlate2d(c, v[0]); }},
        {"correlate2d", "constant kernels", {x}, [c = constant(w)](Xs v) { return correlate2d(v[0], c); }},
        {"correlate2d",
         "x with itself",
         {point({3, 2})},
         [](Xs v) { return correlate2d(v[0], v[0], {.padding = Padding::full}); }},
        {"conv2d", "constant images", {w}, [c = constant(x)](Xs v) { return conv2d(c, v[0]); }},
        {"conv2d", "constant kernels", {x}, [c = constant(w)](Xs v) { return conv2d(v[0], c); }},
        {"conv2d",
         "x with itself",
         {point({3, 2})},
         [](Xs v) { return conv2d(v[0], v[0], {.padding = Padding::full}); }},
        {"conv2d",
         "one after the other",
         {point({1, 1, 6, 6}), point({2, 1, 3, 3}, 2), point({1, 2, 2, 2}, 3)},
         [](Xs v) { return conv2d(conv2d(v[0], v[1]), v[2]); }},
    };
    cases.insert(cases.end(), others.begin(), others.end());
    return cases;
}

} // namespace xgrad::test
