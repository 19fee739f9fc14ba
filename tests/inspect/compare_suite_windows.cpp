// Kinds of mistakes in what slides over images, and in blocks.
#include "compare_suite.hpp"

namespace xgrad::test::suite
{

namespace
{

using Made = std::optional<V>;

/** The gradient to the image by loops, with other strides, dilation and kernel; what falls outside is lost. */
Made convolution(const Rule& r, bool (*change)(kernels::Window&), bool turn = false, bool overwrite = false)
{
    if (!r.is("correlate2d") || r.position != 0 || !r.op().attributes.window)
        return std::nullopt;
    kernels::Window w = *r.op().attributes.window;
    if (!change(w))
        return std::nullopt;
    const A g = r.g.value(), k = r.op().input(1).value();
    A x(r.x().shape(), 0.0);
    const std::size_t cg = w.channels / w.groups, og = w.maps / w.groups;
    for (std::size_t n = 0; n < w.batch; ++n)
        for (std::size_t i = 0; i < w.out_height; ++i)
            for (std::size_t j = 0; j < w.out_width; ++j)
                for (std::size_t c = 0; c < w.channels; ++c)
                    for (std::size_t u = 0; u < w.kernel_height; ++u)
                        for (std::size_t v = 0; v < w.kernel_width; ++v) {
                            const std::size_t row = i * w.stride_height + u * w.dilation_height - w.pad_top,
                                              column = j * w.stride_width + v * w.dilation_width - w.pad_left;
                            if (row >= w.height || column >= w.width)
                                continue;
                            double sum = 0;
                            const std::size_t a = turn ? w.kernel_height - 1 - u : u,
                                              b = turn ? w.kernel_width - 1 - v : v;
                            for (std::size_t o = c / cg * og; o < (c / cg + 1) * og; ++o)
                                sum += g(n, o, i, j) * k(o, c % cg, a, b);
                            x(n, c, row, column) = sum + (overwrite ? 0 : x(n, c, row, column));
                        }
    return constant(std::move(x));
}

bool unchanged(kernels::Window&) { return true; }
bool swapped_strides(kernels::Window& w)
{
    std::swap(w.stride_height, w.stride_width);
    return w.stride_height != w.stride_width;
}
bool no_stride(kernels::Window& w)
{
    const bool changes = w.stride_height * w.stride_width > 1;
    w.stride_height = w.stride_width = 1;
    return changes;
}
bool no_dilation(kernels::Window& w)
{
    const bool changes = w.dilation_height * w.dilation_width > 1;
    w.dilation_height = w.dilation_width = 1;
    return changes;
}
bool is_strided(kernels::Window& w) { return w.stride_height * w.stride_width > 1; }
bool is_plain(kernels::Window& w) { return w.stride_height * w.stride_width == 1; }
bool is_padded(kernels::Window& w)
{
    const bool changes = w.pad_top + w.pad_left > 0;
    w.pad_top = w.pad_left = 0;
    return changes;
}

Made padding_wrong_side(const Rule& r)
{
    return convolution(r, [](kernels::Window& w) {
        const bool changes = w.kernel_width > 1;
        w.pad_left += 1;
        return changes;
    });
}

Made border_lost(const Rule& r, std::size_t share)
{
    if (!r.is("correlate2d") || r.position != 0)
        return std::nullopt;
    const Shape k = r.op().inputs[1].shape(), s = r.x().shape();
    const std::size_t rows = (k[2] - 1) / share, columns = (k[3] - 1) / share;
    if (rows + columns == 0 || 2 * rows >= s[2] || 2 * columns >= s[3])
        return std::nullopt;
    V x = only(r.right(r.g), 2, [=](std::size_t i, std::size_t n) { return i >= rows && i + rows < n; });
    return only(x, 3, [=](std::size_t i, std::size_t n) { return i >= columns && i + columns < n; });
}

/** The block pooling of an op, by loops: f(element, block's maximum, is first, g) is each element's gradient. */
Made blocks(const Rule& r, const std::string& name, const std::function<double(double, double, bool, double)>& f)
{
    if (!r.is(name) || r.g.dimension() != 4 || r.x().shape()[2] != 2 * r.g.shape()[2])
        return std::nullopt;
    if (const auto& w = r.op().attributes.window; w && w->kernel_height != 2)
        return std::nullopt;
    A x = r.x().value(), y = r.op().value().value(), g = r.g.value();
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t width = x.shape()[3], row = i / width, column = i % width;
        const std::size_t block = row / 2 * (width / 2) + column / 2;
        x.data()[i] = f(x.data()[i], y.data()[block], row % 2 == 0 && column % 2 == 0, g.data()[block]);
    }
    return constant(std::move(x));
}

/** Windows of 3×3 at stride 2, written over each other. */
Made windows_overwritten(const Rule& r, const std::string& name)
{
    if (!r.is(name) || r.x().shape()[2] != 2 * r.g.shape()[2] + 1)
        return std::nullopt;
    const A u = r.x().value(), g = r.g.value();
    A x(u.shape(), 0.0);
    const Shape& s = g.shape();
    for (std::size_t n = 0; n < s[0]; ++n)
        for (std::size_t c = 0; c < s[1]; ++c)
            for (std::size_t i = 0; i < s[2]; ++i)
                for (std::size_t j = 0; j < s[3]; ++j) {
                    std::size_t a = 2 * i, b = 2 * j;
                    for (std::size_t k = 0; k < 9; ++k) {
                        const std::size_t row = 2 * i + k / 3, column = 2 * j + k % 3;
                        if (name == "mean_pool2d")
                            x(n, c, row, column) = g(n, c, i, j) / 9;
                        else if (u(n, c, row, column) > u(n, c, a, b))
                            a = row, b = column;
                    }
                    if (name != "mean_pool2d")
                        x(n, c, a, b) = g(n, c, i, j);
                }
    return constant(std::move(x));
}

Made rows_overwritten(const Rule& r)
{
    if (!r.is("gather"))
        return std::nullopt;
    A x(r.x().shape(), 0.0);
    const std::size_t count = r.g.shape()[0];
    for (std::size_t k = 0; k < count; ++k) {
        const auto one = [&](const V& g) {
            return r.right(only(g, 0, [=](std::size_t i, std::size_t) { return i == k; }));
        };
        const A row = one(r.g).value(), mark = one(constant(A(r.g.shape(), 1.0))).value();
        for (std::size_t i = 0; i < x.size(); ++i)
            x.data()[i] = mark.data()[i] != 0 ? row.data()[i] : x.data()[i];
    }
    return constant(std::move(x));
}

} // namespace

