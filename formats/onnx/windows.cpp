// The writers of what slides over images: convolution, pooling, patches.

#include <xgrad/formats/onnx/writing.hpp>

#include <algorithm>

namespace xgrad::onnx
{

namespace
{

using kernels::Window;

std::int64_t whole(std::size_t number) { return static_cast<std::int64_t>(number); }

/** The padding behind an axis: what the last place of the window needs beyond the extent. */
std::int64_t padding_behind(std::size_t extent, std::size_t places, std::size_t size, std::size_t stride,
                            std::size_t dilation, std::size_t before)
{
    return whole((places - 1) * stride + (size - 1) * dilation + 1) - whole(extent) - whole(before);
}

/** The padding below and to the right; it may be negative. */
std::array<std::int64_t, 2> behind(const Window& w)
{
    return {padding_behind(w.height, w.out_height, w.kernel_height, w.stride_height, w.dilation_height, w.pad_top),
            padding_behind(w.width, w.out_width, w.kernel_width, w.stride_width, w.dilation_width, w.pad_left)};
}

std::vector<std::int64_t> pads_of(const Window& w)
{
    const auto [below, right] = behind(w);
    return {whole(w.pad_top), whole(w.pad_left), std::max<std::int64_t>(below, 0), std::max<std::int64_t>(right, 0)};
}

const Window& window_of(const RecordedOp& op)
{
    const Window& window = op.attributes().window.value();
    if (pads_of(window) != pads_of(op.larger_attributes().window.value()))
        op.refuse("its padding depends on the size of the images");
    return window;
}

/** The attributes that all of them share. */
std::vector<Attribute> sliding(const Window& w)
{
    std::vector<Attribute> attributes{integers("kernel_shape", {w.kernel_height, w.kernel_width}),
                                      integers("strides", {w.stride_height, w.stride_width}),
                                      {"pads", pads_of(w)}};
    if (w.dilation_height != 1 || w.dilation_width != 1)
        attributes.push_back(integers("dilations", {w.dilation_height, w.dilation_width}));
    return attributes;
}

std::vector<Attribute> with(std::vector<Attribute> attributes, Attribute more)
{
    attributes.push_back(std::move(more));
    return attributes;
}

/** The mean of each window. Elements of the padding count, unless the op says otherwise. */
Term mean_of_windows(RecordedOp& op, const Term& x)
{
    const Window& w = window_of(op);
    if (w.dilation_height != 1 || w.dilation_width != 1)
        op.refuse("a mean over windows with gaps is not in opset 17");
    const bool counts = op.attributes().numbers.empty();
    return op.node("AveragePool", {x}, with(sliding(w), integer("count_include_pad", counts ? 1 : 0)));
}

double area(const Window& w) { return static_cast<double>(w.kernel_height * w.kernel_width); }

} // namespace

Term write_correlation(RecordedOp& op)
{
    const Window& w = window_of(op);
    return op.node("Conv", op.all_inputs(), with(sliding(w), integer("group", w.groups)));
}

// The window is that of the correlation whose input is computed here.
Term write_correlation_input(RecordedOp& op)
{
    const Window& w = window_of(op);
    const auto [below, right] = behind(w);
    const auto rest = [](std::int64_t padding) {
        return static_cast<std::size_t>(std::max<std::int64_t>(-padding, 0));
    };
    std::vector<Attribute> attributes = with(sliding(w), integer("group", w.groups));
    if (below < 0 || right < 0)
        attributes.push_back(integers("output_padding", {rest(below), rest(right)}));
    return op.node("ConvTranspose", op.all_inputs(), std::move(attributes));
}

Term write_max_pooling(RecordedOp& op) { return op.node("MaxPool", {op.input()}, sliding(window_of(op))); }
Term write_mean_pooling(RecordedOp& op) { return mean_of_windows(op, op.input()); }
Term write_sum_pooling(RecordedOp& op) { return area(window_of(op)) * mean_of_windows(op, op.input()); }

Term write_norm_pooling(RecordedOp& op)
{
    const Window& w = window_of(op);
    if (w.dilation_height != 1 || w.dilation_width != 1)
        op.refuse("a norm over windows with gaps is not in opset 17");
    return op.node("LpPool", {op.input()}, with(sliding(w), integer("p", 2)));
}

Term write_block_sum(RecordedOp& op)
{
    const std::vector<Extent> before = op.extents(), after = op.result();
    if (before.size() != 4)
        op.refuse("blocks of images (N, C, H, W) are needed");
    const std::size_t height = before[2].smaller / after[2].smaller, width = before[3].smaller / after[3].smaller;
    return static_cast<double>(height * width) *
           op.node("AveragePool", {op.input()},
                   {integers("kernel_shape", {height, width}), integers("strides", {height, width})});
}

Term write_upsample(RecordedOp& op)
{
    const std::vector<Extent> before = op.extents(), after = op.result();
    Array<float> scales = empty_array<float>(Shape{before.size()});
    for (std::size_t axis = 0; axis < before.size(); ++axis)
        scales.data()[axis] = static_cast<float>(after[axis].smaller / before[axis].smaller);
    return op.node("Resize", {op.input(), op.none(), op.array("scales", scales)},
                   {{"mode", std::string("nearest")},
                    {"coordinate_transformation_mode", std::string("asymmetric")},
                    {"nearest_mode", std::string("floor")}});
}

// The places of the patches are computed here, so that the model only takes elements: (N, C, H, W) → (N, C·H·W) →
// (N, H'·W', C·K·K) → (H'·W', C·K·K, N).
Term write_patches(RecordedOp& op)
{
    const Window& w = window_of(op);
    if (op.extents()[2].is_free() || op.extents()[3].is_free())
        op.refuse("images of a fixed size are needed");
    const std::vector<std::int64_t> pads = pads_of(w);
    Term x = op.input();
    if (std::any_of(pads.begin(), pads.end(), [](std::int64_t pad) { return pad > 0; }))
        x = op.node("Pad", {x, op.integers({0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]})});
    const std::int64_t rows = whole(w.height) + pads[0] + pads[2], columns = whole(w.width) + pads[1] + pads[3];
    Array<std::int64_t> places =
        empty_array<std::int64_t>(Shape{w.out_height * w.out_width, w.channels * w.kernel_height * w.kernel_width});
    std::int64_t* place = places.data();
    for (std::size_t i = 0; i < w.out_height; ++i)
        for (std::size_t j = 0; j < w.out_width; ++j)
            for (std::size_t c = 0; c < w.channels; ++c)
                for (std::size_t u = 0; u < w.kernel_height; ++u)
                    for (std::size_t v = 0; v < w.kernel_width; ++v)
                        *place++ = (whole(c) * rows + whole(i * w.stride_height + u * w.dilation_height)) * columns +
                                   whole(j * w.stride_width + v * w.dilation_width);
    const Term flat = op.node("Reshape", {x, op.integers({-1, whole(w.channels) * rows * columns})});
    const Term taken = op.node("Gather", {flat, op.array("places", places)}, {integer("axis", 1)});
    return op.node("Transpose", {taken}, {integers("perm", {1, 2, 0})});
}

} // namespace xgrad::onnx
