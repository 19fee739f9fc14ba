#include "ops.hpp"
#include <xgrad/ops/convolution.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

struct Case
{
    Shape x, w; // (N, C, H, W) and (O, C/groups, K_h, K_w)
    ConvolutionOptions options = {};
    std::size_t above = 0, below = 0, left = 0, right = 0; // the padding that the options mean, worked out by hand
};

std::size_t u(std::ptrdiff_t value) { return static_cast<std::size_t>(value); }

/** The extent of a dilated kernel. */
std::size_t reach(std::size_t kernel, std::ptrdiff_t dilation) { return u(dilation) * (kernel - 1) + 1; }

Shape result_shape(const Case& c)
{
    const auto extent = [](std::size_t padded, std::size_t reach, std::ptrdiff_t stride) {
        return (padded - reach) / u(stride) + 1;
    };
    return {c.x[0], c.w[0],
            extent(c.x[2] + c.above + c.below, reach(c.w[2], c.options.dilation.height), c.options.stride.height),
            extent(c.x[3] + c.left + c.right, reach(c.w[3], c.options.dilation.width), c.options.stride.width)};
}

/** Calls term(index of x, of w, of y) for every product of a convolution. `flipped`: the kernel is turned by 180°. */
template <class F>
void for_each_term(const Case& c, bool flipped, F term)
{
    const ConvolutionOptions& o = c.options;
    const std::size_t depth = c.w[1], maps_in_group = c.w[0] / u(o.groups);
    for_each_index(result_shape(c), [&](const Index& y) {
        const std::size_t first_channel = y[1] / maps_in_group * depth;
        for (std::size_t channel = 0; channel < depth; ++channel)
            for (std::size_t ku = 0; ku < c.w[2]; ++ku)
                for (std::size_t kv = 0; kv < c.w[3]; ++kv) {
                    const std::size_t row = y[2] * u(o.stride.height) + ku * u(o.dilation.height);
                    const std::size_t column = y[3] * u(o.stride.width) + kv * u(o.dilation.width);
                    if (row < c.above || row >= c.above + c.x[2] || column < c.left || column >= c.left + c.x[3])
                        continue;
                    term(Index{y[0], first_channel + channel, row - c.above, column - c.left},
                         Index{y[1], channel, flipped ? c.w[2] - 1 - ku : ku, flipped ? c.w[3] - 1 - kv : kv}, y);
                }
    });
}

template <class T>
Array<T> rounded(const Array<double>& x)
{
    return Array<T>(xt::cast<T>(x));
}

template <class T>
Variable<T> fixed(const Array<T>& x)
{
    return constant(Array<T>(x));
}

