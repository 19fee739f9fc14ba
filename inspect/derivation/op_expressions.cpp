#include <xgrad/inspect/derivation/equations.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>

namespace xgrad::detail
{

namespace
{

using Values = Array<double>;

/** The ops that have a formula of their own, of ?0 and ?1 and ^here, the value's layer. Any other is written as a
 *  function by its name. */
const std::map<std::string, const char*> templates = {
    {"add", "(+ ?0 ?1)"},
    {"subtract", "(+ ?0 (∘ -1 ?1))"},
    {"multiply", "(∘ ?0 ?1)"},
    {"divide", "(/ ?0 ?1)"},
    {"negative", "(∘ -1 ?0)"},
    {"square", "(² ?0)"},
    {"pow", "(pow ?0 ?1)"},
    {"log_softmax", "(log (softmax ?0))"},
    {"transpose", "(ᵀ ?0)"},
    {"reshape", "?0"},
    {"broadcast_to", "?0"},
    {"block_sum", "(down ?0)"},
    {"upsample", "(up ?0)"},
    {"max_pool2d", "(max ?0)"},
    {"place_winners", "(∘ msk^here (up ?0))"},
    {"take_last", "(select ?0)"},
    {"place_last", "(place ?0)"},
    {"sigmoid", "(σ ?0)"},
    {"sigmoid_gradient", "(∘ ?0 (∘ ?1 (+ 1 (∘ -1 ?1))))"},
    {"tanh_gradient", "(∘ ?0 (+ 1 (∘ -1 ?1 ?1)))"},
    {"relu_gradient", "(∘ ?0 (step ?1))"},
};

bool close(double a, double b) { return std::abs(a - b) <= 1e-4 * std::max({1e-6, std::abs(a), std::abs(b)}); }

Expression fill(const char* text, const std::vector<Expression>& inputs, const std::string& layer)
{
    Bindings bindings = {{"^here", name("", layer)}};
    for (std::size_t i = 0; i < inputs.size(); ++i)
        bindings.emplace("?" + std::to_string(i), inputs[i]);
    return filled(parse(text), bindings);
}

/** Whether y = x/c; else it is c/x. */
bool divides(const Values& x, double c, const Values& y)
{
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), [c](double a, double b) { return close(a / c, b); });
}

/** Arithmetic with a plain number c, which is not among the inputs. */
Expression with_number(const std::string& op, double c, const Values& x, const Values& y, const Expression& input)
{
    if (op == "add")
        return {.head = "+", .operands = {number(c), input}};
    if (op == "subtract")
        return {.head = "+", .operands = {number(c), {.head = "∘", .operands = {number(-1), input}}}};
    if (op == "multiply")
        return {.head = "∘", .operands = {number(c), input}};
    if (op == "divide" && divides(x, c, y))
        return {.head = "∘", .operands = {number(1 / c), input}};
    return {.head = op == "divide" ? "/" : "pow",
            .operands = op == "divide" ? std::vector{number(c), input} : std::vector{input, number(c)}};
}

/** g f'(u) of f(u) = a tanh(bu), which is computed as (ab g)(1 − (y/a)²): without ab, which is a part of f'. Nothing
 * for another tanh. */
std::optional<Expression> scaled_tanh_slope(const Recording& recording, const RecordedValue& slope,
                                            const std::vector<Expression>& inputs)
{
    static const Expression of_scaled = parse("(∘ #a (squash scaled_tanh ?u ?x))");
    const RecordedValue& scaled = recording.values[slope.inputs[0]];
    Bindings bindings;
    if (!matches(of_scaled, inputs[1], bindings) || scaled.op != "multiply" || scaled.inputs.size() != 1)
        return std::nullopt;
    return Expression{.head = "∘",
                      .operands = {number(1 / scaled.number),
                                   inputs[0],
                                   {.head = "f'", .operands = {name("scaled_tanh"), bindings["?u"]}}}};
}

/** 12×12 of (…, 12, 12) */
std::string plane(const Values& x)
{
    const Shape& shape = x.shape();
    return fmt::format("{}×{}", shape[shape.size() - 2], shape[shape.size() - 1]);
}

/** The three faces of a convolution: x ⋆ w, its gradient to x, and that to w. Anything but one group of kernels that
 *  stay inside the image, in steps of 1, is written as a function, with the sizes. */
