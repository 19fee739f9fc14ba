#include "ops.hpp"
#include <xgrad/ops/convolution_nd.hpp>
#include <xgrad/ops/resampling.hpp>

#include <array>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** A convolution along one axis: where the kernel begins, its steps, and the extent of the result. */
struct Extent
{
    std::size_t image, kernel, stride, dilation, before, after;

    std::size_t count() const { return (image + before + after - dilation * (kernel - 1) - 1) / stride + 1; }
    /** The place in the image of tap u of output i, or `image` for a zero. */
    std::size_t place(std::size_t i, std::size_t u) const
    {
        const std::size_t padded = i * stride + u * dilation;
        return padded < before || padded - before >= image ? image : padded - before;
    }
};

/** y[n,o,h,i,j] of volumes, by seven loops. */
template <class T>
Array<T> correlated(const Array<T>& x, const Array<T>& w, const std::array<Extent, 3>& e, std::size_t groups)
{
    const std::size_t inputs = w.shape()[1], maps = w.shape()[0];
    return generate<T>({x.shape()[0], maps, e[0].count(), e[1].count(), e[2].count()}, [&](const Index& y) {
        double sum = 0;
        for (std::size_t c = 0; c < inputs; ++c)
            for_each_index({e[0].kernel, e[1].kernel, e[2].kernel}, [&](const Index& k) {
                Index from{y[0], y[1] / (maps / groups) * inputs + c};
                for (std::size_t axis = 0; axis < 3; ++axis) {
                    from.push_back(e[axis].place(y[2 + axis], k[axis]));
                    if (from.back() == e[axis].image)
                        return;
                }
                sum += static_cast<double>(at(x, from)) * static_cast<double>(at(w, {y[1], c, k[0], k[1], k[2]}));
            });
        return sum;
    });
}

template <class T>
Array<T> reversed(const Array<T>& w)
{
    return generate<T>(Shape(w.shape().begin(), w.shape().end()), [&](Index i) {
        for (std::size_t axis = 2; axis < i.size(); ++axis)
            i[axis] = w.shape()[axis] - 1 - i[axis];
        return at(w, i);
    });
}

} // namespace

TEST_CASE_TEMPLATE("convolutions of volumes have the values of loops", T, float, double)
{
    const auto check = [](const Shape& volume, const Shape& kernels, const Convolution3dOptions& options,
                          const std::array<Extent, 3>& e, std::size_t groups) {
        const Array<T> x = numbers<T>(volume), w = numbers<T>(kernels, -1, 1, 2);
        const auto vx = constant(Array<T>(x)), vw = constant(Array<T>(w));
        check_close(correlate3d(vx, vw, options).value(), correlated(x, w, e, groups), 10 * few_roundings<T>);
        check_close(conv3d(vx, vw, options).value(), correlated(x, reversed(w), e, groups), 10 * few_roundings<T>);
    };
    check({2, 3, 4, 5, 6}, {2, 3, 2, 3, 1}, {}, {{{4, 2, 1, 1, 0, 0}, {5, 3, 1, 1, 0, 0}, {6, 1, 1, 1, 0, 0}}}, 1);
    check({1, 2, 5, 4, 6}, {4, 1, 3, 2, 3}, {.padding = {1, 2, 0, 1, 2, 0}, .stride = {2, 1, 3}, .groups = 2},
          {{{5, 3, 2, 1, 1, 2}, {4, 2, 1, 1, 0, 1}, {6, 3, 3, 1, 2, 0}}}, 2);
    check({1, 1, 5, 5, 5}, {1, 1, 2, 2, 3}, {.padding = Padding::full, .dilation = {2, 1, 1}},
          {{{5, 2, 1, 2, 2, 2}, {5, 2, 1, 1, 1, 1}, {5, 3, 1, 1, 2, 2}}}, 1);
    check({1, 1, 5, 4, 6}, {1, 1, 3, 2, 3}, {.padding = Padding::same, .stride = {2, 2, 4}},
          {{{5, 3, 2, 1, 1, 1}, {4, 2, 2, 1, 0, 0}, {6, 3, 4, 1, 0, 1}}}, 1);
    check({2, 1, 6, 3, 3}, {1, 1, 2, 3, 3}, {.stride = {4, 1, 1}}, // planes at the back are not reached
          {{{6, 2, 4, 1, 0, 0}, {3, 3, 1, 1, 0, 0}, {3, 3, 1, 1, 0, 0}}}, 1);
    check({0, 1, 3, 3, 3}, {2, 1, 3, 3, 3}, {}, {{{3, 3, 1, 1, 0, 0}, {3, 3, 1, 1, 0, 0}, {3, 3, 1, 1, 0, 0}}}, 1);
}

