// ONNX' ops that take and place elements by indices.
#include <xgrad/formats/onnx/call.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/indexing.hpp>
#include <xgrad/ops/loss.hpp>
#include <xgrad/ops/manipulation.hpp>
#include <xgrad/ops/reduction.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace xgrad::onnx
{

namespace
{

/** Indices along an axis of an extent: negative ones count from its end. */
template <class T>
Labels indices_of(const Call<T>& call, const Whole& given, std::size_t extent)
{
    const auto count = static_cast<std::int64_t>(extent);
    Whole indices = given;
    for (std::int64_t& index : indices) {
        if (index < -count || index >= count)
            call.refuse(fmt::format("has the index {} along an axis of {}", index, count));
        index += index < 0 ? count : 0;
    }
    return as_labels(indices);
}

template <class T, class F>
Operands<T> take(const Call<T>& call, F f)
{
    const Shape& from = call[0].shape();
    const std::size_t axis = call.axis(call.node.integer("axis", 0), from.size());
    const Labels indices = indices_of(call, call.whole(1), from[axis]);
    return {lift(call.with({call[0]}), [&](auto x) { return f(x, indices, static_cast<Axis>(axis)); })};
}

/** Index tuples of the last axis, as places in the rows of an array whose first axes they name. */
struct Places
{
    Labels rows;       ///< (number of tuples)
    std::size_t count; ///< the number of rows in all
    Shape row;         ///< the shape of what a tuple names
};

template <class T>
Places places_of(const Call<T>& call, std::size_t batch)
{
    const Shape& from = call[0].shape();
    const Whole& given = call.whole(1);
    const Shape& shape = given.shape();
    const std::size_t depth = shape.empty() ? 0 : shape.back();
    if (shape.empty() || batch >= shape.size() || batch + depth > from.size() || depth == 0)
        call.refuse(fmt::format("cannot index {} by {}", to_string(from), to_string(shape)));
    Places places{Labels(Shape{given.size() / depth}), 1, {}};
    for (std::size_t i = 0; i < batch + depth; ++i)
        places.count *= from[i];
    places.row = Shape(from.begin() + batch + depth, from.end());
    std::size_t batches = 1;
    for (std::size_t i = 0; i < batch; ++i)
        batches *= from[i];
    const std::size_t each = std::max<std::size_t>(places.rows.size() / std::max<std::size_t>(batches, 1), 1);
    for (std::size_t k = 0; k < places.rows.size(); ++k) {
        std::size_t at = k / each; // the batch
        for (std::size_t i = 0; i < depth; ++i) {
            const auto extent = static_cast<std::int64_t>(from[batch + i]);
            const std::int64_t index = given.data()[k * depth + i];
            if (index < -extent || index >= extent)
                call.refuse(fmt::format("has the index {} along an axis of {}", index, extent));
            at = at * from[batch + i] + static_cast<std::size_t>(index < 0 ? index + extent : index);
        }
        places.rows.data()[k] = static_cast<std::int32_t>(at);
    }
    return places;
}

template <class T>
Operands<T> gathered_by_tuples(const Call<T>& call)
{
    const auto batch = static_cast<std::size_t>(std::max<std::int64_t>(call.node.integer("batch_dims", 0), 0));
    const Places places = places_of(call, batch);
    const Shape& of_indices = call[1].shape();
    Shape shape(of_indices.begin(), of_indices.end() - 1);
    for (const std::size_t extent : places.row)
        shape.push_back(extent);
    return {lift(call.with({call[0]}), [&](auto x) {
        const auto rows = reshape(x, Shape{places.count, element_count(places.row)});
        return reshape(gather(rows, places.rows, 0), shape);
    })};
}

template <class T>
Operands<T> scattered_by_tuples(const Call<T>& call)
{
    const Places places = places_of(call, 0);
    const std::string reduction = call.node.text("reduction", "none");
    if (reduction != "none" && reduction != "add")
        call.refuse(fmt::format("has the reduction '{}'", reduction));
    const std::size_t width = element_count(places.row);
    const Shape shape = call[0].shape();
    return {lift(call.with({call[0], call[2]}), [&](auto x, auto updates) {
        const auto rows = reshape(x, Shape{places.count, width});
        const auto parts = reshape(updates, Shape{places.rows.size(), width});
        if (reduction == "add")
            return reshape(index_add(rows, parts, places.rows, 0), shape);
        Labels indices(Shape{places.rows.size(), width});
        for (std::size_t i = 0; i < indices.size(); ++i)
            indices.data()[i] = places.rows.data()[i / std::max<std::size_t>(width, 1)];
        return reshape(put_along_axis(rows, indices, parts, 0), shape);
    })};
}

template <class T>
Operands<T> scattered(const Call<T>& call)
{
    const Shape& from = call[0].shape();
    const std::size_t axis = call.axis(call.node.integer("axis", 0), from.size());
    const std::string reduction = call.node.text("reduction", "none");
    if (reduction != "none" && reduction != "add")
        call.refuse(fmt::format("has the reduction '{}'", reduction));
    const Labels indices = indices_of(call, call.whole(1), from[axis]);
    for (std::size_t i = 0; i < from.size(); ++i)
        if (i != axis && (indices.dimension() != from.size() || indices.shape()[i] != from[i]))
            call.refuse("has fewer indices than elements along another axis");
    return {lift(call.with({call[0], call[2]}), [&](auto x, auto updates) {
        return reduction == "add" ? add_along_axis(x, updates, indices, static_cast<Axis>(axis))
                                  : put_along_axis(x, indices, updates, static_cast<Axis>(axis));
    })};
}

/** one_hot of indices of any shape: classes along a last axis. */
template <class T>
Variable<T> hot_at(Labels indices, std::size_t classes)
{
    Shape shape = indices.shape();
    shape.push_back(classes);
    indices.reshape(Shape{indices.size()});
    return reshape(one_hot<T>(indices, classes), shape);
}

/** The element of an index as 1, the others 0, along a new axis, between two values. */
template <class T>
Operands<T> one_hot_of(const Call<T>& call)
{
    const Whole given = call[0].is_whole() ? call[0].whole : as_whole(call[0].real.value());
    const double wanted = static_cast<double>(call.real(1).value().data()[0]);
    if (!(wanted >= 0 && wanted < 1e9))
        call.refuse(fmt::format("has {} classes", wanted));
    const auto depth = static_cast<std::int64_t>(wanted);
    Whole indices = given;
    for (std::int64_t& index : indices) {
        index += index < 0 ? depth : 0;
        index = index < 0 || index >= depth ? depth : index; // outside: no element, so a class more, which is cut off
    }
    const std::size_t axis = call.axis(call.node.integer("axis", -1), given.dimension() + 1);
    return {lift(call.with({call[2]}), [&]<class X>(Variable<X> values) {
        auto hot = hot_at<X>(as_labels(indices), static_cast<std::size_t>(depth) + 1);
        hot = slice(hot, -1, 0, static_cast<std::size_t>(depth));
        hot = moveaxis(hot, -1, static_cast<Axis>(axis));
        const auto off = slice(values, 0, 0, 1), on = slice(values, 0, 1, 2);
        return off + (on - off) * hot;
    })};
}

/** The slices along an axis, or the elements, that a mask names. */
template <class T>
Operands<T> compressed(const Call<T>& call)
{
    std::vector<std::int64_t> kept;
    const Whole& mask = call.whole(1);
    for (std::size_t i = 0; i < mask.size(); ++i)
        if (mask.data()[i] != 0)
            kept.push_back(static_cast<std::int64_t>(i));
    Whole indices(Shape{kept.size()});
    std::copy(kept.begin(), kept.end(), indices.begin());
    const bool is_flat = call.node.find("axis") == nullptr;
    const Shape& from = call[0].shape();
    const std::size_t axis = is_flat ? 0 : call.axis(call.node.integer("axis"), from.size());
    const Labels chosen = indices_of(call, indices, is_flat ? element_count(from) : from[axis]);
    return {lift(call.with({call[0]}),
                 [&](auto x) { return gather(is_flat ? ravel(x) : x, chosen, static_cast<Axis>(axis)); })};
}

template <class T>
Operands<T> places_of_nonzero(const Call<T>& call)
{
    const Array<double> x = xt::cast<double>(call.real(0).value());
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < x.size(); ++i)
        if (x.data()[i] != 0)
            found.push_back(i);
    Whole places(Shape{x.dimension(), found.size()});
    for (std::size_t k = 0; k < found.size(); ++k)
        for (std::size_t axis = x.dimension(), rest = found[k]; axis-- > 0; rest /= x.shape()[axis])
            places(axis, k) = static_cast<std::int64_t>(rest % x.shape()[axis]);
    return {{places, ElementType::int64}};
}

} // namespace

