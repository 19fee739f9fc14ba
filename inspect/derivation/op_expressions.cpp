#include <xgrad/inspect/derivation/equations.hpp>

#include <fmt/core.h>

#include <iterator>
#include <map>

namespace xgrad::detail
{

namespace
{

using Values = Array<double>;

/** The ops with a formula of their own: ?0 and ?1 are the inputs, ^here is the value's layer. Any other op is written
 *  as a function with its name. */
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
    {"greater", "(> ?0 ?1)"},
};

Expression fill(const char* text, const std::vector<Expression>& inputs, const std::string& layer)
{
    Bindings bindings = {{"^here", name("", layer)}};
    for (std::size_t i = 0; i < inputs.size(); ++i)
        bindings.emplace("?" + std::to_string(i), inputs[i]);
    return filled(parse(text), bindings);
}

/** The expression of arithmetic with a plain number c, which is not among the inputs. */
Expression with_number(const std::string& op, const Attributes& attributes, const Expression& input)
{
    const double c = attributes.numbers.at(0);
    if (op == "add")
        return {.head = "+", .operands = {number(c), input}};
    if (op == "subtract")
        return {.head = "+", .operands = {number(c), {.head = "∘", .operands = {number(-1), input}}}};
    if (op == "multiply")
        return {.head = "∘", .operands = {number(c), input}};
    if (op == "divide" && !attributes.number_first)
        return {.head = "∘", .operands = {number(1 / c), input}};
    return {.head = op == "divide" ? "/" : "pow",
            .operands = op == "divide" ? std::vector{number(c), input} : std::vector{input, number(c)}};
}

/** The last two extents: "12×12" for (…, 12, 12). */
std::string plane(const Values& x)
{
    const Shape& shape = x.shape();
    return fmt::format("{}×{}", shape[shape.size() - 2], shape[shape.size() - 1]);
}

/** The expression of one of the three faces of a convolution: x ⋆ w, its gradient to x, its gradient to w. A
 *  convolution with groups, padding or a stride is written as a function with the sizes. */
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

Expression transposed(bool really, Expression e)
{
    return really ? simplified({.head = "ᵀ", .operands = {std::move(e)}}) : e;
}

/** The expression of a matrix product. A batch has its samples in rows, the formulas have them in columns: Y = X Wᵀ is
 *  written as y = W x. */
Expression product(const GraphValue& value, const std::vector<Expression>& inputs, bool batch_a, bool batch_b,
                   bool batch_y)
{
    if (value.value.dimension() != 2)
        return {.head = "·", .operands = inputs};
    const std::vector<bool>& turned = value.attributes.transposed;
    return transposed(batch_y, simplified({.head = "·",
                                           .operands = {transposed(turned.at(0) != batch_a, inputs[0]),
                                                        transposed(turned.at(1) != batch_b, inputs[1])}}));
}

/** The letters of the axes: n for a batch's first axis, u and v for planes. */
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

Expression sum(const Values& x, const Attributes& attributes, const Expression& input, bool of_batch)
{
    const std::vector<std::string> letters = axis_letters(x.dimension(), of_batch);
    std::string axes;
    for (const std::size_t axis : attributes.axes)
        if (x.shape()[axis] > 1)
            axes += (axes.empty() ? "" : ",") + letters[axis];
    return axes.empty() ? input : Expression{.head = "Σ", .operands = {name(axes), input}};
}

/** The expression of mean and sum pooling: a sum, for a mean with a factor, if the blocks lie side by side, else a
 *  function. */
Expression pool(const GraphValue& value, const Expression& input)
{
    const kernels::Window& w = value.attributes.window.value();
    const bool apart = w.stride_height == w.kernel_height && w.stride_width == w.kernel_width &&
                       w.out_height * w.kernel_height == w.height && w.out_width * w.kernel_width == w.width &&
                       w.dilation_height == 1 && w.dilation_width == 1 && w.pad_top + w.pad_left == 0;
    if (!apart)
        return {.head = value.op, .operands = {input}};
    const bool up = value.op == "mean_pool2d_input" || value.op == "sum_pool2d_input";
    const double area = value.op.rfind("sum", 0) == 0 ? 1 : static_cast<double>(w.kernel_height * w.kernel_width);
    return {.head = "∘", .operands = {number(1 / area), {.head = up ? "up" : "down", .operands = {input}}}};
}

} // namespace

bool only_reshapes(const GraphValue& value) { return value.op == "reshape" || value.op == "broadcast_to"; }

Expression expression_of(const Graph& graph, std::size_t place, const std::vector<Expression>& inputs,
                         const std::vector<bool>& of_batch, const std::string& layer)
{
    const GraphValue& value = graph.values[place];
    const auto input = [&](std::size_t i) -> const Values& { return graph.values[value.inputs[i]].value; };
    const std::string& op = value.op;
    if (inputs.size() == 1 && (op == "add" || op == "subtract" || op == "multiply" || op == "divide" || op == "pow"))
        return simplified(with_number(op, value.attributes, inputs[0]));
    if (op.rfind("correlate2d", 0) == 0)
        return simplified(correlation(op, input(0), input(1), value.value, inputs));
    if (op == "matmul")
        return product(value, inputs, of_batch[value.inputs[0]], of_batch[value.inputs[1]], of_batch[place]);
    if (op == "sum" || op == "sum_to")
        return simplified(sum(input(0), value.attributes, inputs[0], of_batch[value.inputs[0]]));
    if (op.rfind("mean_pool2d", 0) == 0 || op.rfind("sum_pool2d", 0) == 0)
        return simplified(pool(value, inputs[0]));
    const auto known = templates.find(op);
    return simplified(known == templates.end() ? Expression{.head = unlike_signs(op), .operands = inputs}
                                               : fill(known->second, inputs, layer));
}

} // namespace xgrad::detail