TEST_CASE_TEMPLATE("convolutions of sequences are those of volumes of one row", T, float, double)
{
    const auto check = [](std::size_t length, std::size_t K, const Convolution1dOptions& options, const Extent& e) {
        const auto groups = static_cast<std::size_t>(options.groups);
        const Array<T> x = numbers<T>({3, 4, length}), w = numbers<T>({6, 4 / groups, K}, -1, 1, 2);
        Array<T> volume = x, kernel = w;
        volume.reshape({3, 4, 1, 1, length});
        kernel.reshape({6, 4 / groups, 1, 1, K});
        const Extent one{1, 1, 1, 1, 0, 0};
        Array<T> expected = correlated(volume, kernel, {one, one, e}, groups);
        Array<T> turned = correlated(volume, reversed(kernel), {one, one, e}, groups);
        expected.reshape({3, 6, e.count()});
        turned.reshape({3, 6, e.count()});
        check_close(correlate1d(constant(Array<T>(x)), constant(Array<T>(w)), options).value(), expected,
                    10 * few_roundings<T>);
        check_close(conv1d(constant(Array<T>(x)), constant(Array<T>(w)), options).value(), turned,
                    10 * few_roundings<T>);
        // The faces are the gradients.
        const auto length_ = static_cast<std::ptrdiff_t>(length), K_ = static_cast<std::ptrdiff_t>(K);
        const Array<T> g = numbers<T>({3, 6, e.count()}, -1, 1, 3);
        const auto vx = constant(Array<T>(x)), vw = constant(Array<T>(w)), vg = constant(Array<T>(g));
        const auto gx = gradients_of<T>([&](const auto& v) { return correlate1d(v[0], v[1], options); }, {x, w}, g);
        check_close(correlate1d_input(vg, vw, length_, options).value(), gx[0]);
        check_close(correlate1d_kernel(vx, vg, K_, options).value(), gx[1]);
        const auto gc = gradients_of<T>([&](const auto& v) { return conv1d(v[0], v[1], options); }, {x, w}, g);
        check_close(conv1d_input(vg, vw, length_, options).value(), gc[0]);
        check_close(conv1d_kernel(vx, vg, K_, options).value(), gc[1]);
    };
    check(9, 3, {}, {9, 3, 1, 1, 0, 0});
    check(9, 4, {.padding = Padding::same, .stride = 2}, {9, 4, 2, 1, 1, 2});
    check(7, 3, {.padding = Padding::full, .dilation = 2}, {7, 3, 1, 2, 4, 4});
    check(8, 2, {.padding = {0, 0, 1, 3}, .stride = 3, .groups = 2}, {8, 2, 3, 1, 1, 3});
    check(5, 5, {.padding = 2}, {5, 5, 1, 1, 2, 2});
}

TEST_CASE_TEMPLATE("convolve has the values of NumPy's", T, float, double)
{
    for (const auto& sizes : {std::pair{5, 3}, {3, 5}, {4, 4}, {1, 6}, {6, 1}, {2, 7}}) {
        const int n = sizes.first, m = sizes.second;
        CAPTURE(n);
        CAPTURE(m);
        const Array<T> a = numbers<T>({std::size_t(n)}), b = numbers<T>({std::size_t(m)}, -1, 1, 2);
        std::vector<double> full(static_cast<std::size_t>(n + m - 1), 0);
        for (std::size_t i = 0; i < a.size(); ++i)
            for (std::size_t j = 0; j < b.size(); ++j)
                full[i + j] += static_cast<double>(a.data()[i]) * static_cast<double>(b.data()[j]);
        const auto part = [&](std::size_t begin, std::size_t count) {
            return generate<T>({count}, [&](const Index& i) { return full[begin + i[0]]; });
        };
        const auto longer = static_cast<std::size_t>(std::max(n, m)),
                   shorter = static_cast<std::size_t>(std::min(n, m));
        const auto va = constant(Array<T>(a)), vb = constant(Array<T>(b));
        check_close(convolve(va, vb).value(), part(0, full.size()));
        check_close(convolve(va, vb, ConvolveMode::same).value(), part((shorter - 1) / 2, longer));
        check_close(convolve(va, vb, ConvolveMode::valid).value(), part(shorter - 1, longer - shorter + 1));
    }
}

