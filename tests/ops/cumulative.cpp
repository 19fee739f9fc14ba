#include "ops.hpp"
#include <xgrad/ops/cumulative.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** y[…, i, …] of x[…, 0 … i, …] along an axis, by a loop. */
template <class T, class F>
Array<T> running(const Array<T>& x, std::size_t axis, F f)
{
    const Shape shape(x.shape().begin(), x.shape().end());
    return generate<T>(shape, [&](Index i) {
        const std::size_t last = i[axis];
        double result = 0;
        for (std::size_t k = 0; k <= last; ++k) {
            i[axis] = k;
            result = k == 0 ? static_cast<double>(at(x, i)) : f(result, static_cast<double>(at(x, i)));
        }
        return result;
    });
}

Shape with(Shape shape, std::size_t axis, std::size_t extent)
{
    shape[axis] = extent;
    return shape;
}

} // namespace

TEST_CASE_TEMPLATE("running sums, products, differences and integrals along every axis", T, float, double)
{
    for (const Shape& shape : {Shape{2, 3, 4}, Shape{17}, Shape{1}, Shape{2, 0}, Shape{0}, Shape{5, 1, 9}})
        for (std::size_t axis = 0; axis < shape.size(); ++axis) {
            CAPTURE(to_string(shape));
            const Array<T> x = numbers<T>(shape);
            const auto v = constant(Array<T>(x));
            const auto a = static_cast<Axis>(axis), from_end = a - static_cast<Axis>(shape.size());
            check_close(cumsum(v, a).value(), running(x, axis, [](double y, double e) { return y + e; }));
            check_close(cumprod(v, from_end).value(), running(x, axis, [](double y, double e) { return y * e; }));
            const std::size_t n = shape[axis];
            const auto neighbours = [&](auto f) {
                return generate<T>(with(shape, axis, n == 0 ? 0 : n - 1), [&](Index i) {
                    const double left = static_cast<double>(at(x, i));
                    ++i[axis];
                    return f(left, static_cast<double>(at(x, i)));
                });
            };
            check_close(diff(v, 1, a).value(), neighbours([](double l, double r) { return r - l; }));
            check_equal(diff(v, 0, from_end).value(), x);
            Shape rest = shape;
            rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(axis));
            const Array<T> places = numbers<T>({n}, -3, 3, 7);
            const auto integral = [&](auto width) {
                return generate<T>(rest, [&](Index i) {
                    i.insert(i.begin() + a, 0);
                    double sum = 0;
                    for (std::size_t k = 0; k + 1 < n; ++k) {
                        i[axis] = k;
                        const double left = static_cast<double>(at(x, i));
                        i[axis] = k + 1;
                        sum += width(k) * (left + static_cast<double>(at(x, i))) / 2;
                    }
                    return sum;
                });
            };
            check_close(trapz(v, 0.25, a).value(), integral([](std::size_t) { return 0.25; }));
            check_close(trapz(v, constant(Array<T>(places)), a).value(), integral([&](std::size_t k) {
                            return static_cast<double>(places.data()[k + 1]) - static_cast<double>(places.data()[k]);
                        }),
                        4 * few_roundings<T>);
        }
}

TEST_CASE_TEMPLATE("without an axis sums and products run through all elements", T, float, double)
{
    Array<T> x = list<T>({1, 2, 3, 4});
    x.reshape({2, 2});
    check_equal(cumsum(constant(Array<T>(x))).value(), list<T>({1, 3, 6, 10}));
    check_equal(cumprod(constant(std::move(x))).value(), list<T>({1, 2, 6, 24}));
    check_equal(cumsum(constant(Array<T>(Shape{}, T(5)))).value(), list<T>({5}));
    check_equal(diff(constant(list<T>({1, 4, 9, 16})), 2).value(), list<T>({2, 2}));
    check_equal(diff(constant(list<T>({1, 4})), std::size_t(-1)).value(), list<T>({}));
}

TEST_CASE_TEMPLATE("running ops along axes that do not exist are refused by name", T, float, double)
{
    const auto x = leaf<T>({2, 3});
    check_shape_error([&] { cumsum(x, 2); }, {"[cumsum]", "2"});
    check_shape_error([&] { cumprod(x, -3); }, {"[cumprod]", "-3"});
    check_shape_error([&] { diff(x, 1, 2); }, {"[diff]", "2"});
    check_shape_error([&] { diff(leaf<T>({})); }, {"[diff]", "-1"});
    check_shape_error([&] { trapz(x, 1, 4); }, {"[trapz]", "4"});
    check_shape_error([&] { trapz(x, leaf<T>({2})); }, {"[trapz]", "(2)", "(2,3)"});
}
