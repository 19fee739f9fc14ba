#include "ops.hpp"
#include <xgrad/ops/convolution.hpp>
#include <xgrad/ops/local.hpp>
#include <xgrad/ops/matmul.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

struct Case
{
    Shape x;       // (N, C, H, W)
    Shape kernels; // (O, C, K_h, K_w)
    PatchOptions options = {};
    std::size_t above = 0, below = 0, left = 0, right = 0; // the padding that the options mean, worked out by hand
};

std::size_t u(std::ptrdiff_t value) { return static_cast<std::size_t>(value); }

Size2d size_of(const Case& c)
{
    return {static_cast<std::ptrdiff_t>(c.kernels[2]), static_cast<std::ptrdiff_t>(c.kernels[3])};
}

/** (H', W') */
Shape outputs_of(const Case& c)
{
    const auto count = [](std::size_t padded, std::size_t kernel, std::ptrdiff_t stride, std::ptrdiff_t dilation) {
        return (padded - (kernel - 1) * u(dilation) - 1) / u(stride) + 1;
    };
    const PatchOptions& o = c.options;
    return {count(c.x[2] + c.above + c.below, c.kernels[2], o.stride.height, o.dilation.height),
            count(c.x[3] + c.left + c.right, c.kernels[3], o.stride.width, o.dilation.width)};
}

/** Calls f(n, o, c, j, k, h, w, u, v) for every product of the sums of N9: x[n,c,h,w] times the kernel's (u, v). */
template <class F>
void for_each_product(const Case& c, F f)
{
    const Shape outputs = outputs_of(c);
    const Shape all{c.x[0], c.kernels[0], c.x[1], outputs[0], outputs[1], c.kernels[2], c.kernels[3]};
    for_each_index(all, [&](const Index& i) {
        const std::size_t row = i[3] * u(c.options.stride.height) + i[5] * u(c.options.dilation.height);
        const std::size_t column = i[4] * u(c.options.stride.width) + i[6] * u(c.options.dilation.width);
        if (row >= c.above && row < c.above + c.x[2] && column >= c.left && column < c.left + c.x[3])
            f(i[0], i[1], i[2], i[3], i[4], row - c.above, column - c.left, i[5], i[6]);
    });
}

/** The shape of kernels for each of rows × columns. */
Shape banks_of(const Case& c, std::size_t rows, std::size_t columns)
{
    return {rows, columns, c.kernels[0], c.kernels[1], c.kernels[2], c.kernels[3]};
}

template <class T>
constexpr double tolerance = sizeof(T) == 4 ? 1e-5 : 1e-13;

/** Values and both gradients of a layer with t_h × t_w banks of kernels, against N9's sums. */
template <class T, class F>
void check_layer(const Case& c, std::size_t rows, std::size_t columns, F layer)
{
    CAPTURE(to_string(c.x) + ", " + std::to_string(rows) + "x" + std::to_string(columns) + " banks");
    const Shape outputs = outputs_of(c);
    const Shape banks = banks_of(c, rows, columns);
    const Shape result{c.x[0], c.kernels[0], outputs[0], outputs[1]};
    const Array<T> x = numbers<T>(c.x), w = numbers<T>(banks, -2, 2, 2), g = numbers<T>(result, -2, 2, 3);
    Array<T> y(result, T(0)), dx(c.x, T(0)), dw(banks, T(0));
    for_each_product(c, [&](auto n, auto o, auto channel, auto j, auto k, auto h, auto column, auto ku, auto kv) {
        const Index from{n, channel, h, column}, by{j % rows, k % columns, o, channel, ku, kv}, to{n, o, j, k};
        at(y, to) += at(x, from) * at(w, by);
        at(dx, from) += at(g, to) * at(w, by);
        at(dw, by) += at(g, to) * at(x, from);
    });
    check_close(layer(Variables<T>{constant(Array<T>(x)), constant(Array<T>(w))}).value(), y, tolerance<T>);
    const auto gradients = gradients_of<T>(layer, {x, w}, g);
    check_close(gradients[0], dx, tolerance<T>);
    check_close(gradients[1], dw, tolerance<T>);
}

