// Wrong rules of what slides over images, and of blocks.
#include <xgrad/inspect/comparison/arrangement.hpp>
#include <xgrad/inspect/comparison/wrong_rules.hpp>

#include <fmt/core.h>

#include <functional>

namespace xgrad::detail
{

namespace
{

using Values = Array<double>;
using kernels::Window;

double product(double a, double b) { return a * b; }

bool is_image_of_convolution(const Step& step)
{
    return is_one_of(step.op().name, {"correlate2d", "correlate2d_input"}) && step.position() == 0;
}

/** The gradient of a valid convolution with zeros at its border, as a product that is not full leaves them. */
void border_missing(const Step& step, std::size_t share, Wrongs& found)
{
    if (!is_image_of_convolution(step) || step.op().name != "correlate2d")
        return;
    const Shape& kernel = step.op().inputs[1].shape();
    found.push_back({without_border(step.right, (kernel[2] - 1) / share, (kernel[3] - 1) / share)});
}

/** Calls f(place in the image, place in the kernels, place in the result) for all products of a correlation, and for
 *  the places of a mean over windows, whose kernels are left out. */
template <class F>
void for_each_product(const Window& w, bool with_kernels, F f)
{
    const std::size_t group_channels = w.channels / w.groups, group_maps = w.maps / w.groups;
    for (std::size_t n = 0; n < w.batch; ++n)
        for (std::size_t o = 0; o < w.maps; ++o)
            for (std::size_t c = 0; c < (with_kernels ? group_channels : 1); ++c)
                for (std::size_t i = 0; i < w.out_height; ++i)
                    for (std::size_t j = 0; j < w.out_width; ++j)
                        for (std::size_t u = 0; u < w.kernel_height; ++u)
                            for (std::size_t v = 0; v < w.kernel_width; ++v) {
                                const std::size_t row = i * w.stride_height + u * w.dilation_height - w.pad_top;
                                const std::size_t column = j * w.stride_width + v * w.dilation_width - w.pad_left;
                                if (row >= w.height || column >= w.width) // also what is below 0
                                    continue;
                                const std::size_t channel = with_kernels ? o / group_maps * group_channels + c : o;
                                f(((n * w.channels + channel) * w.height + row) * w.width + column,
                                  ((o * group_channels + c) * w.kernel_height + u) * w.kernel_width + v,
                                  ((n * w.maps + o) * w.out_height + i) * w.out_width + j);
                            }
}

/** The gradient of a correlation, or of a mean or sum over windows, with another window. */
Values gradient_with(const Step& step, const Window& w)
{
    Values gradient(step.input().shape(), 0.0);
    const Values upstream = step.g();
    const bool is_mean = step.op().name == "mean_pool2d";
    const double *const g = upstream.data(), area = is_mean ? static_cast<double>(w.kernel_height * w.kernel_width) : 1;
    double* const to = gradient.data();
    if (is_mean || step.op().name == "sum_pool2d")
        for_each_product(w, false, [&](std::size_t x, std::size_t, std::size_t y) { to[x] += g[y] / area; });
    else {
        const double* const other = step.op().inputs[1 - step.position()].value().data();
        if (step.position() == 0)
            for_each_product(w, true, [&](std::size_t x, std::size_t k, std::size_t y) { to[x] += g[y] * other[k]; });
        else
            for_each_product(w, true, [&](std::size_t x, std::size_t k, std::size_t y) { to[k] += g[y] * other[x]; });
    }
    return gradient;
}

/** The block size of an op that pools blocks side by side; 0 for other ops. */
struct Blocks
{
    std::size_t rows = 0, columns = 0;

