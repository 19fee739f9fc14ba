#include "moves.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/joining.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/shape.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

const std::vector<Shape>& shapes()
{
    static const std::vector<Shape> all = {{},        {1},       {5},          {3, 4},          {1, 4}, {4, 1},
                                           {2, 3, 4}, {2, 1, 3}, {2, 3, 4, 5}, {2, 2, 1, 3, 2}, {0, 3}, {2, 0}};
    return all;
}

} // namespace

TEST_CASE_TEMPLATE("reshape keeps the order of the elements", T, float, double)
{
    const Array<T> x = counting<T>({2, 3, 4});
    for (const Shape& shape : {Shape{24}, Shape{4, 6}, Shape{6, 4}, Shape{1, 24, 1}, Shape{2, 3, 4}, Shape{2, 2, 2, 3}})
        check_move([&](const Variable<T>& v) { return reshape(v, shape); }, x, counting<T>(shape));
    check_move([](const Variable<T>& v) { return reshape(v, {}); }, counting<T>({1, 1}), counting<T>({}));
    check_move([](const Variable<T>& v) { return reshape(v, {1, 1, 1}); }, counting<T>({}), counting<T>({1, 1, 1}));
    check_move([](const Variable<T>& v) { return reshape(v, {3, 0, 5}); }, counting<T>({0}), counting<T>({3, 0, 5}));
}

TEST_CASE_TEMPLATE("reshape leaves what others hold as it was", T, float, double)
{
    const auto x = constant(counting<T>({2, 3}));
    const auto y = reshape(x, {3, 2});
    CHECK(x.shape() == Shape{2, 3});
    CHECK(y.shape() == Shape{3, 2});
    CHECK(reshape(x * 2, {6}).value().data()[5] == 10);
}

TEST_CASE_TEMPLATE("flatten joins the axes from one on", T, float, double)
{
    const Array<T> x = counting<T>({2, 3, 4});
    check_move([](const Variable<T>& v) { return flatten(v); }, x, counting<T>({24}));
    check_move([](const Variable<T>& v) { return flatten(v, 1); }, x, counting<T>({2, 12}));
    check_move([](const Variable<T>& v) { return flatten(v, 2); }, x, counting<T>({2, 3, 4}));
    check_move([](const Variable<T>& v) { return flatten(v, 3); }, x, counting<T>({2, 3, 4, 1}));
    check_move([](const Variable<T>& v) { return flatten(v); }, counting<T>({}), counting<T>({1}));
    check_move([](const Variable<T>& v) { return flatten(v, 1); }, counting<T>({0, 2, 3}), counting<T>({0, 6}));
}

TEST_CASE_TEMPLATE("expand_dims and squeeze add and drop axes of extent 1", T, float, double)
{
    const Array<T> x = counting<T>({2, 3});
    const struct
    {
        Axis axis;
        Shape shape;
    } places[] = {{0, {1, 2, 3}}, {1, {2, 1, 3}}, {2, {2, 3, 1}}, {-1, {2, 3, 1}}, {-2, {2, 1, 3}}, {-3, {1, 2, 3}}};
    for (const auto& place : places) {
        check_move([&](const Variable<T>& v) { return expand_dims(v, place.axis); }, x, counting<T>(place.shape));
        check_move([&](const Variable<T>& v) { return squeeze(v, place.axis); }, counting<T>(place.shape), x);
    }
    check_move([](const Variable<T>& v) { return squeeze(v, 0); }, counting<T>({1}), counting<T>({}));
}

TEST_CASE_TEMPLATE("permute takes axis order[i] of x as axis i of the result", T, float, double)
{
    for (const Shape& shape : shapes()) {
        std::vector<std::size_t> order(shape.size());
        for (std::size_t i = 0; i < order.size(); ++i)
            order[i] = i;
        const Array<T> x = counting<T>(shape);
        do {
            Axes axes{};
            Shape result;
            for (const std::size_t axis : order) {
                axes.push_back(static_cast<Axis>(axis));
                result.push_back(shape[axis]);
            }
            const Array<T> expected = generate<T>(result, [&](const Index& i) {
                Index source(i.size());
                for (std::size_t axis = 0; axis < i.size(); ++axis)
                    source[order[axis]] = i[axis];
                return at(x, source);
            });
            check_move([&](const Variable<T>& v) { return permute(v, axes); }, x, expected);
        } while (std::next_permutation(order.begin(), order.end()));
    }
}