/** The three faces of a convolution against one loop, each with its two gradients. */
template <class T>
void check_case(const Case& c)
{
    CAPTURE(to_string(c.x) + " and " + to_string(c.w) + " give " + to_string(result_shape(c)));
    const Array<T> x = numbers<T>(c.x, -2, 2, 1), w = numbers<T>(c.w, -2, 2, 2),
                   g = numbers<T>(result_shape(c), -2, 2, 3);
    const Size2d image(static_cast<std::ptrdiff_t>(c.x[2]), static_cast<std::ptrdiff_t>(c.x[3]));
    const Size2d kernel(static_cast<std::ptrdiff_t>(c.w[2]), static_cast<std::ptrdiff_t>(c.w[3]));
    const double tolerance = few_roundings<T> * 3;
    for (const bool flipped : {false, true}) {
        CAPTURE(flipped);
        Array<double> y(g.shape(), 0.0), dx(c.x, 0.0), dw(c.w, 0.0);
        for_each_term(c, flipped, [&](const Index& ix, const Index& iw, const Index& iy) {
            const double vx = at(x, ix), vw = at(w, iw), vg = at(g, iy);
            at(y, iy) += vx * vw;
            at(dx, ix) += vg * vw;
            at(dw, iw) += vg * vx;
        });
        const auto result = [&](const auto& a, const auto& b) {
            return flipped ? conv2d(a, b, c.options) : correlate2d(a, b, c.options);
        };
        const auto to_input = [&](const auto& a, const auto& b) {
            return flipped ? conv2d_input(a, b, image, c.options) : correlate2d_input(a, b, image, c.options);
        };
        const auto to_kernel = [&](const auto& a, const auto& b) {
            return flipped ? conv2d_kernel(a, b, kernel, c.options) : correlate2d_kernel(a, b, kernel, c.options);
        };
        check_close(result(fixed(x), fixed(w)).value(), rounded<T>(y), tolerance);
        check_close(to_input(fixed(g), fixed(w)).value(), rounded<T>(dx), tolerance);
        check_close(to_kernel(fixed(x), fixed(g)).value(), rounded<T>(dw), tolerance);

        const auto check_gradients = [&](auto face, const Array<T>& a, const Array<T>& b, const Array<T>& upstream,
                                         const Array<double>& by_a, const Array<double>& by_b) {
            const auto gradients = gradients_of<T>([&](const auto& v) { return face(v[0], v[1]); }, {a, b}, upstream);
            check_close(gradients[0], rounded<T>(by_a), tolerance);
            check_close(gradients[1], rounded<T>(by_b), tolerance);
        };
        check_gradients(result, x, w, g, dx, dw);
        check_gradients(to_input, g, w, x, y, dw);
        check_gradients(to_kernel, x, g, w, dx, y);
    }
}

template <class T>
void check_cases(std::initializer_list<Case> cases)
{
    for (const Case& c : cases)
        check_case<T>(c);
}

} // namespace

TEST_CASE_TEMPLATE("valid convolutions of many sizes", T, float, double)
{
    for (const std::size_t height : Sizes{5, 8})
        for (const std::size_t width : Sizes{5, 11})
            for (const std::size_t rows : Sizes{1, 2, 3, 5})
                for (const std::size_t columns : Sizes{1, 3, 4, 5})
                    check_case<T>({{2, 2, height, width}, {3, 2, rows, columns}});
}

TEST_CASE_TEMPLATE("every number of channels and maps", T, float, double)
{
    for (const std::size_t channels : Sizes{1, 2, 3, 5, 6, 8, 16, 17})
        for (const std::size_t maps : Sizes{1, 2, 3, 6, 7, 16, 19})
            check_case<T>({{1, channels, 6, 6}, {maps, channels, 3, 3}});
}

TEST_CASE_TEMPLATE("every width up to two registers", T, float, double)
{
    for (std::size_t width = 1; width <= 34; ++width)
        check_case<T>({{1, 1, 3, width}, {2, 1, 2, 1}});
    for (std::size_t width = 3; width <= 36; ++width)
        check_case<T>({{1, 2, 3, width}, {1, 2, 2, 3}});
}

TEST_CASE_TEMPLATE("batches of 0, 1 and more", T, float, double)
{
    for (const std::size_t batch : Sizes{0, 1, 2, 3, 8, 17})
        check_case<T>({{batch, 2, 5, 4}, {3, 2, 3, 3}});
}

TEST_CASE_TEMPLATE("the layers of LeNet-5", T, float, double)
{
    check_cases<T>({{{2, 1, 32, 32}, {6, 1, 5, 5}}, {{2, 6, 14, 14}, {16, 6, 5, 5}}, {{3, 16, 5, 5}, {120, 16, 5, 5}}});
}

TEST_CASE_TEMPLATE("kernels of 1x1 and as large as the image", T, float, double)
{
    check_cases<T>({{{2, 3, 4, 5}, {6, 3, 1, 1}},
                    {{1, 1, 1, 1}, {1, 1, 1, 1}},
                    {{2, 3, 4, 5}, {6, 3, 4, 5}},
                    {{2, 3, 1, 5}, {2, 3, 1, 5}},
                    {{1, 2, 7, 6}, {4, 2, 1, 1}, {.stride = 2}},
                    {{2, 2, 7, 1}, {3, 2, 3, 1}}});
}

