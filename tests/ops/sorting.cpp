#include "ops.hpp"
#include <xgrad/ops/sorting.hpp>

#include <numeric>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** Few different numbers, so that there are ties; with NaN and infinities if wanted. */
template <class T>
Array<T> with_ties(const Shape& shape, bool finite, unsigned seed = 1)
{
    std::mt19937 engine(seed);
    const double values[] = {1, -2, 0, 3, 1, 0.5, infinity, -infinity, not_a_number};
    return generate<T>(shape, [&](const Index&) { return values[engine() % (finite ? 6 : 9)]; });
}

/** A number's place among the others: NaN behind infinity. */
double rank(double x) { return std::isnan(x) ? 2 : std::atan(x) / 1.6; }

/** Calls f(line, order) for each line of x along an axis: the index of its element i is line(i). */
template <class T, class F>
void for_each_order(const Array<T>& x, std::size_t axis, bool descends, F f)
{
    Shape lines = x.shape();
    lines[axis] = std::min<std::size_t>(lines[axis], 1);
    for_each_index(lines, [&](const Index& first) {
        const auto line = [&](std::size_t i) {
            Index index = first;
            index[axis] = i;
            return index;
        };
        std::vector<std::size_t> order(x.shape()[axis]);
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
            const double a = rank(at(x, line(i))), b = rank(at(x, line(j)));
            return descends ? a > b : a < b;
        });
        f(line, order);
    });
}

/** The quantile of numbers, found in their sorted list. */
double quantile_of(std::vector<double> all, double p)
{
    for (const double each : all)
        if (std::isnan(each))
            return each;
    std::sort(all.begin(), all.end());
    const double place = p * static_cast<double>(all.size() - 1);
    const auto k = static_cast<std::size_t>(place);
    const double t = place - static_cast<double>(k);
    return t == 0 ? all[k] : (1 - t) * all[k] + t * all[k + 1];
}

} // namespace

TEST_CASE_TEMPLATE("sort, argsort and topk follow the stable order along every axis", T, float, double)
{
    for (const Shape& shape : {Shape{7}, Shape{1}, Shape{0}, Shape{4, 5}, Shape{3, 4, 2}, Shape{2, 0}, Shape{0, 3}})
        for (std::size_t axis = 0; axis < shape.size(); ++axis)
            for (const bool finite : {true, false}) {
                const Array<T> x = with_ties<T>(shape, finite);
                const Axis place = static_cast<Axis>(axis) - static_cast<Axis>(shape.size());
                Array<T> sorted = x, gradient = x;
                Labels positions(shape, 0);
                const Array<T> g = numbers<T>(shape);
                for_each_order(x, axis, false, [&](const auto& line, const auto& order) {
                    for (std::size_t i = 0; i < order.size(); ++i) {
                        at(sorted, line(i)) = at(x, line(order[i]));
                        at(positions, line(i)) = static_cast<std::int32_t>(order[i]);
                        at(gradient, line(order[i])) = at(g, line(i));
                    }
                });
                const auto v = constant(Array<T>(x));
                check_equal(sort(v, place).value(), sorted);
                CHECK(argsort(v, place) == positions);
                check_equal(gradients_of<T>([&](const auto& xs) { return sort(xs[0], place); }, {x}, g)[0], gradient);

                for (std::size_t k = 0; k <= shape[axis]; ++k) {
                    Shape chosen = shape;
                    chosen[axis] = k;
                    Array<T> largest(chosen), to_x(shape, T(0));
                    Labels at_positions(chosen, 0);
                    const Array<T> upstream = numbers<T>(chosen);
                    for_each_order(x, axis, true, [&](const auto& line, const auto& order) {
                        for (std::size_t i = 0; i < k; ++i) {
                            at(largest, line(i)) = at(x, line(order[i]));
                            at(at_positions, line(i)) = static_cast<std::int32_t>(order[i]);
                            at(to_x, line(order[i])) = at(upstream, line(i));
                        }
                    });
                    const auto [values, indices] = topk(v, k, place);
                    check_equal(values.value(), largest);
                    CHECK(indices == at_positions);
                    check_equal(
                        gradients_of<T>([&](const auto& xs) { return topk(xs[0], k, place).first; }, {x}, upstream)[0],
                        to_x);
                }
            }
    check_equal(sort(constant<T>({{3, 1}, {2, 0}})).value(), Array<T>{{1, 3}, {0, 2}}); // the last axis
}

