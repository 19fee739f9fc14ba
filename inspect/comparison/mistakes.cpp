#include <xgrad/inspect/comparison/arrangement.hpp>
#include <xgrad/inspect/comparison/mistakes.hpp>
#include <xgrad/kernels/table.hpp>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <map>
#include <string_view>

namespace xgrad::detail
{

namespace
{

using Values = Array<double>;
using Wrong = std::optional<Values>;

constexpr double rounding = 1e-12;

double product(double a, double b) { return a * b; }

bool is_one_of(const std::string& name, std::initializer_list<std::string_view> names)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_constant(const Values& x)
{
    return std::all_of(x.begin(), x.end(), [&](double value) { return std::abs(value - x.data()[0]) < rounding; });
}

/** The f' of each element, if the op is a function of each element of this input. */
Wrong slope(const Step& step)
{
    const Shape& shape = step.input().shape();
    if (shape != step.result().shape() || step.input().size() == 0)
        return std::nullopt;
    const Values of_ones = step.right(Values(shape, 1.0));
    Values g = empty_array<double>(shape);
    for (std::size_t i = 0; i < g.size(); ++i)
        g.data()[i] = uneven(i + 1);
    if (!are_close(step.right(g), mapped(g, of_ones, product), rounding))
        return std::nullopt;
    return of_ones;
}

/** The gradient passed on unchanged, if the op is a function of each element whose f' varies, or does not. */
Wrong passed_on(const Step& step, bool varying)
{
    const bool is_function = !is_one_of(step.op().name, {"multiply", "negative", "subtract"}) &&
                             !(step.op().name == "divide" && step.call.position() == 0);
    const Wrong f = is_function ? slope(step) : std::nullopt;
    return f && (step.op().inputs.size() == 1 && !is_constant(*f)) == varying ? Wrong(step.g()) : std::nullopt;
}

Wrong missing_derivative(const Step& step) { return passed_on(step, true); }
Wrong missing_slope(const Step& step) { return passed_on(step, false); }

Wrong missing_factor(const Step& step)
{
    return step.op().name == "multiply" && slope(step) ? Wrong(step.g()) : std::nullopt;
}

Wrong missing_divisor(const Step& step)
{
    return step.op().name == "divide" && step.call.position() == 0 && slope(step) ? Wrong(step.g()) : std::nullopt;
}

/** A function of one element; `reads_result` is true if the formula for f' reads the result. */
struct Function
{
    kernels::Unary f;
    bool reads_result;
};

/** All functions of one element, by the names of their ops. */
const std::map<std::string_view, Function> functions = {
#define XGRAD_ROW(name, ...) {#name, {kernels::Unary::name, kernels::Function<kernels::Unary::name>::reads_result}},
    XGRAD_FUNCTIONS(XGRAD_ROW) XGRAD_FUNCTIONS_OF_NUMBERS(XGRAD_ROW)
#undef XGRAD_ROW
};

/** The product g·f' by the function's rule, with `points` in place of what it reads. If the rule reads the result,
 *  these are results if `of_result` is true, else arguments. */
Wrong derivative_at(const Step& step, const Values& points, bool of_result)
{
    const auto known = functions.find(step.op().name);
    if (known == functions.end() || step.op().inputs.size() != 1)
        return std::nullopt;
    const auto [f, reads_result] = known->second;
    if (of_result && !reads_result)
        return std::nullopt;
    std::vector<double> numbers = step.op().attributes.numbers;
    numbers.resize(2);
    Values at = points, g = step.g();
    const auto& table = kernels::table<double>();
    if (reads_result && !of_result)
        table.unary(f, at.data(), at.data(), at.size(), numbers[0], numbers[1]);
    table.unary_gradient(f, g.data(), at.data(), g.data(), g.size(), numbers[0], numbers[1]);
    return g;
}

Wrong derivative_at_output(const Step& step) { return derivative_at(step, step.result(), false); }
Wrong derivative_at_input(const Step& step) { return derivative_at(step, step.input(), true); }

template <class F>
Values times(Values g, const Values& points, F f)
{
    return mapped(std::move(g), points, [&](double upstream, double point) { return upstream * f(point); });
}

bool is_image_of_convolution(const Step& step)
{
    return is_one_of(step.op().name, {"correlate2d", "correlate2d_input"}) && step.call.position() == 0;
}

Wrong turned_kernel(const Step& step)
{
    return is_image_of_convolution(step) ? Wrong(turned(step.right(turned(step.g())))) : std::nullopt;
}

/** The gradient of a valid convolution with zeros at its border, as a product that is not full leaves them. */
Wrong border_missing(const Step& step, std::size_t share)
{
    if (!is_image_of_convolution(step) || step.op().name != "correlate2d")
        return std::nullopt;
    const Shape& kernel = step.op().inputs[1].shape();
    return without_border(step.right(), (kernel[2] - 1) / share, (kernel[3] - 1) / share);
}

Wrong valid_for_full(const Step& step) { return border_missing(step, 1); }
Wrong same_for_full(const Step& step) { return border_missing(step, 2); }

Values matrix_product(const Values& a, const Values& b)
{
    const std::size_t rows = a.shape()[0], inner = a.shape()[1], columns = b.shape()[1];
    Values y(Shape{rows, columns}, 0.0);
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t k = 0; k < inner; ++k)
            for (std::size_t j = 0; j < columns; ++j)
                y.data()[i * columns + j] += a.data()[i * inner + k] * b.data()[k * columns + j];
    return y;
}

/** δ·W for δ·Wᵀ, or W·δ for Wᵀ·δ, or the reverse: the one that is wrong here. */
Wrong transposed_weights(const Step& step)
{
    if (step.op().name != "matmul" || step.op().inputs[0].dimension() != 2 || step.op().inputs[1].dimension() != 2)
        return std::nullopt;
    const Values &w = step.op().inputs[1 - step.call.position()].value(), g = step.g();
    const bool left = step.call.position() == 0;
    if (w.shape()[0] != w.shape()[1] || (left ? g.shape()[1] : g.shape()[0]) != w.shape()[0])
        return std::nullopt;
    const auto product_with = [&](const Values& weights) {
        return left ? matrix_product(g, weights) : matrix_product(weights, g);
    };
    const Values plain = product_with(w), right = step.right();
    return are_close(plain, right, rounding) ? product_with(transposed(w)) : plain;
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
    }
    explicit operator bool() const { return rows * columns > 1; }
};

