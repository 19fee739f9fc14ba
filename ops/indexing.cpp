#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/detail/indexing.hpp>
#include <xgrad/ops/detail/values.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <memory>

namespace xgrad
{

namespace
{

using detail::checked_size;
using detail::moves;
using detail::normalize_axis;
using detail::Split;
using detail::with_extent;

// Index lists are shared between a rule and the rule's own rule.
using SharedLabels = std::shared_ptr<const Labels>;

SharedLabels share(const Labels& indices)
{
    return std::allocate_shared<const Labels>(PooledAllocator<Labels>(), indices);
}

void check_indices(const char* op, const Labels& indices, std::size_t extent)
{
    checked_size(op, "extent", extent);
    for (const std::int32_t index : indices)
        if (index < 0 || static_cast<std::size_t>(index) >= extent)
            throw ShapeError(
                fmt::format("[{}] index {} is outside 0 … {}", op, index, static_cast<std::ptrdiff_t>(extent) - 1));
}

/** The shape with the axes of the indices in place of one axis. */
Shape with_axes(const Shape& shape, std::size_t axis, const Shape& axes)
{
    const auto replaced = shape.begin() + static_cast<std::ptrdiff_t>(axis);
    Shape result(shape.begin(), replaced);
    for (const std::size_t extent : axes)
        result.push_back(extent);
    for (auto extent = replaced + 1; extent != shape.end(); ++extent)
        result.push_back(*extent);
    return result;
}

/** The positions in a flattened array of `shape` of the elements that the indices name along an axis. */
Labels positions_along(const char* op, const Shape& shape, const Labels& indices, Axis axis)
{
    const std::size_t place = normalize_axis(op, axis, shape.size());
    if (indices.dimension() != shape.size() || with_extent(shape, place, indices.shape()[place]) != indices.shape())
        throw ShapeError(fmt::format("[{}] indices of shape {} for an array of shape {}: only the extents of axis {} "
                                     "may differ",
                                     op, to_string(indices.shape()), to_string(shape), axis));
    check_indices(op, indices, shape[place]);
    detail::checked_index_count(op, element_count(shape));
    Labels positions = empty_array<std::int32_t>(indices.shape());
    const std::size_t inner = Split(shape, place).inner, count = indices.shape()[place];
    for (std::size_t i = 0; i < indices.size(); ++i) { // element (outer, k, rest) of the indices
        const std::size_t outer = i / inner / count, rest = i % inner;
        const auto index = static_cast<std::size_t>(indices.data()[i]);
        positions.data()[i] = static_cast<std::int32_t>((outer * shape[place] + index) * inner + rest);
    }
    return positions;
}

/** The positions where a mask of the given shape is true. */
Labels positions_of(const char* op, const Shape& shape, const Mask& mask)
{
    if (mask.shape() != shape)
        throw ShapeError(fmt::format("[{}] a mask of shape {} for an array of shape {}: they must be the same", op,
                                     to_string(mask.shape()), to_string(shape)));
    detail::checked_index_count(op, mask.size());
    Labels positions =
        empty_array<std::int32_t>({static_cast<std::size_t>(std::count(mask.begin(), mask.end(), true))});
    std::int32_t* next = positions.data();
    for (std::size_t i = 0; i < mask.size(); ++i)
        if (mask.data()[i])
            *next++ = static_cast<std::int32_t>(i);
    return positions;
}

/** The array x with its elements at positions replaced. Of a position that is named again the last value stays. */
template <class T>
Variable<T> put(const char* op, const Variable<T>& x, const Labels& positions, const Variable<T>& values)
{
    if (positions.size() == 0)
        return x;
    detail::checked_index_count(op, values.size());
    Array<T> replaced = filled_array(x.shape(), T{0});
    Labels sources = filled_array(x.shape(), std::int32_t{0});
    for (std::size_t i = 0; i < positions.size(); ++i) {
        const auto position = static_cast<std::size_t>(positions.data()[i]);
        replaced.data()[position] = 1;
        sources.data()[position] = static_cast<std::int32_t>(i);
    }
    return where(constant(std::move(replaced)), gather(flatten(values), sources), x);
}

template <class T>
Variable<T> gather_shared(const Variable<T>& x, const SharedLabels& indices, std::size_t axis);

/** Adds slice i of x to slice indices[i] of y, along an axis that has another extent in y. */
template <class T>
void add_slices(const Variable<T>& x, const Labels& indices, std::size_t axis, Variable<T>& y)
{
    const Split from(x.shape(), axis);
    const std::size_t extent = y.shape()[axis];
    const auto add = kernels::table<T>().binary;
    for (std::size_t outer = 0; outer < from.outer; ++outer)
        for (std::size_t i = 0; i < from.extent; ++i) {
            const T* source = x.data() + (outer * from.extent + i) * from.inner;
            T* target = y.mutable_data() + (outer * extent + static_cast<std::size_t>(indices.data()[i])) * from.inner;
            if (from.inner == 1)
                *target += *source;
            else
                add(kernels::Binary::add, kernels::Operands::vector_vector, target, source, target, from.inner);
        }
}

template <class T>
Variable<T> scatter_add_shared(const Variable<T>& x, const SharedLabels& indices, std::size_t extent, std::size_t axis)
{
    Variable<T> y = constant(filled_array(with_extent(x.shape(), axis, extent), T{0}));
    add_slices(x, *indices, axis, y);
    return record("scatter_add", std::move(y),
                  wrt(x, [indices = indices, axis](const auto& g) { return gather_shared(g, indices, axis); }));
}

template <class T>
Variable<T> index_add_shared(Variable<T> x, const Variable<T>& part, const SharedLabels& indices, std::size_t axis)
{
    return record(
        "index_add",
        [&] {
            Variable<T> y = detail::changeable(x);
            add_slices(part, *indices, axis, y);
            return y;
        },
        wrt(x, [](const auto& g) { return g; }),
        wrt(part, [indices = indices, axis](const auto& g) { return gather_shared(g, indices, axis); }));
}

template <class T>
Variable<T> gather_shared(const Variable<T>& x, const SharedLabels& indices, std::size_t axis)
{
    const Split from(x.shape(), axis);
    Variable<T> y = uninitialized<T>(with_extent(x.shape(), axis, indices->size()));
    T* target = y.mutable_data();
    for (std::size_t outer = 0; outer < from.outer; ++outer)
        for (const std::int32_t index : *indices)
            target = std::copy_n(x.data() + (outer * from.extent + static_cast<std::size_t>(index)) * from.inner,
                                 from.inner, target);
    const auto tell = [&] {
        return Attributes{.numbers = {indices->begin(), indices->end()}, .axes = {axis}, .flop = 0};
    };
    return record("gather", tell, std::move(y), wrt(x, [indices = indices, axis](const auto& g, GradientSum<T> sum) {
                      return sum.is_empty() ? scatter_add_shared(g, indices, sum.shape()[axis], axis)
                                            : index_add_shared(std::move(sum).take(), g, indices, axis);
                  }));
}

template <class T>
Variable<T> place_last_shared(const Variable<T>& x, const SharedLabels& indices, std::size_t extent);

template <class T>
Variable<T> take_last_shared(const Variable<T>& x, const SharedLabels& indices, const char* op = "take_last")
{
    const std::size_t extent = x.shape().back();
    Variable<T> y = uninitialized<T>(indices->shape());
    T* const taken = y.mutable_data();
    for (std::size_t row = 0; row < y.size(); ++row)
        taken[row] = x.data()[row * extent + static_cast<std::size_t>(indices->data()[row])];
    const auto tell = [&] { return Attributes{.axes = {x.dimension() - 1}, .flop = 0}; };
    return record(op, tell, std::move(y),
                  wrt(x, [indices = indices, extent](const auto& g) { return place_last_shared(g, indices, extent); }));
}

template <class T>
Variable<T> place_last_shared(const Variable<T>& x, const SharedLabels& indices, std::size_t extent)
{
    Shape shape = x.shape();
    shape.push_back(extent);
    Array<T> y = filled_array(shape, T{0});
    for (std::size_t row = 0; row < x.size(); ++row)
        y.data()[row * extent + static_cast<std::size_t>(indices->data()[row])] = x.data()[row];
    return record("place_last", moves, std::move(y),
                  wrt(x, [indices = indices](const auto& g) { return take_last_shared(g, indices); }));
}

} // namespace

std::size_t detail::checked_index_count(const char* op, std::size_t count)
{
    if (count > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
        throw ShapeError(fmt::format("[{}] {} positions: indices of 32 bits count no more than 2^31 − 1", op, count));
    return count;
}

template <class T>
Variable<T> gather(const Variable<T>& x, const Labels& indices, Axis axis)
{
    const std::size_t place = normalize_axis("gather", axis, x.dimension());
    check_indices("gather", indices, x.shape()[place]);
    const Shape shape = with_axes(x.shape(), place, indices.shape());
    return reshape(gather_shared(x, share(indices), place), shape);
}

template <class T>
Variable<T> scatter_add(const Variable<T>& x, const Labels& indices, std::size_t extent, Axis axis)
{
    const auto mismatch = [&] {
        return ShapeError(fmt::format(
            "[scatter_add] indices of shape {} for axis {} of the result, x of shape {}: x has the axes of the indices "
            "in place of this axis",
            to_string(indices.shape()), axis, to_string(x.shape())));
    };
    if (x.dimension() < indices.dimension())
        throw mismatch();
    const std::size_t place = normalize_axis("scatter_add", axis, x.dimension() + 1 - indices.dimension());
    Shape shape(x.shape().begin(), x.shape().begin() + static_cast<std::ptrdiff_t>(place));
    shape.push_back(indices.size());
    for (std::size_t i = place + indices.dimension(); i < x.dimension(); ++i)
        shape.push_back(x.shape()[i]);
    if (with_axes(shape, place, indices.shape()) != x.shape())
        throw mismatch();
    check_indices("scatter_add", indices, extent);
    element_count(with_extent(shape, place, extent)); // throws before anything is recorded
    return scatter_add_shared(reshape(x, shape), share(indices), extent, place);
}

template <class T>
Variable<T> index_add(Variable<T> x, const Variable<T>& part, const Labels& indices, Axis axis)
{
    const std::size_t place = normalize_axis("index_add", axis, x.dimension());
    if (part.shape() != with_axes(x.shape(), place, indices.shape()))
        throw ShapeError(
            fmt::format("[index_add] a part of shape {} at indices of shape {} along axis {} of shape {}: one "
                        "slice for each index is needed",
                        to_string(part.shape()), to_string(indices.shape()), axis, to_string(x.shape())));
    check_indices("index_add", indices, x.shape()[place]);
    const Shape slices = with_extent(x.shape(), place, indices.size());
    return index_add_shared(std::move(x), reshape(part, slices), share(indices), place);
}

template <class T>
Variable<T> take_along_axis(const Variable<T>& x, const Labels& indices, Axis axis)
{
    const Labels positions = positions_along("take_along_axis", x.shape(), indices, axis);
    return gather(flatten(x), positions);
}

template <class T>
Variable<T> add_along_axis(const Variable<T>& x, const Variable<T>& part, const Labels& indices, Axis axis)
{
    const Labels positions = positions_along("add_along_axis", x.shape(), indices, axis);
    if (part.shape() != indices.shape())
        throw ShapeError(
            fmt::format("[add_along_axis] a part of shape {} at indices of shape {}: they must be the same",
                        to_string(part.shape()), to_string(indices.shape())));
    return reshape(index_add(flatten(x), part, positions), x.shape());
}

template <class T>
Variable<T> put_along_axis(const Variable<T>& x, const Labels& indices, const Variable<T>& values, Axis axis)
{
    const Labels positions = positions_along("put_along_axis", x.shape(), indices, axis);
    if (values.shape() != indices.shape())
        throw ShapeError(
            fmt::format("[put_along_axis] values of shape {} at indices of shape {}: they must be the same",
                        to_string(values.shape()), to_string(indices.shape())));
    return put("put_along_axis", x, positions, values);
}

template <class T>
Variable<T> filter(const Variable<T>& x, const Mask& mask)
{
    const Labels positions = positions_of("filter", x.shape(), mask);
    return gather(flatten(x), positions);
}

template <class T>
Variable<T> place(const Variable<T>& x, const Mask& mask, const Variable<T>& values)
{
    const Labels positions = positions_of("place", x.shape(), mask);
    if (values.shape() != positions.shape())
        throw ShapeError(fmt::format("[place] values of shape {} for a mask with {} true elements: a vector with one "
                                     "for each is needed",
                                     to_string(values.shape()), positions.size()));
    return put("place", x, positions, values);
}

template <class T>
Variable<T> take_last(const Variable<T>& x, const Labels& indices)
{
    Shape rows = x.shape();
    if (!rows.empty())
        rows.pop_back();
    if (x.dimension() == 0 || indices.shape() != rows)
        throw ShapeError(fmt::format("[take_last] indices of shape {} for x of shape {}: one for each row is needed",
                                     to_string(indices.shape()), to_string(x.shape())));
    check_indices("take_last", indices, x.shape().back());
    return take_last_shared(x, share(indices));
}

template <class T>
Variable<T> detail::take_best(const char* op, const Variable<T>& x, const Labels& indices)
{
    return take_last_shared(x, share(indices), op);
}

template <class T>
Variable<T> place_last(const Variable<T>& x, const Labels& indices, std::size_t extent)
{
    if (indices.shape() != x.shape())
        throw ShapeError(fmt::format("[place_last] indices of shape {} for x of shape {}: they must be the same",
                                     to_string(indices.shape()), to_string(x.shape())));
    check_indices("place_last", indices, extent);
    return place_last_shared(x, share(indices), extent);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> detail::take_best(const char*, const Variable<T>&, const Labels&);                            \
    template Variable<T> gather(const Variable<T>&, const Labels&, Axis);                                              \
    template Variable<T> scatter_add(const Variable<T>&, const Labels&, std::size_t, Axis);                            \
    template Variable<T> index_add(Variable<T>, const Variable<T>&, const Labels&, Axis);                              \
    template Variable<T> take_along_axis(const Variable<T>&, const Labels&, Axis);                                     \
    template Variable<T> add_along_axis(const Variable<T>&, const Variable<T>&, const Labels&, Axis);                  \
    template Variable<T> put_along_axis(const Variable<T>&, const Labels&, const Variable<T>&, Axis);                  \
    template Variable<T> filter(const Variable<T>&, const Mask&);                                                      \
    template Variable<T> place(const Variable<T>&, const Mask&, const Variable<T>&);                                   \
    template Variable<T> take_last(const Variable<T>&, const Labels&);                                                 \
    template Variable<T> place_last(const Variable<T>&, const Labels&, std::size_t);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
