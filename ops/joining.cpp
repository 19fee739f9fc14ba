#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/kernels/layout/layout.hpp>
#include <xgrad/ops/detail/values.hpp>
#include <xgrad/ops/joining.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace xgrad
{

using detail::normalize_axis;
using detail::with_extent;
using kernels::copy_strided;
using kernels::Strides;

namespace
{

auto along(std::vector<std::size_t> axes)
{
    return [axes = std::move(axes)] { return Attributes{.axes = axes, .flop = 0}; };
}

} // namespace

template <class T>
Variable<T> concatenate(std::span<const Variable<T>> xs, Axis axis)
{
    if (xs.empty())
        throw ShapeError("[concatenate] there is nothing to join");
    const std::size_t place = normalize_axis("concatenate", axis, xs.front().dimension());
    Shape shape = with_extent(xs.front().shape(), place, 0);
    for (const Variable<T>& x : xs) {
        if (x.dimension() != shape.size() || with_extent(x.shape(), place, shape[place]) != shape)
            throw ShapeError(fmt::format("[concatenate] the shapes {} and {} differ in more than axis {}",
                                         to_string(xs.front().shape()), to_string(x.shape()), axis));
        shape[place] += x.shape()[place];
    }
    Array<T> y = empty_array<T>(shape);
    const Strides strides = kernels::row_major_strides(shape);
    std::vector<std::size_t> begins;
    std::size_t begin = 0;
    for (const Variable<T>& x : xs) {
        if (x.size() > 0) // an empty array has no elements to point to
            copy_strided(x.shape(), x.data(), kernels::row_major_strides(x.shape()).data(),
                         y.data() + static_cast<std::ptrdiff_t>(begin) * strides[place], strides.data());
        begins.push_back(begin);
        begin += x.shape()[place];
    }
    return record("concatenate", along({place}), std::move(y), wrt_each(xs, [&](std::size_t i) {
                      return [axis, from = begins[i], to = begins[i] + xs[i].shape()[place]](const Variable<T>& g) {
                          return slice(g, axis, from, to);
                      };
                  }));
}

template <class T>
Variable<T> stack(std::span<const Variable<T>> xs, Axis axis)
{
    if (xs.empty())
        throw ShapeError("[stack] there is nothing to join");
    normalize_axis("stack", axis, xs.front().dimension() + 1);
    for (const Variable<T>& x : xs)
        if (x.shape() != xs.front().shape())
            throw ShapeError(fmt::format("[stack] the shapes {} and {} differ", to_string(xs.front().shape()),
                                         to_string(x.shape())));
    std::vector<Variable<T>> expanded;
    for (const Variable<T>& x : xs)
        expanded.push_back(expand_dims(x, axis));
    return concatenate(expanded, axis);
}

template <class T>
Variables<T> unstack(const Variable<T>& x, Axis axis)
{
    const std::size_t place = normalize_axis("unstack", axis, x.dimension());
    const detail::Split split(x.shape(), place);
    Shape shape = x.shape();
    shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(place));
    return record(
        "unstack", along({place}),
        [&] {
            Variables<T> ys;
            ys.reserve(split.extent);
            for (std::size_t i = 0; i < split.extent; ++i) {
                ys.push_back(uninitialized<T>(shape));
                T* to = ys.back().mutable_data();
                for (std::size_t outer = 0; outer < split.outer; ++outer)
                    to = std::copy_n(x.data() + (outer * split.extent + i) * split.inner, split.inner, to);
            }
            return ys;
        },
        wrt(x, [axis](const Variables<T>& gs) { return stack(gs, axis); }));
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> concatenate(std::span<const Variable<T>>, Axis);                                              \
    template Variable<T> stack(std::span<const Variable<T>>, Axis);                                                    \
    template Variables<T> unstack(const Variable<T>&, Axis);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
