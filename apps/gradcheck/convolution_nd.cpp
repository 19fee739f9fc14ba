#include "families.hpp"
#include <xgrad/ops/convolution_nd.hpp>
#include <xgrad/ops/resampling.hpp>

namespace xgrad::test
{

Cases convolution_nd_cases()
{
    Cases cases = {
        {"convolve", "full", {point({5}), point({3}, 2)}, [](Xs x) { return convolve(x[0], x[1]); }},
        {"convolve",
         "same",
         {point({3}), point({6}, 2)},
         [](Xs x) { return convolve(x[0], x[1], ConvolveMode::same); }},
        {"convolve",
         "valid",
         {point({5}), point({2}, 2)},
         [](Xs x) { return convolve(x[0], x[1], ConvolveMode::valid); }},
        {"convolve", "of itself", {point({4})}, [](Xs x) { return convolve(x[0], x[0]); }},
    };
    const Array<double> x = point({2, 4, 9}), w = point({3, 4, 3}, 2), grouped = point({6, 2, 2}, 3);
    struct Way
    {
        const char* name;
        Convolution1dOptions options;
    };
    for (const Way& way : {Way{"valid", {}}, Way{"same, stride 2", {.padding = Padding::same, .stride = 2}},
                           Way{"full, dilation 2", {.padding = Padding::full, .dilation = 2}},
                           Way{"1 left, 2 right, stride 3", {.padding = {0, 0, 1, 2}, .stride = 3}},
                           Way{"groups", {.padding = 1, .stride = 2, .groups = 2}}})
    {
        const auto& kernel = way.options.groups == 2 ? grouped : w;
        const Convolution1dOptions o = way.options;
        const auto K = static_cast<std::ptrdiff_t>(kernel.shape()[2]);
        const Array<double> g = point(correlate1d(constant(x), constant(kernel), o).shape(), 4);
        cases.push_back({"correlate1d", way.name, {x, kernel}, [o](Xs v) { return correlate1d(v[0], v[1], o); }});
        cases.push_back({"conv1d", way.name, {x, kernel}, [o](Xs v) { return conv1d(v[0], v[1], o); }});
        cases.push_back(
            {"correlate1d_input", way.name, {g, kernel}, [o](Xs v) { return correlate1d_input(v[0], v[1], 9, o); }});
        cases.push_back({"conv1d_input", way.name, {g, kernel}, [o](Xs v) { return conv1d_input(v[0], v[1], 9, o); }});
        cases.push_back(
            {"correlate1d_kernel", way.name, {x, g}, [o, K](Xs v) { return correlate1d_kernel(v[0], v[1], K, o); }});
        cases.push_back({"conv1d_kernel", way.name, {x, g}, [o, K](Xs v) { return conv1d_kernel(v[0], v[1], K, o); }});
    }
    const Array<double> volume = point({1, 2, 4, 3, 4}), k3 = point({2, 2, 2, 2, 3}, 2),
                        k3grouped = point({4, 1, 3, 2, 1}, 3);
    const auto add = [&](const char* name, const Array<double>& kernel, const Convolution3dOptions& o) {
        cases.push_back({"correlate3d", name, {volume, kernel}, [o](Xs v) { return correlate3d(v[0], v[1], o); }});
        cases.push_back({"conv3d", name, {volume, kernel}, [o](Xs v) { return conv3d(v[0], v[1], o); }});
    };
    add("valid", k3, {});
    add("same, stride (2,1,2)", k3, {.padding = Padding::same, .stride = {2, 1, 2}});
    add("full, dilation (1,2,1)", k3, {.padding = Padding::full, .dilation = {1, 2, 1}});
    add("borders", k3, {.padding = {1, 0, 0, 2, 1, 1}, .stride = {3, 2, 1}, .dilation = {2, 1, 1}});
    add("groups", k3grouped, {.padding = 1, .groups = 2});

    const Array<double> places{-1.5, -0.4, 0.3, 1.1}, values = point({4}, 2), at{{-1.9, -1.2, 0.1}, {0.9, 1.6, -0.5}};
    cases.push_back({"interp", "(2,3)", {at, places, values}, [](Xs v) { return interp(v[0], v[1], v[2]); }});
    cases.push_back(
        {"interp", "one place", {at, point({1}), point({1}, 2)}, [](Xs v) { return interp(v[0], v[1], v[2]); }});
    const Array<double> image = point({2, 3, 4});
    struct Kind
    {
        const char* name;
        Interpolation interpolation;
    };
    for (const Kind& kind : {Kind{"nearest", Interpolation::nearest}, Kind{"bilinear", Interpolation::bilinear},
                             Kind{"corners", Interpolation::bilinear_corners}})
        for (const Size2d& size : {Size2d(5, 7), Size2d(2, 3), Size2d(1, 1), Size2d(3, 4), Size2d(3, 9)})
            cases.push_back(
                {"resize",
                 std::string(kind.name) + " to " + std::to_string(size.height) + "x" + std::to_string(size.width),
                 {image},
                 [kind, size](Xs v) { return resize(v[0], size, kind.interpolation); }});
    return cases;
}

} // namespace xgrad::test