TEST_CASE_TEMPLATE("median and quantile interpolate in the order of what they reduce", T, float, double)
{
    for (const Shape& shape : {Shape{5}, Shape{6}, Shape{3, 4}, Shape{2, 3, 4}, Shape{1, 1}})
        for (unsigned axes = 0; axes < (1u << shape.size()); ++axes)
            for (const bool finite : {true, false}) {
                const Array<T> x = with_ties<T>(shape, finite, axes + 3);
                Axes reduced{};
                Shape kept = shape, dropped;
                for (std::size_t axis = 0; axis < shape.size(); ++axis)
                    if (axes >> axis & 1) {
                        reduced.push_back(static_cast<Axis>(axis) - static_cast<Axis>(shape.size()));
                        kept[axis] = 1;
                    } else
                        dropped.push_back(shape[axis]);
                const auto v = constant(Array<T>(x));
                for (const double p : {0.0, 0.2, 0.5, 0.9, 1.0}) {
                    Array<T> expected = generate<T>(kept, [&](const Index& result) {
                        std::vector<double> all;
                        for_each_index(shape, [&](const Index& i) {
                            bool same = true;
                            for (std::size_t axis = 0; axis < i.size(); ++axis)
                                same = same && (kept[axis] == 1 || i[axis] == result[axis]);
                            if (same)
                                all.push_back(at(x, i));
                        });
                        return quantile_of(all, p);
                    });
                    check_close(quantile(v, p, reduced, true).value(), expected);
                    if (p == 0.5)
                        check_close(median(v, reduced, true).value(), expected);
                    if (reduced.size() == shape.size()) {
                        CHECK(quantile(v, p).shape() == Shape{});
                        check_close(reshape(quantile(v, p), kept).value(), expected);
                    }
                    expected.reshape(dropped);
                    check_close(quantile(v, p, reduced).value(), expected);
                    if (p == 0.5)
                        check_close(median(v, reduced).value(), expected);
                }
            }
    CHECK(median(constant<T>({3, 1, 2, 10})).item() == T(2.5));
    const auto x = constant<T>({{1, 2, 3, 4}, {8, 7, 6, 5}}); // what NumPy's quantile gives
    check_close(quantile(x, {0.0, 0.25, 1.0}, 1).value(), Array<T>{{1, 5}, {1.75, 5.75}, {4, 8}});
    check_close(quantile(x, {0.5}, 0, true).value(), constant<T>({{{4.5, 4.5, 4.5, 4.5}}}).value());
}

TEST_CASE_TEMPLATE("the gradient of a quantile goes to the elements it lies between", T, float, double)
{
    const Array<T> x = list<T>({5, 1, 4, 2}), one(Shape{}, T(1));
    const auto gradient = [&](double p) {
        return gradients_of<T>([&](const auto& xs) { return quantile(xs[0], p); }, {x}, one)[0];
    };
    check_close(gradient(0), list<T>({0, 1, 0, 0}));
    check_close(gradient(0.5), list<T>({0, 0, 0.5, 0.5}));
    check_close(gradient(0.75), list<T>({0.25, 0, 0.75, 0}));
    check_close(gradient(1), list<T>({1, 0, 0, 0}));
}

TEST_CASE_TEMPLATE("sorting: axes, counts and probabilities that do not fit are refused by name", T, float, double)
{
    const auto x = leaf<T>({2, 3}), none_of_3 = leaf<T>({0, 3}), s = leaf<T>({});
    check_shape_error([&] { sort(x, 2); }, {"[sort]", "2"});
    check_shape_error([&] { sort(s); }, {"[sort]", "-1"});
    check_shape_error([&] { argsort(x, -3); }, {"[argsort]", "-3"});
    check_shape_error([&] { topk(x, 4); }, {"[topk]", "4", "(2,3)"});
    check_shape_error([&] { topk(x, std::size_t(-1)); }, {"[topk]", "(2,3)"});
    check_shape_error([&] { median(none_of_3); }, {"[median]", "nothing", "(0,3)"});
    check_shape_error([&] { median(x, 2); }, {"[median]", "2"});
    check_shape_error([&] { quantile(none_of_3, 0.5, 0); }, {"[quantile]", "nothing", "(0,3)"});
    check_shape_error([&] { quantile(x, 0.5, {0, -2}); }, {"[quantile]", "-2", "twice"});
    check_shape_error([&] { quantile(x, 1.5); }, {"[quantile]", "1.5"});
    check_shape_error([&] { quantile(x, -0.1, 0); }, {"[quantile]", "-0.1"});
    check_shape_error([&] { quantile(x, not_a_number, 0); }, {"[quantile]", "nan"});
    check_shape_error([&] { quantile(x, std::span<const double>(), 0); }, {"[quantile]", "probability"});
    CHECK(quantile(none_of_3, 0.5, 1).shape() == Shape{0});
    CHECK(median(s).item() == s.item());
}
