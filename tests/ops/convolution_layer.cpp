// Convolution layers in one pass against loops over indices in double, and against the ops that they are made of.

#include "convolution.hpp"
#include <xgrad/base/random.hpp>
#include <xgrad/ops/ops.hpp>

#include <array>
#include <functional>
#include <string>
#include <utility>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

struct Layer
{
    Shape x, w;
    ConvolutionOptions options = {};
    bool is_connected = false; ///< true if half of the kernels are zero
};

struct Squash
{
    Activation activation;
    std::function<double(double)> f, slope;
};

double logistic(double u) { return 1 / (1 + std::exp(-u)); }

const std::vector<Squash> squashes = {
    {Activation::identity, [](double u) { return u; }, [](double) { return 1; }},
    {Activation::sigmoid, logistic, [](double u) { return logistic(u) * (1 - logistic(u)); }},
    {Activation::tanh, [](double u) { return std::tanh(u); }, [](double u) { return 1 / std::pow(std::cosh(u), 2); }},
    {Activation::scaled_tanh, [](double u) { return 1.7159 * std::tanh(2 * u / 3); },
     [](double u) { return 1.7159 * 2 / 3 / std::pow(std::cosh(2 * u / 3), 2); }},
    {Activation::relu, [](double u) { return u > 0 ? u : 0; }, [](double u) { return u > 0; }},
    {Activation::leaky_relu, [](double u) { return u > 0 ? u : u / 100; }, [](double u) { return u > 0 ? 1 : 0.01; }},
    {Activation::softsign, [](double u) { return u / (1 + std::abs(u)); },
     [](double u) { return 1 / std::pow(1 + std::abs(u), 2); }},
};

/** Images, kernels and biases, and the upstream gradient. */
template <class T>
struct Inputs
{
    Array<T> x, w, b, g;

    Inputs(const Layer& layer, const Shape& result)
    {
        Random random(7);
        x = random.normal<T>(layer.x, 0, 1);
        w = random.normal<T>(layer.w, 0, 0.3);
        b = random.normal<T>({layer.w[0]}, 0, 0.3);
        g = random.normal<T>(result, 0, 1);
        const std::size_t kernel = layer.w[2] * layer.w[3];
        for (std::size_t k = 0; layer.is_connected && k < w.size(); ++k)
            if ((k / kernel + k / kernel / layer.w[1]) % 2 == 0)
                w.data()[k] = 0;
    }
};

Window window_of(const Layer& layer)
{
    const auto plane = [](const Shape& s) {
        return Size2d(static_cast<std::ptrdiff_t>(s[2]), static_cast<std::ptrdiff_t>(s[3]));
    };
    Window w = Padding::window("test", layer.options.padding, plane(layer.x), plane(layer.w), layer.options.stride,
                               layer.options.dilation);
    w.batch = layer.x[0];
    w.channels = layer.x[1];
    w.maps = layer.w[0];
    w.groups = static_cast<std::size_t>(layer.options.groups);
    return w;
}

/** The result and the three gradients. */
using Doubles = std::vector<double>;
using All = std::array<Doubles, 4>;

template <class T>
All by_loops(const Window& w, const Inputs<T>& in, const Squash& f, bool halve)
{
    Doubles u(outputs_size(w)), g(u.size());
    All all = {Doubles(in.g.size()), Doubles(in.x.size()), Doubles(in.w.size()), Doubles(in.b.size())};
    const auto at = [](const Array<T>& a, std::size_t i) { return static_cast<double>(a.data()[i]); };
    const std::size_t plane = w.out_height * w.out_width;
    for (std::size_t i = 0; i < u.size(); ++i)
        u[i] = at(in.b, i / plane % w.maps);
    for_every_term(w, [&](std::size_t x, std::size_t k, std::size_t y) { u[y] += at(in.x, x) * at(in.w, k); });
    const std::size_t side = halve ? 2 : 1, height = w.out_height / side, width = w.out_width / side;
    for (std::size_t i = 0; i < in.g.size(); ++i) {
        const std::size_t corner =
            i / (height * width) * plane + i / width % height * side * w.out_width + i % width * side;
        std::size_t best = corner;
        for (std::size_t block = 0; halve && block < 4; ++block)
            if (const std::size_t place = corner + block / 2 * w.out_width + block % 2; u[place] > u[best])
                best = place;
        all[0][i] = f.f(u[best]);
        g[best] = at(in.g, i) * f.slope(u[best]);
        all[3][best / plane % w.maps] += g[best];
    }
    for_every_term(w, [&](std::size_t x, std::size_t k, std::size_t y) {
        all[1][x] += g[y] * at(in.w, k);
        all[2][k] += g[y] * at(in.x, x);
    });
    return all;
}

template <class T>
Doubles doubles(const Array<T>& a)
{
    return Doubles(a.begin(), a.end());
}