std::vector<Kind> kinds_of_windows()
{
    const std::vector<std::string> stride = {"stride", "dilation"}, over = {"written over"};
    std::vector<Kind> all;
    const std::vector<std::string> turned = {"rot180"};
    all.push_back(at_one("kernel not turned", turned, [](const Rule& r) { return convolution(r, is_plain, true); }));
    all.push_back(
        at_one("kernel not turned, strided", turned, [](const Rule& r) { return convolution(r, is_strided, true); }));
    all.push_back(at_one("valid for full", {"'valid' where"}, [](const Rule& r) { return border_lost(r, 1); }));
    all.push_back(at_one("same for full", {"'same' where"}, [](const Rule& r) { return border_lost(r, 2); }));
    all.push_back(at_one("strides swapped", stride, [](const Rule& r) { return convolution(r, swapped_strides); }));
    all.push_back(at_one("stride ignored", stride, [](const Rule& r) { return convolution(r, no_stride); }));
    all.push_back(at_one("dilation ignored", stride, [](const Rule& r) { return convolution(r, no_dilation); }));
    all.push_back(at_one("padding ignored", {"padding"}, [](const Rule& r) { return convolution(r, is_padded); }));
    all.push_back(at_one("padding on the wrong side", {"shifted by one", "padding"}, padding_wrong_side));
    all.push_back(
        at_one("convolution overwritten", over, [](const Rule& r) { return convolution(r, unchanged, false, true); }));
    all.push_back(
        at_one("max pooling overwritten", over, [](const Rule& r) { return windows_overwritten(r, "max_pool2d"); }));
    all.push_back(
        at_one("mean pooling overwritten", over, [](const Rule& r) { return windows_overwritten(r, "mean_pool2d"); }));
    all.push_back(at_one("rows overwritten", {"keeps only its last"}, rows_overwritten));
    all.push_back(at_one("whole block", {"every element of a block"}, [](const Rule& r) {
        return blocks(r, "max_pool2d", [](double, double, bool, double g) { return g; });
    }));
    for (const char* pool : {"block_sum", "mean_pool2d", "max_pool2d"})
        all.push_back(at_one(
            std::string("first of block in ") + pool, {"only the first element of each block"}, [=](const Rule& r) {
                return blocks(r, pool, [](double, double, bool first, double g) { return first ? g : 0; });
            }));
    all.push_back(at_one("mean not divided", {"the mean over a block is missing"}, [](const Rule& r) {
        return blocks(r, "mean_pool2d", [](double, double, bool, double g) { return g; });
    }));
    return all;
}

} // namespace xgrad::test::suite