TEST_CASE_TEMPLATE("permute counts negative axes from the end", T, float, double)
{
    const auto x = constant(counting<T>({2, 3, 4}));
    check_equal(permute(x, {-1, 0, -2}).value(), permute(x, {2, 0, 1}).value());
}

TEST_CASE_TEMPLATE("transpose exchanges the last two axes", T, float, double)
{
    for (const Shape& shape : shapes()) {
        const std::size_t n = shape.size();
        if (n < 2)
            continue;
        const Array<T> x = counting<T>(shape);
        Shape result = shape;
        std::swap(result[n - 1], result[n - 2]);
        check_move([](const Variable<T>& v) { return transpose(v); }, x, generate<T>(result, [&](Index i) {
                       std::swap(i[n - 1], i[n - 2]);
                       return at(x, i);
                   }));
    }
}

TEST_CASE_TEMPLATE("transpose of matrices of many sizes", T, float, double)
{
    for (const std::size_t rows : Sizes{1, 7, 16, 33})
        for (const std::size_t columns : Sizes{1, 5, 16, 40}) {
            const Array<T> x = counting<T>({rows, columns});
            check_equal(transpose(constant(Array<T>(x))).value(), generate<T>({columns, rows}, [&](const Index& i) {
                            return at(x, {i[1], i[0]});
                        }));
        }
}

TEST_CASE_TEMPLATE("flip reverses every subset of the axes", T, float, double)
{
    for (const Shape& shape : shapes())
        for (std::size_t subset = 0; subset < std::size_t{1} << shape.size(); ++subset) {
            Axes axes{};
            for (std::size_t axis = 0; axis < shape.size(); ++axis)
                if ((subset >> axis & 1) != 0)
                    axes.push_back(axis % 2 == 0 ? static_cast<Axis>(axis)
                                                 : static_cast<Axis>(axis) - static_cast<Axis>(shape.size()));
            const Array<T> x = counting<T>(shape);
            check_move([&](const Variable<T>& v) { return flip(v, axes); }, x, generate<T>(shape, [&](Index i) {
                           for (std::size_t axis = 0; axis < shape.size(); ++axis)
                               if ((subset >> axis & 1) != 0)
                                   i[axis] = shape[axis] - 1 - i[axis];
                           return at(x, i);
                       }));
        }
}

TEST_CASE_TEMPLATE("rot180 reverses the last two axes", T, float, double)
{
    for (const Shape& shape : shapes()) {
        const std::size_t n = shape.size();
        if (n < 2)
            continue;
        const Array<T> x = counting<T>(shape);
        check_move([](const Variable<T>& v) { return rot180(v); }, x, generate<T>(shape, [&](Index i) {
                       for (const std::size_t axis : Sizes{n - 1, n - 2})
                           i[axis] = shape[axis] - 1 - i[axis];
                       return at(x, i);
                   }));
    }
}

TEST_CASE_TEMPLATE("slice takes every begin, end and step of an axis", T, float, double)
{
    const Array<T> x = counting<T>({3, 5, 2});
    for (std::size_t axis = 0; axis < 3; ++axis)
        for (std::size_t begin = 0; begin <= x.shape()[axis]; ++begin)
            for (std::size_t end = begin; end <= x.shape()[axis]; ++end)
                for (const std::size_t step : Sizes{1, 2, 3, 9}) {
                    Shape shape = x.shape();
                    shape[axis] = 0;
                    for (std::size_t i = begin; i < end; i += step)
                        ++shape[axis];
                    const Array<T> expected = generate<T>(shape, [&](Index i) {
                        i[axis] = begin + i[axis] * step;
                        return at(x, i);
                    });
                    check_move(
                        [&](const Variable<T>& v) { return slice(v, static_cast<Axis>(axis), begin, end, step); }, x,
                        expected);
                    check_move(
                        [&](const Variable<T>& v) { return slice(v, static_cast<Axis>(axis) - 3, begin, end, step); },
                        x, expected);
                }
}

