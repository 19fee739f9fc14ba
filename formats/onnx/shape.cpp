// ONNX' ops that move elements from place to place.
#include <xgrad/base/sizes.hpp>
#include <xgrad/formats/onnx/call.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/diagonals.hpp>
#include <xgrad/ops/joining.hpp>
#include <xgrad/ops/manipulation.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/repetition.hpp>
#include <xgrad/ops/view.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace xgrad::onnx
{

namespace
{

using Integers = std::vector<std::int64_t>;

/** Applies a function to the first input alone. */
template <class T, class F>
Operands<T> move(const Call<T>& call, F f)
{
    return {lift(call.with({call[0]}), f)};
}

/** 0 stands for the extent of the input there, −1 for what is left. */
template <class T>
Operands<T> reshaped(const Call<T>& call)
{
    Integers extents = *call.list("shape", 1);
    const Shape& from = call[0].shape();
    const bool zero_is_zero = call.node.integer("allowzero", 0) != 0;
    std::size_t known = 1, open = extents.size();
    for (std::size_t i = 0; i < extents.size(); ++i) {
        if (extents[i] == 0 && !zero_is_zero) {
            if (i >= from.size())
                call.refuse(fmt::format("keeps an extent {} of {}", i, to_string(from)));
            extents[i] = static_cast<std::int64_t>(from[i]);
        }
        if (extents[i] == -1)
            open = std::exchange(open, i) == extents.size() ? i : (call.refuse("has two open extents"), i);
        else
            known *= static_cast<std::size_t>(extents[i]);
    }
    if (open < extents.size()) {
        if (known == 0 || element_count(from) % known != 0)
            call.refuse(fmt::format("cannot divide {} elements into rows of {}", element_count(from), known));
        extents[open] = static_cast<std::int64_t>(element_count(from) / known);
    }
    const Shape shape = call.shape(extents);
    return move(call, [&](auto x) { return reshape(x, shape); });
}

/** Two axes: those before one and those from it on. */
template <class T>
Operands<T> flattened(const Call<T>& call)
{
    const Shape& from = call[0].shape();
    const std::int64_t given = call.node.integer("axis", 1);
    const std::size_t axis =
        given == static_cast<std::int64_t>(from.size()) ? from.size() : call.axis(given, from.size());
    Shape shape = {1, 1};
    for (std::size_t i = 0; i < from.size(); ++i)
        shape[i < axis ? 0 : 1] *= from[i];
    return move(call, [&](auto x) { return reshape(x, shape); });
}

template <class T>
Operands<T> squeezed(const Call<T>& call)
{
    const Shape& from = call[0].shape();
    const auto given = call.list("axes", 1);
    std::vector<bool> goes(from.size());
    for (std::size_t i = 0; i < from.size(); ++i)
        goes[i] = !given && from[i] == 1;
    for (const std::int64_t axis : given.value_or(Integers()))
        goes[call.axis(axis, from.size())] = true;
    Shape shape;
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (!goes[i])
            shape.push_back(from[i]);
        else if (from[i] != 1)
            call.refuse(fmt::format("drops axis {} of {}, which is not of extent 1", i, to_string(from)));
    }
    return move(call, [&](auto x) { return reshape(x, shape); });
}

template <class T>
Operands<T> unsqueezed(const Call<T>& call)
{
    const auto given = call.list("axes", 1);
    if (!given)
        call.refuse("needs axes");
    const Shape& from = call[0].shape();
    std::vector<bool> is_new(from.size() + given->size());
    for (const std::int64_t axis : *given) {
        if (is_new[call.axis(axis, is_new.size())])
            call.refuse(fmt::format("has the axis {} twice", axis));
        is_new[call.axis(axis, is_new.size())] = true;
    }
    Shape shape;
    std::size_t next = 0;
    for (const bool inserted : is_new)
        shape.push_back(inserted ? 1 : from[next++]);
    return move(call, [&](auto x) { return reshape(x, shape); });
}

template <class T>
Operands<T> transposed(const Call<T>& call)
{
    const std::size_t dimension = call[0].shape().size();
    Axes order = {};
    for (const std::int64_t axis : call.node.integers("perm", Integers()))
        order.push_back(static_cast<Axis>(axis));
    for (std::size_t i = dimension; order.size() < dimension && i-- > 0;)
        order.push_back(static_cast<Axis>(i));
    return move(call, [&](auto x) { return permute(x, order); });
}

template <class T>
Operands<T> joined(const Call<T>& call)
{
    const auto axis = static_cast<Axis>(call.node.integer("axis"));
    bool is_whole = true;
    for (std::size_t i = 0; i < call.inputs.size(); ++i)
        is_whole = is_whole && call[i].is_whole();
    if (is_whole) {
        std::vector<Variable<double>> parts;
        for (const Operand<T>& input : call.inputs)
            parts.push_back(as_real<double>(input.whole));
        return {{as_whole(concatenate(parts, axis).value()), *call[0].type}};
    }
    std::vector<Variable<T>> parts;
    for (std::size_t i = 0; i < call.inputs.size(); ++i)
        parts.push_back(call.real(i));
    return {concatenate(parts, axis)};
}

template <class T>
Operands<T> parted(const Call<T>& call)
{
    const Shape& from = call[0].shape();
    const std::size_t axis = call.axis(call.node.integer("axis", 0), from.size());
    Integers sizes = call.list("split", 1).value_or(Integers());
    const std::size_t count = call.node.outputs.size();
    if (sizes.empty()) // equal parts
        for (std::size_t i = 0; i < count; ++i)
            sizes.push_back(static_cast<std::int64_t>(from[axis] / std::max<std::size_t>(count, 1)));
    Operands<T> parts;
    std::int64_t begin = 0;
    for (const std::int64_t size : sizes) {
        if (size < 0 || size > static_cast<std::int64_t>(from[axis]) - begin)
            call.refuse(fmt::format("takes more than the {} elements of axis {}", from[axis], axis));
        std::vector<AxisIndex> places(from.size(), all());
        places[axis] = range(begin, begin + size);
        parts.push_back(move(call, [&](auto x) { return view(x, std::span<const AxisIndex>(places)); })[0]);
        begin += size;
    }
    return parts;
}

template <class T>
Operands<T> sliced(const Call<T>& call)
{
    const Shape& from = call[0].shape();
    const auto begins = call.list("starts", 1), ends = call.list("ends", 2), steps = call.list("steps", 4);
    auto axes = call.list("axes", 3);
    if (!begins || !ends || begins->size() != ends->size())
        call.refuse("needs as many starts as ends");
    if (!axes) {
        axes = Integers(begins->size());
        for (std::size_t i = 0; i < axes->size(); ++i)
            (*axes)[i] = static_cast<std::int64_t>(i);
    }
    if (axes->size() != begins->size() || (steps && steps->size() != begins->size()))
        call.refuse("needs as many axes and steps as starts");
    std::vector<AxisIndex> places(from.size(), all());
    for (std::size_t i = 0; i < axes->size(); ++i) {
        const std::size_t axis = call.axis((*axes)[i], from.size());
        const auto extent = static_cast<std::int64_t>(from[axis]);
        const std::int64_t step = steps ? (*steps)[i] : 1;
        std::int64_t begin = (*begins)[i], end = (*ends)[i];
        begin = std::clamp(begin < 0 ? begin + extent : begin, std::int64_t{0}, step < 0 ? extent - 1 : extent);
        end = end < 0 ? end + extent : end;
        if (step < 0) // an end of −1 is before the first element here, and the last one in NumPy
            places[axis] = end < 0 ? range(begin, {}, step) : range(begin, std::min(end, extent), step);
        else
            places[axis] = range(begin, std::clamp(end, std::int64_t{0}, extent), step);
    }
    return move(call, [&](auto x) { return view(x, std::span<const AxisIndex>(places)); });
}

template <class T>
Operands<T> expanded(const Call<T>& call)
{
    const Shape& from = call[0].shape();
    const Shape wanted = call.shape(call.integers(1));
    Shape shape(std::max(from.size(), wanted.size()), 1);
    std::copy_backward(wanted.begin(), wanted.end(), shape.end());
    for (std::size_t i = 1; i <= from.size(); ++i) // an extent of 1 leaves the input's
        if (std::size_t& extent = shape[shape.size() - i]; extent == 1)
            extent = from[from.size() - i];
    return move(call, [&](auto x) { return broadcast_to(x, shape); });
}

template <class T>
Operands<T> padded(const Call<T>& call)
{
    const std::size_t dimension = call[0].shape().size();
    const auto pads = call.list("pads", 1);
    if (!pads || pads->size() != 2 * dimension)
        call.refuse("needs two pads for each axis");
    const std::string name = call.node.text("mode", "constant");
    const PadMode mode = name == "reflect" ? PadMode::reflect : name == "edge" ? PadMode::edge : PadMode::constant;
    if (mode == PadMode::constant && name != "constant")
        call.refuse(fmt::format("has the mode '{}'", name));
    Borders borders;
    std::vector<AxisIndex> kept;
    for (std::size_t i = 0; i < dimension; ++i) {
        const std::int64_t before = (*pads)[i], after = (*pads)[dimension + i];
        borders.push_back({static_cast<std::size_t>(std::max<std::int64_t>(before, 0)),
                           static_cast<std::size_t>(std::max<std::int64_t>(after, 0))});
        // A negative pad takes elements away.
        kept.push_back(range(before < 0 ? -before : 0, after < 0 ? AxisIndex::Position(after) : std::nullopt));
    }
    if (!call.has(2))
        return move(call, [&](auto x) {
            return pad(view(x, std::span<const AxisIndex>(kept)), borders, mode, call.node.real("value", 0));
        });
    return {lift(call.with({call[0], call[2]}), [&](auto x, auto value) {
        const auto inner = view(x, std::span<const AxisIndex>(kept));
        const auto outside = 1 - pad(0 * inner + 1, borders);
        return pad(inner, borders, mode) + (mode == PadMode::constant ? value * outside : 0 * value);
    })};
}

/** (N, C, H, W) to (N, C/b², H·b, W·b), or back. */
template <class T>
Operands<T> blocks_moved(const Call<T>& call, bool to_space)
{
    const Shape s = call[0].shape();
    const std::int64_t given = call.node.integer("blocksize");
    const auto b = static_cast<std::size_t>(std::max<std::int64_t>(given, 0));
    if (s.size() != 4 || b == 0 || (to_space ? s[1] % b != 0 || s[1] / b % b != 0 : s[2] % b != 0 || s[3] % b != 0))
        call.refuse(fmt::format("cannot move blocks of {} in {}", given, to_string(s)));
    return move(call, [&](auto x) {
        if (!to_space)
            return reshape(permute(reshape(x, Shape{s[0], s[1], s[2] / b, b, s[3] / b, b}), {0, 3, 5, 1, 2, 4}),
                           Shape{s[0], s[1] * b * b, s[2] / b, s[3] / b});
        const bool columns_first = call.node.text("mode", "DCR") == "CRD";
        const std::size_t c = s[1] / b / b;
        auto y = columns_first ? permute(reshape(x, Shape{s[0], c, b, b, s[2], s[3]}), {0, 1, 4, 2, 5, 3})
                               : permute(reshape(x, Shape{s[0], b, b, c, s[2], s[3]}), {0, 3, 4, 1, 5, 2});
        return reshape(y, Shape{s[0], c, s[2] * b, s[3] * b});
    });
}

} // namespace

template <class T>
Table<T> shape_table()
{
    return {
        {"Reshape", reshaped<T>},
        {"Flatten", flattened<T>},
        {"Squeeze", squeezed<T>},
        {"Unsqueeze", unsqueezed<T>},
        {"Transpose", transposed<T>},
        {"Concat", joined<T>},
        {"Split", parted<T>},
        {"Slice", sliced<T>},
        {"Expand", expanded<T>},
        {"Pad", padded<T>},
        {"DepthToSpace", [](const Call<T>& call) { return blocks_moved(call, true); }},
        {"SpaceToDepth", [](const Call<T>& call) { return blocks_moved(call, false); }},
        {"Tile",
         [](const Call<T>& call) {
             const Shape reps = call.shape(call.integers(1));
             return move(call, [&](auto x) { return tile(x, reps); });
         }},
        {"Trilu",
         [](const Call<T>& call) {
             const std::int64_t k = call.has(1) ? call.whole(1).data()[0] : 0;
             const bool is_upper = call.node.integer("upper", 1) != 0;
             return move(call, [&](auto x) { return is_upper ? triu(x, k) : tril(x, k); });
         }},
    };
}

template Table<float> shape_table();
template Table<double> shape_table();

} // namespace xgrad::onnx