Wrong every_tie(const Step& step)
{
    const Blocks blocks(step, {"max_pool2d"});
    if (!blocks)
        return std::nullopt;
    const Values largest = repeated(step.result(), blocks.rows, blocks.columns);
    const Values mask = mapped(step.input(), largest, [](double x, double y) { return x == y ? 1.0 : 0.0; });
    return mapped(repeated(step.g(), blocks.rows, blocks.columns), mask, product);
}

Values first_of_blocks(Values x, const Blocks& blocks)
{
    const std::size_t height = x.shape()[x.dimension() - 2], width = x.shape()[x.dimension() - 1];
    for (std::size_t place = 0; place < x.size(); ++place)
        if (place / width % height % blocks.rows != 0 || place % width % blocks.columns != 0)
            x.data()[place] = 0;
    return x;
}

Wrong first_only(const Step& step)
{
    const Blocks blocks(step, {"block_sum", "mean_pool2d"});
    return blocks ? Wrong(first_of_blocks(step.right(), blocks)) : std::nullopt;
}

Wrong first_only_undivided(const Step& step)
{
    const Blocks blocks(step, {"mean_pool2d", "max_pool2d"});
    return blocks ? Wrong(first_of_blocks(repeated(step.g(), blocks.rows, blocks.columns), blocks)) : std::nullopt;
}

Wrong undivided_mean(const Step& step)
{
    const Blocks blocks(step, {"mean_pool2d"});
    return blocks ? Wrong(repeated(step.g(), blocks.rows, blocks.columns)) : std::nullopt;
}

Wrong diagonal_softmax(const Step& step)
{
    if (step.op().name == "softmax")
        return times(step.g(), step.result(), [](double y) { return y * (1 - y); });
    if (step.op().name == "log_softmax") // g = ∂E/∂ln y, so ∂E/∂y = g/y
        return times(step.g(), step.result(), [](double log_y) { return 1 - std::exp(log_y); });
    return std::nullopt;
}

bool is_logarithm(const KeptOp& op) { return is_one_of(op.name, {"log", "log1p", "log_softmax"}); }

/** Returns whether the op's input is made by a logarithm, directly or through other ops. */
bool reads_logarithm(const std::vector<KeptOp>& tape, std::size_t op)
{
    std::vector<bool> reached(tape.size());
    reached[op] = true;
    for (std::size_t place = op + 1; place-- > 0;)
        for (const Variable<double>& input : tape[place].inputs)
            if (reached[place] && origin_of(input).tape == origin_of(tape[op].result).tape) {
                if (is_logarithm(tape[origin_of(input).index]))
                    return true;
                reached[origin_of(input).index] = true;
            }
    return false;
}

bool is_read_by_logarithm(const std::vector<KeptOp>& tape, const KeptOp& op)
{
    return std::any_of(tape.begin(), tape.end(), [&](const KeptOp& after) {
        return is_logarithm(after) && origin_of(after.inputs[0]) == origin_of(op.result);
    });
}

Wrong turned_sign(const Step& step)
{
    return is_one_of(step.op().name, {"negative", "subtract"})
               ? Wrong(mapped(step.right(), [](double x) { return -x; }))
               : std::nullopt;
}