template <class T>
using Op = std::function<Variable<T>(const Variable<T>&, const Variable<T>&, const Variable<T>&)>;

template <class T>
All by_op(const Inputs<T>& in, const Op<T>& op)
{
    const Variable<T> x = variable(Array<T>(in.x)), w = variable(Array<T>(in.w)), b = variable(Array<T>(in.b));
    Tape tape;
    const Variable<T> y = op(x, w, b);
    const Array<T> value = y.value();
    const auto gradients = tape.gradient(sum(y * constant(Array<T>(in.g))), {x, w, b});
    return {doubles<T>(value), doubles(gradients[0].value()), doubles(gradients[1].value()),
            doubles(gradients[2].value())};
}

/** The largest difference, over the size of the numbers. */
double difference(const Doubles& found, const Doubles& expected)
{
    REQUIRE(found.size() == expected.size());
    double most = 0, size = 1;
    for (std::size_t i = 0; i < found.size(); ++i) {
        most = std::max(most, std::abs(found[i] - expected[i]));
        size = std::max(size, std::abs(expected[i]));
    }
    return most / size;
}

/** The names of the ops that run. */
struct Names final : Observer
{
    explicit Names(bool parts) : parts_(parts) {}
    void op(OpCall& call) override
    {
        call.run();
        ops += std::string(ops.empty() ? "" : " ") + call.name();
    }
    bool wants_parts() const override { return parts_; }
    std::string ops;

  private:
    bool parts_;
};

Shape result_shape(const Window& w, bool halve)
{
    const std::size_t side = halve ? 2 : 1;
    return {w.batch, w.maps, w.out_height / side, w.out_width / side};
}

template <class T>
void check(const Layer& layer, const Squash& f, bool halve)
{
    CAPTURE(to_string(layer.x));
    CAPTURE(to_string(layer.w));
    CAPTURE(static_cast<int>(f.activation));
    CAPTURE(halve);
    const Window w = window_of(layer);
    const Inputs<T> in(layer, result_shape(w, halve));
    const LayerEnd end = {f.activation, halve};
    const All expected = by_loops(w, in, f, halve);
    const All found = by_op<T>(in, [&](const auto& x, const auto& k, const auto& b) {
        return convolution_layer(x, k, b, end, layer.options);
    });
    for (std::size_t i = 0; i < 4; ++i) {
        CAPTURE(i);
        CHECK(difference(found[i], expected[i]) < (sizeof(T) == 4 ? 2e-5 : 1e-12));
    }
}

/** Each path of the kernels: images in the lanes with and without borders, a rest of the batch, tables, windows, 1×1
 *  kernels, whole images, groups, odd planes. */
std::vector<Layer> layers()
{
    std::vector<Layer> all;
    for (const std::size_t batch : {1u, 2u, 7u, 16u, 20u, 35u})
        all.push_back({{batch, 1, 12, 12}, {6, 1, 5, 5}});
    const std::vector<Layer> others = {
        {{17, 6, 14, 14}, {16, 6, 5, 5}},
        {{16, 6, 14, 14}, {16, 6, 5, 5}, {}, true},
        {{32, 2, 9, 11}, {5, 2, 3, 3}, {.padding = 1}},
        {{16, 2, 8, 9}, {4, 2, 3, 2}, {.padding = Padding::full}},
        {{16, 3, 11, 12}, {8, 3, 3, 3}, {.stride = 2}},
        {{18, 2, 9, 12}, {4, 2, 2, 3}, {.padding = 2, .dilation = 2}},
        {{16, 4, 10, 7}, {8, 2, 3, 3}, {.groups = 2}},
        {{3, 4, 10, 7}, {8, 2, 3, 3}, {.padding = 1, .groups = 2}},
        {{5, 3, 6, 6}, {3, 1, 3, 3}, {.padding = 1, .groups = 3}},
        {{3, 5, 6, 4}, {7, 5, 1, 1}},
        {{4, 6, 5, 7}, {6, 2, 1, 1}, {.groups = 3}},
        {{1, 16, 40, 40}, {16, 16, 3, 3}, {.padding = 1}},
        {{0, 3, 6, 6}, {4, 3, 3, 3}},
        {{3, 0, 6, 6}, {4, 0, 3, 3}},
        {{3, 2, 6, 6}, {0, 2, 3, 3}},
    };
    all.insert(all.end(), others.begin(), others.end());
    return all;
}

} // namespace

TEST_CASE_TEMPLATE("convolution layer: the result and the gradients of loops", T, float, double)
{
    for (const Layer& layer : layers())
        for (const bool halve : {false, true}) {
            check<T>(layer, squashes[2], halve);
            check<T>(layer, squashes[0], halve);
        }
    for (const Squash& f : squashes)
        for (const bool halve : {false, true})
            for (const std::size_t batch : {1u, 19u})
                check<T>({{batch, 2, 9, 8}, {5, 2, 4, 3}}, f, halve);
}

