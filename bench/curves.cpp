#include "curves.hpp"

#include "networks.hpp"
#include "plot.hpp"

#include <fstream>
#include <iostream>
#include <stdexcept>

namespace bench
{

namespace
{

struct Curve
{
    const char *work, *file, *title, *x_label, *y_label;
    std::vector<std::size_t> sizes;
    double (*of)(double seconds, double size); // the value that is drawn
};

const std::vector<Curve> curves = {
    {"lenet5",
     "batch",
     "LeNet-5, training step",
     "batch",
     "images/s",
     {1, 4, 16, 64, 256, 1024, 4096},
     [](double seconds, double size) { return size / seconds; }},
    {"depth",
     "depth",
     "Perceptron of 64 units a layer, training step of batch 64",
     "layers",
     "µs a layer",
     {1, 3, 10, 30, 100, 300, 1000},
     [](double seconds, double size) { return 1e6 * seconds / size; }},
    {"width",
     "width",
     "Perceptron of two layers, training step of batch 64",
     "units",
     "GFLOP/s",
     {16, 64, 256, 1024, 4096},
     [](double seconds, double size) {
         const double weights = size * size, last = size * classes; // the first layer needs no gradient for its input
         return 1e-9 * width_batch * (4 * weights + 6 * last) / seconds;
     }},
    {"image",
     "image",
     "Two 3×3 convolutions, value and gradient, batch 4",
     "pixels a side",
     "ns a pixel",
     {16, 32, 64, 128, 256, 512},
     [](double seconds, double size) { return 1e9 * seconds / (image_batch * size * size); }},
};

} // namespace

void draw_curves(Comparison& by, const std::string& folder)
{
    for (const Curve& curve : curves) {
        std::cerr << curve.title << std::endl;
        Plot plot{
            curve.title, curve.x_label, curve.y_label, {}, {{"xgrad", "#1667b7", {}}, {"libtorch", "#c8451b", {}}}};
        for (const std::size_t size : curve.sizes) {
            const auto times = by.against_best(curve.work, size);
            const auto x = static_cast<double>(size);
            plot.xs.push_back(x);
            for (std::size_t i = 0; i < 2; ++i)
                plot.lines[i].ys.push_back(curve.of(median(times[i]), x));
        }
        const std::string path = folder + "/scaling_" + curve.file + ".svg";
        if (!(std::ofstream(path) << to_svg(plot)))
            throw std::runtime_error("cannot write " + path);
    }
}

} // namespace bench
