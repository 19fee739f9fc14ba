#include "kernels.hpp"
#include <xgrad/kernels/table.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

using namespace xgrad::kernels;
using xgrad::test::on_every_architecture;

namespace
{

Window pooling(std::size_t planes, std::size_t height, std::size_t width, std::size_t kernel, std::size_t stride,
               std::size_t pad = 0, std::size_t dilation = 1)
{
    Window w;
    w.batch = 2;
    w.channels = w.maps = w.groups = planes;
    w.height = height;
    w.width = width;
    w.kernel_height = w.kernel_width = kernel;
    w.stride_height = w.stride_width = stride;
    w.dilation_height = w.dilation_width = dilation;
    w.pad_top = w.pad_left = pad;
    w.out_height = (height + 2 * pad - (kernel - 1) * dilation - 1) / stride + 1;
    w.out_width = (width + 2 * pad - (kernel - 1) * dilation - 1) / stride + 1;
    return w;
}

/** The usual windows, those with a fast path for each width of the last vector, and odd ones. */
std::vector<Window> windows()
{
    std::vector<Window> all = {pooling(3, 9, 11, 3, 2),     pooling(2, 8, 8, 3, 1, 1), pooling(2, 10, 7, 2, 3, 1, 2),
                               pooling(1, 6, 6, 6, 1),      pooling(2, 7, 9, 1, 1),    pooling(1, 12, 12, 4, 3, 2),
                               pooling(2, 5, 5, 2, 2, 1, 1)};
    for (std::size_t width = 2; width <= 70; width += width < 36 ? 1 : 7)
        all.push_back(pooling(2, 5, width, 2, 2));
    Window flat = pooling(2, 6, 20, 2, 2);
    flat.kernel_height = flat.stride_height = 1;
    flat.out_height = 6;
    all.push_back(flat);
    return all;
}

/** Numbers with many ties and, if asked for, a few NaN. */
template <class T>
std::vector<T> few_values(std::size_t n, bool with_nan)
{
    std::mt19937 engine(3);
    std::vector<T> values(n);
    for (T& value : values)
        value = with_nan && engine() % 9 == 0 ? std::numeric_limits<T>::quiet_NaN()
                                              : static_cast<T>(static_cast<int>(engine() % 5) - 3);
    return values;
}

std::size_t inputs_size(const Window& w) { return w.batch * w.channels * w.height * w.width; }
std::size_t outputs_size(const Window& w) { return w.batch * w.channels * w.out_height * w.out_width; }

/** Calls f(output, plane, cell) for each cell inside the image of each output's window, in row-major order. */
template <class F>
void for_every_cell(const Window& w, F f)
{
    std::size_t output = 0;
    for (std::size_t plane = 0; plane < w.batch * w.channels; ++plane)
        for (std::size_t i = 0; i < w.out_height; ++i)
            for (std::size_t j = 0; j < w.out_width; ++j, ++output)
                for (std::size_t u = 0; u < w.kernel_height; ++u)
                    for (std::size_t v = 0; v < w.kernel_width; ++v) {
                        const std::size_t h = i * w.stride_height + u * w.dilation_height;
                        const std::size_t k = j * w.stride_width + v * w.dilation_width;
                        if (h >= w.pad_top && k >= w.pad_left && h - w.pad_top < w.height && k - w.pad_left < w.width)
                            f(output, plane * w.height * w.width, (h - w.pad_top) * w.width + k - w.pad_left);
                    }
}

template <class T>
bool same(T a, T b)
{
    return a == b || (std::isnan(a) && std::isnan(b));
}

template <class T>
void check_maximum(const Window& w, bool with_nan)
{
    const auto x = few_values<T>(inputs_size(w), with_nan);
    const std::size_t n = outputs_size(w);
    std::vector<T> value(n), y(n + 8, T(77));
    std::vector<std::int32_t> at(n, -1), winner(n + 16, -7);
    for_every_cell(w, [&](std::size_t output, std::size_t plane, std::size_t cell) {
        const T met = x[plane + cell];
        if (at[output] < 0 || met > value[output] || (std::isnan(met) && !std::isnan(value[output]))) {
            value[output] = met;
            at[output] = static_cast<std::int32_t>(cell);
        }
    });
    table<T>().max_pool2d(w, x.data(), y.data(), winner.data());
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < n; ++i)
        wrong += !same(y[i], value[i]) || winner[i] != at[i];
    for (std::size_t i = n; i < n + 8; ++i)
        wrong += y[i] != T(77) || winner[i] != -7;
    CHECK_MESSAGE(wrong == 0, "width " << w.width << " kernel " << w.kernel_width);

