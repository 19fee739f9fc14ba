// Kinds of mistakes in the rules of a backward pass, planted through the observer interface.
#include "compare_suite.hpp"

#include <cmath>

namespace xgrad::test::suite
{

namespace
{

using Planted = std::optional<std::pair<WrongRule, std::vector<Spot>>>;
using Made = std::optional<V>;

/** At one of the places where it can be made. */
Kind at_one(const std::string& name, std::vector<std::string> words, WrongRule wrong)
{
    return {name, std::move(words), [wrong](Backprop& pass, Random& random) -> Planted {
                const std::vector<Spot> spots = pass.spots(wrong);
                if (spots.empty())
                    return std::nullopt;
                return {{wrong, {spots[random.below(spots.size())]}}};
            }};
}

/** At all places where it can be made, if there are several. */
Kind at_all(const std::string& name, std::vector<std::string> words, WrongRule wrong)
{
    return {name, std::move(words), [wrong](Backprop& pass, Random&) -> Planted {
                const std::vector<Spot> spots = pass.spots(wrong);
                if (spots.size() < 2)
                    return std::nullopt;
                return {{wrong, spots}};
            }};
}

A map_of(const V& x, const std::function<double(double)>& f)
{
    A y = x.value();
    for (double& value : y)
        value = f(value);
    return y;
}

V times(const V& g, A factors) { return g * constant(std::move(factors)); }

/** f' of some functions at u, by hand. */
std::optional<A> slope(const std::string& name, const V& u)
{
    if (name == "tanh")
        return map_of(u, [](double x) { return 1 - std::tanh(x) * std::tanh(x); });
    if (name == "sigmoid")
        return map_of(u, [](double x) { return 1 / (1 + std::exp(-x)) * (1 - 1 / (1 + std::exp(-x))); });
    if (name == "softplus")
        return map_of(u, [](double x) { return 1 / (1 + std::exp(-x)); });
    if (name == "exp")
        return map_of(u, [](double x) { return std::exp(x); });
    if (name == "sin")
        return map_of(u, [](double x) { return std::cos(x); });
    return std::nullopt;
}

bool is_function(const Rule& r)
{
    return slope(r.op().name, r.x()).has_value() || r.is("relu") || r.is("square") || r.is("log") || r.is("sqrt");
}

WrongRule no_slope(const std::string& name)
{
    return [=](const Rule& r) -> Made { return r.is(name) ? Made(r.g) : std::nullopt; };
}

Made at_output(const Rule& r)
{
    const auto f = slope(r.op().name, r.op().value());
    return f ? Made(times(r.g, *f)) : std::nullopt;
}

Made at_input(const Rule& r)
{
    if (r.is("tanh"))
        return r.g * (1 - square(r.x()));
    if (r.is("sigmoid"))
        return r.g * r.x() * (1 - r.x());
    return std::nullopt;
}

/** x with zeros at indices of an axis that do not count. */
V only(const V& x, std::size_t axis, const std::function<bool(std::size_t index, std::size_t extent)>& counts)
{
    A y = x.value();
    const std::size_t extent = y.shape()[axis];
    std::size_t inner = 1;
    for (std::size_t k = axis + 1; k < y.dimension(); ++k)
        inner *= y.shape()[k];
    for (std::size_t i = 0; i < y.size(); ++i)
        if (!counts(i / inner % extent, extent))
            y.data()[i] = 0;
    return constant(std::move(y));
}

bool last(std::size_t i, std::size_t n) { return i + 1 == n; }
bool first(std::size_t i, std::size_t) { return i == 0; }

bool is_small_addend(const Rule& r)
{
    return r.is("add") && r.op().inputs.size() == 2 && r.x().size() < r.g.size() && r.g.dimension() > 1;
}

bool is_weight(const Rule& r)
{
    return (r.is("matmul") && r.position == 1 && r.op().inputs[1].is_leaf()) ||
           (r.is("correlate2d") && r.position == 1);
}

/** Only some samples count in a bias's, or in a weight's gradient. */
WrongRule some_samples(bool bias, bool (*counts)(std::size_t, std::size_t))
{
    return [=](const Rule& r) -> Made {
        if (!(bias ? is_small_addend(r) && (r.x().dimension() == 1 || r.g.dimension() == 4) : is_weight(r)) ||
            r.g.shape()[0] < 2)
            return std::nullopt;
        return r.right(only(r.g, 0, counts));
    };
}

Made first_position(const Rule& r)
{
    if (!is_small_addend(r) || r.g.dimension() != 4)
        return std::nullopt;
    return r.right(only(only(r.g, 2, first), 3, first));
}

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

Made wrong_transpose(const Rule& r)
{
    if (!r.is("matmul") || r.position != 0 || r.op().inputs[1].shape().size() != 2 || r.op().attributes.transposed[0])
        return std::nullopt;
    const V w = stop_gradient(r.op().input(1));
    if (w.shape()[0] != w.shape()[1] || w.shape()[0] < 2)
        return std::nullopt;
    return matmul(r.g, w, {.b = r.op().attributes.transposed[1]});
}

Made no_factor(const Rule& r)
{
    return r.is("multiply") && r.op().inputs.size() == 2 && r.x().shape() == r.g.shape() ? Made(r.g) : std::nullopt;
}

Made no_other_factor(const Rule& r)
{
    if (!r.is("multiply") || r.x().size() == r.g.size())
        return std::nullopt;
    return sum_to(r.g, r.x().shape());
}

bool is_denominator(const Rule& r) { return r.is("divide") && r.position == 1; }

Made half_of_batch(const Rule& r)
{
    const bool reduces = r.is("sum") && r.g.size() == 1 && r.x().dimension() > 1 && r.x().shape()[0] > 3;
    if (!reduces)
        return std::nullopt;
    return only(r.right(r.g), 0, [](std::size_t i, std::size_t n) { return i < n / 2; });
}

Made last_in_time(const Rule& r)
{
    if (!is_weight(r) || r.g.dimension() != 2 || r.maker(0) != "" || r.g.shape()[0] % 3 != 0)
        return std::nullopt;
    return r.right(only(r.g, 0, [](std::size_t i, std::size_t) { return i % 3 == 2; }));
}

/** 0 in place of the gradient, where a condition holds. */
WrongRule no_path(bool (*condition)(const Rule&))
{
    return [=](const Rule& r) -> Made { return condition(r) ? Made(constant(A(r.x().shape(), 0.0))) : std::nullopt; };
}

bool is_skip(const Rule& r)
{
    return r.is("add") && r.position == 0 && r.op().inputs.size() == 2 && r.x().dimension() == 2 &&
           (r.maker(1) == "relu" || r.maker(1) == "softplus");
}
bool is_branch(const Rule& r) { return r.is("relu") || (r.is("softplus") && r.x().dimension() == 2); }
bool is_mean(const Rule& r) { return r.is("subtract") && r.position == 1 && r.maker(1) == "divide"; }
bool is_variance(const Rule& r) { return r.is("sqrt"); }
bool is_hidden(const Rule& r) { return r.is("matmul") && r.position == 0 && r.maker(0) == "tanh"; }
bool is_recurrent(const Rule& r)
{
    return is_hidden(r) && r.op().inputs[1].is_leaf() && r.op().inputs[1].shape()[0] == r.op().inputs[1].shape()[1];
}
bool is_cell(const Rule& r)
{
    return r.is("multiply") && r.position == 1 && r.maker(1) == "add" && r.maker(0) == "sigmoid";
}
bool is_key(const Rule& r)
{
    return r.is("matmul") && r.position == 1 && r.maker(0) == "matmul" && r.maker(1) == "matmul";
}
bool is_use(const Rule& r)
{
    return r.is("matmul") && r.position == 1 && r.op().inputs[1].is_leaf() && r.maker(0) == "tanh";
}
bool is_term(const Rule& r) { return r.is("add") && r.position == 1 && r.op().inputs.size() == 2 && r.g.size() == 1; }

} // namespace

std::vector<Kind> kinds_in_rules()
{
    const auto path = [](const char* name, bool (*condition)(const Rule&)) {
        return at_one(name,
                      {"a path is missing", "no gradient comes back", "paths are missing",
                       "term of the loss is missing", "only some count", "do not count"},
                      no_path(condition));
    };
    const std::vector<std::string> no_f = {"f' is missing"}, stride = {"stride", "dilation"}, over = {"written over"};
    std::vector<Kind> all;
    for (const char* f : {"tanh", "sigmoid", "relu", "softplus", "exp", "sin", "log", "sqrt", "square"})
        all.push_back(
            at_one(std::string("f' missing in ") + f, // without it nothing comes through a variance
                   std::string(f) == "square" ? std::vector<std::string>{"f' is missing", "the variance"} : no_f,
                   no_slope(f)));
    all.push_back(at_all("f' missing in every tanh", no_f, no_slope("tanh")));
    all.push_back(at_all("f' missing in every function", no_f, [](const Rule& r) -> Made {
        return is_function(r) && r.is("sigmoid") ? Made(r.g) : std::nullopt;
    }));
    all.push_back(at_one("f' at the output", {"f' is taken at the output"}, at_output));
    all.push_back(at_one("f' at the input", {"is given the input u"}, at_input));
    all.push_back(at_one("factor missing", {"the factor is missing"}, no_factor));
    all.push_back(at_one("other factor missing", {"the other factor is missing"}, no_other_factor));
    all.push_back(at_one("divisor missing", {"1/N"}, [](const Rule& r) -> Made {
        return r.is("divide") && r.position == 0 && r.x().shape() == r.g.shape() && r.x().size() > 1 ? Made(r.g)
                                                                                                     : std::nullopt;
    }));
    all.push_back(at_one("square of the denominator", {"the square is missing"}, [](const Rule& r) -> Made {
        return is_denominator(r) ? Made(r.right(r.g) * r.x()) : std::nullopt;
    }));
    all.push_back(at_one("numerator missing", {"the numerator is missing"}, [](const Rule& r) -> Made {
        return is_denominator(r) && r.x().shape() == r.g.shape() ? Made(-r.g / square(r.x())) : std::nullopt;
    }));
    all.push_back(at_one("sign of the denominator", {"sign"},
                         [](const Rule& r) -> Made { return is_denominator(r) ? Made(-r.right(r.g)) : std::nullopt; }));
    all.push_back(at_one("sign of a difference", {"sign"}, [](const Rule& r) -> Made {
        return r.is("subtract") && r.position == 1 ? Made(-r.right(r.g)) : std::nullopt;
    }));
    all.push_back(at_one("diagonal of softmax", {"only the diagonal"}, [](const Rule& r) -> Made {
        const V y = r.op().value();
        return r.is("softmax") ? Made(r.g * y * (1 - y)) : std::nullopt;
    }));
    all.push_back(at_one("diagonal of log softmax", {"only the diagonal"}, [](const Rule& r) -> Made {
        return r.is("log_softmax") ? Made(r.g * (1 - exp(r.op().value()))) : std::nullopt;
    }));
    all.push_back(at_one("sign of the cross-entropy", {"sign"}, [](const Rule& r) -> Made {
        return r.is("log_softmax") ? Made(-r.right(r.g)) : std::nullopt;
    }));
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
    all.push_back(at_one("W for its transpose", {"its transpose are exchanged"}, wrong_transpose));
    all.push_back(at_one("bias of the last sample", {"only the last sample counts"}, some_samples(true, last)));
    all.push_back(at_one("bias of the first sample", {"only the first sample counts"}, some_samples(true, first)));
    all.push_back(at_one("weight of the last sample", {"only the last sample counts"}, some_samples(false, last)));
    all.push_back(at_one("weight without the last sample",
                         {"the last sample does not count", "only the first sample counts"},
                         some_samples(false, [](std::size_t i, std::size_t n) { return i + 1 != n; })));
    all.push_back(at_one("bias of the first position", {"only the first one counts"}, first_position));
    all.push_back(at_one("half of the batch", {"half of the batch counts"}, half_of_batch));
    all.push_back(at_one("last in time", {"only the last one counts", "only the last sample counts"}, last_in_time));
    all.push_back(path("skip missing", is_skip));
    all.push_back(path("branch missing", is_branch));
    all.push_back(path("mean of a norm missing", is_mean));
    all.push_back(path("variance of a norm missing", is_variance));
    all.push_back({"mean and variance missing", {"paths are missing"}, [](Backprop& pass, Random&) -> Planted {
                       const auto mean = no_path(is_mean), variance = no_path(is_variance);
                       std::vector<Spot> spots = pass.spots(mean);
                       for (const Spot& spot : pass.spots(variance))
                           spots.push_back(spot);
                       if (spots.size() != 2)
                           return std::nullopt;
                       return {{[=](const Rule& r) { return is_mean(r) ? mean(r) : variance(r); }, spots}};
                   }});
    all.push_back(path("recurrence cut once", is_recurrent));
    all.push_back(at_all("recurrence cut everywhere", {"path is missing", "paths are missing"}, no_path(is_recurrent)));
    all.push_back(at_all("cell's path cut", {"path is missing", "paths are missing"}, no_path(is_cell)));
    all.push_back(path("key's path missing", is_key));
    all.push_back(path("one use of tied weights missing", is_use));
    all.push_back(path("term missing", is_term));
    all.push_back(at_one("skip counted twice", {"twice"},
                         [](const Rule& r) -> Made { return is_skip(r) ? Made(2 * r.right(r.g)) : std::nullopt; }));
    all.push_back(at_one("1/√d missing", {"1/N", "√"}, [](const Rule& r) -> Made {
        return r.is("divide") && r.maker(0) == "matmul" ? Made(r.g) : std::nullopt;
    }));
    all.push_back(at_one("ln 2 at a key", {"ln 2"}, [](const Rule& r) -> Made {
        return is_key(r) ? Made(std::log(2.0) * r.right(r.g)) : std::nullopt;
    }));
    return all;
}

} // namespace xgrad::test::suite
