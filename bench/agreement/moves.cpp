// Moves of elements: shapes, axes, parts, borders, repetition, diagonals.

#include "family.hpp"
#include <xgrad/ops/diagonals.hpp>
#include <xgrad/ops/joining.hpp>
#include <xgrad/ops/manipulation.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/repetition.hpp>

#include <algorithm>

namespace agree
{

namespace
{

/** An op of one array of at least so many axes. @param make  (draw, shape) returns a pair of functions */
template <class Make>
Family move(std::string name, std::size_t least_rank, Make make, const ShapeOptions& options = {.may_be_empty = true})
{
    return {std::move(name), [=](Draw& d) {
                const Shape shape = d.shape(least_rank, 5, options);
                auto [f, g] = make(d, shape);
                return Configuration(
                    {d.normal(shape)}, [f = f](const Variables& xs) { return f(xs[0]); },
                    [g = g](const Tensors& ts) { return g(ts[0]); });
            }};
}

Family pad_family(std::string name, xgrad::PadMode mode, const char* theirs)
{
    return {std::move(name), [=](Draw& d) {
                const std::size_t padded = 1 + d.below(3); // libtorch pads the last axes, after two that it does not
                const Shape shape = d.shape(padded + 2, padded + 2);
                xgrad::Borders borders(2);
                Integers theirs_borders;
                for (std::size_t i = 0; i < padded; ++i) {
                    const auto extent = size(shape[i + 2]) - (mode == xgrad::PadMode::reflect ? 1 : 0);
                    const auto most = mode == xgrad::PadMode::reflect || mode == xgrad::PadMode::wrap ? extent : 5;
                    const auto before = d.integer("before", 0, most), after = d.integer("after", 0, most);
                    borders.push_back({static_cast<std::size_t>(before), static_cast<std::size_t>(after)});
                    theirs_borders.insert(theirs_borders.begin(), {before, after});
                }
                const double value = mode == xgrad::PadMode::constant ? d.real("value", -2, 2) : 0;
                return Configuration(
                    {d.normal(shape)}, [=](const Variables& xs) { return pad(xs[0], borders, mode, value); },
                    [=](const Tensors& ts) {
                        return at::pad(ts[0], theirs_borders, theirs,
                                       mode == xgrad::PadMode::constant ? c10::optional<double>(value) : c10::nullopt);
                    });
            }};
}

/** Several arrays that agree but for one axis. */
template <class F, class G>
Family joining(std::string name, bool may_differ, F f, G g)
{
    return {std::move(name), [=](Draw& d) {
                Shape shape = d.shape(may_differ ? 1 : 0, 4);
                const auto axis = may_differ ? d.axis(shape.size()) : d.axis(shape.size() + 1);
                std::vector<Array<double>> xs;
                for (auto k = d.integer("arrays", 1, 3); k > 0; --k) {
                    if (may_differ)
                        shape[static_cast<std::size_t>(axis < 0 ? axis + size(shape.size()) : axis)] = d.below(4);
                    xs.push_back(d.normal(shape));
                }
                return Configuration(
                    xs, [=](const Variables& vs) { return f(vs, axis); },
                    [=](const Tensors& ts) { return g(ts, axis); });
            }};
}

std::pair<xgrad::Axes, Integers> several(Draw& d, std::size_t rank)
{
    const DrawnAxes a = d.axes(rank);
    return {a.axes, a.dims};
}

} // namespace

Families move_families()
{
    return {
        move("reshape", 0,
             [](Draw& d, const Shape& shape) {
                 Shape other; // the extents, some of them joined
                 for (const std::size_t extent : shape)
                     if (!other.empty() && d.one_in(2))
                         other.back() *= extent;
                     else
                         other.push_back(extent);
                 return std::pair([=](const Variable& x) { return reshape(x, other); },
                                  [=](const Tensor& x) { return x.reshape(sizes(other)); });
             }),
        move("flatten", 1,
             [](Draw& d, const Shape& shape) {
                 const auto first = d.integer("first", 0, size(shape.size()) - 1);
                 return std::pair([=](const Variable& x) { return flatten(x, static_cast<std::size_t>(first)); },
                                  [=](const Tensor& x) { return torch::flatten(x, first); });
             }),
        move("permute", 0,
             [](Draw& d, const Shape& shape) {
                 xgrad::Axes axes{};
                 Integers dims;
                 for (const std::size_t axis : d.order(shape.size())) {
                     axes.push_back(size(axis));
                     dims.push_back(size(axis));
                 }
                 return std::pair([=](const Variable& x) { return permute(x, axes); },
                                  [=](const Tensor& x) { return x.permute(dims); });
             }),
        move("transpose", 2,
             [](Draw&, const Shape&) {
                 return std::pair([](const Variable& x) { return transpose(x); },
                                  [](const Tensor& x) { return x.transpose(-2, -1); });
             }),
        move("swapaxes", 1,
             [](Draw& d, const Shape& shape) {
                 const auto a = d.axis(shape.size()), b = d.axis(shape.size());
                 return std::pair([=](const Variable& x) { return swapaxes(x, a, b); },
                                  [=](const Tensor& x) { return x.swapaxes(a, b); });
             }),
        move("moveaxis", 1,
             [](Draw& d, const Shape& shape) {
                 const auto [source, dims] = several(d, shape.size());
                 xgrad::Axes destination{};
                 Integers places;
                 for (const std::size_t axis : d.order(shape.size()))
                     if (places.size() < dims.size()) {
                         destination.push_back(size(axis));
                         places.push_back(size(axis));
                     }
                 return std::pair([=, source = source](const Variable& x) { return moveaxis(x, source, destination); },
                                  [=, dims = dims](const Tensor& x) { return torch::moveaxis(x, dims, places); });
             }),
        move("flip", 1,
             [](Draw& d, const Shape& shape) {
                 const auto [axes, dims] = several(d, shape.size());
                 return std::pair([axes = axes](const Variable& x) { return flip(x, axes); },
                                  [dims = dims](const Tensor& x) { return torch::flip(x, dims); });
             }),
        move("fliplr", 2,
             [](Draw&, const Shape&) {
                 return std::pair([](const Variable& x) { return fliplr(x); },
                                  [](const Tensor& x) { return torch::fliplr(x); });
             }),
        move("flipud", 1,
             [](Draw&, const Shape&) {
                 return std::pair([](const Variable& x) { return flipud(x); },
                                  [](const Tensor& x) { return torch::flipud(x); });
             }),
        move("rot90", 2,
             [](Draw& d, const Shape& shape) {
                 const auto k = d.integer("k", -5, 5);
                 const auto order = d.order(shape.size());
                 const auto a = size(order[0]), b = size(order[1]);
                 return std::pair(
                     [=](const Variable& x) {
                         return rot90(x, k, {a, b});
                     },
                     [=](const Tensor& x) {
                         return torch::rot90(x, k, {a, b});
                     });
             }),
        move("roll", 1,
             [](Draw& d, const Shape& shape) {
                 const auto shift = d.integer("shift", -7, 7);
                 const auto axis = d.axis(shape.size());
                 return std::pair([=](const Variable& x) { return roll(x, shift, axis); },
                                  [=](const Tensor& x) { return torch::roll(x, shift, axis); });
             }),
        move("roll_all", 0,
             [](Draw& d, const Shape&) {
                 const auto shift = d.integer("shift", -7, 7);
                 return std::pair([=](const Variable& x) { return roll(x, shift); },
                                  [=](const Tensor& x) { return torch::roll(x, shift); });
             }),
        move("expand_dims", 0,
             [](Draw& d, const Shape& shape) {
                 const auto axis = d.axis(shape.size() + 1);
                 return std::pair([=](const Variable& x) { return expand_dims(x, axis); },
                                  [=](const Tensor& x) { return x.unsqueeze(axis); });
             }),
        move("slice", 1,
             [](Draw& d, const Shape& shape) {
                 const auto axis = d.axis(shape.size());
                 const auto extent = size(shape[static_cast<std::size_t>(axis < 0 ? axis + size(shape.size()) : axis)]);
                 const auto begin = d.integer("begin", 0, extent), end = d.integer("end", begin, extent),
                            step = d.integer("step", 1, 3);
                 return std::pair(
                     [=](const Variable& x) {
                         return slice(x, axis, static_cast<std::size_t>(begin), static_cast<std::size_t>(end),
                                      static_cast<std::size_t>(step));
                     },
                     [=](const Tensor& x) { return x.slice(axis, begin, end, step); });
             }),
        move("tile", 0,
             [](Draw& d, const Shape& shape) {
                 Shape reps(d.below(shape.size() + 2));
                 for (std::size_t& rep : reps)
                     rep = static_cast<std::size_t>(d.integer("times", 1, 3));
                 return std::pair([=](const Variable& x) { return tile(x, reps); },
                                  [=](const Tensor& x) { return torch::tile(x, sizes(reps)); });
             },
             {.most = 3}),
        move("repeat", 1,
             [](Draw& d, const Shape& shape) {
                 const auto axis = d.axis(shape.size());
                 const auto count = d.integer("count", 0, 3);
                 return std::pair([=](const Variable& x) { return repeat(x, static_cast<std::size_t>(count), axis); },
                                  [=](const Tensor& x) { return torch::repeat_interleave(x, count, axis); });
             }),
        move("repeat_by_counts", 1,
             [](Draw& d, const Shape& shape) {
                 std::vector<std::size_t> counts(shape[0]);
                 Integers theirs;
                 for (std::size_t& count : counts) {
                     count = d.below(4);
                     theirs.push_back(size(count));
                 }
                 return std::pair(
                     [=](const Variable& x) { return repeat(x, std::span<const std::size_t>(counts), 0); },
                     [=](const Tensor& x) { return torch::repeat_interleave(x, torch::tensor(theirs), 0); });
             },
             {}),
        move("squeeze", 0,
             [](Draw& d, const Shape& shape) {
                 const auto axis = d.axis(shape.size() + 1);
                 return std::pair([=](const Variable& x) { return squeeze(expand_dims(x, axis), axis); },
                                  [=](const Tensor& x) { return x.unsqueeze(axis).squeeze(axis); });
             }),
        move("broadcast_to", 0,
             [](Draw& d, const Shape& shape) {
                 Shape target = d.shape(0, 2);
                 for (const std::size_t extent : shape)
                     target.push_back(extent == 1 ? 1 + d.below(3) : extent);
                 return std::pair([=](const Variable& x) { return broadcast_to(x, target); },
                                  [=](const Tensor& x) { return torch::broadcast_to(x, sizes(target)); });
             }),
        move("sum_to", 0,
             [](Draw& d, const Shape& shape) {
                 const Shape target = d.broadcastable(shape);
                 return std::pair([=](const Variable& x) { return sum_to(x, target); },
                                  [=](const Tensor& x) { return at::sum_to(x, sizes(target)); });
             }),
        move("diagonal", 2,
             [](Draw& d, const Shape& shape) {
                 const auto order = d.order(shape.size());
                 const auto a = size(order[0]), b = size(order[1]);
                 const auto offset = d.integer("offset", -size(shape[order[0]]), size(shape[order[1]]));
                 return std::pair([=](const Variable& x) { return diagonal(x, offset, a, b); },
                                  [=](const Tensor& x) { return torch::diagonal(x, offset, a, b); });
             }),
        {"diag",
         [](Draw& d) {
             const Shape shape = d.shape(1, 2);
             const auto rows = size(shape[0]), columns = size(shape[shape.size() - 1]);
             const bool vector = shape.size() == 1; // of a matrix libtorch takes diagonals that exist
             const auto k = d.integer("k", vector ? -3 : 1 - rows, vector ? 3 : columns - 1);
             return Configuration(
                 {d.normal(shape)}, [=](const Variables& xs) { return diag(xs[0], k); },
                 [=](const Tensors& ts) { return torch::diag(ts[0], k); });
         }},
        move("tril", 2,
             [](Draw& d, const Shape&) {
                 const auto k = d.integer("k", -4, 4);
                 return std::pair([=](const Variable& x) { return tril(x, k); },
                                  [=](const Tensor& x) { return torch::tril(x, k); });
             }),
        move("triu", 2,
             [](Draw& d, const Shape&) {
                 const auto k = d.integer("k", -4, 4);
                 return std::pair([=](const Variable& x) { return triu(x, k); },
                                  [=](const Tensor& x) { return torch::triu(x, k); });
             }),
        move("split", 1,
             [](Draw& d, const Shape& shape) {
                 const auto extent = size(shape[0]);
                 const auto a = d.integer("first", 0, extent), b = d.integer("second", a, extent);
                 return std::pair(
                     [=](const Variable& x) {
                         return split(x, {static_cast<std::size_t>(a), static_cast<std::size_t>(b)}, 0);
                     },
                     [=](const Tensor& x) {
                         return torch::tensor_split(x, Integers{a, b}, 0);
                     });
             }),
        move("unstack", 1,
             [](Draw& d, const Shape& shape) {
                 const auto axis = d.axis(shape.size());
                 return std::pair([=](const Variable& x) { return unstack(x, axis); },
                                  [=](const Tensor& x) { return torch::unbind(x, axis); });
             },
             {}),
        {"channel_shuffle",
         [](Draw& d) {
             const auto groups = d.integer("groups", 1, 4), each = d.integer("channels of each", 1, 3);
             Shape shape{1 + d.below(3), static_cast<std::size_t>(groups * each)};
             for (const std::size_t extent : d.shape(0, 3))
                 shape.push_back(extent);
             return Configuration(
                 {d.normal(shape)}, [=](const Variables& xs) { return channel_shuffle(xs[0], groups); },
                 [=](const Tensors& ts) { // libtorch's own has no gradient
                     return ts[0].unflatten(1, {groups, each}).transpose(1, 2).flatten(1, 2);
                 });
         }},
        joining(
            "concatenate", true, [](const Variables& xs, std::int64_t axis) { return concatenate(xs, axis); },
            [](const Tensors& ts, std::int64_t axis) { return torch::cat(ts, axis); }),
        joining(
            "stack", false, [](const Variables& xs, std::int64_t axis) { return stack(xs, axis); },
            [](const Tensors& ts, std::int64_t axis) { return torch::stack(ts, axis); }),
        {"meshgrid",
         [](Draw& d) {
             std::vector<Array<double>> xs;
             for (auto k = d.integer("vectors", 1, 4); k > 0; --k)
                 xs.push_back(d.normal({1 + d.below(4)}));
             const bool xy = d.flag("xy");
             return Configuration(
                 xs,
                 [=](const Variables& vs) {
                     return meshgrid(vs, xy ? xgrad::MeshIndexing::xy : xgrad::MeshIndexing::ij);
                 },
                 [=](const Tensors& ts) { return torch::meshgrid(ts, xy ? "xy" : "ij"); });
         }},
        pad_family("pad", xgrad::PadMode::constant, "constant"),
        pad_family("pad_edge", xgrad::PadMode::edge, "replicate"),
        pad_family("pad_reflect", xgrad::PadMode::reflect, "reflect"),
        pad_family("pad_wrap", xgrad::PadMode::wrap, "circular"),
    };
}

} // namespace agree
