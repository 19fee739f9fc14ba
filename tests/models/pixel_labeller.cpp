#include "digits.hpp"
#include "ops.hpp"
#include <xgrad/models/networks/pixel_labeller.hpp>
#include <xgrad/ops/ops.hpp>
#include <xgrad/optim/optimizer.hpp>

#include <fmt/core.h>

#include <set>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** Three classes, kernels of different extents with their taps two apart, biases that are not 0. */
PixelLabeller<double> tiny(std::size_t steps)
{
    PixelLabeller<double> net(1, {.maps = 2, .steps = steps, .u = 3, .w = {3, 1}, .v = {1, 3}, .classes = 3});
    net.u.bias = variable(numbers<double>({2}, -1, 1, 2));
    net.v.bias = variable(numbers<double>({3}, -1, 1, 3));
    return net;
}

/** Σ_{c,p,q} x[n,c,i+2p,j+2q]·k[o,c,p,q], p and q counted from the middle of k, x 0 outside. */
Array<double> correlated(const Array<double>& x, const Array<double>& k)
{
    const auto extent = [](const Array<double>& a, std::size_t axis) { return static_cast<int>(a.shape()[axis]); };
    return generate<double>({x.shape()[0], k.shape()[0], x.shape()[2], x.shape()[3]}, [&](const Index& at) {
        double total = 0;
        for (std::size_t c = 0; c < x.shape()[1]; ++c)
            for (int p = 0; p < extent(k, 2); ++p)
                for (int q = 0; q < extent(k, 3); ++q) {
                    const int i = static_cast<int>(at[2]) + 2 * (p - extent(k, 2) / 2);
                    const int j = static_cast<int>(at[3]) + 2 * (q - extent(k, 3) / 2);
                    if (i >= 0 && i < extent(x, 2) && j >= 0 && j < extent(x, 3))
                        total += x(at[0], c, i, j) * k(at[1], c, p, q);
                }
        return total;
    });
}

/** N22, rectified: H = max(0, U ⋆ X + W ⋆ P + b), Ŷ = V ⋆ H + c, P = e^Ŷ / Σ e^Ŷ of the step before. */
Array<double> n22(const PixelLabeller<double>& net, const Array<double>& x)
{
    const auto with_bias = [](const Array<double>& maps, const Array<double>& bias) {
        return generate<double>(maps.shape(), [&](const Index& i) { return at(maps, i) + bias(i[1]); });
    };
    const Array<double> seen = with_bias(correlated(x, net.u.weight.value()), net.u.bias.value());
    Array<double> fed_back(seen.shape(), 0.0), y;
    for (std::size_t t = 1; t <= net.options.steps; ++t) {
        const auto h = generate<double>(seen.shape(),
                                        [&](const Index& i) { return std::max(0.0, at(seen, i) + at(fed_back, i)); });
        y = with_bias(correlated(h, net.v.weight.value()), net.v.bias.value());
        const auto p = generate<double>(y.shape(), [&](const Index& i) {
            double total = 0;
            for (std::size_t k = 0; k < 3; ++k)
                total += std::exp(y(i[0], k, i[2], i[3]));
            return std::exp(at(y, i)) / total;
        });
        fed_back = correlated(p, net.w.value());
    }
    return y;
}

/** Three steps, each with a W and a V of its own. */
Variable<double> unrolled(const PixelLabeller<double>& net, const Variable<double>& x, const Variables<double>& w,
                          const Variables<double>& v)
{
    const ConvolutionOptions how{.padding = Padding::same, .dilation = 2};
    const auto from = [&](const Variable<double>& h, std::size_t t) {
        return correlate2d(relu(h), v[t], how) + reshape(net.v.bias, {1, 3, 1, 1});
    };
    const auto y1 = from(net.u(x), 0);
    const auto y2 = from(net.u(x) + correlate2d(softmax(y1, 1), w[0], how), 1);
    return from(net.u(x) + correlate2d(softmax(y2, 1), w[1], how), 2);
}

Variables<double> copies(const Variable<double>& x, std::size_t count)
{
    Variables<double> all;
    for (std::size_t i = 0; i < count; ++i)
        all.push_back(as_leaf(x));
    return all;
}

constexpr Preparation tones{.padding = 0};

/** Digits that are all ink, digit k with label k and the darker the larger k is. */
Batch blocks(std::size_t count)
{
    return {generate<float>({count, 1, 28, 28}, [](const Index& i) { return 0.6 + 0.05 * static_cast<double>(i[0]); }),
            generate<std::int32_t>({count}, [](const Index& i) { return static_cast<std::int32_t>(i[0]); })};
}