TEST_CASE_TEMPLATE("slice by ranges, and embed as its transpose", T, float, double)
{
    const Shape shape = {4, 5, 6};
    const Ranges ranges = {{1, 2, 2}, {0, 5, 1}, {5, 1, 3}};
    const Array<T> x = counting<T>(shape);
    const Shape part = {2, 5, 1};
    const auto source = [&](const Index& i) { return Index{1 + 2 * i[0], i[1], 5 + 3 * i[2]}; };
    check_move([&](const Variable<T>& v) { return slice(v, ranges); }, x,
               generate<T>(part, [&](const Index& i) { return at(x, source(i)); }));

    const Array<T> small = numbers<T>(part), g = numbers<T>(shape, -2, 2, 2);
    Array<T> expected(shape, T(0)), gradient(part, T(0));
    for_each_index(part, [&](const Index& i) {
        at(expected, source(i)) = at(small, i);
        at(gradient, i) = at(g, source(i));
    });
    check_equal(embed(constant(Array<T>(small)), shape, ranges).value(), expected);
    check_equal(gradients_of<T>([&](const auto& v) { return embed(v[0], shape, ranges); }, {small}, g)[0], gradient);
}

TEST_CASE_TEMPLATE("pad surrounds with a value and its gradient is the middle", T, float, double)
{
    for (const double value : {0.0, -1.5, infinity}) {
        const Array<T> x = numbers<T>({2, 3});
        const Array<T> expected = generate<T>({5, 4}, [&](const Index& i) {
            const bool inside = i[0] >= 1 && i[0] < 3 && i[1] < 3;
            return inside ? static_cast<double>(at(x, {i[0] - 1, i[1]})) : value;
        });
        const auto f = [&](const auto& v) { return pad(v[0], Borders{{1, 2}, {0, 1}}, static_cast<T>(value)); };
        check_equal(f(Variables<T>{constant(Array<T>(x))}).value(), expected);
        const Array<T> g = numbers<T>({5, 4}, -2, 2, 2);
        check_equal(gradients_of<T>(f, {x}, g)[0], generate<T>({2, 3}, [&](const Index& i) {
                        return at(g, {i[0] + 1, i[1]});
                    }));
    }
    check_equal(pad(constant<T>(T(3)), Borders{}).value(), Array<T>(Shape{}, T(3)));
    check_equal(pad(constant(Array<T>(Shape{0})), Borders{{1, 1}}, 7).value(), list<T>({7, 7}));
}

TEST_CASE_TEMPLATE("concatenate joins arrays along every axis and hands each its part of the gradient", T, float,
                   double)
{
    for (std::size_t axis = 0; axis < 3; ++axis) {
        std::vector<Array<T>> parts;
        std::vector<std::size_t> begins;
        Shape whole = {2, 3, 4};
        whole[axis] = 0;
        for (const std::size_t extent : Sizes{2, 0, 1, 3}) {
            Shape shape = {2, 3, 4};
            shape[axis] = extent;
            parts.push_back(numbers<T>(shape, -2, 2, static_cast<unsigned>(extent) + 1));
            begins.push_back(whole[axis]);
            whole[axis] += extent;
        }
        Array<T> expected(whole, T(0));
        const Array<T> g = numbers<T>(whole, -2, 2, 9);
        std::vector<Array<T>> gradients;
        for (std::size_t p = 0; p < parts.size(); ++p)
            gradients.push_back(generate<T>(parts[p].shape(), [&](Index i) {
                const T value = at(parts[p], i);
                i[axis] += begins[p];
                at(expected, i) = value;
                return at(g, i);
            }));
        for (const Axis place : {static_cast<Axis>(axis), static_cast<Axis>(axis) - 3}) {
            const auto f = [&](const auto& xs) {
                return concatenate(std::vector<Variable<T>>(xs.begin(), xs.end()), place);
            };
            Variables<T> constants;
            for (const Array<T>& part : parts)
                constants.push_back(constant(Array<T>(part)));
            check_equal(f(constants).value(), expected);
            const std::vector<Array<T>> actual = gradients_of<T>(f, parts, g);
            for (std::size_t p = 0; p < parts.size(); ++p)
                check_equal(actual[p], gradients[p]);
        }
    }
}