Wrong cross_entropy_sign(const Step& step)
{
    const bool loss = step.op().name == "negative" && reads_logarithm(step.tape, step.call.result().index);
    const bool one_minus = step.op().name == "subtract" && is_read_by_logarithm(step.tape, step.op());
    return loss || one_minus ? turned_sign(step) : std::nullopt;
}

bool adds_numbers(const Step& step)
{
    const auto& inputs = step.op().inputs;
    return step.op().name == "add" && inputs.size() == 2 && inputs[0].size() == 1 && inputs[1].size() == 1;
}

Wrong missing_term(const Step& step)
{
    return adds_numbers(step) ? Wrong(Values(step.input().shape(), 0.0)) : std::nullopt;
}

Wrong turned_term(const Step& step)
{
    return adds_numbers(step) ? Wrong(mapped(step.g(), [](double g) { return -g; })) : std::nullopt;
}

/** The sum of only some of g's elements, as gradient of an addend that is broadcast over samples or positions.
 *  @param counts  (sample, position, samples) → true if that element is summed */
template <class Counts>
Wrong sum_of_some(const Step& step, Counts counts)
{
    if (step.op().name != "add" || step.op().inputs.size() != 2 || step.input().size() == step.result().size())
        return std::nullopt;
    Values g = step.g();
    if (g.dimension() < 2)
        return std::nullopt;
    const std::size_t samples = g.shape()[0], maps = g.shape()[1], positions = g.size() / (samples * maps);
    for (std::size_t place = 0; place < g.size(); ++place)
        if (!counts(place / (maps * positions), place % positions, samples))
            g.data()[place] = 0;
    return step.right(g);
}

Wrong first_position(const Step& step)
{
    return sum_of_some(step, [](std::size_t, std::size_t position, std::size_t) { return position == 0; });
}
Wrong first_sample(const Step& step)
{
    return sum_of_some(step, [](std::size_t sample, std::size_t, std::size_t) { return sample == 0; });
}
Wrong last_sample(const Step& step)
{
    return sum_of_some(step, [](std::size_t sample, std::size_t, std::size_t n) { return sample + 1 == n; });
}

const Mistake mistakes[] = {
    {"cross-entropy-sign", "the sign of the cross-entropy is wrong, in {}", false, false, cross_entropy_sign},
    {"diagonal-softmax", "only the diagonal of softmax's Jacobian is there, in {}: −y_i·y_k is missing", false, false,
     diagonal_softmax},
    {"every-tie", "every element that equals its block's maximum gets the gradient instead of only one of them, in {}",
     false, false, every_tie},
    {"missing-derivative", "f' is missing in {}: the gradient is passed on unchanged", false, false,
     missing_derivative},
    {"derivative-at-the-output", "f' is taken at the output f(u) instead of the input u, in {}", false, false,
     derivative_at_output},
    {"derivative-at-the-input", "the formula for f' that takes the output f(u) is given the input u, in {}", false,
     false, derivative_at_input},
    {"convolution-for-correlation", "there is one rot180 of the kernel too many or too few on the way back through {}",
     false, false, turned_kernel},
    {"valid-for-full", "the product is 'valid' where 'full' is meant, on the way back through {}", false, false,
     valid_for_full},
    {"valid-for-full", "the product is 'same' where 'full' is meant, on the way back through {}", false, false,
     same_for_full},
    {"transposed-weights", "W and its transpose are exchanged on the way back through {}", false, false,
     transposed_weights},
    {"missing-upsampling", "only the first element of each block gets the gradient: the upsampling is missing in {}",
     false, false, first_only},
    {"missing-upsampling",
     "only the first element of each block gets the gradient, undivided: the upsampling is missing in {}", false, false,
     first_only_undivided},
    {"missing-factor", "the 1/(n·m) of the mean over a block is missing in {}", false, true, undivided_mean},
    {"missing-sum", "it is not summed over the positions, only the first one counts, in {}", false, false,
     first_position},
    {"missing-sum", "it is not summed over the batch, only the first sample counts, in {}", false, false, first_sample},
    {"missing-sum", "it is not summed over the batch, only the last sample counts, in {}", false, false, last_sample},
    {"missing-penalty", "a term of the loss is missing: {}", true, false, missing_term},
    {"missing-penalty", "the sign of a term of the loss is wrong: {}", true, false, turned_term},
    {"missing-factor", "the factor is missing in {}: perhaps a β", false, true, missing_factor},
    {"missing-factor", "the factor is missing in {}: perhaps a 1/N", false, true, missing_divisor},
    {"missing-derivative", "f' is missing in {}: the gradient is passed on unchanged", false, true, missing_slope},
    {"factor", "the sign is wrong in {}", false, true, turned_sign},
};

} // namespace

std::span<const Mistake> usual_mistakes() { return mistakes; }

} // namespace xgrad::detail