Expression correlation(const std::string& op, const Values& a, const Values& b, const Values& y,
                       std::vector<Expression> inputs)
{
    const bool image = op == "correlate2d_input", kernel = op == "correlate2d_kernel";
    const Values &x = image ? y : a, &w = kernel ? y : b, &g = image ? a : kernel ? b : y;
    bool valid = x.shape()[1] == w.shape()[1];
    for (std::size_t axis = 2; axis < 4; ++axis)
        valid = valid && x.shape()[axis] + 1 == w.shape()[axis] + g.shape()[axis];
    if (valid && !image)
        return {.head = "⋆", .operands = std::move(inputs)};
    const bool same = plane(x) == plane(g);
    inputs.push_back(name(valid ? "full" : same ? "same" : fmt::format("{} to {}", plane(a), plane(y))));
    return {.head = valid ? "conv2d" : op, .operands = std::move(inputs)};
}

double product_element(const Values& a, bool ta, const Values& b, bool tb, std::size_t row, std::size_t column)
{
    double sum = 0;
    for (std::size_t k = 0; k < a.shape()[ta ? 0 : 1]; ++k)
        sum += (ta ? a(k, row) : a(row, k)) * (tb ? b(column, k) : b(k, column));
    return sum;
}

/** Whether y is the product of a and b, turned or not; by some of its elements. */
bool is_product(const Values& a, bool ta, const Values& b, bool tb, const Values& y)
{
    if (a.shape()[ta ? 0 : 1] != b.shape()[tb ? 1 : 0] || a.shape()[ta ? 1 : 0] != y.shape()[0] ||
        b.shape()[tb ? 0 : 1] != y.shape()[1])
        return false;
    double largest = 0;
    for (const double value : y)
        largest = std::max(largest, std::abs(value));
    const std::size_t step = 1 + y.size() / 64;
    for (std::size_t i = 0; i < y.size(); i += step)
        if (std::abs(product_element(a, ta, b, tb, i / y.shape()[1], i % y.shape()[1]) - y.data()[i]) > 1e-4 * largest)
            return false;
    return true;
}

Expression transposed(bool really, Expression e)
{
    return really ? simplified({.head = "ᵀ", .operands = {std::move(e)}}) : e;
}

/** A matrix product. A batch has its samples in rows; it is written with the samples in columns, as the formulas are:
 *  what is computed as Y = X Wᵀ is y = W x. */
Expression product(const Values& a, const Values& b, const Values& y, const std::vector<Expression>& inputs,
                   bool batch_a, bool batch_b, bool batch_y)
{
    for (const bool ta : {false, true})
        for (const bool tb : {false, true})
            if (a.dimension() == 2 && b.dimension() == 2 && is_product(a, ta, b, tb, y))
                return transposed(batch_y, simplified({.head = "·",
                                                       .operands = {transposed(ta != batch_a, inputs[0]),
                                                                    transposed(tb != batch_b, inputs[1])}}));
    return {.head = "·", .operands = inputs};
}

/** The letters of the axes: a batch's first one is n, planes are u and v. */
std::vector<std::string> axis_letters(std::size_t dimension, bool of_batch)
{
    if (dimension == 4)
        return of_batch ? std::vector<std::string>{"n", "j", "u", "v"} : std::vector<std::string>{"j", "i", "u", "v"};
    if (dimension == 3)
        return {of_batch ? "n" : "i", "u", "v"};
    std::vector<std::string> letters = {"i", "j", "k", "l", "p", "q", "r", "s"};
    if (of_batch)
        letters.insert(letters.begin(), "n");
    letters.resize(dimension);
    return letters;
}

Expression sum(const Values& x, const Values& y, const Expression& input, bool of_batch)
{
    const std::vector<std::string> letters = axis_letters(x.dimension(), of_batch);
    const std::vector<bool> summed = summed_axes(x, y);
    std::string axes;
    for (std::size_t axis = 0; axis < summed.size(); ++axis)
        if (summed[axis])
            axes += (axes.empty() ? "" : ",") + letters[axis];
    return axes.empty() ? input : Expression{.head = "Σ", .operands = {name(axes), input}};
}

