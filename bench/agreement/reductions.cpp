// Reductions, norms, statistics, and what runs along an axis.

#include "family.hpp"
#include <xgrad/ops/cumulative.hpp>
#include <xgrad/ops/nan.hpp>
#include <xgrad/ops/norm.hpp>
#include <xgrad/ops/normalization.hpp>
#include <xgrad/ops/softmax.hpp>
#include <xgrad/ops/statistics.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace agree
{

namespace
{

using ArrayOf = Array<double> (*)(Draw&, const Shape&);

Array<double> normal(Draw& d, const Shape& shape) { return d.normal(shape); }

/** Numbers some of which are 0. */
Array<double> with_zeros(Draw& d, const Shape& shape)
{
    Array<double> x = d.normal(shape);
    for (double& element : x)
        if (d.one_in(4))
            element = 0;
    return x;
}

Array<double> with_nan(Draw& d, const Shape& shape)
{
    Array<double> x = d.normal(shape);
    for (double& element : x)
        if (d.one_in(4))
            element = std::numeric_limits<double>::quiet_NaN();
    return x;
}

/** A reason that holds for one part of what is compared, at elements that are NaN. */
struct Exception
{
    const char* reason = nullptr;
    Part part = Part::values;
};

/** A reduction over some axes. @param f, g  (x, axes as drawn) */
template <class F, class G>
Family reduction(std::string name, F f, G g, ArrayOf draw = normal,
                 const ShapeOptions& options = {.may_be_empty = true}, const Exception& exception = {})
{
    return {std::move(name), [=](Draw& d) {
                const Array<double> x = draw(d, d.shape(0, 5, options));
                const DrawnAxes a = d.axes(x.dimension());
                return Configuration(
                           {x}, [=](const Variables& xs) { return f(xs[0], a); },
                           [=](const Tensors& ts) { return g(ts[0], a); })
                    .except([=](const Place& place) {
                        const bool holds =
                            place.part == exception.part && exception.reason && std::isnan(x.data()[place.element]);
                        return holds ? exception.reason : nullptr;
                    });
            }};
}

/** An op along one axis. @param f, g  (x, axis) */
template <class F, class G>
Family along(std::string name, F f, G g, ArrayOf draw = normal)
{
    return {std::move(name), [=](Draw& d) {
                const Array<double> x = draw(d, d.shape(1, 5, {.may_be_empty = true}));
                const auto axis = d.axis(x.dimension());
                return Configuration(
                    {x}, [=](const Variables& xs) { return f(xs[0], axis); },
                    [=](const Tensors& ts) { return g(ts[0], axis); });
            }};
}

/** A reduction that libtorch has for one axis alone, done for one axis after the other. */
template <class G>
Tensor one_by_one(Tensor x, const DrawnAxes& a, G g)
{
    Integers axes;
    for (const std::int64_t axis : a.dims)
        axes.push_back(axis < 0 ? axis + x.dim() : axis);
    std::sort(axes.rbegin(), axes.rend());
    for (const std::int64_t axis : axes)
        x = g(x, axis, a.keepdims);
    return x;
}

Family moments(std::string name, bool root)
{
    return {std::move(name), [=](Draw& d) {
                const Array<double> x = d.normal(d.shape(1, 5));
                const DrawnAxes a = d.axes(x.dimension());
                std::size_t n = 1;
                for (const std::int64_t axis : a.dims)
                    n *= x.shape()[static_cast<std::size_t>(axis < 0 ? axis + size(x.dimension()) : axis)];
                const auto ddof =
                    static_cast<std::size_t>(d.integer("ddof", 0, std::min<std::int64_t>(2, size(n) - 1)));
                const xgrad::VarianceOptions options{.ddof = ddof, .keepdims = a.keepdims};
                Configuration c(
                    {x},
                    [=](const Variables& xs) {
                        return root ? stddev(xs[0], a.axes, options) : variance(xs[0], a.axes, options);
                    },
                    [=](const Tensors& ts) {
                        const c10::optional<std::int64_t> correction = size(ddof); // an integer alone counts as a bool
                        return root ? torch::std(ts[0], at::OptionalIntArrayRef(a.dims), correction, a.keepdims)
                                    : torch::var(ts[0], at::OptionalIntArrayRef(a.dims), correction, a.keepdims);
                    });
                c.second_order = n > 1;
                return c;
            }};
}

} // namespace

Families reduction_families()
{
    return {
        reduction(
            "sum", [](const Variable& x, const DrawnAxes& a) { return sum(x, a.axes, a.keepdims); },
            [](const Tensor& x, const DrawnAxes& a) { return torch::sum(x, a.dims, a.keepdims); }),
        reduction(
            "mean", [](const Variable& x, const DrawnAxes& a) { return mean(x, a.axes, a.keepdims); },
            [](const Tensor& x, const DrawnAxes& a) { return torch::mean(x, a.dims, a.keepdims); }, normal, {}),
        reduction(
            "prod", [](const Variable& x, const DrawnAxes& a) { return prod(x, a.axes, a.keepdims); },
            [](const Tensor& x, const DrawnAxes& a) {
                return one_by_one(
                    x, a, [](const Tensor& t, std::int64_t axis, bool keep) { return torch::prod(t, axis, keep); });
            },
            with_zeros),
        reduction(
            "max", [](const Variable& x, const DrawnAxes& a) { return max(x, a.axes, a.keepdims); },
            [](const Tensor& x, const DrawnAxes& a) { return torch::amax(x, a.dims, a.keepdims); }, normal, {}),
        reduction(
            "min", [](const Variable& x, const DrawnAxes& a) { return min(x, a.axes, a.keepdims); },
            [](const Tensor& x, const DrawnAxes& a) { return torch::amin(x, a.dims, a.keepdims); }, normal, {}),
        reduction(
            "log_sum_exp", [](const Variable& x, const DrawnAxes& a) { return log_sum_exp(x, a.axes, a.keepdims); },
            [](const Tensor& x, const DrawnAxes& a) { return torch::logsumexp(x, a.dims, a.keepdims); }),
        reduction(
            "norm_l0", [](const Variable& x, const DrawnAxes& a) { return norm_l0(x, a.axes, a.keepdims); },
            [](const Tensor& x, const DrawnAxes& a) { return torch::linalg_vector_norm(x, 0, a.dims, a.keepdims); },
            with_zeros),
        reduction(
            "norm_l1", [](const Variable& x, const DrawnAxes& a) { return norm_l1(x, a.axes, a.keepdims); },
            [](const Tensor& x, const DrawnAxes& a) { return torch::linalg_vector_norm(x, 1, a.dims, a.keepdims); },
            with_zeros),
        reduction(
            "norm_sq", [](const Variable& x, const DrawnAxes& a) { return norm_sq(x, a.axes, a.keepdims); },
            [](const Tensor& x, const DrawnAxes& a) { return torch::sum(x * x, a.dims, a.keepdims); }),
        reduction(
            "norm_l2", [](const Variable& x, const DrawnAxes& a) { return norm_l2(x, a.axes, a.keepdims); },
            [](const Tensor& x, const DrawnAxes& a) { return torch::linalg_vector_norm(x, 2, a.dims, a.keepdims); }),
        reduction(
            "norm_linf", [](const Variable& x, const DrawnAxes& a) { return norm_linf(x, a.axes, a.keepdims); },
            [](const Tensor& x, const DrawnAxes& a) {
                return torch::linalg_vector_norm(x, std::numeric_limits<double>::infinity(), a.dims, a.keepdims);
            },
            normal, {}),
        {"norm_lp",
         [](Draw& d) {
             const bool eighths = d.flag("eighths");
             const double p = eighths ? static_cast<double>(d.integer("p", 9, 32)) / 8 : d.real("p", 1.1, 4);
             return reduction(
                        "", [=](const Variable& x, const DrawnAxes& a) { return norm_lp(x, p, a.axes, a.keepdims); },
                        [=](const Tensor& x, const DrawnAxes& a) {
                            return torch::linalg_vector_norm(x, p, a.dims, a.keepdims);
                        })
                 .draw(d)
                 .except([=](const Place& place) {
                     return !eighths && place.relative < 1e-5 ? "libtorch rounds p to single precision" : nullptr;
                 });
         }},
        moments("variance", false),
        moments("stddev", true),
        reduction(
            "count_nonzero", [](const Variable& x, const DrawnAxes& a) { return count_nonzero(x, a.axes); },
            [](const Tensor& x, const DrawnAxes& a) { return torch::count_nonzero(x, a.dims); }, with_zeros),
        reduction(
            "any", [](const Variable& x, const DrawnAxes& a) { return any(x, a.axes, a.keepdims); },
            [](const Tensor& x, const DrawnAxes& a) {
                return one_by_one(
                    x != 0, a, [](const Tensor& t, std::int64_t axis, bool keep) { return torch::any(t, axis, keep); });
            },
            with_zeros),
        reduction(
            "all", [](const Variable& x, const DrawnAxes& a) { return all(x, a.axes, a.keepdims); },
            [](const Tensor& x, const DrawnAxes& a) {
                return one_by_one(
                    x != 0, a, [](const Tensor& t, std::int64_t axis, bool keep) { return torch::all(t, axis, keep); });
            },
            with_zeros),
        reduction(
            "nansum", [](const Variable& x, const DrawnAxes& a) { return nansum(x, a.axes, a.keepdims); },
            [](const Tensor& x, const DrawnAxes& a) { return torch::nansum(x, a.dims, a.keepdims); }, with_nan),
        reduction(
            "nanmean", [](const Variable& x, const DrawnAxes& a) { return nanmean(x, a.axes, a.keepdims); },
            [](const Tensor& x, const DrawnAxes& a) { return torch::nanmean(x, a.dims, a.keepdims); }, with_nan,
            {.may_be_empty = true},
            {"along axes of NaN alone xgrad's gradient is 0, libtorch's is NaN", Part::gradients}),
        along(
            "argmax", [](const Variable& x, std::int64_t axis) { return numbers(argmax(x, axis)); },
            [](const Tensor& x, std::int64_t axis) { return torch::argmax(x, axis); }),
        along(
            "argmin", [](const Variable& x, std::int64_t axis) { return numbers(argmin(x, axis)); },
            [](const Tensor& x, std::int64_t axis) { return torch::argmin(x, axis); }),
        along(
            "softmax", [](const Variable& x, std::int64_t axis) { return softmax(x, axis); },
            [](const Tensor& x, std::int64_t axis) { return torch::softmax(x, axis); }),
        along(
            "log_softmax", [](const Variable& x, std::int64_t axis) { return log_softmax(x, axis); },
            [](const Tensor& x, std::int64_t axis) { return torch::log_softmax(x, axis); }),
        along(
            "cumsum", [](const Variable& x, std::int64_t axis) { return cumsum(x, axis); },
            [](const Tensor& x, std::int64_t axis) { return torch::cumsum(x, axis); }),
        along(
            "cumprod", [](const Variable& x, std::int64_t axis) { return cumprod(x, axis); },
            [](const Tensor& x, std::int64_t axis) { return torch::cumprod(x, axis); }, with_zeros),
        {"diff",
         [](Draw& d) {
             const auto n = d.integer("times", 0, 3);
             return along(
                        "",
                        [=](const Variable& x, std::int64_t axis) {
                            return diff(x, static_cast<std::size_t>(n), axis);
                        },
                        [=](const Tensor& x, std::int64_t axis) { return torch::diff(x, n, axis); })
                 .draw(d);
         }},
        {"trapz",
         [](Draw& d) {
             const double dx = d.real("dx", 0.1, 2);
             return along(
                        "", [=](const Variable& x, std::int64_t axis) { return trapz(x, dx, axis); },
                        [=](const Tensor& x, std::int64_t axis) { return torch::trapezoid(x, dx, axis); })
                 .draw(d);
         }},
        {"trapz_at_places",
         [](Draw& d) {
             const Shape shape = d.shape(1, 4);
             const auto axis = d.axis(shape.size());
             return Configuration(
                 {d.normal(shape), d.normal(shape)}, [=](const Variables& xs) { return trapz(xs[0], xs[1], axis); },
                 [=](const Tensors& ts) { return torch::trapezoid(ts[0], ts[1], axis); });
         }},
        {"cov",
         [](Draw& d) {
             const Array<double> x = d.normal({1 + d.below(4), 2 + d.below(4)});
             const auto ddof = d.integer("ddof", 0, 1);
             return Configuration(
                 {x}, [=](const Variables& xs) { return cov(xs[0], static_cast<std::size_t>(ddof)); },
                 [=](const Tensors& ts) { // of one row libtorch makes a scalar
                     return torch::cov(ts[0], ddof).reshape({ts[0].size(0), ts[0].size(0)});
                 });
         }},
    };
}

} // namespace agree