template <class T>
void check_patches(const Case& c)
{
    CAPTURE(to_string(c.x));
    const Shape outputs = outputs_of(c);
    const std::size_t height = c.kernels[2], width = c.kernels[3];
    const Shape shape{outputs[0] * outputs[1], c.x[1] * height * width, c.x[0]};
    const Array<T> x = numbers<T>(c.x), p = numbers<T>(shape, -2, 2, 2);
    Array<T> cut(shape, T(0)), sum(c.x, T(0));
    Case one_map = c;
    one_map.kernels[0] = 1;
    for_each_product(one_map, [&](auto n, auto, auto channel, auto j, auto k, auto h, auto w, auto ku, auto kv) {
        const Index patch{j * outputs[1] + k, (channel * height + ku) * width + kv, n};
        at(cut, patch) = at(x, {n, channel, h, w});
        at(sum, {n, channel, h, w}) += at(p, patch);
    });
    const Size2d image{static_cast<std::ptrdiff_t>(c.x[2]), static_cast<std::ptrdiff_t>(c.x[3])};
    const auto cutting = [&](const auto& v) { return patches(v[0], size_of(c), c.options); };
    const auto adding = [&](const auto& v) { return patches_sum(v[0], image, size_of(c), c.options); };
    check_equal(cutting(Variables<T>{constant(Array<T>(x))}).value(), cut);
    check_close(adding(Variables<T>{constant(Array<T>(p))}).value(), sum);
    check_close(gradients_of<T>(cutting, {x}, p)[0], sum);
    check_equal(gradients_of<T>(adding, {p}, x)[0], cut);
}

std::vector<Case> all_cases()
{
    return {
        {{2, 3, 6, 5}, {4, 3, 3, 2}},
        {{1, 1, 1, 1}, {1, 1, 1, 1}},
        {{3, 2, 4, 3}, {2, 2, 1, 1}},
        {{2, 2, 3, 4}, {3, 2, 3, 4}},
        {{33, 1, 5, 5}, {2, 1, 2, 2}},
        {{2, 1, 7, 8}, {2, 1, 3, 2}, {.stride = 2}},
        {{1, 2, 8, 7}, {1, 2, 2, 2}, {.stride = {3, 1}}},
        {{2, 1, 7, 6}, {2, 1, 3, 2}, {.dilation = 2}},
        {{1, 2, 6, 8}, {1, 2, 2, 3}, {.stride = 2, .dilation = {1, 3}}},
        {{2, 2, 4, 5}, {1, 2, 3, 3}, {.padding = Padding::same}, 1, 1, 1, 1},
        {{1, 1, 5, 4}, {2, 1, 3, 3}, {.padding = Padding::same, .stride = 2}, 1, 1, 0, 1},
        {{1, 1, 3, 4}, {2, 1, 2, 3}, {.padding = Padding::full}, 1, 1, 2, 2},
        {{2, 2, 3, 3}, {2, 2, 2, 2}, {.padding = {2, 0, 1, 3}}, 2, 0, 1, 3},
        {{1, 1, 2, 2}, {1, 1, 2, 2}, {.padding = 3}, 3, 3, 3, 3},
        {{0, 2, 4, 4}, {2, 2, 3, 3}},
    };
}

} // namespace

TEST_CASE_TEMPLATE("patches are what the window covers, and are added up where they were cut", T, float, double)
{
    for (const Case& c : all_cases())
        check_patches<T>(c);
}

TEST_CASE_TEMPLATE("a locally connected layer has kernels of its own at each position (N8)", T, float, double)
{
    for (const Case& c : all_cases()) {
        const Shape outputs = outputs_of(c);
        check_layer<T>(c, outputs[0], outputs[1],
                       [&](const auto& v) { return locally_connected2d(v[0], v[1], c.options); });
    }
}

TEST_CASE_TEMPLATE("tiles take turns along both axes (N9)", T, float, double)
{
    for (const Case& c : all_cases()) {
        const Shape outputs = outputs_of(c);
        for (std::size_t rows = 1; rows <= outputs[0]; ++rows)
            for (std::size_t columns = 1; columns <= outputs[1]; ++columns)
                check_layer<T>(c, rows, columns, [&](const auto& v) { return tiled2d(v[0], v[1], c.options); });
    }
}

TEST_CASE_TEMPLATE("one tile is a convolution", T, float, double)
{
    for (const Case& c : all_cases()) {
        const PatchOptions& o = c.options;
        const auto x = constant(numbers<T>(c.x)), w = constant(numbers<T>(c.kernels, -2, 2, 2));
        check_close(tiled2d(x, reshape(w, banks_of(c, 1, 1)), o).value(),
                    correlate2d(x, w, {.padding = o.padding, .stride = o.stride, .dilation = o.dilation}).value(),
                    tolerance<T>);
    }
}