Batch scene_of(const Batch& digits, std::uint64_t seed)
{
    Random random(seed);
    return compose_scene(digits, random);
}

/** The fraction of the ink pixels that is labelled wrong. */
double ink_error(const Labels& predicted, const Labels& labels)
{
    std::size_t ink = 0, wrong = 0;
    for (std::size_t i = 0; i < labels.size(); ++i)
        if (labels.data()[i] != background_class) {
            ++ink;
            wrong += predicted.data()[i] != labels.data()[i];
        }
    return static_cast<double>(wrong) / static_cast<double>(ink);
}

} // namespace

TEST_CASE("pixel labeller: each step is N22 on the image and the labelling before")
{
    const Array<double> x = numbers<double>({2, 1, 5, 6});
    for (const std::size_t steps : {2u, 3u, 4u}) {
        const auto net = tiny(steps);
        check_close(net(constant(Array<double>(x))).value(), n22(net, x), 1e-13);
    }
}

TEST_CASE("pixel labeller: the kernels are shared by all steps, so their gradients are the sums over the steps")
{
    const auto net = tiny(3);
    const auto x = constant(numbers<double>({2, 1, 5, 6}));
    const auto upstream = constant(numbers<double>({2, 3, 5, 6}, -1, 1, 7));
    const Variables<double> w = copies(net.w, 2), v = copies(net.v.weight, 3);
    CHECK(unrolled(net, x, w, v).value() == net(x).value());

    Tape tape;
    const auto shared = tape.gradient(sum(net(x) * upstream), {net.w, net.v.weight});
    const auto apart = tape.gradient(sum(unrolled(net, x, w, v) * upstream), {w[0], w[1], v[0], v[1], v[2]});
    check_close(shared[0].value(), (apart[0] + apart[1]).value(), 1e-13);
    check_close(shared[1].value(), (apart[2] + apart[3] + apart[4]).value(), 1e-13);
}

TEST_CASE("pixel labeller: images of any size")
{
    const PixelLabeller<float> net(1);
    for (const Shape& size : {Shape{1, 1}, {3, 40}, {28, 28}, {31, 17}})
        CHECK(net(constant(numbers<float>({2, 1, size[0], size[1]}))).shape() == Shape{2, 11, size[0], size[1]});
}

TEST_CASE("pixel labeller: what is labelled does not depend on where it is")
{
    const auto net = tiny(2); // a label depends on pixels up to 6 rows and 6 columns away
    const Array<double> x = numbers<double>({1, 1, 3, 3});
    const auto framed = [&](std::size_t above, std::size_t left) {
        Array<double> image(Shape{1, 1, 24, 26}, 0.0);
        for_each_index({3, 3}, [&](const Index& i) { image(0, 0, above + i[0], left + i[1]) = x(0, 0, i[0], i[1]); });
        return net(constant(std::move(image))).value();
    };
    const Array<double> here = framed(10, 10), there = framed(12, 11);
    for_each_index({3, 3, 3}, [&](const Index& i) {
        CHECK(here(0, i[0], 10 + i[1], 10 + i[2]) ==
              doctest::Approx(there(0, i[0], 12 + i[1], 11 + i[2])).epsilon(1e-13));
    });
}

TEST_CASE("pixel labeller: parameters and summary")
{
    const PixelLabeller<float> net(1, {.maps = 4, .steps = 3, .u = 5, .w = 3, .v = {1, 3}}), again(1, net.options);
    const Parameters<float> parameters = net.parameters();
    CHECK(parameters["u.weight"].shape() == Shape{4, 1, 5, 5});
    CHECK(parameters["u.bias"].shape() == Shape{4});
    CHECK(parameters["w.weight"].shape() == Shape{4, 11, 3, 3});
    CHECK(parameters["v.weight"].shape() == Shape{11, 4, 1, 3});
    CHECK(parameters["v.bias"].shape() == Shape{11});
    for (std::size_t i = 0; i < parameters.size(); ++i)
        CHECK(parameters[i].value() == again.parameters()[i].value());

    const auto lines = net.summary({2, 10});
    REQUIRE(lines.size() == 3);
    std::size_t count = 0;
    for (const LayerSummary& line : lines)
        count += line.parameters;
    CHECK(count == parameters.element_count());
    CHECK(lines[0].output == Shape{4, 2, 10});
    CHECK(lines[2].output == Shape{11, 2, 10});
    CHECK(lines[0].multiply_adds == 20 * 4 * 25);
    CHECK(lines[1].multiply_adds == 20 * 4 * 11 * 9 * 2);
    CHECK(lines[2].connections == 20 * 11 * (4 * 3 + 1) * 3);
}

