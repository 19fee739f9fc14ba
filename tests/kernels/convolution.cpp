#include "ops/convolution.hpp"

#include "long.hpp"
#include <xgrad/kernels/pieces.hpp>

#include <cstring>
#include <random>
#include <string>

using namespace xgrad::test;

TEST_CASE("convolution: every stride, dilation and padding, also asymmetric")
{
    on_every_architecture([] {
        for (const std::size_t stride : {1U, 2U, 3U})
            for (const std::size_t dilation : {1U, 2U, 3U})
                for (const std::size_t top : {0U, 1U, 4U})
                    for (const std::size_t bottom : {0U, 2U}) {
                        Window w;
                        w.batch = 2;
                        w.channels = 3;
                        w.maps = 5;
                        w.height = 13;
                        w.width = 11;
                        w.kernel_height = 3;
                        w.kernel_width = 2;
                        w.stride_height = stride;
                        w.stride_width = stride % 3 + 1;
                        w.dilation_height = dilation;
                        w.dilation_width = dilation % 3 + 1;
                        w.pad_top = top;
                        w.pad_left = bottom;
                        check_both(fitted(w, bottom, top));
                    }
    });
}

TEST_CASE("convolution: random geometries")
{
    on_every_architecture([] {
        std::mt19937 engine(5);
        const auto pick = [&engine](std::size_t low, std::size_t high) { return low + engine() % (high - low + 1); };
        for (int trial = 0; trial < 250; ++trial) {
            Window w;
            w.groups = pick(0, 1) == 0 ? 1 : pick(1, 4);
            w.channels = w.groups * pick(1, 7);
            w.maps = w.groups * pick(1, trial % 5 == 0 ? 34 : 7);
            w.batch = trial % 3 == 0 ? pick(3, 36) : pick(1, 3);
            w.height = pick(1, 16);
            w.width = pick(1, trial % 4 == 0 ? 40 : 12);
            w.kernel_height = pick(1, 5);
            w.kernel_width = pick(1, 5);
            w.stride_height = pick(0, 1) == 0 ? 1 : pick(1, 3);
            w.stride_width = pick(0, 1) == 0 ? 1 : pick(1, 3);
            w.dilation_height = pick(0, 1) == 0 ? 1 : pick(1, 3);
            w.dilation_width = pick(0, 1) == 0 ? 1 : pick(1, 3);
            w.pad_top = pick(0, 3);
            w.pad_left = pick(0, 3);
            const std::size_t bottom = pick(0, 3), right = pick(0, 3);
            if (w.height + w.pad_top + bottom > (w.kernel_height - 1) * w.dilation_height &&
                w.width + w.pad_left + right > (w.kernel_width - 1) * w.dilation_width)
                check_both(fitted(w, bottom, right));
        }
    });
}

TEST_CASE("convolution: LeNet-5's layers, one image, a chunk, and a batch that no lanes divide")
{
    on_every_architecture([] {
        for (const std::size_t batch : {1U, 16U, 21U}) {
            check_both(square(batch, 1, 6, 32, 5));
            check_both(square(batch, 6, 16, 14, 5));
            check_both(square(batch, 16, 120, 5, 5));
        }
    });
}

TEST_CASE("convolution: kernels of which many are zero, as a connection table leaves them")
{
    on_every_architecture([] {
        const Connected tables[] = {[](std::size_t o, std::size_t c) { return (c + 6 - o % 6) % 6 < 3; },
                                    [](std::size_t o, std::size_t c) { return o % 3 == 1 && c == 0; },
                                    [](std::size_t, std::size_t) { return false; }};
        for (const Connected table : tables)
            for (const std::size_t batch : {16U, 37U}) {
                check_both(square(batch, 6, 16, 14, 5), table); // C3
                check_both(square(batch, 6, 7, 19, 2), table);
                check_both(square(batch, 6, 7, 12, 3, 1), table); // padded
                Window w = square(batch, 6, 7, 12, 3);
                w.pad_top = w.pad_left = 1; // on one side only
                check_both(fitted(w, 0, 0), table);
                w = square(batch, 12, 10, 13, 3);
                w.groups = 2;
                w.dilation_height = 2;
                w.stride_height = 2;
                check_both(fitted(w, 0, 0), table);
                w.stride_width = 2;
                check_both(fitted(w, 0, 0), table);
            }
    });
}