TEST_CASE_TEMPLATE("as many tiles as outputs are local connections", T, float, double)
{
    for (const Case& c : all_cases()) {
        const Shape outputs = outputs_of(c);
        const auto x = constant(numbers<T>(c.x));
        const auto w = constant(numbers<T>(banks_of(c, outputs[0], outputs[1]), -2, 2, 2));
        check_equal(tiled2d(x, w, c.options).value(), locally_connected2d(x, w, c.options).value());
    }
}

TEST_CASE_TEMPLATE("a convolution is a product with patches", T, float, double)
{
    const auto x = constant(numbers<T>({2, 3, 5, 6})), w = constant(numbers<T>({4, 3, 2, 3}, -2, 2, 2));
    const auto y = matmul(flatten(w, 1), patches(x, {2, 3})); // (H'·W', O, N)
    check_close(reshape(permute(y, {2, 1, 0}), {2, 4, 4, 4}).value(), correlate2d(x, w).value(), tolerance<T>);
}

TEST_CASE_TEMPLATE("patches_sum of ones counts the windows over a pixel", T, float, double)
{
    const auto ones = constant(Array<T>(Shape{4, 4, 1}, T(1)));
    const Array<T> counts = patches_sum(ones, 3, 2).value();
    Array<T> expected = list<T>({1, 2, 1, 2, 4, 2, 1, 2, 1});
    expected.reshape({1, 1, 3, 3});
    check_equal(counts, expected);
}

TEST_CASE_TEMPLATE("cycle repeats slices in turn", T, float, double)
{
    const Array<T> x = numbers<T>({3, 2});
    for (std::size_t extent = 0; extent <= 7; ++extent)
        check_equal(cycle(constant(Array<T>(x)), extent, 0).value(), generate<T>({extent, 2}, [&](const Index& i) {
                        return at(x, {i[0] % 3, i[1]});
                    }));
    check_equal(cycle(constant(Array<T>(x)), 5, -1).value(), generate<T>({3, 5}, [&](const Index& i) {
                    return at(x, {i[0], i[1] % 2});
                }));
}

TEST_CASE_TEMPLATE("channel_shuffle takes a channel of each group in turn (N16)", T, float, double)
{
    const Array<T> order = [] {
        Array<T> channels = list<T>({0, 1, 2, 3, 4, 5});
        channels.reshape({1, 6});
        return channels;
    }();
    const auto shuffled = [&](std::ptrdiff_t groups) {
        Array<T> channels = channel_shuffle(constant(Array<T>(order)), groups).value();
        channels.reshape({6});
        return channels;
    };
    check_equal(shuffled(1), list<T>({0, 1, 2, 3, 4, 5}));
    check_equal(shuffled(2), list<T>({0, 3, 1, 4, 2, 5}));
    check_equal(shuffled(3), list<T>({0, 2, 4, 1, 3, 5}));
    check_equal(shuffled(6), list<T>({0, 1, 2, 3, 4, 5}));

    for (const Shape& shape : {Shape{2, 6, 3, 4}, Shape{3, 12}, Shape{0, 6, 2, 2}, Shape{2, 6, 5}}) {
        const Array<T> x = numbers<T>(shape), g = numbers<T>(shape, -2, 2, 2);
        for (const std::size_t groups : Sizes{1, 2, 3, 6}) {
            const auto source = [&](Index i) {
                i[1] = i[1] % groups * (shape[1] / groups) + i[1] / groups;
                return i;
            };
            const auto shuffle = [&](const auto& v) {
                return channel_shuffle(v[0], static_cast<std::ptrdiff_t>(groups));
            };
            check_equal(shuffle(Variables<T>{constant(Array<T>(x))}).value(),
                        generate<T>(shape, [&](const Index& i) { return at(x, source(i)); }));
            Array<T> gradient(shape, T(0));
            for_each_index(shape, [&](const Index& i) { at(gradient, source(i)) = at(g, i); });
            check_equal(gradients_of<T>(shuffle, {x}, g)[0], gradient);
        }
    }
}