TEST_CASE_TEMPLATE("stack joins arrays along a new axis", T, float, double)
{
    const Array<T> a = numbers<T>({2, 3}, -2, 2, 1), b = numbers<T>({2, 3}, -2, 2, 2);
    const std::vector<Variable<T>> xs = {constant(Array<T>(a)), constant(Array<T>(b))};
    const auto pick = [&](std::size_t which, std::size_t i, std::size_t j) { return at(which == 0 ? a : b, {i, j}); };
    check_equal(stack(xs).value(), generate<T>({2, 2, 3}, [&](const Index& i) { return pick(i[0], i[1], i[2]); }));
    check_equal(stack(xs, 1).value(), generate<T>({2, 2, 3}, [&](const Index& i) { return pick(i[1], i[0], i[2]); }));
    check_equal(stack(xs, 2).value(), generate<T>({2, 3, 2}, [&](const Index& i) { return pick(i[2], i[0], i[1]); }));
    check_equal(stack(xs, -1).value(), stack(xs, 2).value());
    check_equal(stack(std::vector{constant<T>(1), constant<T>(2)}).value(), list<T>({1, 2}));
}

TEST_CASE("cast rounds to float and carries the gradient back to double")
{
    const Array<double> x = numbers<double>({2, 3});
    const auto y = cast<float>(constant(Array<double>(x)));
    check_equal(y.value(), generate<float>({2, 3}, [&](const Index& i) { return static_cast<float>(at(x, i)); }));
    check_equal(cast<double>(y).value(),
                generate<double>({2, 3}, [&](const Index& i) { return static_cast<float>(at(x, i)); }));

    const auto leaf = variable(Array<double>(x));
    Tape tape;
    const auto narrow = cast<float>(leaf) * 3;
    const Array<double> gradient =
        tape.gradient(reshape(slice(cast<double>(narrow), {{0, 1, 1}, {1, 1, 1}}), {}), leaf).value();
    check_equal(gradient, generate<double>({2, 3}, [](const Index& i) { return i == Index{0, 1} ? 3.0 : 0.0; }));
}

TEST_CASE_TEMPLATE("moves keep NaN and infinity", T, float, double)
{
    const auto x = constant(list<T>({1, not_a_number, -infinity}));
    check_equal(flip(x, 0).value(), list<T>({-infinity, not_a_number, 1}));
    check_equal(slice(x, 0, 1, 3).value(), list<T>({not_a_number, -infinity}));
    check_equal(pad(x, Borders{{1, 0}}).value(), list<T>({0, 1, not_a_number, -infinity}));
}