    // With the winners: gather repeats the maxima, scatter is its transpose.
    std::vector<T> gathered(n), scattered(x.size(), T(5)), expected(x.size(), T(0));
    table<T>().gather_planes(w, x.data(), winner.data(), gathered.data());
    std::vector<T> g(n);
    const std::size_t outputs = w.out_height * w.out_width, plane = w.height * w.width;
    for (std::size_t i = 0; i < n; ++i) {
        g[i] = static_cast<T>(i % 7) - T(2);
        expected[i / outputs * plane + static_cast<std::size_t>(at[i])] += g[i];
        wrong += !same(gathered[i], value[i]);
    }
    table<T>().scatter_planes(w, g.data(), winner.data(), scattered.data());
    CHECK(wrong == 0);
    CHECK(scattered == expected);
}

template <class T>
void check_mean(const Window& w, Divisor divisor)
{
    const std::size_t n = outputs_size(w), size = inputs_size(w);
    std::mt19937 engine(4);
    std::vector<T> x(size), g(n), y(n + 8, T(77)), dx(size + 8, T(77));
    for (T& value : x)
        value = static_cast<T>(static_cast<double>(engine()) / 4294967296.0);
    for (T& value : g)
        value = static_cast<T>(static_cast<double>(engine()) / 4294967296.0);
    std::vector<double> cells(n, 0.0), mean(n, 0.0), spread(size, 0.0);
    for_every_cell(w, [&](std::size_t output, std::size_t, std::size_t) { cells[output] += 1; });
    if (divisor == Divisor::one)
        cells.assign(n, 1.0);
    if (divisor == Divisor::window)
        cells.assign(n, static_cast<double>(w.kernel_height * w.kernel_width));
    for_every_cell(w, [&](std::size_t output, std::size_t plane, std::size_t cell) {
        mean[output] += static_cast<double>(x[plane + cell]) / cells[output];
        spread[plane + cell] += static_cast<double>(g[output]) / cells[output];
    });
    table<T>().mean_pool2d(w, divisor, x.data(), y.data());
    table<T>().mean_pool2d_input(w, divisor, g.data(), dx.data());
    const double size_of_result = divisor == Divisor::one ? static_cast<double>(w.kernel_height * w.kernel_width) : 1;
    const double tolerance = 20 * size_of_result * static_cast<double>(std::numeric_limits<T>::epsilon());
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < n; ++i)
        wrong += !(std::abs(static_cast<double>(y[i]) - mean[i]) <= tolerance);
    for (std::size_t i = 0; i < size; ++i)
        wrong += !(std::abs(static_cast<double>(dx[i]) - spread[i]) <= tolerance);
    for (std::size_t i = 0; i < 8; ++i)
        wrong += y[n + i] != T(77) || dx[size + i] != T(77);
    CHECK_MESSAGE(wrong == 0,
                  "width " << w.width << " kernel " << w.kernel_width << " divisor " << static_cast<int>(divisor));
}

} // namespace

TEST_CASE("max_pool2d: value and winner, the first of equals; gather and scatter by the winner")
{
    on_every_architecture([] {
        for (const Window& w : windows()) {
            check_maximum<float>(w, false);
            check_maximum<double>(w, false);
        }
    });
}

TEST_CASE("max_pool2d: NaN wins, the first one")
{
    on_every_architecture([] {
        for (const Window& w : windows()) {
            check_maximum<float>(w, true);
            check_maximum<double>(w, true);
        }
    });
}

TEST_CASE("max_pool2d: -inf is a value, padding is not")
{
    on_every_architecture([] {
        const Window w = pooling(1, 4, 4, 3, 2, 1);
        const std::vector<float> x(inputs_size(w), -std::numeric_limits<float>::infinity());
        std::vector<float> y(outputs_size(w));
        std::vector<std::int32_t> winner(y.size(), -7);
        table<float>().max_pool2d(w, x.data(), y.data(), winner.data());
        CHECK(y == std::vector<float>(y.size(), -std::numeric_limits<float>::infinity()));
        CHECK(std::vector<std::int32_t>(winner.begin(), winner.begin() + 4) == std::vector<std::int32_t>{0, 1, 4, 5});
    });
}

TEST_CASE("mean_pool2d and its input gradient, with padding in the count, without it, and without a division")
{
    on_every_architecture([] {
        for (const Window& w : windows())
            for (const Divisor divisor : {Divisor::one, Divisor::window, Divisor::inside}) {
                check_mean<float>(w, divisor);
                check_mean<double>(w, divisor);
            }
    });
}