TEST_CASE_TEMPLATE("every stride and dilation", T, float, double)
{
    for (const std::ptrdiff_t sh : {1, 2, 3})
        for (const std::ptrdiff_t sw : {1, 2, 5})
            for (const std::ptrdiff_t dh : {1, 2})
                for (const std::ptrdiff_t dw : {1, 3})
                    for (const std::size_t height : Sizes{7, 8})
                        check_case<T>({{1, 2, height, 9}, {2, 2, 3, 2}, {.stride = {sh, sw}, .dilation = {dh, dw}}});
}

TEST_CASE_TEMPLATE("every explicit padding, asymmetric and beyond the kernel too", T, float, double)
{
    for (const std::size_t above : Sizes{0, 1, 4})
        for (const std::size_t below : Sizes{0, 2})
            for (const std::size_t left : Sizes{0, 3})
                for (const std::size_t right : Sizes{0, 1, 5})
                    for (const std::ptrdiff_t stride : {1, 2}) {
                        const auto s = [](std::size_t n) { return static_cast<std::ptrdiff_t>(n); };
                        const Padding padding(s(above), s(below), s(left), s(right));
                        check_case<T>({{2, 2, 4, 5},
                                       {2, 2, 3, 2},
                                       {.padding = padding, .stride = stride},
                                       above,
                                       below,
                                       left,
                                       right});
                    }
    check_case<T>({{1, 1, 3, 3}, {2, 1, 3, 3}, {.padding = 1}, 1, 1, 1, 1});
    check_case<T>({{1, 1, 2, 2}, {1, 1, 5, 4}, {.padding = 2}, 2, 2, 2, 2});
}

TEST_CASE_TEMPLATE("'same' gives ceil(H / stride) rows, the odd zero below and to the right", T, float, double)
{
    const Padding same = Padding::same;
    check_cases<T>({{{1, 2, 5, 6}, {2, 2, 3, 3}, {.padding = same}, 1, 1, 1, 1},
                    {{1, 2, 5, 6}, {2, 2, 2, 4}, {.padding = same}, 0, 1, 1, 2},
                    {{1, 2, 5, 6}, {2, 2, 1, 1}, {.padding = same}},
                    {{1, 1, 5, 6}, {2, 1, 3, 3}, {.padding = same, .stride = 2}, 1, 1, 0, 1},
                    {{1, 1, 7, 4}, {1, 1, 2, 3}, {.padding = same, .stride = 3}, 0, 1, 1, 1},
                    {{1, 1, 6, 4}, {1, 1, 2, 1}, {.padding = same, .stride = 3}},
                    {{1, 1, 5, 6}, {1, 1, 3, 2}, {.padding = same, .dilation = 2}, 2, 2, 1, 1},
                    {{2, 1, 2, 2}, {1, 1, 5, 5}, {.padding = same}, 2, 2, 2, 2},
                    {{1, 4, 5, 5}, {4, 2, 3, 3}, {.padding = same, .groups = 2}, 1, 1, 1, 1}});
    for (const std::ptrdiff_t stride : {1, 2, 3, 4})
        for (const std::size_t extent : Sizes{1, 4, 5, 9}) {
            const auto x = constant(numbers<T>({1, 1, extent, extent})), w = constant(numbers<T>({1, 1, 3, 4}));
            const std::size_t rows = (extent + u(stride) - 1) / u(stride);
            CHECK(correlate2d(x, w, {.padding = same, .stride = stride}).shape() == Shape{1, 1, rows, rows});
        }
}