TEST_CASE("convolution: a map does not see what its zero kernels would read, where they are skipped")
{
    on_every_architecture([] {
        const Window w = square(16, 6, 16, 14, 5);
        auto x = uniform<float>(images_size(w), 1);
        const auto k = connected_kernels<float>(w, [](std::size_t o, std::size_t c) { return (o < 8) == (c < 3); });
        for (std::size_t i = 0; i < x.size(); ++i) // the channels from 3 on
            if (i / (w.height * w.width) % w.channels >= 3)
                x[i] = static_cast<float>(infinity);
        std::vector<float> y(outputs_size(w));
        table<float>().correlate2d(w, x.data(), k.data(), y.data());
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < y.size(); ++i)
            wrong += std::isfinite(y[i]) != (i / (w.out_height * w.out_width) % w.maps < 8);
        CHECK(wrong == 0);
    });
}

TEST_CASE("convolution: a kernel that covers the image, and one of a single pixel")
{
    on_every_architecture([] {
        for (const std::size_t batch : {1U, 3U, 17U}) {
            check_both(square(batch, 5, 7, 4, 4));
            check_both(square(batch, 5, 7, 6, 1));
            check_both(square(batch, 5, 7, 6, 1, 0, 2));
            check_both(square(batch, 5, 7, 6, 1, 1));
            Window grouped = square(batch, 6, 4, 3, 3);
            grouped.groups = 2;
            check_both(grouped);
            grouped = square(batch, 6, 4, 5, 1);
            grouped.groups = 2;
            check_both(grouped);
        }
    });
}

TEST_CASE("convolution: depthwise")
{
    on_every_architecture([] {
        for (const std::size_t stride : {1U, 2U}) {
            Window w = square(2, 9, 9, 20, 3, 1, stride);
            w.groups = 9;
            check_both(w);
            w = square(18, 4, 8, 7, 3, 1, stride);
            w.groups = 4;
            check_both(w);
        }
    });
}

TEST_CASE("convolution: strips of an image that does not fit the cache")
{
    on_every_architecture([] {
        check_faces<float>(square(1, 40, 3, 72, 3, 1));
        check_faces<double>(square(1, 40, 2, 50, 3, 1, 2));
    });
}

TEST_CASE("convolution: windows that lie in the padding give zeros")
{
    on_every_architecture([] {
        Window w = square(1, 2, 3, 2, 2, 4);
        check_both(w);
        w.batch = 17;
        check_both(w);
    });
}

TEST_CASE("convolution: an empty batch")
{
    on_every_architecture([] {
        Window w = square(1, 2, 3, 6, 3);
        w.batch = 0;
        std::vector<double> kernel(kernels_size(w), 1.0), none(1, 5.0);
        table<double>().correlate2d(w, none.data(), kernel.data(), none.data());
        table<double>().correlate2d_input(w, none.data(), kernel.data(), none.data());
        CHECK(none[0] == 5.0);
        table<double>().correlate2d_kernel(w, none.data(), none.data(), kernel.data());
        CHECK(kernel == std::vector<double>(kernel.size(), 0.0));
    });
}

