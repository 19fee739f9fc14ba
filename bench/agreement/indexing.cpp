// Choosing elements by indices, masks and order.

#include "family.hpp"
#include <xgrad/models/layers/embedding.hpp>
#include <xgrad/ops/indexing.hpp>
#include <xgrad/ops/loss.hpp>
#include <xgrad/ops/sorting.hpp>

#include <algorithm>
#include <array>

namespace agree
{

namespace
{

/** An array, an axis of it, counted from the front, and the extent there. */
struct Chosen
{
    Shape shape;
    std::int64_t axis, counted;
    std::size_t extent;
};

Chosen chosen_axis(Draw& d, const ShapeOptions& options = {})
{
    const Shape shape = d.shape(1, 4, options);
    const auto axis = d.axis(shape.size()), counted = axis < 0 ? axis + size(shape.size()) : axis;
    return {shape, axis, counted, shape[static_cast<std::size_t>(counted)]};
}

Shape with_extent(Shape shape, std::int64_t axis, std::size_t extent)
{
    shape[static_cast<std::size_t>(axis)] = extent;
    return shape;
}

/** Different indices below the extent of an axis, for each place of the other axes. */
Labels distinct_indices(Draw& d, const Chosen& c, std::size_t count)
{
    Labels indices = d.labels(with_extent(c.shape, c.counted, count), c.extent);
    const auto first = static_cast<std::int32_t>(d.below(c.extent));
    const std::size_t inner = xgrad::detail::Split(indices.shape(), static_cast<std::size_t>(c.counted)).inner;
    for (std::size_t i = 0; i < indices.size(); ++i) {
        const auto k = static_cast<std::int32_t>(i / inner % count);
        indices.data()[i] = (first + k) % static_cast<std::int32_t>(c.extent);
    }
    return indices;
}

xgrad::Mask drawn_mask(Draw& d, const Shape& shape)
{
    const Array<double> x = d.normal(shape);
    xgrad::Mask mask(shape);
    std::transform(x.data(), x.data() + x.size(), mask.data(), [](double element) { return element > 0; });
    return mask;
}

Tensor mask_tensor(const xgrad::Mask& mask) { return tensor(Array<double>(mask)) != 0; }

} // namespace

Families indexing_families()
{
    return {
        {"gather",
         [](Draw& d) {
             const Chosen c = chosen_axis(d);
             const Labels indices = d.labels(d.shape(0, 2, {.may_be_empty = true}), c.extent);
             return Configuration(
                 {d.normal(c.shape)}, [=](const Variables& xs) { return gather(xs[0], indices, c.axis); },
                 [=](const Tensors& ts) {
                     Integers result = sizes(c.shape);
                     const auto at = result.erase(result.begin() + c.counted);
                     result.insert(at, indices.shape().begin(), indices.shape().end());
                     return torch::index_select(ts[0], c.axis, tensor(indices).flatten()).reshape(result);
                 });
         }},
        {"scatter_add",
         [](Draw& d) {
             const Chosen c = chosen_axis(d);
             const auto extent = static_cast<std::size_t>(d.integer("extent", 1, 5));
             const Labels indices = d.labels({c.extent}, extent);
             return Configuration(
                 {d.normal(c.shape)}, [=](const Variables& xs) { return scatter_add(xs[0], indices, extent, c.axis); },
                 [=](const Tensors& ts) {
                     return torch::zeros(sizes(with_extent(c.shape, c.counted, extent)), torch::kDouble)
                         .index_add(c.axis, tensor(indices), ts[0]);
                 });
         }},
        {"index_add",
         [](Draw& d) {
             const Chosen c = chosen_axis(d);
             const std::size_t count = d.below(6);
             const Labels indices = d.labels({count}, c.extent);
             return Configuration(
                 {d.normal(c.shape), d.normal(with_extent(c.shape, c.counted, count))},
                 [=](const Variables& xs) { return index_add(xs[0], xs[1], indices, c.axis); },
                 [=](const Tensors& ts) { return ts[0].index_add(c.axis, tensor(indices), ts[1]); });
         }},
        {"take_along_axis",
         [](Draw& d) {
             const Chosen c = chosen_axis(d);
             const Labels indices = d.labels(with_extent(c.shape, c.counted, d.below(6)), c.extent);
             return Configuration(
                 {d.normal(c.shape)}, [=](const Variables& xs) { return take_along_axis(xs[0], indices, c.axis); },
                 [=](const Tensors& ts) { return torch::gather(ts[0], c.axis, tensor(indices)); });
         }},
        {"add_along_axis",
         [](Draw& d) {
             const Chosen c = chosen_axis(d);
             const Labels indices = d.labels(with_extent(c.shape, c.counted, d.below(6)), c.extent);
             return Configuration(
                 {d.normal(c.shape), d.normal(indices.shape())},
                 [=](const Variables& xs) { return add_along_axis(xs[0], xs[1], indices, c.axis); },
                 [=](const Tensors& ts) { return ts[0].scatter_add(c.axis, tensor(indices), ts[1]); });
         }},
        {"put_along_axis",
         [](Draw& d) {
             const Chosen c = chosen_axis(d);
             const Labels indices = distinct_indices(d, c, 1 + d.below(c.extent));
             return Configuration(
                 {d.normal(c.shape), d.normal(indices.shape())},
                 [=](const Variables& xs) { return put_along_axis(xs[0], indices, xs[1], c.axis); },
                 [=](const Tensors& ts) { return ts[0].scatter(c.axis, tensor(indices), ts[1]); });
         }},
        {"filter",
         [](Draw& d) {
             const Shape shape = d.shape(0, 4, {.may_be_empty = true});
             const xgrad::Mask mask = drawn_mask(d, shape);
             return Configuration(
                 {d.normal(shape)}, [=](const Variables& xs) { return filter(xs[0], mask); },
                 [=](const Tensors& ts) { return torch::masked_select(ts[0], mask_tensor(mask)); });
         }},
        {"place",
         [](Draw& d) {
             const Shape shape = d.shape(1, 4);
             const xgrad::Mask mask = drawn_mask(d, shape);
             const auto count = static_cast<std::size_t>(std::count(mask.begin(), mask.end(), true));
             return Configuration(
                 {d.normal(shape), d.normal({count})}, [=](const Variables& xs) { return place(xs[0], mask, xs[1]); },
                 [=](const Tensors& ts) { return ts[0].masked_scatter(mask_tensor(mask), ts[1]); });
         }},
        {"take_last",
         [](Draw& d) {
             const Shape shape = d.shape(1, 4);
             const Labels indices = d.labels(Shape(shape.begin(), shape.end() - 1), shape[shape.size() - 1]);
             return Configuration(
                 {d.normal(shape)}, [=](const Variables& xs) { return take_last(xs[0], indices); },
                 [=](const Tensors& ts) {
                     return torch::gather(ts[0], -1, tensor(indices).unsqueeze(-1)).squeeze(-1);
                 });
         }},
        {"one_hot",
         [](Draw& d) {
             const std::size_t classes = 1 + d.below(5);
             const Labels indices = d.labels({d.below(6)}, classes);
             return Configuration(
                 {}, [=](const Variables&) { return xgrad::one_hot<double>(indices, classes); },
                 [=](const Tensors&) { return torch::one_hot(tensor(indices), size(classes)); });
         }},
        {"embedding",
         [](Draw& d) {
             const std::size_t words = 1 + d.below(6), width = 1 + d.below(4);
             const Labels sentence = d.labels(d.shape(0, 3, {.may_be_empty = true}), words);
             return Configuration(
                 {d.normal({words, width})},
                 [=](const Variables& xs) {
                     xgrad::Random random(1);
                     xgrad::Embedding<double> layer(words, width, random);
                     layer.weight = xs[0];
                     return layer(sentence);
                 },
                 [=](const Tensors& ts) { return torch::embedding(ts[0], tensor(sentence)); });
         }},
        {"sort",
         [](Draw& d) {
             const Chosen c = chosen_axis(d, {.most = 6, .may_be_empty = true});
             const bool ties = d.flag("ties");
             return Configuration(
                 {ties ? d.small_integers(c.shape) : d.normal(c.shape)},
                 [=](const Variables& xs) {
                     return Variables{sort(xs[0], c.axis), numbers(argsort(xs[0], c.axis))};
                 },
                 [=](const Tensors& ts) {
                     const auto [values, order] = torch::sort(ts[0], c10::optional<bool>(true), c.axis);
                     return Tensors{values, order};
                 });
         }},
        {"topk",
         [](Draw& d) {
             const Chosen c = chosen_axis(d, {.most = 6});
             const std::size_t k = d.below(c.extent + 1);
             return Configuration(
                 {d.normal(c.shape)},
                 [=](const Variables& xs) {
                     const auto [values, order] = topk(xs[0], k, c.axis);
                     return Variables{values, numbers(order)};
                 },
                 [=](const Tensors& ts) {
                     const auto [values, order] = torch::topk(ts[0], size(k), c.axis);
                     return Tensors{values, order};
                 });
         }},
        {"median",
         [](Draw& d) {
             const Chosen c = chosen_axis(d, {.most = 6});
             const bool keepdims = d.flag("keepdims");
             return Configuration(
                 {d.normal(c.shape)}, [=](const Variables& xs) { return median(xs[0], c.axis, keepdims); },
                 [=](const Tensors& ts) { return torch::quantile(ts[0], 0.5, c.axis, keepdims); });
         }},
        {"quantile",
         [](Draw& d) {
             const Chosen c = chosen_axis(d, {.most = 6});
             const double p = d.one_in(3) ? static_cast<double>(d.below(5)) / 4 : d.real("p", 0, 1),
                          q = d.real("q", 0, 1);
             const bool keepdims = d.flag("keepdims");
             return Configuration(
                 {d.normal(c.shape)},
                 [=](const Variables& xs) {
                     const std::array probabilities{p, q};
                     return quantile(xs[0], std::span<const double>(probabilities), c.axis, keepdims);
                 },
                 [=](const Tensors& ts) {
                     return torch::quantile(ts[0], torch::tensor({p, q}, torch::kDouble), c.axis, keepdims);
                 });
         }},
    };
}

} // namespace agree