TEST_CASE("pixel labeller: errors")
{
    check_shape_error([] { PixelLabeller<float>(1, {.maps = 0}); }, {"[pixel_labeller]", "0 maps"});
    check_shape_error([] { PixelLabeller<float>(1, {.steps = 1}); }, {"[pixel_labeller]", "1 steps"});
    check_shape_error([] { PixelLabeller<float>(1, {.classes = 0}); }, {"[pixel_labeller]", "0 classes"});
    check_shape_error([] { PixelLabeller<float>(1, {.w = 0}); }, {"0x0"});
    const PixelLabeller<float> net(1);
    for (const Shape& shape : {Shape{28, 28}, {1, 28, 28}, {1, 3, 28, 28}})
        check_shape_error([&] { net(constant(numbers<float>(shape))); }, {"[pixel_labeller]", to_string(shape)});

    check_shape_error(
        [] {
            scene_of({empty_array<float>({0, 1, 28, 28}), empty_array<std::int32_t>({0})}, 1);
        },
        {"[compose_scene]"});
    check_shape_error([] { scene_of({numbers<float>({2, 1, 32, 32}), indices({1, 2})}, 1); }, {"(2,1,32,32)"});
    check_shape_error([] { scene_of({numbers<float>({2, 1, 28, 28}), indices({1, 2, 3})}, 1); }, {"(3)"});
}

TEST_CASE("scenes: a pixel is labelled where it is ink")
{
    const Dataset data = first_digits(16, 1);
    const Batch digits = data.train.batches(16, tones)[0];
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const Batch scenes = scene_of(digits, seed);
        const Shape& shape = scenes.images.shape();
        REQUIRE(scenes.labels.shape() == Shape{shape[0], shape[2], shape[3]});
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < scenes.labels.size(); ++i) {
            const bool ink = scenes.images.data()[i] > (-0.1f + 1.175f) / 2;
            wrong += ink != (scenes.labels.data()[i] != background_class);
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("scenes: each digit is there, and where two overlap it is the darker one that is seen and labelled")
{
    const Batch digits = blocks(10);
    std::size_t hidden = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const Batch scenes = scene_of(digits, seed);
        std::vector<std::size_t> pixels(11);
        for (std::size_t i = 0; i < scenes.labels.size(); ++i) {
            const std::int32_t label = scenes.labels.data()[i];
            ++pixels[static_cast<std::size_t>(label)];
            const float seen = label == background_class ? tones.background : 0.6f + 0.05f * static_cast<float>(label);
            if (scenes.images.data()[i] != doctest::Approx(seen))
                FAIL_CHECK(fmt::format("seed {}, pixel {}", seed, i));
        }
        for (std::size_t label = 0; label < 10; ++label) {
            CHECK(pixels[label] >= 28 * 14); // only its right neighbour covers it, at least 14 columns away
            hidden += pixels[label] < 28 * 28;
        }
    }
    CHECK(hidden > 0);
}

TEST_CASE("scenes: the random numbers alone decide, sizes vary")
{
    const Batch digits = blocks(7);
    std::set<std::size_t> counts, heights, widths;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        const Batch scenes = scene_of(digits, seed), again = scene_of(digits, seed);
        CHECK(scenes.images == again.images);
        CHECK(scenes.labels == again.labels);
        const Shape& shape = scenes.images.shape();
        counts.insert(shape[0]);
        heights.insert(shape[2]);
        widths.insert(shape[3]);
    }
    CHECK(counts == std::set<std::size_t>{3, 4, 7});
    CHECK(heights == std::set<std::size_t>{28, 29, 30, 31, 32});
    CHECK(widths.size() > 15);
    CHECK(*widths.begin() == 28);
    CHECK(*widths.rbegin() <= 80);
    CHECK(scene_of(blocks(1), 3).images.shape()[0] == 1);
}

TEST_CASE("pixel labeller: it learns to label a few scenes")
{
    const Dataset data = first_digits(8, 1);
    const Batch scenes = scene_of(data.train.batches(8, tones)[0], 1);
    const auto images = constant(Array<float>(scenes.images));
    const PixelLabeller<float> net(1, {.maps = 16, .u = 7, .w = 3, .v = 3});
    optim::Adam<float> optimizer(net.parameters(), {.learning_rate = 0.02f});
    const auto loss = [&] { return softmax_cross_entropy(net(images), scenes.labels); };
    const float before = loss().item();
    for (int step = 0; step < 90; ++step) {
        Tape tape;
        optimizer.step(tape.gradient(loss(), net.parameters()));
    }
    CHECK(loss().item() < before / 10);
    CHECK(ink_error(argmax(net(images), 1), scenes.labels) < 0.4);
}
