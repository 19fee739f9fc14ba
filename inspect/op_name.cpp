#include <xgrad/base/error.hpp>
#include <xgrad/inspect/op_name.hpp>
#include <xgrad/kernels/elementwise/broadcast.hpp>
#include <xgrad/kernels/elementwise/functions.hpp>

#include <algorithm>
#include <map>
#include <string_view>

namespace xgrad::detail
{

namespace
{

/** The operands, shapes and facts of an op. */
struct Op
{
    Attributes attributes;
    std::vector<Shape> inputs = {};
    Shape result = {};

    bool has_ranks(std::size_t operands, std::size_t least, std::size_t most = static_cast<std::size_t>(-1)) const
    {
        const auto fits = [&](const Shape& shape) { return shape.size() >= least && shape.size() <= most; };
        return inputs.size() == operands && fits(result) && std::all_of(inputs.begin(), inputs.end(), fits);
    }
};

bool is_function(const Op& op) { return op.inputs.size() == 1 && op.inputs[0] == op.result; }

bool is_arithmetic(const Op& op)
{
    if (op.inputs.size() != 2)
        return is_function(op) && !op.attributes.numbers.empty();
    try {
        return kernels::broadcast_shapes("", op.inputs[0], op.inputs[1]) == op.result;
    } catch (const ShapeError&) {
        return false;
    }
}

bool is_correlation(const Op& op) { return op.has_ranks(2, 4, 4); }
bool is_of_blocks(const Op& op) { return op.has_ranks(1, 2) && op.inputs[0].size() == op.result.size(); }
bool is_of_windows(const Op& op) { return is_of_blocks(op) && op.attributes.window; }
bool is_product(const Op& op) { return op.has_ranks(2, 2) && op.attributes.transposed.size() == 2; }

bool is_sum(const Op& op)
{
    const std::vector<std::size_t>& axes = op.attributes.axes;
    return op.inputs.size() == 1 &&
           std::all_of(axes.begin(), axes.end(), [&](std::size_t axis) { return axis < op.inputs[0].size(); });
}

const std::map<std::string_view, bool (*)(const Op&)> forms = {
    {"softmax", is_function},
    {"log_softmax", is_function},
    {"add", is_arithmetic},
    {"subtract", is_arithmetic},
    {"multiply", is_arithmetic},
    {"divide", is_arithmetic},
    {"pow", is_arithmetic},
    {"correlate2d", is_correlation},
    {"correlate2d_input", is_correlation},
    {"correlate2d_kernel", is_correlation},
    {"max_pool2d", is_of_blocks},
    {"block_sum", is_of_blocks},
    {"upsample", is_of_blocks},
    {"mean_pool2d", is_of_windows},
    {"mean_pool2d_input", is_of_windows},
    {"sum_pool2d", is_of_windows},
    {"sum_pool2d_input", is_of_windows},
    {"matmul", is_product},
    {"sum", is_sum},
    {"sum_to", is_sum},
#define XGRAD_ROW(name, ...) {#name, is_function},
    XGRAD_FUNCTIONS(XGRAD_ROW) XGRAD_FUNCTIONS_OF_NUMBERS(XGRAD_ROW) // but for pow, which is above
#undef XGRAD_ROW
#define XGRAD_ROW(name, ...) {#name, is_arithmetic},
    XGRAD_FUNCTIONS_OF_TWO(XGRAD_ROW)
#undef XGRAD_ROW
};

} // namespace

std::string op_name(const OpCall& call)
{
    const auto form = forms.find(call.name());
    if (form == forms.end())
        return call.name();
    Op op{call.attributes()};
    for (std::size_t i = 0; i < call.inputs(); ++i)
        op.inputs.push_back(call.input(i).shape());
    if (call.results() == 1)
        op.result = call.result().shape();
    return call.results() == 1 && form->second(op) ? call.name() : std::string("user_") + call.name();
}

} // namespace xgrad::detail