    Blocks(const Step& step, std::initializer_list<std::string_view> ops)
    {
        if (!is_one_of(step.op().name, ops) || step.result().size() == 0)
            return;
        const Shape &from = step.input().shape(), &to = step.result().shape();
        const std::size_t row = from.size() - 2, column = from.size() - 1;
        if (from[row] % to[row] == 0 && from[column] % to[column] == 0) {
            rows = from[row] / to[row];
            columns = from[column] / to[column];
        }
        if (const auto& w = step.op().attributes.window; w && (w->kernel_height != rows || w->kernel_width != columns))
            rows = columns = 0;
    }
    explicit operator bool() const { return rows * columns > 1; }
};

Values first_of_blocks(Values x, const Blocks& blocks)
{
    const std::size_t height = x.shape()[x.dimension() - 2], width = x.shape()[x.dimension() - 1];
    for (std::size_t place = 0; place < x.size(); ++place)
        if (place / width % height % blocks.rows != 0 || place % width % blocks.columns != 0)
            x.data()[place] = 0;
    return x;
}

/** The gradient if what each unit of the upstream gradient contributes is written over what was there before.
 *  @param unit  the number of the unit that an element of the upstream gradient belongs to */
Values written_over(const Step& step, std::size_t units, const std::function<std::size_t(std::size_t)>& unit)
{
    const Values g = step.g();
    Values gradient(step.input().shape(), 0.0);
    for (std::size_t k = 0; k < units; ++k) {
        Values some = g, ones = g;
        for (std::size_t i = 0; i < g.size(); ++i) {
            ones.data()[i] = unit(i) == k ? uneven(i + 1) : 0;
            some.data()[i] = unit(i) == k ? g.data()[i] : 0;
        }
        const Values contribution = step.of(some), written = step.of(ones);
        for (std::size_t i = 0; i < gradient.size(); ++i)
            if (written.data()[i] != 0)
                gradient.data()[i] = contribution.data()[i];
    }
    return gradient;
}

} // namespace

void turned_kernel(const Step& step, Wrongs& found)
{
    if (!is_image_of_convolution(step))
        return;
    const auto& window = step.op().attributes.window;
    if (!window || step.op().name != "correlate2d") {
        found.push_back({turned(step.of(turned(step.g())))});
        return;
    }
    const Values &kernels = step.op().inputs[1].value(), upside_down = turned(kernels), g = step.g();
    Values gradient(step.input().shape(), 0.0); // a row left over by the stride stays where it is
    for_each_product(*window, true, [&](std::size_t x, std::size_t k, std::size_t y) {
        gradient.data()[x] += g.data()[y] * upside_down.data()[k];
    });
    found.push_back({std::move(gradient)});
}

void valid_for_full(const Step& step, Wrongs& found) { border_missing(step, 1, found); }
void same_for_full(const Step& step, Wrongs& found) { border_missing(step, 2, found); }

void wrong_window(const Step& step, Wrongs& found)
{
    const auto& right = step.op().attributes.window;
    if (!right || !is_one_of(step.op().name, {"correlate2d", "mean_pool2d", "sum_pool2d"}))
        return;
    const auto with = [&](const char* what, auto change) {
        Window w = *right;
        change(w);
        found.push_back({gradient_with(step, w), what});
    };
    if (right->stride_height != right->stride_width)
        with("the strides are swapped", [](Window& w) { std::swap(w.stride_height, w.stride_width); });
    if (right->stride_height * right->stride_width > 1)
        with("the stride is ignored", [](Window& w) { w.stride_height = w.stride_width = 1; });
    if (right->dilation_height != right->dilation_width)
        with("the dilations are swapped", [](Window& w) { std::swap(w.dilation_height, w.dilation_width); });
    if (right->dilation_height * right->dilation_width > 1)
        with("the dilation is ignored", [](Window& w) { w.dilation_height = w.dilation_width = 1; });
    if (right->pad_top + right->pad_left > 0) {
        with("the padding is ignored", [](Window& w) { w.pad_top = w.pad_left = 0; });
        if (right->pad_top != right->pad_left)
            with("the paddings are swapped", [](Window& w) { std::swap(w.pad_top, w.pad_left); });
    }
    if (step.position() == 1 || right->pad_top + right->pad_left > 0)
        for (const std::size_t by : {std::size_t{1}, static_cast<std::size_t>(-1)}) {
            with("the padding is off by one row", [&](Window& w) { w.pad_top += by; });
            with("the padding is off by one column", [&](Window& w) { w.pad_left += by; });
            with("the padding is off by one row and one column", [&](Window& w) { w.pad_top += by, w.pad_left += by; });
        }
}

void shifted_by_one(const Step& step, Wrongs& found)
{
    const bool slides = is_one_of(step.op().name, {"correlate2d", "correlate2d_input", "mean_pool2d", "sum_pool2d",
                                                   "max_pool2d", "patches", "patches_sum", "upsample", "block_sum"});
    const bool is_part = is_one_of(step.op().name, {"pad", "slice", "embed"});
    const std::size_t rank = step.input().dimension();
    if ((!slides && !is_part) || step.position() != 0 || rank == 0)
        return;
    const auto moved = [&](const Values& x, std::size_t axis) {
        return step.input().shape()[axis] > 1 && x.size() > 0;
    };
    for (std::size_t axis = slides ? rank - std::min<std::size_t>(rank, 2) : 0; axis < rank; ++axis)
        for (const int by : {1, -1})
            if (moved(step.right, axis))
                found.push_back({shifted(step.right, axis, by), fmt::format("along axis {}", axis)});
    if (slides && rank >= 2)
        for (const int by : {1, -1})
            found.push_back({shifted(shifted(step.right, rank - 1, by), rank - 2, by),
                             fmt::format("along axes {} and {}", rank - 2, rank - 1)});
}

void overwritten(const Step& step, Wrongs& found)
{
    const Shape &to = step.result().shape(), &from = step.input().shape();
    if (step.position() != 0 || step.result().size() == 0)
        return;
    std::size_t units = 0, inner = 1;
    if (is_one_of(step.op().name, {"correlate2d", "mean_pool2d", "sum_pool2d", "max_pool2d"}) && to.size() >= 2)
        units = to[to.size() - 2] * to[to.size() - 1];
    else if (step.op().name == "gather" && to.size() >= from.size()) {
        for (std::size_t axis = 1; axis < from.size(); ++axis)
            inner *= from[axis];
        units = step.result().size() / inner;
    } else
        return;
    if (units < 2 || units > 256 || units * (step.result().size() + step.input().size()) > 2000000)
        return;
    const bool gathers = step.op().name == "gather";
    found.push_back({written_over(step, units, [&](std::size_t i) { return i / inner % units; }),
                     gathers ? "a row that is read several times keeps only its last gradient"
                             : "windows that overlap are written over each other"});
}

void every_tie(const Step& step, Wrongs& found)
{
    const Blocks blocks(step, {"max_pool2d"});
    if (!blocks)
        return;
    const Values largest = repeated(step.result(), blocks.rows, blocks.columns);
    const Values mask = mapped(step.input(), largest, [](double x, double y) { return x == y ? 1.0 : 0.0; });
    found.push_back({mapped(repeated(step.g(), blocks.rows, blocks.columns), mask, product)});
}

void whole_block(const Step& step, Wrongs& found)
{
    if (const Blocks blocks(step, {"max_pool2d"}); blocks)
        found.push_back({repeated(step.g(), blocks.rows, blocks.columns)});
}

void first_of_block(const Step& step, Wrongs& found)
{
    if (const Blocks blocks(step, {"block_sum", "sum_pool2d", "mean_pool2d"}); blocks)
        found.push_back({first_of_blocks(step.right, blocks)});
}

void undivided_first_of_block(const Step& step, Wrongs& found)
{
    if (const Blocks blocks(step, {"mean_pool2d", "max_pool2d"}); blocks)
        found.push_back({first_of_blocks(repeated(step.g(), blocks.rows, blocks.columns), blocks)});
}

void undivided_mean(const Step& step, Wrongs& found)
{
    const auto& window = step.op().attributes.window;
    if (step.op().name != "mean_pool2d" || !window)
        return;
    const auto area = static_cast<double>(window->kernel_height * window->kernel_width);
    found.push_back({mapped(step.right, [&](double x) { return x * area; })});
}

} // namespace xgrad::detail
