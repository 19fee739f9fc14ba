#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/models/layers/positions.hpp>
#include <xgrad/ops/shape.hpp>

#include <fmt/core.h>

namespace xgrad
{

template <class T>
Variable<T> rows_of_positions(Variable<T> maps)
{
    if (maps.dimension() != 4)
        throw ShapeError(
            fmt::format("[rows_of_positions] maps (N, C, H, W) are needed, the shape is {}", to_string(maps.shape())));
    const Shape shape = maps.shape();
    const Shape rows = {shape[0] * shape[2] * shape[3], shape[1]};
    return reshape(rows[0] == shape[0] ? std::move(maps) : permute(maps, {0, 2, 3, 1}), rows);
}

template <class T>
Variable<T> maps_of_rows(Variable<T> rows, const Shape& positions)
{
    if (rows.dimension() != 2 || positions.size() != 3 || rows.shape()[0] != element_count(positions))
        throw ShapeError(fmt::format("[maps_of_rows] rows of shape {} for positions (N, H, W) {}: (N*H*W, C) is needed",
                                     to_string(rows.shape()), to_string(positions)));
    const std::size_t images = positions[0], height = positions[1], width = positions[2], maps = rows.shape()[1];
    if (height * width == 1)
        return reshape(std::move(rows), {images, maps, 1, 1});
    return permute(reshape(std::move(rows), {images, height, width, maps}), {0, 3, 1, 2});
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> rows_of_positions(Variable<T>);                                                               \
    template Variable<T> maps_of_rows(Variable<T>, const Shape&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
