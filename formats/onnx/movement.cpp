// The writers of ops that move elements, and of products.

#include <xgrad/formats/onnx/tensors.hpp>
#include <xgrad/formats/onnx/writing.hpp>
#include <xgrad/ops/shape.hpp>

#include <algorithm>
#include <limits>
#include <numeric>

namespace xgrad::onnx
{

namespace
{

std::int64_t whole(std::size_t number) { return static_cast<std::int64_t>(number); }

/** The axes in their order, the last two of them swapped. */
std::vector<std::size_t> swapped_last(std::size_t rank)
{
    std::vector<std::size_t> axes(rank);
    std::iota(axes.begin(), axes.end(), std::size_t{0});
    std::swap(axes[rank - 1], axes[rank - 2]);
    return axes;
}

/** A part of an array: along each of some axes it goes from a begin up to an end. */
struct Part
{
    std::vector<std::int64_t> begins = {}, ends = {}, axes = {}, steps = {};

    void add(std::size_t axis, std::int64_t begin, std::int64_t end, std::int64_t step)
    {
        axes.push_back(whole(axis));
        begins.push_back(begin);
        ends.push_back(end);
        steps.push_back(step);
    }
};

Term write_part(RecordedOp& op, const Part& part)
{
    if (part.axes.empty())
        return op.node("Identity", {op.input()});
    return op.node("Slice", {op.input(), op.integers(part.begins), op.integers(part.ends), op.integers(part.axes),
                             op.integers(part.steps)});
}

Term reversed(RecordedOp& op, const std::vector<std::size_t>& axes)
{
    Part part;
    for (const std::size_t axis : axes)
        part.add(axis, -1, std::numeric_limits<std::int64_t>::min(), -1);
    return write_part(op, part);
}

/** A factor of a product, with its last two axes swapped. Weights are turned here and not in the model. */
Term transposed(RecordedOp& op, std::size_t i)
{
    if (!op.is_constant(i))
        return op.node("Transpose", {op.input(i)}, {integers("perm", swapped_last(op.rank(i)))});
    return op.reals(op.input_name(i) + ".transposed", transpose(constant(op.constant(i))).value());
}

} // namespace

Term write_reshaped(RecordedOp& op, const Term& x)
{
    const std::vector<Extent> extents = op.result();
    const auto free = [](const Extent& extent) { return extent.is_free(); };
    const bool is_empty =
        std::any_of(extents.begin(), extents.end(), [](const Extent& extent) { return extent.smaller == 0; });
    if (is_empty) // to ONNX, 0 is the extent of before
        op.refuse("its result is empty");
    if (std::count_if(extents.begin(), extents.end(), free) != 1)
        return op.node("Reshape", {x, op.shape(extents)});
    std::vector<std::int64_t> numbers;
    for (const Extent& extent : extents)
        numbers.push_back(extent.is_free() ? -1 : whole(extent.smaller));
    return op.node("Reshape", {x, op.integers(numbers)});
}

Term write_reshape(RecordedOp& op) { return write_reshaped(op, op.input()); }

Term write_transpose(RecordedOp& op)
{
    const std::vector<std::size_t>& axes = op.attributes().axes;
    return op.node("Transpose", {op.input()}, {integers("perm", axes.empty() ? swapped_last(op.rank()) : axes)});
}

Term write_slice(RecordedOp& op)
{
    const std::vector<Extent> extents = op.extents();
    const Ranges &ranges = op.attributes().ranges, &larger = op.larger_attributes().ranges;
    Part part;
    for (std::size_t axis = 0; axis < ranges.size(); ++axis) {
        const auto [begin, count, step] = ranges[axis];
        const Extent extent = extents[axis];
        if (begin == 0 && step == 1 && count == extent.smaller && larger[axis].count == extent.larger)
            continue;
        if (larger[axis].begin != begin || larger[axis].step != step)
            op.refuse("its part depends on the input's shape");
        const std::size_t end = begin + (count == 0 ? 0 : (count - 1) * step + 1);
        if (larger[axis].count == count)
            part.add(axis, whole(begin), whole(end), whole(step));
        else if (count == (extent.smaller - begin + step - 1) / step &&
                 larger[axis].count == (extent.larger - begin + step - 1) / step)
            part.add(axis, whole(begin), std::numeric_limits<std::int64_t>::max(), whole(step));
        else
            op.refuse("its part depends on the input's shape");
    }
    return write_part(op, part);
}

Term write_flip(RecordedOp& op) { return reversed(op, op.attributes().axes); }
Term write_rot180(RecordedOp& op) { return reversed(op, {op.rank() - 2, op.rank() - 1}); }

Term write_pad(RecordedOp& op)
{
    const Ranges &ranges = op.attributes().ranges, &larger = op.larger_attributes().ranges;
    const std::vector<Extent> result = op.result();
    std::vector<std::int64_t> before, after;
    for (std::size_t axis = 0; axis < ranges.size(); ++axis) {
        const auto [begin, count, step] = ranges[axis];
        const std::size_t end = begin + count;
        if (step != 1 || larger[axis].begin != begin ||
            result[axis].larger - end != result[axis].smaller - begin - count + larger[axis].count - count)
            op.refuse("its borders depend on the input's shape, or it has gaps");
        before.push_back(whole(begin));
        after.push_back(whole(result[axis].smaller - end));
    }
    before.insert(before.end(), after.begin(), after.end());
    const double fill = op.attributes().numbers.empty() ? 0 : op.number(0);
    return op.node("Pad", {op.input(), op.integers(before), op.number_term(fill)});
}

Term write_gather(RecordedOp& op)
{
    const std::vector<Attribute> axis{integer("axis", op.attributes().axes.at(0))};
    const std::vector<double>& numbers = op.attributes().numbers;
    if (op.takes_input()) {
        const Term flat = op.node("Reshape", {op.network_input(), op.integers({-1})});
        return op.node("Gather", {op.input(), op.node("Cast", {flat}, {{"to", element_number(ElementType::int64)}})},
                       axis);
    }
    Array<std::int64_t> places = empty_array<std::int64_t>(Shape{numbers.size()});
    std::transform(numbers.begin(), numbers.end(), places.data(),
                   [](double number) { return static_cast<std::int64_t>(number); });
    return op.node("Gather", {op.input(), op.array("places", places)}, axis);
}

Term write_unstack(RecordedOp& op)
{
    const AnyArray place = Array<std::int64_t>(Shape{}, whole(op.value().result));
    return op.node("Gather", {op.input(), op.array(std::to_string(op.value().result), place)},
                   {integer("axis", op.attributes().axes.at(0))});
}

Term write_matmul(RecordedOp& op)
{
    const std::vector<bool>& turned = op.attributes().transposed;
    if (op.rank(0) == 2 && op.rank(1) == 2)
        return op.node("Gemm", op.all_inputs(),
                       {integer("transA", turned.at(0) ? 1 : 0), integer("transB", turned.at(1) ? 1 : 0)});
    const auto factor = [&](std::size_t i) { return turned.at(i) ? transposed(op, i) : op.input(i); };
    const Term a = factor(0);
    return op.node("MatMul", {a, factor(1)});
}

} // namespace xgrad::onnx