TEST_CASE_TEMPLATE("patches that do not fit are refused by name", T, float, double)
{
    const auto x = leaf<T>({2, 3, 4, 5}), p = leaf<T>({12, 12, 2});
    check_shape_error([&] { patches(leaf<T>({4, 5}), 2); }, {"[patches]", "(N, C, H, W)", "(4,5)"});
    check_shape_error([&] { patches(x, 5); }, {"[patches]", "5x5", "4x5"});
    check_shape_error([&] { patches(x, 0); }, {"[patches]", "kernel size", "0"});
    check_shape_error([&] { patches(x, 2, {.stride = 0}); }, {"[patches]", "stride", "0"});
    check_shape_error([&] { patches(x, 2, {.padding = -1}); }, {"[patches]", "padding", "-1"});
    CHECK(patches_sum(p, {4, 5}, 2).shape() == Shape{2, 3, 4, 5});
    check_shape_error([&] { patches_sum(x, {4, 5}, 2); }, {"[patches_sum]", "(2,3,4,5)"});
    check_shape_error([&] { patches_sum(p, {4, 4}, 2); }, {"[patches_sum]", "(12,12,2)", "9", "2x2"});
    check_shape_error([&] { patches_sum(leaf<T>({12, 13, 2}), {4, 5}, 2); }, {"[patches_sum]", "(12,13,2)"});
    check_shape_error([&] { patches_sum(p, 1, 2); }, {"[patches_sum]", "2x2", "1x1"});
}

TEST_CASE_TEMPLATE("kernels that do not fit are refused by name", T, float, double)
{
    const auto x = leaf<T>({2, 3, 4, 5}), w = leaf<T>({3, 4, 2, 3, 2, 2});
    CHECK(locally_connected2d(x, w).shape() == Shape{2, 2, 3, 4});
    check_shape_error([&] { locally_connected2d(leaf<T>({4, 5}), w); }, {"[locally_connected2d]", "(4,5)"});
    check_shape_error([&] { locally_connected2d(x, leaf<T>({2, 3, 2, 2})); }, {"[locally_connected2d]", "(2,3,2,2)"});
    check_shape_error([&] { locally_connected2d(leaf<T>({2, 2, 4, 5}), w); }, {"[locally_connected2d]", "(2,2,4,5)"});
    check_shape_error(
        [&] {
            locally_connected2d(x, leaf<T>({4, 3, 2, 3, 2, 2}));
        },
        {"[locally_connected2d]", "4x3", "3x4"});
    check_shape_error([&] { locally_connected2d(x, w, {.stride = 2}); }, {"[locally_connected2d]", "3x4", "2x2"});
    check_shape_error(
        [&] {
            locally_connected2d(x, leaf<T>({1, 1, 2, 3, 5, 5}));
        },
        {"[locally_connected2d]", "5x5", "4x5"});
}

TEST_CASE_TEMPLATE("a number of tiles that does not fit is refused by name", T, float, double)
{
    const auto x = leaf<T>({2, 3, 4, 5}); // 3x4 outputs
    for (const auto& [rows, columns] : {std::pair{4, 1}, {1, 5}, {0, 1}, {1, 0}}) {
        const std::string tiles = std::to_string(rows) + "x" + std::to_string(columns);
        const Shape shape{static_cast<std::size_t>(rows), static_cast<std::size_t>(columns), 2, 3, 2, 2};
        check_shape_error([&, w = leaf<T>(shape)] { tiled2d(x, w); }, {"[tiled2d]", tiles + " tiles", "3x4 outputs"});
    }
    check_shape_error([&] { tiled2d(x, leaf<T>({1, 1, 2, 2, 2, 2})); }, {"[tiled2d]", "(2,3,4,5)", "(1,1,2,2,2,2)"});
    check_shape_error([&] { tiled2d(x, leaf<T>({1, 1, 2, 3, 2, 6})); }, {"[tiled2d]", "2x6", "4x5"});
}

TEST_CASE_TEMPLATE("cycles and groups that cannot be are refused by name", T, float, double)
{
    const auto x = leaf<T>({2, 6, 2});
    check_shape_error([&] { cycle(x, 3, 3); }, {"[cycle]", "3"});
    check_shape_error([&] { cycle(leaf<T>({2, 0}), 3, 1); }, {"[cycle]", "1", "(2,0)"});
    for (const std::ptrdiff_t groups : {0, -2, 4, 7})
        check_shape_error([&] { channel_shuffle(x, groups); },
                          {"[channel_shuffle]", std::to_string(groups) + " groups", "(2,6,2)"});
    check_shape_error([&] { channel_shuffle(leaf<T>({6}), 2); }, {"[channel_shuffle]", "(6)"});
}