TEST_CASE_TEMPLATE("convolution layer: a kernel as large as the image", T, float, double)
{
    for (const Squash& f : squashes) {
        check<T>({{16, 6, 5, 5}, {20, 6, 5, 5}}, f, false);
        check<T>({{3, 4, 2, 3}, {6, 2, 2, 3}, {.groups = 2}}, f, false);
    }
}

TEST_CASE_TEMPLATE("convolution layer: the bits of the ops that it is made of", T, float, double)
{
    for (const Layer& layer : layers())
        for (const Activation activation : {Activation::identity, Activation::relu})
            for (const bool halve : {false, true}) {
                const Inputs<T> in(layer, result_shape(window_of(layer), halve));
                const Op<T> whole = [&](const auto& x, const auto& w, const auto& b) {
                    return convolution_layer(x, w, b, {activation, halve}, layer.options);
                };
                const Op<T> parts = [&](const auto& x, const auto& w, const auto& b) {
                    const auto u = correlate2d(x, w, layer.options) + reshape(b, {1, b.size(), 1, 1});
                    return halve ? max_pool2d(activate(activation, u)) : activate(activation, u);
                };
                CHECK(by_op(in, whole)[0] == by_op(in, parts)[0]);
            }
}

TEST_CASE("convolution layer: one op, or all of its parts for an observer that wants them")
{
    const auto x = constant(numbers<float>({4, 1, 12, 12}));
    const auto w = variable(numbers<float>({6, 1, 5, 5})), b = variable(numbers<float>({6}));
    const auto ops_of = [&](bool parts, const LayerEnd& end) {
        Names names(parts);
        const Observing observing(names);
        convolution_layer(x, w, b, end);
        return names.ops;
    };
    CHECK(ops_of(false, {Activation::tanh, true}) == "convolution_layer");
    CHECK(ops_of(false, {Activation::gelu, true}) == "convolution_layer gelu max_pool2d");
    CHECK(ops_of(true, {Activation::tanh, true}) == "correlate2d reshape add tanh max_pool2d");
    CHECK(ops_of(true, {}) == "correlate2d reshape add");
}

TEST_CASE("convolution layer: NaN and infinity stay in their blocks")
{
    constexpr float infinite = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    for (const std::size_t batch : {2u, 16u})
        for (const float odd : {infinite, -infinite, nan}) {
            Array<float> x(Shape{batch, 1, 9, 9}, 1);
            x(1, 0, 4, 4) = odd;
            const auto w = constant(Array<float>(Shape{4, 1, 2, 2}, 1));
            const auto b = constant(Array<float>(Shape{4}, 0));
            const auto y = convolution_layer(constant(x), w, b, {Activation::relu, true});
            CHECK(y.value()(0, 0, 1, 1) == 4);
            CHECK(y.value()(1, 3, 0, 1) == 4);
            for (const std::size_t i : {1u, 2u})
                for (const std::size_t j : {1u, 2u}) {
                    const float found = y.value()(1, 2, i, j);
                    if (std::isnan(odd))
                        CHECK(std::isnan(found));
                    else
                        CHECK(found == (odd > 0 ? infinite : 4));
                }
        }
}

TEST_CASE("convolution layer: errors name it and say what is needed")
{
    const auto array = [](const Shape& shape) { return constant(numbers<float>(shape)); };
    const auto message = [&](const Shape& x, const Shape& w, const Shape& b, const LayerEnd& end) -> std::string {
        try {
            convolution_layer(array(x), array(w), array(b), end);
        } catch (const ShapeError& error) {
            return error.what();
        }
        return "";
    };
    CHECK(message({2, 1, 6, 6}, {4, 1, 3, 3}, {3}, {}) ==
          "[convolution_layer] the biases have shape (3), the 4 maps need (4)");
    CHECK(message({2, 1, 6, 6}, {4, 1, 3, 3}, {1, 4, 1, 1}, {}) ==
          "[convolution_layer] the biases have shape (1,4,1,1), the 4 maps need (4)");
    CHECK(message({6, 6}, {3, 3}, {1}, {}) == "[convolution_layer] two arrays of rank 4, (N, C, H, W) and (O, C, K_h, "
                                              "K_w), are needed, the shapes are (6,6) and (3,3)");
    CHECK(message({2, 1, 6, 6}, {4, 2, 3, 3}, {4}, {}) != "");
    CHECK(message({2, 1, 6, 6}, {4, 1, 6, 6}, {4}, {Activation::relu, true}) != "");
    CHECK(message({2, 1, 6, 6}, {4, 1, 6, 5}, {4}, {}) == "");
}