TEST_CASE_TEMPLATE("'full' counts every overlap", T, float, double)
{
    const Padding full = Padding::full;
    check_cases<T>({{{2, 2, 4, 5}, {3, 2, 3, 2}, {.padding = full}, 2, 2, 1, 1},
                    {{1, 1, 2, 3}, {1, 1, 4, 5}, {.padding = full}, 3, 3, 4, 4},
                    {{1, 1, 4, 3}, {2, 1, 2, 3}, {.padding = full, .dilation = {3, 2}}, 3, 3, 4, 4},
                    {{1, 2, 4, 5}, {2, 2, 3, 3}, {.padding = full, .stride = 2}, 2, 2, 2, 2},
                    {{1, 1, 1, 1}, {1, 1, 3, 3}, {.padding = full}, 2, 2, 2, 2}});
}

TEST_CASE_TEMPLATE("groups, from two to one for each channel", T, float, double)
{
    check_cases<T>({{{2, 4, 5, 4}, {2, 2, 3, 3}, {.groups = 2}},
                    {{2, 4, 5, 4}, {6, 2, 3, 3}, {.groups = 2}},
                    {{1, 6, 4, 4}, {3, 2, 2, 2}, {.groups = 3}},
                    {{2, 3, 5, 5}, {3, 1, 3, 3}, {.groups = 3}},
                    {{2, 3, 5, 5}, {6, 1, 3, 3}, {.groups = 3}},
                    {{1, 16, 6, 9}, {16, 1, 3, 3}, {.groups = 16}},
                    {{1, 2, 9, 8}, {4, 1, 5, 5}, {.groups = 2}},
                    {{1, 4, 6, 5},
                     {2, 2, 2, 2},
                     {.padding = {1, 0, 0, 2}, .stride = {2, 1}, .dilation = {1, 2}, .groups = 2},
                     1,
                     0,
                     0,
                     2}});
}

TEST_CASE_TEMPLATE("plain matrices are one image with one channel", T, float, double)
{
    const Array<T> x = numbers<T>({5, 6}), w = numbers<T>({3, 2}, -2, 2, 2);
    const auto batch = [](const Array<T>& matrix) {
        Array<T> result = matrix;
        result.reshape({std::size_t{1}, std::size_t{1}, matrix.shape()[0], matrix.shape()[1]});
        return constant(std::move(result));
    };
    const auto check = [](const Variable<T>& matrix, const Variable<T>& of_batch) {
        Array<T> expected = of_batch.value();
        expected.reshape({expected.shape()[2], expected.shape()[3]});
        check_equal(matrix.value(), expected);
    };
    for (const Padding& padding : {Padding::valid, Padding::same, Padding::full, Padding(1), Padding(2, 0, 0, 1)}) {
        const ConvolutionOptions options{.padding = padding};
        const auto g = correlate2d(fixed(x), fixed(w), options);
        check(g, correlate2d(batch(x), batch(w), options));
        check(conv2d(fixed(x), fixed(w), options), conv2d(batch(x), batch(w), options));
        check(correlate2d_input(g, fixed(w), {5, 6}, options),
              correlate2d_input(batch(g.value()), batch(w), {5, 6}, options));
        check(conv2d_input(g, fixed(w), {5, 6}, options), conv2d_input(batch(g.value()), batch(w), {5, 6}, options));
        check(correlate2d_kernel(fixed(x), g, {3, 2}, options),
              correlate2d_kernel(batch(x), batch(g.value()), {3, 2}, options));
        check(conv2d_kernel(fixed(x), g, {3, 2}, options), conv2d_kernel(batch(x), batch(g.value()), {3, 2}, options));
    }
}

TEST_CASE_TEMPLATE("conv2d is MATLAB's conv2 on a worked example", T, float, double)
{
    const auto matrix = [](std::initializer_list<double> values, std::size_t rows, std::size_t columns) {
        Array<T> array = list<T>(values);
        array.reshape({rows, columns});
        return array;
    };
    const auto x = fixed(matrix({1, 2, 3, 4, 5, 6, 7, 8, 9}, 3, 3)), w = fixed(matrix({1, 2, 3, 4}, 2, 2));
    check_equal(conv2d(x, w).value(), matrix({23, 33, 53, 63}, 2, 2));
    check_equal(correlate2d(x, w).value(), matrix({37, 47, 67, 77}, 2, 2));
    check_equal(conv2d(x, w, {.padding = Padding::full}).value(),
                matrix({1, 4, 7, 6, 7, 23, 33, 24, 19, 53, 63, 42, 21, 52, 59, 36}, 4, 4));
}