template <class T>
Table<T> indexing_table()
{
    return {
        {"Gather",
         [](const Call<T>& call) {
             return take(call,
                         [](const auto& x, const Labels& indices, Axis axis) { return gather(x, indices, axis); });
         }},
        {"GatherElements",
         [](const Call<T>& call) {
             return take(call, [](const auto& x, const Labels& indices, Axis axis) {
                 return take_along_axis(x, indices, axis);
             });
         }},
        {"GatherND", gathered_by_tuples<T>},
        {"ScatterND", scattered_by_tuples<T>},
        {"ScatterElements", scattered<T>},
        {"Scatter", scattered<T>},
        {"OneHot", one_hot_of<T>},
        {"Compress", compressed<T>},
        {"NonZero", places_of_nonzero<T>},
        {"EyeLike",
         [](const Call<T>& call) -> Operands<T> {
             const Shape& shape = call[0].shape();
             const std::int64_t k = call.node.integer("k", 0);
             if (shape.size() != 2)
                 call.refuse("needs a matrix");
             Array<T> eye(shape, T(0));
             for (std::size_t i = 0; i < shape[0]; ++i)
                 if (const std::int64_t j = static_cast<std::int64_t>(i) + k;
                     j >= 0 && j < static_cast<std::int64_t>(shape[1]))
                     eye(i, static_cast<std::size_t>(j)) = T(1);
             return {constant(std::move(eye))};
         }},
        {"Hardmax",
         [](const Call<T>& call) -> Operands<T> {
             const auto x = call.real(0);
             const std::size_t axis = call.axis(call.node.integer("axis", -1), x.dimension());
             const auto along = static_cast<Axis>(axis);
             return {moveaxis(hot_at<T>(argmax(x, along), x.shape()[axis]), -1, along)};
         }},
    };
}

template Table<float> indexing_table();
template Table<double> indexing_table();

} // namespace xgrad::onnx
