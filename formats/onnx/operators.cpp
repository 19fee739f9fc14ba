// The ops and what they are in ONNX, a row each.

#include <xgrad/formats/onnx/tensors.hpp>
#include <xgrad/formats/onnx/writing.hpp>

#include <map>
#include <numbers>
#include <string_view>

namespace xgrad::onnx
{

Term call(const char* op, const Term& x) { return x.op->node(op, {x}); }
Term call(const char* op, const Term& a, const Term& b) { return a.op->node(op, {a, b}); }

Term operator+(const Term& a, const Term& b) { return call("Add", a, b); }
Term operator-(const Term& a, const Term& b) { return call("Sub", a, b); }
Term operator*(const Term& a, const Term& b) { return call("Mul", a, b); }
Term operator/(const Term& a, const Term& b) { return call("Div", a, b); }
Term operator+(const Term& a, double b) { return a + a.op->number_term(b); }
Term operator-(double a, const Term& b) { return b.op->number_term(a) - b; }
Term operator*(double a, const Term& b) { return b.op->number_term(a) * b; }

Attribute integer(const char* name, std::size_t value) { return {name, static_cast<std::int64_t>(value)}; }

Attribute integers(const char* name, const std::vector<std::size_t>& values)
{
    return {name, std::vector<std::int64_t>(values.begin(), values.end())};
}

namespace
{

/** The operator of the same meaning. */
WriteOp as(const char* operator_name)
{
    return [=](RecordedOp& op) { return op.node(operator_name, op.all_inputs()); };
}

/** The same, with numbers of the op as attributes. */
WriteOp as(const char* operator_name, const char* attribute)
{
    return [=](RecordedOp& op) {
        return op.node(operator_name, {op.input()}, {{attribute, static_cast<float>(op.number(0))}});
    };
}

/** The same along an axis. */
WriteOp along_axis(const char* operator_name)
{
    return [=](RecordedOp& op) {
        return op.node(operator_name, op.all_inputs(), {integer("axis", op.attributes().axes.at(0))});
    };
}

WriteOp of_two(const char* operator_name)
{
    return [=](RecordedOp& op) { return write_of_two(op, operator_name); };
}

Term as_number(const Term& boolean)
{
    return boolean.op->node("Cast", {boolean}, {{"to", element_number(boolean.op->type())}});
}

Term as_boolean(const Term& number)
{
    return number.op->node("Cast", {number}, {{"to", element_number(ElementType::boolean)}});
}

/** A comparison: 1 if it holds, else 0. */
WriteOp comparison(const char* operator_name)
{
    return [=](RecordedOp& op) { return as_number(op.node(operator_name, op.all_inputs())); };
}

WriteOp logical(const char* operator_name)
{
    return [=](RecordedOp& op) {
        return as_number(call(operator_name, as_boolean(op.input(0)), as_boolean(op.input(1))));
    };
}

/** A function of x. */
WriteOp of(Term (*formula)(const Term& x))
{
    return [=](RecordedOp& op) { return formula(op.input()); };
}

/** A function of x and of the op's numbers. */
WriteOp of(Term (*formula)(const Term& x, double a, double b))
{
    return [=](RecordedOp& op) {
        std::vector<double> numbers = op.attributes().numbers;
        numbers.resize(2);
        return formula(op.input(), numbers[0], numbers[1]);
    };
}

WriteOp of(Term (*formula)(const Term& a, const Term& b))
{
    return [=](RecordedOp& op) { return formula(op.input(0), op.input(1)); };
}

/** A reduction whose axes are an attribute. Its result keeps the axes if it has as many as the operand. */
WriteOp reduction(const char* operator_name)
{
    return [=](RecordedOp& op) {
        return op.node(
            operator_name, {op.input()},
            {integers("axes", op.attributes().axes), integer("keepdims", op.result().size() == op.rank() ? 1 : 0)});
    };
}

Term write_sum(RecordedOp& op)
{
    const std::vector<std::size_t>& axes = op.attributes().axes;
    if (axes.empty())
        return op.node("Identity", {op.input()});
    const Term sum = op.node("ReduceSum", {op.input(), op.integers({axes.begin(), axes.end()})},
                             {integer("keepdims", op.result().size() + axes.size() == op.rank() ? 0 : 1)});
    return op.name() == "sum" || op.result().size() == op.rank() ? sum : write_reshaped(op, sum);
}

Term write_where(RecordedOp& op) { return op.node("Where", {as_boolean(op.input(0)), op.input(1), op.input(2)}); }

Term write_hard_sigmoid(RecordedOp& op)
{
    return op.node("HardSigmoid", {op.input()}, {{"alpha", 1.0f / 6}, {"beta", 0.5f}});
}

Term write_cumsum(RecordedOp& op)
{
    const auto axis = static_cast<std::int64_t>(op.attributes().axes.at(0));
    return op.node("CumSum", {op.input(), op.integers({axis})});
}

Term write_clip(RecordedOp& op)
{
    return op.node("Clip", {op.input(), op.number_term(op.number(0)), op.number_term(op.number(1))});
}

Term write_broadcast(RecordedOp& op) { return op.node("Expand", {op.input(), op.shape(op.result())}); }

using std::numbers::ln2, std::numbers::ln10, std::numbers::pi;

Term sigmoid(const Term& x) { return call("Sigmoid", x); }
Term abs(const Term& x) { return call("Abs", x); }

const std::map<std::string_view, WriteOp>& table()
{
    static const std::map<std::string_view, WriteOp> all = {
        {"abs", as("Abs")},
        {"acos", as("Acos")},
        {"acosh", as("Acosh")},
        {"add", write_add},
        {"asin", as("Asin")},
        {"asinh", as("Asinh")},
        {"atan", as("Atan")},
        {"atanh", as("Atanh")},
        {"block_sum", write_block_sum},
        {"broadcast_to", write_broadcast},
        {"cbrt", of([](const Term& x) { return call("Sign", x) * call("Pow", abs(x), x.op->number_term(1.0 / 3)); })},
        {"ceil", as("Ceil")},
        {"clip", write_clip},
        {"concatenate", along_axis("Concat")},
        {"correlate2d", write_correlation},
        {"correlate2d_input", write_correlation_input},
        {"cos", as("Cos")},
        {"cosh", as("Cosh")},
        {"cube", of([](const Term& x) { return x * x * x; })},
        {"cumsum", write_cumsum},
        {"deg2rad", of([](const Term& x) { return pi / 180 * x; })},
        {"divide", write_divide},
        {"elu", as("Elu", "alpha")},
        {"embed", write_pad},
        {"equal", comparison("Equal")},
        {"erf", as("Erf")},
        {"erfc", of([](const Term& x) { return 1 - call("Erf", x); })},
        {"exp", as("Exp")},
        {"exp2", of([](const Term& x) { return call("Exp", ln2 * x); })},
        {"expm1", of([](const Term& x) { return call("Exp", x) + -1; })},
        {"fdim", of([](const Term& a, const Term& b) { return call("Relu", a - b); })},
        {"flip", write_flip},
        {"floor", as("Floor")},
        {"gather", write_gather},
        {"gelu", of([](const Term& x) { return 0.5 * x * (call("Erf", 1 / std::numbers::sqrt2 * x) + 1); })},
        {"gelu_tanh",
         of([](const Term& x) { return x * sigmoid(1.595769121605730712 * (x * (0.044715 * (x * x) + 1))); })},
        {"greater", comparison("Greater")},
        {"greater_equal", comparison("GreaterOrEqual")},
        {"hard_sigmoid", write_hard_sigmoid},
        {"hard_swish", as("HardSwish")},
        {"hypot", of([](const Term& a, const Term& b) { return call("Sqrt", a * a + b * b); })},
        {"inside", of([](const Term& x, double a, double b) {
             return as_number(call("And", call("GreaterOrEqual", x, x.op->number_term(a)),
                                   call("LessOrEqual", x, x.op->number_term(b))));
         })},
        {"isinf", comparison("IsInf")},
        {"isnan", comparison("IsNaN")},
        {"l2_pool2d", write_norm_pooling},
        {"leaky_relu", as("LeakyRelu", "alpha")},
        {"less", comparison("Less")},
        {"less_equal", comparison("LessOrEqual")},
        {"log", as("Log")},
        {"log10", of([](const Term& x) { return 1 / ln10 * call("Log", x); })},
        {"log1p", of([](const Term& x) { return call("Log", x + 1); })},
        {"log2", of([](const Term& x) { return 1 / ln2 * call("Log", x); })},
        {"log_softmax", along_axis("LogSoftmax")},
        {"log_sum_exp", reduction("ReduceLogSumExp")},
        {"logical_and", logical("And")},
        {"logical_or", logical("Or")},
        {"matmul", write_matmul},
        {"max", reduction("ReduceMax")},
        {"max_pool2d", write_max_pooling},
        {"maximum", as("Max")},
        {"mean_pool2d", write_mean_pooling},
        {"min", reduction("ReduceMin")},
        {"minimum", as("Min")},
        {"mish", of([](const Term& x) { return x * call("Tanh", call("Softplus", x)); })},
        {"multiply", write_multiply},
        {"negative", as("Neg")},
        {"norm_l2", reduction("ReduceL2")},
        {"not_equal", of([](const Term& a, const Term& b) { return 1 - as_number(call("Equal", a, b)); })},
        {"pad", write_pad},
        {"patches", write_patches},
        {"permute", write_transpose},
        {"pow", of_two("Pow")},
        {"rad2deg", of([](const Term& x) { return 180 / pi * x; })},
        {"relu", as("Relu")},
        {"reshape", write_reshape},
        {"rint", as("Round")},
        {"rms_normalize", write_rms_normalize},
        {"rot180", write_rot180},
        {"round", of([](const Term& x) { return call("Sign", x) * call("Floor", abs(x) + 0.5); })},
        {"scaled_tanh", of([](const Term& x, double a, double b) { return a * call("Tanh", b * x); })},
        {"selu", as("Selu")},
        {"sigmoid", as("Sigmoid")},
        {"sign", as("Sign")},
        {"silu", of([](const Term& x) { return x * sigmoid(x); })},
        {"sin", as("Sin")},
        {"sinh", as("Sinh")},
        {"slice", write_slice},
        {"softmax", along_axis("Softmax")},
        {"softplus", as("Softplus")},
        {"softsign", as("Softsign")},
        {"sqrt", as("Sqrt")},
        {"square", of([](const Term& x) { return x * x; })},
        {"standardize", write_standardize},
        {"step",
         of([](const Term& x, double a, double) { return as_number(call("Greater", x, x.op->number_term(a))); })},
        {"subtract", of_two("Sub")},
        {"sum", write_sum},
        {"sum_pool2d", write_sum_pooling},
        {"sum_to", write_sum},
        {"tan", as("Tan")},
        {"tanh", as("Tanh")},
        {"transpose", write_transpose},
        {"trunc", of([](const Term& x) { return call("Sign", x) * call("Floor", abs(x)); })},
        {"unstack", write_unstack},
        {"upsample", write_upsample},
        {"where", write_where},
    };
    return all;
}

} // namespace

const WriteOp* writer_of(const std::string& op)
{
    const auto found = table().find(op);
    return found != table().end() ? &found->second : nullptr;
}

std::vector<std::string> exported_ops()
{
    std::vector<std::string> names;
    for (const auto& each : table())
        names.emplace_back(each.first);
    return names;
}

} // namespace xgrad::onnx