TEST_CASE_TEMPLATE("a NaN in the image spoils the outputs that see it and no other", T, float, double)
{
    for (const std::size_t width : Sizes{5, 20}) {
        Array<T> x = numbers<T>({2, 2, 6, width});
        at(x, {1, 0, 2, 3}) = T(not_a_number);
        const auto y = correlate2d(fixed(x), fixed(numbers<T>({3, 2, 3, 3}))).value();
        for_each_index(y.shape(), [&](const Index& i) {
            const bool sees = i[0] == 1 && i[2] <= 2 && i[2] + 2 >= 2 && i[3] <= 3 && i[3] + 2 >= 3;
            CHECK(std::isnan(at(y, i)) == sees);
        });
    }
}

TEST_CASE_TEMPLATE("an infinity times a zero weight is NaN: nothing is skipped", T, float, double)
{
    Array<T> x({1, 1, 4, 4}, T(1));
    at(x, {0, 0, 1, 1}) = T(infinity);
    const auto y = correlate2d(fixed(x), constant(Array<T>({1, 1, 2, 2}, T(0)))).value();
    for_each_index(y.shape(), [&](const Index& i) { CHECK(std::isnan(at(y, i)) == (i[2] <= 1 && i[3] <= 1)); });
}

TEST_CASE_TEMPLATE("kernels that do not fit are refused by name with both sizes, and nothing is recorded", T, float,
                   double)
{
    const auto x = leaf<T>({1, 1, 5, 5}), w = leaf<T>({1, 1, 7, 7}), image = leaf<T>({5, 5}), kernel = leaf<T>({7, 7});
    check_shape_error([&] { correlate2d(x, w); },
                      {"[correlate2d] the 7x7 kernel does not fit the 5x5 input with 'valid' padding"});
    check_shape_error([&] { conv2d(x, w); },
                      {"[conv2d] the 7x7 kernel does not fit the 5x5 input with 'valid' padding"});
    check_shape_error([&] { correlate2d(image, kernel); }, {"[correlate2d]", "7x7", "5x5"});
    check_shape_error([&] { conv2d(image, kernel); }, {"[conv2d]", "7x7", "5x5"});
    check_shape_error(
        [&] {
            correlate2d(x, leaf<T>({1, 1, 3, 3}), {.dilation = 3});
        },
        {"[correlate2d]", "3x3", "dilated to 7x7", "5x5"});
    check_shape_error(
        [&] {
            correlate2d(x, leaf<T>({1, 1, 8, 2}), {.padding = 1});
        },
        {"[correlate2d]", "8x2", "5x5", "(1,1,1,1)"});
    check_shape_error(
        [&] {
            correlate2d_input(leaf<T>({1, 1, 1, 1}), w, {5, 5});
        },
        {"[correlate2d_input]", "7x7", "5x5"});
    check_shape_error([&] { conv2d_input(leaf<T>({1, 1, 1, 1}), w, {5, 5}); }, {"[conv2d_input]", "7x7", "5x5"});
    check_shape_error(
        [&] {
            correlate2d_kernel(x, leaf<T>({1, 1, 1, 1}), {7, 7});
        },
        {"[correlate2d_kernel]", "7x7", "5x5"});
    check_shape_error([&] { conv2d_kernel(x, leaf<T>({1, 1, 1, 1}), {7, 7}); }, {"[conv2d_kernel]", "7x7", "5x5"});
}

