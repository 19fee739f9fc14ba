// Wrong rules of functions of each element, of products and of quotients.
#include <xgrad/inspect/comparison/arrangement.hpp>
#include <xgrad/inspect/comparison/wrong_rules.hpp>
#include <xgrad/kernels/table.hpp>

#include <cmath>
#include <map>

namespace xgrad::detail
{

namespace
{

using Values = Array<double>;

constexpr double rounding = 1e-12;

double product(double a, double b) { return a * b; }

bool is_constant(const Values& x)
{
    return std::all_of(x.begin(), x.end(), [&](double value) { return std::abs(value - x.data()[0]) < rounding; });
}

/** The f' of each element, if the op is a function of each element of this input. */
std::optional<Values> slope(const Step& step)
{
    const Shape& shape = step.input().shape();
    if (shape != step.result().shape() || step.input().size() == 0)
        return std::nullopt;
    const Values of_ones = step.of(Values(shape, 1.0));
    Values g = empty_array<double>(shape);
    for (std::size_t i = 0; i < g.size(); ++i)
        g.data()[i] = uneven(i + 1);
    if (!are_close(step.of(g), mapped(g, of_ones, product), rounding))
        return std::nullopt;
    return of_ones;
}

/** The gradient passed on unchanged, if the op is a function of each element whose f' varies, or does not. */
void passed_on(const Step& step, bool varying, Wrongs& found)
{
    const bool is_function = !is_one_of(step.op().name, {"add", "multiply", "negative", "subtract"}) &&
                             !(step.op().name == "divide" && step.position() == 0);
    if (!is_function)
        return;
    if (const auto f = slope(step); f && (step.op().inputs.size() == 1 && !is_constant(*f)) == varying)
        found.push_back({step.g()});
}

/** g, summed over the axes along which the input was broadcast to it. */
Values summed_to_input(const Step& step)
{
    const Shape &from = step.result().shape(), &to = step.input().shape();
    std::size_t axes = 0;
    for (std::size_t axis = 0; axis < from.size(); ++axis) {
        const std::size_t missing = from.size() - to.size();
        if (axis < missing || to[axis - missing] != from[axis])
            axes |= std::size_t{1} << axis;
    }
    Values sum = axes ? summed(step.g(), axes) : step.g();
    sum.reshape(to);
    return sum;
}

bool is_broadcast(const Step& step) { return step.input().size() < step.result().size(); }

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
void derivative_at(const Step& step, const Values& points, bool of_result, Wrongs& found)
{
    const auto known = functions.find(step.op().name);
    if (known == functions.end() || step.op().inputs.size() != 1)
        return;
    const auto [f, reads_result] = known->second;
    if (of_result && !reads_result)
        return;
    std::vector<double> numbers = step.op().attributes.numbers;
    numbers.resize(2);
    Values at = points, g = step.g();
    const auto& table = kernels::table<double>();
    if (reads_result && !of_result)
        table.unary(f, at.data(), at.data(), at.size(), numbers[0], numbers[1]);
    table.unary_gradient(f, g.data(), at.data(), g.data(), g.size(), numbers[0], numbers[1]);
    found.push_back({std::move(g)});
}

template <class F>
Values times(Values g, const Values& points, F f)
{
    return mapped(std::move(g), points, [&](double upstream, double point) { return upstream * f(point); });
}

Values negated(Values x)
{
    return mapped(std::move(x), [](double value) { return -value; });
}

bool is_logarithm(const KeptOp& op) { return is_one_of(op.name, {"log", "log1p", "log_softmax", "log_sum_exp"}); }

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

bool is_difference(const Step& step)
{
    return step.op().name == "negative" ||
           (step.op().name == "subtract" && (step.position() == 1 || step.op().attributes.number_first));
}

bool adds_numbers(const Step& step)
{
    const auto& inputs = step.op().inputs;
    return step.op().name == "add" && inputs.size() == 2 && inputs[0].size() == 1 && inputs[1].size() == 1;
}

} // namespace

void missing_derivative(const Step& step, Wrongs& found) { passed_on(step, true, found); }
void missing_slope(const Step& step, Wrongs& found) { passed_on(step, false, found); }
void derivative_at_output(const Step& step, Wrongs& found) { derivative_at(step, step.result(), false, found); }
void derivative_at_input(const Step& step, Wrongs& found) { derivative_at(step, step.input(), true, found); }

void missing_factor(const Step& step, Wrongs& found)
{
    if (step.op().name == "multiply" && !is_broadcast(step))
        found.push_back({step.g()});
}

void missing_other_factor(const Step& step, Wrongs& found)
{
    if (step.op().name == "multiply" && is_broadcast(step))
        found.push_back({summed_to_input(step)});
}

void missing_divisor(const Step& step, Wrongs& found)
{
    if (step.op().name == "divide" && step.position() == 0 && !step.op().attributes.number_first)
        found.push_back({summed_to_input(step)});
}

void wrong_quotient(const Step& step, Wrongs& found)
{
    const KeptOp& op = step.op();
    if (op.name != "divide" || (step.position() == 0 && !op.attributes.number_first))
        return;
    const Values& b = step.input();
    found.push_back({mapped(step.right, b, product), "the square is missing"});
    if (!is_broadcast(step))
        found.push_back(
            {negated(mapped(step.g(), b, [](double g, double d) { return g / (d * d); })), "the numerator is missing"});
}

void turned_sign(const Step& step, Wrongs& found)
{
    if (is_difference(step))
        found.push_back({negated(step.right)});
}

void cross_entropy_sign(const Step& step, Wrongs& found)
{
    const bool loss = step.op().name == "negative" && reads_logarithm(step.tape, step.call.result().index);
    const bool one_minus = step.op().name == "subtract" && is_read_by_logarithm(step.tape, step.op());
    if (loss || one_minus)
        turned_sign(step, found);
}

void diagonal_softmax(const Step& step, Wrongs& found)
{
    if (step.op().name == "softmax")
        found.push_back({times(step.g(), step.result(), [](double y) { return y * (1 - y); })});
    if (step.op().name == "log_softmax") // g = ∂E/∂ln y, so ∂E/∂y = g/y
        found.push_back({times(step.g(), step.result(), [](double log_y) { return 1 - std::exp(log_y); })});
}

void missing_term(const Step& step, Wrongs& found)
{
    if (adds_numbers(step))
        found.push_back({Values(step.input().shape(), 0.0)});
}

void turned_term(const Step& step, Wrongs& found)
{
    if (adds_numbers(step))
        found.push_back({negated(step.g())});
}

} // namespace xgrad::detail