TEST_CASE_TEMPLATE("moves that do not fit are refused by name, and nothing is recorded", T, float, double)
{
    const auto x = leaf<T>({2, 3}), v = leaf<T>({4}), s = leaf<T>({});
    check_shape_error([&] { reshape(x, {4, 2}); }, {"[reshape]", "(2,3)", "(4,2)"});
    check_shape_error([&] { reshape(s, {0}); }, {"[reshape]", "()", "(0)"});
    check_shape_error([&] { flatten(x, 3); }, {"[flatten]", "3", "(2,3)"});
    check_shape_error([&] { expand_dims(x, 3); }, {"[expand_dims]", "3"});
    check_shape_error([&] { expand_dims(x, -4); }, {"[expand_dims]", "-4"});
    check_shape_error([&] { squeeze(x, 0); }, {"[squeeze]", "0", "(2,3)"});
    check_shape_error([&] { squeeze(x, 2); }, {"[squeeze]", "2"});
    check_shape_error([&] { squeeze(s, 0); }, {"[squeeze]", "0"});
    check_shape_error([&] { permute(x, {0}); }, {"[permute]", "1", "(2,3)"});
    check_shape_error([&] { permute(x, {0, 1, 2}); }, {"[permute]", "3", "(2,3)"});
    check_shape_error([&] { permute(x, {1, 1}); }, {"[permute]", "(1,1)"});
    check_shape_error([&] { permute(x, {1, -1}); }, {"[permute]", "(1,-1)"});
    check_shape_error([&] { permute(x, {0, 2}); }, {"[permute]", "2"});
    check_shape_error([&] { transpose(v); }, {"[transpose]", "(4)"});
    check_shape_error([&] { transpose(s); }, {"[transpose]", "()"});
    check_shape_error([&] { flip(x, 2); }, {"[flip]", "2"});
    check_shape_error([&] { flip(x, -3); }, {"[flip]", "-3"});
    check_shape_error([&] { flip(x, {0, 0}); }, {"[flip]", "0"});
    check_shape_error([&] { flip(x, {1, -1}); }, {"[flip]", "-1"});
    check_shape_error([&] { rot180(v); }, {"[rot180]", "(4)"});
    check_shape_error([&] { slice(v, 1, 0, 1); }, {"[slice]", "1"});
    check_shape_error([&] { slice(v, 0, 0, 5); }, {"[slice]", "5", "(4)"});
    check_shape_error([&] { slice(v, 0, 3, 2); }, {"[slice]", "3", "2", "(4)"});
    check_shape_error([&] { slice(v, 0, 0, 2, 0); }, {"[slice]", "0", "(4)"});
    check_shape_error([&] { slice(x, Ranges{{0, 1, 1}}); }, {"[slice]", "1", "(2,3)"});
    check_shape_error([&] { slice(x, Ranges{{0, 2, 1}, {1, 3, 1}}); }, {"[slice]", "3", "(2,3)"});
    check_shape_error([&] { slice(x, Ranges{{0, 2, 1}, {0, 2, 3}}); }, {"[slice]", "(2,3)"});
    check_shape_error([&] { slice(x, Ranges{{2, 1, 1}, {0, 3, 1}}); }, {"[slice]", "(2,3)"});
    check_shape_error([&] { slice(v, Ranges{{1, 2, static_cast<std::size_t>(-1)}}); }, {"[slice]", "(4)"});
    check_shape_error([&] { slice(v, Ranges{{1, static_cast<std::size_t>(-1), 1}}); }, {"[slice]", "(4)"});
    check_shape_error([&] { slice(v, Ranges{{0, 3, std::size_t{1} << 63}}); }, {"[slice]", "(4)"}); // 2·2⁶³ is 0
    check_shape_error([&] { embed(v, {5}, Ranges{{2, 4, 1}}); }, {"[embed]", "(5)"});
    check_shape_error([&] { embed(v, {9}, Ranges{{0, 3, 1}}); }, {"[embed]", "(3)", "(4)"});
    check_shape_error([&] { embed(v, {9, 9}, Ranges{{0, 4, 1}}); }, {"[embed]", "(9,9)"});
    check_shape_error([&] { pad(x, Borders{{1, 1}}); }, {"[pad]", "1", "(2,3)"});
}

TEST_CASE_TEMPLATE("arrays that cannot be joined are refused by name, and nothing is recorded", T, float, double)
{
    using List = std::vector<Variable<T>>;
    const auto x = leaf<T>({2, 3}), y = leaf<T>({2, 4}), v = leaf<T>({3}), s = leaf<T>({});
    check_shape_error([&] { concatenate(List{}); }, {"[concatenate]", "nothing"});
    check_shape_error([&] { concatenate(List{x, y}); }, {"[concatenate]", "(2,3)", "(2,4)"});
    check_shape_error([&] { concatenate(List{x, v}); }, {"[concatenate]", "(2,3)", "(3)"});
    check_shape_error([&] { concatenate(List{x, x}, 2); }, {"[concatenate]", "2"});
    check_shape_error([&] { concatenate(List{s, s}); }, {"[concatenate]", "0"});
    check_shape_error([&] { stack(List{}); }, {"[stack]", "nothing"});
    check_shape_error([&] { stack(List{x, y}); }, {"[stack]", "(2,3)", "(2,4)"});
    check_shape_error([&] { stack(List{x, x}, 3); }, {"[stack]", "3"});
}

TEST_CASE("arrays are joined without a list, and found by their types")
{
    const auto a = xgrad::variable<double>({1, 2}), b = xgrad::variable<double>({3, 4});
    CHECK(concatenate(a, b).value() == concatenate({a, b}).value());
    CHECK(concatenate(a, b, a).value() == concatenate({a, b, a}).value());
    CHECK(stack(a, b, b).value() == stack({a, b, b}).value());
    Tape tape;
    CHECK(tape.gradient(sum(square(concatenate(a, b, a))), a).value() == xgrad::Array<double>{4, 8});
}