TEST_CASE_TEMPLATE("channels, groups and ranks that do not fit are refused by name, and nothing is recorded", T, float,
                   double)
{
    const auto x = leaf<T>({2, 4, 5, 5}), w = leaf<T>({6, 4, 3, 3}), matrix = leaf<T>({3, 3}),
               g = leaf<T>({2, 6, 3, 3});
    const auto check_both = [&](auto f, const std::string& suffix, const std::vector<std::string>& parts) {
        for (const bool flipped : {false, true}) {
            std::vector<std::string> all = parts;
            all.push_back((flipped ? "[conv2d" : "[correlate2d") + suffix + "]");
            check_shape_error([&] { f(flipped); }, all);
        }
    };
    const auto result = [](const auto& a, const auto& b, const ConvolutionOptions& options = {}) {
        return [&, options](bool flipped) { flipped ? conv2d(a, b, options) : correlate2d(a, b, options); };
    };
    check_both(result(x, matrix), "", {"(2,4,5,5)", "(3,3)"});
    check_both(result(matrix, w), "", {"(3,3)", "(6,4,3,3)"});
    const auto cube = leaf<T>({4, 5, 5}), scalar = leaf<T>({}), thin = leaf<T>({6, 3, 3, 3}),
               half = leaf<T>({6, 2, 3, 3}), odd = leaf<T>({5, 2, 3, 3});
    check_both(result(cube, cube), "", {"(4,5,5)"});
    check_both(result(scalar, scalar), "", {"()"});
    check_both(result(x, thin), "", {"3 channels", "4"});
    check_both(result(x, w, {.groups = 2}), "", {"4 channels", "2 are needed"});
    check_both(result(x, odd, {.groups = 2}), "", {"2 groups", "5 maps"});
    check_both(result(x, half, {.groups = 3}), "", {"3 groups", "4 channels"});
    check_both(result(x, w, {.groups = 0}), "", {"groups", "0"});
    check_both(result(x, w, {.groups = -2}), "", {"groups", "-2"});
    check_both(result(x, w, {.padding = -1}), "", {"padding", "-1"});
    check_both(result(x, w, {.stride = 0}), "", {"stride", "0"});
    check_both(result(x, w, {.stride = {1, -2}}), "", {"stride", "-2"});
    check_both(result(x, w, {.dilation = 0}), "", {"dilation", "0"});

    const auto input = [&](const Variable<T>& upstream, Size2d size, const ConvolutionOptions& options = {}) {
        return [&w, upstream, size, options](bool flipped) {
            flipped ? conv2d_input(upstream, w, size, options) : correlate2d_input(upstream, w, size, options);
        };
    };
    check_both(input(g, {6, 5}), "_input", {"(2,6,3,3)", "(2,6,4,3)"});
    check_both(input(x, {7, 7}), "_input", {"(2,4,5,5)", "(2,6,5,5)"});
    check_both(input(g, {0, 5}), "_input", {"image size", "0"});
    check_both(input(matrix, {5, 5}), "_input", {"(3,3)", "(6,4,3,3)"});

    const auto to_kernel = [&](const Variable<T>& upstream, Size2d size, const ConvolutionOptions& options = {}) {
        return [&x, upstream, size, options](bool flipped) {
            flipped ? conv2d_kernel(x, upstream, size, options) : correlate2d_kernel(x, upstream, size, options);
        };
    };
    check_both(to_kernel(g, {2, 3}), "_kernel", {"(2,6,3,3)", "(2,6,4,3)"});
    check_both(to_kernel(leaf<T>({3, 6, 3, 3}), {3, 3}), "_kernel", {"(3,6,3,3)", "(2,6,3,3)"});
    check_both(to_kernel(g, {-1, 3}), "_kernel", {"kernel size", "-1"});
    check_both(to_kernel(g, {3, 3}, {.groups = 3}), "_kernel", {"3 groups", "4 channels"});
    check_both(to_kernel(matrix, {3, 3}), "_kernel", {"(2,4,5,5)", "(3,3)"});
}
