#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/ops/detail/values.hpp>
#include <xgrad/ops/indexing.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/core.h>

#include <algorithm>
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
    return record("gather", moves, std::move(y), wrt(x, [indices = indices, axis](const auto& g, GradientSum<T> sum) {
                      return sum.is_empty() ? scatter_add_shared(g, indices, sum.shape()[axis], axis)
                                            : index_add_shared(std::move(sum).take(), g, indices, axis);
                  }));
}

template <class T>
Variable<T> place_last_shared(const Variable<T>& x, const SharedLabels& indices, std::size_t extent);

template <class T>
Variable<T> take_last_shared(const Variable<T>& x, const SharedLabels& indices)
{
    const std::size_t extent = x.shape().back();
    Variable<T> y = uninitialized<T>(indices->shape());
    T* const taken = y.mutable_data();
    for (std::size_t row = 0; row < y.size(); ++row)
        taken[row] = x.data()[row * extent + static_cast<std::size_t>(indices->data()[row])];
    return record("take_last", moves, std::move(y),
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

template <class T>
Variable<T> gather(const Variable<T>& x, const Labels& indices, Axis axis)
{
    const std::size_t place = normalize_axis("gather", axis, x.dimension());
    if (indices.dimension() != 1)
        throw ShapeError(
            fmt::format("[gather] the indices must have one axis, their shape is {}", to_string(indices.shape())));
    check_indices("gather", indices, x.shape()[place]);
    return gather_shared(x, share(indices), place);
}

template <class T>
Variable<T> scatter_add(const Variable<T>& x, const Labels& indices, std::size_t extent, Axis axis)
{
    const std::size_t place = normalize_axis("scatter_add", axis, x.dimension());
    if (indices.dimension() != 1 || indices.size() != x.shape()[place])
        throw ShapeError(
            fmt::format("[scatter_add] indices of shape {} for axis {} of shape {}: one for each slice is needed",
                        to_string(indices.shape()), axis, to_string(x.shape())));
    check_indices("scatter_add", indices, extent);
    return scatter_add_shared(x, share(indices), extent, place);
}

template <class T>
Variable<T> index_add(Variable<T> x, const Variable<T>& part, const Labels& indices, Axis axis)
{
    const std::size_t place = normalize_axis("index_add", axis, x.dimension());
    if (indices.dimension() != 1 || part.dimension() != x.dimension() ||
        part.shape() != with_extent(x.shape(), place, indices.size()))
        throw ShapeError(
            fmt::format("[index_add] a part of shape {} at indices of shape {} along axis {} of shape {}: one "
                        "slice for each index is needed",
                        to_string(part.shape()), to_string(indices.shape()), axis, to_string(x.shape())));
    check_indices("index_add", indices, x.shape()[place]);
    return index_add_shared(std::move(x), part, share(indices), place);
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
Variable<T> place_last(const Variable<T>& x, const Labels& indices, std::size_t extent)
{
    if (indices.shape() != x.shape())
        throw ShapeError(fmt::format("[place_last] indices of shape {} for x of shape {}: they must be the same",
                                     to_string(indices.shape()), to_string(x.shape())));
    check_indices("place_last", indices, extent);
    return place_last_shared(x, share(indices), extent);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> gather(const Variable<T>&, const Labels&, Axis);                                              \
    template Variable<T> scatter_add(const Variable<T>&, const Labels&, std::size_t, Axis);                            \
    template Variable<T> index_add(Variable<T>, const Variable<T>&, const Labels&, Axis);                              \
    template Variable<T> take_last(const Variable<T>&, const Labels&);                                                 \
    template Variable<T> place_last(const Variable<T>&, const Labels&, std::size_t);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