TEST_CASE("convolution: <y, conv(x)> = <x, conv_input(y)> = <w, conv_kernel(x, y)>")
{
    on_every_architecture([] {
        for (const Window& w : {square(16, 6, 16, 14, 5), square(3, 4, 5, 9, 3, 1, 2), square(1, 3, 8, 12, 5, 2)}) {
            const auto x = uniform<double>(images_size(w), 4), k = uniform<double>(kernels_size(w), 5),
                       g = uniform<double>(outputs_size(w), 6);
            std::vector<double> y(g.size()), dx(x.size()), dk(k.size());
            table<double>().correlate2d(w, x.data(), k.data(), y.data());
            table<double>().correlate2d_input(w, g.data(), k.data(), dx.data());
            table<double>().correlate2d_kernel(w, x.data(), g.data(), dk.data());
            const auto inner = [](const std::vector<double>& a, const std::vector<double>& b) {
                double sum = 0;
                for (std::size_t i = 0; i < a.size(); ++i)
                    sum += a[i] * b[i];
                return sum;
            };
            const double forward = inner(g, y);
            CHECK(inner(x, dx) == doctest::Approx(forward).epsilon(1e-11));
            CHECK(inner(k, dk) == doctest::Approx(forward).epsilon(1e-11));
        }
    });
}

TEST_CASE("convolution: the same bits again and at any alignment")
{
    on_every_architecture([] {
        for (const Window& w : {square(16, 6, 16, 14, 5), square(1, 1, 6, 32, 5), square(2, 3, 8, 12, 3, 1, 2)}) {
            const auto x = uniform<float>(images_size(w), 7), k = uniform<float>(kernels_size(w), 8),
                       g = uniform<float>(outputs_size(w), 9);
            const auto all = [&](std::size_t shift) {
                const auto moved = [shift](const std::vector<float>& from) {
                    std::vector<float> to(shift, 0.0f);
                    to.insert(to.end(), from.begin(), from.end());
                    return to;
                };
                const auto xs = moved(x), ks = moved(k), gs = moved(g);
                std::vector<float> out(x.size() + k.size() + g.size() + shift);
                float* to = out.data() + shift;
                table<float>().correlate2d(w, xs.data() + shift, ks.data() + shift, to);
                table<float>().correlate2d_input(w, gs.data() + shift, ks.data() + shift, to + g.size());
                table<float>().correlate2d_kernel(w, xs.data() + shift, gs.data() + shift, to + g.size() + x.size());
                return std::vector<float>(to, to + x.size() + k.size() + g.size());
            };
            const auto first = all(0);
            for (const std::size_t shift : {0U, 1U, 5U, 8U}) {
                const auto again = all(shift);
                CHECK(std::memcmp(first.data(), again.data(), first.size() * sizeof(float)) == 0);
            }
        }
    });
}

TEST_CASE("a large convolution is cut into pieces that give what the whole gives, for any number of threads" * is_long)
{
    std::vector<Window> windows = {
        square(1, 16, 32, 64, 3, 1),    // rows of one image
        square(2, 32, 36, 96, 3, 1, 2), // rows of some images
        square(1, 24, 40, 121, 5, 3, 3),
        square(1, 32, 64, 97, 2, 1, 3), // with rows of the image that no kernel reaches
        square(40, 16, 32, 20, 5),      // many small images
        square(1, 128, 96, 64, 1),      // pixels by themselves
        square(5, 64, 700, 8, 8),       // kernels that cover the image
        square(2, 100, 50, 2, 1),       // too small to be cut
    };
    windows.push_back(square(1, 32, 64, 40, 3, 2));
    windows.back().dilation_height = windows.back().dilation_width = 2;
    windows.back() = fitted(windows.back(), 2, 2);
    windows.push_back(square(2, 48, 60, 60, 5, 2)); // pieces that end inside a group
    windows.back().groups = 4;
    for (const Window& w : windows) {
        const std::size_t work =
            w.batch * w.maps * w.channels / w.groups * w.kernel_height * w.kernel_width * w.out_height * w.out_width;
        CHECK((pieces_for(work, 64, 1) > 1) == (w.kernel_height > 1 || w.height > 2));
    }
    on_every_architecture([&] {
        for (const Window& w : windows) {
            check_pieces<float>(w);
            check_pieces<double>(w);
        }
    });
}
