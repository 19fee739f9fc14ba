// The writers of sums and products, which become part of the node before them where it has a place for a bias or a
// scale, and of normalization.

#include <xgrad/formats/onnx/writing.hpp>

#include <algorithm>

namespace xgrad::onnx
{

namespace
{

/** A constant operand, and the node that computes the other operand for this op alone. */
struct Pair
{
    std::size_t constant;
    Node* node;
};

std::optional<Pair> constant_and_node(RecordedOp& op)
{
    for (const std::size_t i : {std::size_t{1}, std::size_t{0}})
        if (op.inputs() == 2 && op.is_constant(i) && op.result() == op.extents(1 - i))
            if (Node* const node = op.only_producer(1 - i))
                return Pair{i, node};
    return std::nullopt;
}

/** The number of elements of a constant if they lie along one axis, counted from the last one; 0 if not. */
std::size_t count_along(const RecordedOp& op, std::size_t i, std::size_t axis_from_end)
{
    const std::vector<Extent> extents = op.extents(i);
    for (std::size_t back = 1; back <= extents.size(); ++back)
        if (const Extent extent = extents[extents.size() - back];
            extent.is_free() || (back != axis_from_end && extent.smaller != 1))
            return 0;
    return extents.size() < axis_from_end ? 0 : extents[extents.size() - axis_from_end].smaller;
}

/** The extent of an axis of the result, counted from the last one. */
std::size_t result_extent(const RecordedOp& op, std::size_t axis_from_end)
{
    const std::vector<Extent> result = op.result();
    return result.size() < axis_from_end ? 0 : result[result.size() - axis_from_end].smaller;
}

/** The number of elements that a sum adds up to each element of its result, which the op reads. */
double reduced_count(const RecordedOp& op)
{
    const GraphValue& sum = op.recorded_input(0);
    const std::size_t before = op.recorded(sum.inputs.at(0)).value.size();
    return static_cast<double>(before) / static_cast<double>(sum.value.size());
}

/** Appends a constant to the inputs of the node before. @return  the node's output */
Term append(RecordedOp& op, const Pair& pair, std::size_t count)
{
    pair.node->inputs.push_back(op.constant_as(pair.constant, Shape{count}).name);
    return {&op, pair.node->outputs[0]};
}

} // namespace

Term write_of_two(RecordedOp& op, const char* operator_name)
{
    if (op.inputs() == 2)
        return call(operator_name, op.input(0), op.input(1));
    const Term x = op.input(), number = op.number_term(op.number(0));
    return op.attributes().number_first ? call(operator_name, number, x) : call(operator_name, x, number);
}

Term unit_scale(RecordedOp& op, std::size_t count) { return op.reals("ones", Array<double>(Shape{count}, 1)); }

Term write_add(RecordedOp& op)
{
    if (const auto pair = constant_and_node(op); pair && pair->node->inputs.size() == 2) {
        const std::string& before = pair->node->op;
        const bool is_convolution = before == "Conv" || before == "ConvTranspose";
        const std::size_t axis = is_convolution ? 3 : 1, count = count_along(op, pair->constant, axis);
        const bool has_bias = is_convolution || before == "Gemm" || before == "LayerNormalization";
        if (has_bias && count > 0 && count == result_extent(op, axis))
            return append(op, *pair, count);
    }
    return write_of_two(op, "Add");
}

Term write_multiply(RecordedOp& op)
{
    if (const auto pair = constant_and_node(op); pair && pair->node->op == "LayerNormalization") {
        const std::size_t count = count_along(op, pair->constant, 1);
        std::vector<std::string>& inputs = pair->node->inputs;
        if (count > 0 && count == result_extent(op, 1) && inputs.size() == 2 && inputs[1] == unit_scale(op, count).name)
        {
            inputs.pop_back();
            return append(op, *pair, count);
        }
    }
    return write_of_two(op, "Mul");
}

// A mean is recorded as a sum that is divided by its number of elements.
Term write_divide(RecordedOp& op)
{
    Node* const sum = op.inputs() == 1 && !op.attributes().number_first ? op.only_producer(0) : nullptr;
    const std::vector<std::size_t> axes = op.recorded_input(0).attributes.axes;
    if (sum == nullptr || sum->op != "ReduceSum" || op.recorded_input(0).op != "sum" ||
        op.number(0) != reduced_count(op))
        return write_of_two(op, "Div");
    sum->op = "ReduceMean";
    sum->attributes.push_back(integers("axes", axes));
    sum->inputs.pop_back();
    return {&op, sum->outputs[0]};
}

Term write_standardize(RecordedOp& op)
{
    const Extent extent = op.result().back();
    if (extent.is_free())
        op.refuse("rows of a fixed extent are needed");
    return op.node("LayerNormalization", {op.input(), unit_scale(op, extent.smaller)},
                   {{"axis", std::int64_t{-1}}, {"epsilon", static_cast<float>(op.number(0))}});
}

Term write_rms_normalize(RecordedOp& op)
{
    const Term x = op.input();
    const Term mean = op.node("ReduceMean", {x * x}, {{"axes", std::vector<std::int64_t>{-1}}, integer("keepdims", 1)});
    return x / call("Sqrt", mean + op.number(0));
}

} // namespace xgrad::onnx