/** Means over blocks that lie side by side are sums; others stay functions. */
Expression mean_pool(const RecordedValue& value, const Values& x, const Values& y, const Expression& input)
{
    const bool back = value.op == "mean_pool2d_input";
    const Values &large = back ? y : x, &small = back ? x : y;
    const std::size_t rows = large.shape()[2] / small.shape()[2], columns = large.shape()[3] / small.shape()[3];
    const bool apart = rows * small.shape()[2] == large.shape()[2] && columns * small.shape()[3] == large.shape()[3];
    double mean = 0;
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < columns; ++j)
            mean += large(0, 0, i, j) / static_cast<double>(back ? 1 : rows * columns);
    if (!apart || !close(mean, small(0, 0, 0, 0)))
        return {.head = value.op, .operands = {input}};
    return {.head = "∘",
            .operands = {number(1 / static_cast<double>(rows * columns)),
                         {.head = back ? "up" : "down", .operands = {input}}}};
}

} // namespace

bool only_reshapes(const RecordedValue& value) { return value.op == "reshape" || value.op == "broadcast_to"; }

std::vector<bool> summed_axes(const Values& x, const Values& y)
{
    const auto long_axes = [](const Shape& shape, const std::vector<bool>& without) {
        std::vector<std::size_t> extents;
        for (std::size_t axis = 0; axis < shape.size(); ++axis)
            if (shape[axis] > 1 && !without[axis])
                extents.push_back(shape[axis]);
        return extents;
    };
    const std::vector<std::size_t> kept = long_axes(y.shape(), std::vector<bool>(y.dimension(), false));
    for (std::uint32_t mask = 0; mask < 1u << x.dimension(); ++mask) {
        std::vector<bool> summed(x.dimension());
        Values total(y.shape(), 0.0);
        bool every_axis_is_long = true;
        for (std::size_t axis = 0; axis < x.dimension(); ++axis) {
            summed[axis] = (mask >> axis & 1) != 0;
            every_axis_is_long = every_axis_is_long && !(summed[axis] && x.shape()[axis] == 1);
        }
        if (!every_axis_is_long || long_axes(x.shape(), summed) != kept)
            continue;
        for (std::size_t i = 0; i < x.size(); ++i) {
            std::size_t rest = i, place = 0, stride = 1;
            for (std::size_t axis = x.dimension(); axis-- > 0; rest /= x.shape()[axis])
                if (!summed[axis]) {
                    place += rest % x.shape()[axis] * stride;
                    stride *= x.shape()[axis];
                }
            total.data()[place] += x.data()[i];
        }
        double largest = 0, difference = 0;
        for (std::size_t i = 0; i < y.size(); ++i) {
            largest = std::max(largest, std::abs(y.data()[i]));
            difference = std::max(difference, std::abs(y.data()[i] - total.data()[i]));
        }
        if (difference <= 1e-4 * std::max(largest, 1e-12))
            return summed;
    }
    return std::vector<bool>(x.dimension(), y.size() == 1);
}

Expression expression_of(const Recording& recording, std::size_t place, const std::vector<Expression>& inputs,
                         const std::vector<bool>& of_batch, const std::string& layer)
{
    const RecordedValue& value = recording.values[place];
    const auto input = [&](std::size_t i) -> const Values& { return recording.values[value.inputs[i]].value; };
    const std::string& op = value.op;
    if (inputs.size() == 1 && (op == "add" || op == "subtract" || op == "multiply" || op == "divide" || op == "pow"))
        return simplified(with_number(op, value.number, input(0), value.value, inputs[0]));
    if (op == "tanh_gradient")
        if (const auto slope = scaled_tanh_slope(recording, value, inputs))
            return simplified(*slope);
    if (op.rfind("correlate2d", 0) == 0)
        return simplified(correlation(op, input(0), input(1), value.value, inputs));
    if (op == "matmul")
        return product(input(0), input(1), value.value, inputs, of_batch[value.inputs[0]], of_batch[value.inputs[1]],
                       of_batch[place]);
    if (op == "sum" || op == "sum_to")
        return simplified(sum(input(0), value.value, inputs[0], of_batch[value.inputs[0]]));
    if (op.rfind("mean_pool2d", 0) == 0)
        return simplified(mean_pool(value, input(0), value.value, inputs[0]));
    const auto known = templates.find(op);
    return simplified(known == templates.end() ? Expression{.head = op, .operands = inputs}
                                               : fill(known->second, inputs, layer));
}

} // namespace xgrad::detail