TEST_CASE_TEMPLATE("resize has the values of a loop over places", T, float, double)
{
    const Array<T> x = numbers<T>({2, 4, 5});
    for (const Size2d& size : {Size2d(4, 5), Size2d(8, 10), Size2d(3, 7), Size2d(1, 1), Size2d(9, 2), Size2d(2, 13)}) {
        const auto H = static_cast<double>(size.height), W = static_cast<double>(size.width);
        const Shape result{2, static_cast<std::size_t>(size.height), static_cast<std::size_t>(size.width)};
        const auto v = constant(Array<T>(x));
        check_equal(resize(v, size).value(), generate<T>(result, [&](const Index& i) {
                        return at(x, {i[0], std::size_t(double(i[1]) * 4 / H), std::size_t(double(i[2]) * 5 / W)});
                    }));
        const auto between = [&](auto row_of, auto column_of) {
            return generate<T>(result, [&](const Index& i) {
                const double row = row_of(double(i[1])), column = column_of(double(i[2]));
                double sum = 0;
                for (std::size_t a = 0; a < 4; ++a)
                    for (std::size_t b = 0; b < 5; ++b)
                        sum += std::max(0., 1 - std::abs(row - double(a))) *
                               std::max(0., 1 - std::abs(column - double(b))) * double(at(x, {i[0], a, b}));
                return sum;
            });
        };
        check_close(resize(v, size, Interpolation::bilinear).value(),
                    between([&](double i) { return std::clamp((i + 0.5) * 4 / H - 0.5, 0., 3.); },
                            [&](double j) { return std::clamp((j + 0.5) * 5 / W - 0.5, 0., 4.); }));
        check_close(resize(v, size, Interpolation::bilinear_corners).value(),
                    between([&](double i) { return H == 1 ? 0 : i * 3 / (H - 1); },
                            [&](double j) { return W == 1 ? 0 : j * 4 / (W - 1); }));
    }
    CHECK(resize(constant(empty_array<T>({0, 4, 5})), 3).shape() == Shape{0, 3, 3});
}

TEST_CASE_TEMPLATE("interp goes straight from point to point", T, float, double)
{
    const auto p = constant(list<T>({-1, 0, 2, 3})), f = constant(list<T>({5, 1, 2, -4}));
    Array<T> x = list<T>({-7, -1, -0.75, 0, 0.5, 2, 2.5, 3, 9, not_a_number});
    x.reshape({2, 5});
    Array<T> expected = list<T>({5, 5, 4, 1, 1.25, 2, -1, -4, -4, not_a_number});
    expected.reshape({2, 5});
    check_close(interp(constant(std::move(x)), p, f).value(), expected);
    check_equal(interp(constant(list<T>({-7, 7})), constant(list<T>({1})), constant(list<T>({3}))).value(),
                list<T>({3, 3}));
    check_shape_error([&] { interp(p, p, constant(list<T>({1, 2}))); }, {"[interp]", "(4)", "(2)"});
    check_shape_error([&] { interp(p, f, p); }, {"[interp]", "place 1", "1, after 5"});
}

TEST_CASE_TEMPLATE("convolutions and sizes that do not fit are refused by name", T, float, double)
{
    check_shape_error([] { conv1d(leaf<T>({2, 3}), leaf<T>({1, 3, 2})); }, {"[conv1d]", "(2,3)", "3 axes"});
    check_shape_error([] { correlate3d(leaf<T>({2, 3}), leaf<T>({1, 3, 2})); }, {"[correlate3d]", "(2,3)", "5 axes"});
    check_shape_error([] { correlate3d(leaf<T>({1, 1, 2, 3, 3}), leaf<T>({1, 1, 3, 1, 1})); }, {"[correlate3d]"});
    check_shape_error([] { convolve(leaf<T>({0}), leaf<T>({2})); }, {"[convolve]", "(0)"});
    check_shape_error([] { resize(leaf<T>({2, 3}), {0, 3}); }, {"[resize]", "(2,3)", "0x3"});
    check_shape_error([] { resize(leaf<T>({2, 3}), {3, std::ptrdiff_t(1) << 62}); }, {"[resize]"});
    check_shape_error([] { resize(leaf<T>({3}), 2); }, {"[resize]", "(3)"});
}
