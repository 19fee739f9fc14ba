#include "moves.hpp"
#include <xgrad/ops/manipulation.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

const std::vector<Shape>& shapes()
{
    static const std::vector<Shape> all = {{}, {1}, {5}, {3, 4}, {4, 1}, {2, 3, 4}, {2, 1, 3, 2}, {0, 3}, {2, 0}};
    return all;
}

/** The array whose element at i is that of x at source(i). */
template <class T, class F>
Array<T> moved(const Array<T>& x, const Shape& shape, F source)
{
    return generate<T>(shape, [&](const Index& i) { return at(x, source(i)); });
}

Axis from_end(std::size_t axis, std::size_t dimension)
{
    return static_cast<Axis>(axis) - static_cast<Axis>(dimension);
}

} // namespace

TEST_CASE_TEMPLATE("reshape infers one extent", T, float, double)
{
    const struct
    {
        Shape from, to;
        Move<T> move;
    } cases[] = {
        {{2, 6},
         {3, 4},
         [](const auto& x) {
             return reshape(x, {3, -1});
         }},
        {{2, 6},
         {4, 3},
         [](const auto& x) {
             return reshape(x, {-1, 3});
         }},
        {{2, 6},
         {2, 3, 2},
         [](const auto& x) {
             return reshape(x, {x.shape()[0], -1, 2});
         }},
        {{2, 6}, {12}, [](const auto& x) { return reshape(x, {-1}); }},
        {{},
         {1, 1},
         [](const auto& x) {
             return reshape(x, {1, -1});
         }},
        {{0, 3}, {0}, [](const auto& x) { return reshape(x, {-1}); }},
        {{0, 3},
         {5, 0},
         [](const auto& x) {
             return reshape(x, {5, -1});
         }},
        {{2, 6},
         {4, 3},
         [](const auto& x) {
             return reshape(x, {4, 3});
         }},
        {{1}, {}, [](const auto& x) { return reshape(x, {}); }},
    };
    for (const auto& [from, to, move] : cases)
        check_move(move, counting<T>(from), counting<T>(to));
}

TEST_CASE_TEMPLATE("ravel and atleast_…d keep the elements in their order", T, float, double)
{
    const struct
    {
        Shape from, one, two, three;
    } cases[] = {{{}, {1}, {1, 1}, {1, 1, 1}},
                 {{4}, {4}, {1, 4}, {1, 4, 1}},
                 {{2, 3}, {2, 3}, {2, 3}, {2, 3, 1}},
                 {{2, 0, 2}, {2, 0, 2}, {2, 0, 2}, {2, 0, 2}},
                 {{2, 1, 3, 2}, {2, 1, 3, 2}, {2, 1, 3, 2}, {2, 1, 3, 2}}};
    for (const auto& each : cases) {
        const Array<T> x = counting<T>(each.from);
        check_move(Move<T>(ravel<T>), x, counting<T>({x.size()}));
        check_move(Move<T>(atleast_1d<T>), x, counting<T>(each.one));
        check_move(Move<T>(atleast_2d<T>), x, counting<T>(each.two));
        check_move(Move<T>(atleast_3d<T>), x, counting<T>(each.three));
    }
}

TEST_CASE_TEMPLATE("permute without an order, and swapaxes, exchange axes", T, float, double)
{
    for (const Shape& shape : shapes()) {
        const Array<T> x = counting<T>(shape);
        const Shape reversed(shape.rbegin(), shape.rend());
        check_move(Move<T>([](const auto& v) { return permute(v); }), x,
                   moved(x, reversed, [](Index i) { return Index(i.rbegin(), i.rend()); }));
        for (std::size_t a = 0; a < shape.size(); ++a)
            for (std::size_t b = 0; b < shape.size(); ++b) {
                Shape swapped = shape;
                std::swap(swapped[a], swapped[b]);
                const Array<T> expected = moved(x, swapped, [&](Index i) {
                    std::swap(i[a], i[b]);
                    return i;
                });
                const Axis first = static_cast<Axis>(a), second = from_end(b, shape.size());
                check_move(Move<T>([&](const auto& v) { return swapaxes(v, first, second); }), x, expected);
            }
    }
}

TEST_CASE_TEMPLATE("moveaxis puts axes at their places, the others in their order", T, float, double)
{
    const Array<T> x = counting<T>({2, 3, 4, 5});
    const auto check = [&](const Axes& source, const Axes& destination, const std::vector<std::size_t>& order) {
        Shape shape;
        for (const std::size_t axis : order)
            shape.push_back(x.shape()[axis]);
        const Array<T> expected = moved(x, shape, [&](const Index& i) {
            Index from(i.size());
            for (std::size_t axis = 0; axis < i.size(); ++axis)
                from[order[axis]] = i[axis];
            return from;
        });
        check_move(Move<T>([&](const auto& v) { return moveaxis(v, source, destination); }), x, expected);
    };
    check(0, -1, {1, 2, 3, 0}); // the orders are NumPy's
    check(-1, 0, {3, 0, 1, 2});
    check(1, 2, {0, 2, 1, 3});
    check({0, 1}, {-1, -2}, {2, 3, 1, 0});
    check({3, 0}, {0, 1}, {3, 0, 1, 2});
    check({2, 0, 1}, {0, 3, 1}, {2, 1, 3, 0});
    check(Axes{}, Axes{}, {0, 1, 2, 3});
    check(2, 2, {0, 1, 2, 3});
}

TEST_CASE_TEMPLATE("flip, fliplr and flipud reverse all axes, the second and the first one", T, float, double)
{
    for (const Shape& shape : shapes()) {
        const Array<T> x = counting<T>(shape);
        const auto reversed = [&](std::size_t first, std::size_t end) {
            return moved(x, shape, [&](Index i) {
                for (std::size_t axis = first; axis < end; ++axis)
                    i[axis] = shape[axis] - 1 - i[axis];
                return i;
            });
        };
        check_move(Move<T>([](const auto& v) { return flip(v); }), x, reversed(0, shape.size()));
        if (shape.size() >= 1)
            check_move(Move<T>(flipud<T>), x, reversed(0, 1));
        if (shape.size() >= 2)
            check_move(Move<T>(fliplr<T>), x, reversed(1, 2));
    }
}

TEST_CASE_TEMPLATE("rot90 turns from the first axis to the second", T, float, double)
{
    check_equal(rot90(constant<T>({{1, 2}, {3, 4}})).value(),
                Array<T>{{2, 4}, {1, 3}}); // as NumPy's documentation says
    for (const Shape& shape : {Shape{2, 3}, Shape{1, 4}, Shape{2, 3, 4}, Shape{0, 2}})
        for (std::size_t a = 0; a < shape.size(); ++a)
            for (std::size_t b = 0; b < shape.size(); ++b) {
                if (a == b)
                    continue;
                Array<T> expected = counting<T>(shape);
                for (std::ptrdiff_t k = 0; k < 6; ++k) {
                    for (const std::ptrdiff_t turns : {k, k - 8}) {
                        const Axes axes = {static_cast<Axis>(a), from_end(b, shape.size())};
                        check_move(Move<T>([&](const auto& v) { return rot90(v, turns, axes); }), counting<T>(shape),
                                   expected);
                    }
                    Shape turned = expected.shape();
                    std::swap(turned[a], turned[b]);
                    expected = moved(expected, turned, [&](Index i) { // y[i, j] = x[j, W − 1 − i]
                        const std::size_t width = turned[a];
                        return std::swap(i[a], i[b]), i[b] = width - 1 - i[b], i;
                    });
                }
            }
}

TEST_CASE_TEMPLATE("roll shifts around the end", T, float, double)
{
    for (const Shape& shape : shapes())
        for (const std::ptrdiff_t shift : {0, 1, -1, 3, -7, 12}) {
            const Array<T> x = counting<T>(shape);
            for (std::size_t axis = 0; axis < shape.size(); ++axis) {
                Array<T> expected = x;
                for_each_index(shape, [&](const Index& i) {
                    Index to = i;
                    const auto n = static_cast<std::ptrdiff_t>(shape[axis]);
                    to[axis] = static_cast<std::size_t>((static_cast<std::ptrdiff_t>(i[axis]) + shift + 100 * n) % n);
                    at(expected, to) = at(x, i);
                });
                const Axis place = from_end(axis, shape.size());
                check_move(Move<T>([&](const auto& v) { return roll(v, shift, place); }), x, expected);
            }
            Array<T> expected = x;
            const auto n = static_cast<std::ptrdiff_t>(x.size());
            for (std::ptrdiff_t i = 0; i < n; ++i)
                expected.data()[(i + shift + 100 * n) % n] = x.data()[i];
            check_move(Move<T>([&](const auto& v) { return roll(v, shift); }), x, expected);
        }
    const auto x = constant<T>({0, 1, 2});
    constexpr std::ptrdiff_t far = std::numeric_limits<std::ptrdiff_t>::min(); // 1 modulo 3
    check_equal(roll(x, far).value(), list<T>({2, 0, 1}));
}

TEST_CASE_TEMPLATE("split takes an array apart into equal sections, or at points", T, float, double)
{
    const auto check = [](const Shape& shape, std::size_t axis, const std::vector<std::size_t>& bounds, auto split_it) {
        const Array<T> x = counting<T>(shape);
        const std::size_t count = split_it(constant(Array<T>(x))).size();
        CHECK(count == bounds.size() - 1);
        for (std::size_t k = 0; k + 1 < bounds.size(); ++k) {
            Shape part = shape;
            part[axis] = bounds[k + 1] - bounds[k];
            const Array<T> expected = moved(x, part, [&](Index i) { return i[axis] += bounds[k], i; });
            check_move(Move<T>([&](const auto& v) { return split_it(v)[k]; }), x, expected);
        }
    };
    using V = Variable<T>;
    check({6}, 0, {0, 2, 4, 6}, [](const V& x) { return split(x, 3); });
    check({2, 4, 2}, 1, {0, 2, 4}, [](const V& x) { return split(x, 2, -2); });
    check({2, 3}, 1, {0, 3}, [](const V& x) { return split(x, 1, 1); });
    check({0, 3}, 1, {0, 1, 2, 3}, [](const V& x) { return split(x, 3, 1); });
    check({0, 3}, 0, {0, 0}, [](const V& x) { return split(x, 1); });
    check({6}, 0, {0, 2, 6}, [](const V& x) { return split(x, {2}); });
    check({2, 5}, 1, {0, 0, 3, 3, 5}, [](const V& x) { return split(x, {0, 3, 3}, 1); });
    const std::vector<std::size_t> points = {1, 5};
    check({5, 2}, 0, {0, 1, 5, 5}, [&](const V& x) { return split(x, points); });
}

TEST_CASE_TEMPLATE("manipulation: axes and extents that do not fit are refused by name", T, float, double)
{
    const auto x = leaf<T>({2, 3}), v = leaf<T>({4}), s = leaf<T>({});
    check_shape_error([&] { reshape(x, {4, -1}); }, {"[reshape]", "6", "(2,3)", "4"});
    check_shape_error([&] { reshape(x, {-1, -1}); }, {"[reshape]", "1", "-1"});
    check_shape_error([&] { reshape(x, {2, -3}); }, {"[reshape]", "-3"});
    check_shape_error([&] { reshape(leaf<T>({0}), {0, -1}); }, {"[reshape]", "(0)"});
    check_shape_error([&] { reshape(x, {4, 2}); }, {"[reshape]", "(2,3)", "(4,2)"});
    check_shape_error([&] { reshape(x, {-1, std::size_t{1} << 63, std::size_t{2}}); }, {"[reshape]", "2^40"});
    check_shape_error([&] { reshape(x, {3, std::size_t(-1)}); }, {"[reshape]", "-1"}); // no number that is implied
    check_shape_error([&] { swapaxes(x, 0, 2); }, {"[swapaxes]", "2"});
    check_shape_error([&] { moveaxis(x, {0, 1}, 0); }, {"[moveaxis]", "2", "1"});
    check_shape_error([&] { moveaxis(x, {0, -2}, {0, 1}); }, {"[moveaxis]", "(0,-2)"});
    check_shape_error([&] { moveaxis(x, {0, 1}, {1, -1}); }, {"[moveaxis]", "(1,-1)"});
    check_shape_error([&] { moveaxis(x, 0, 2); }, {"[moveaxis]", "2"});
    check_shape_error([&] { fliplr(v); }, {"[fliplr]", "(4)"});
    check_shape_error([&] { flipud(s); }, {"[flipud]", "()"});
    check_shape_error([&] { rot90(v); }, {"[rot90]", "1"});
    check_shape_error([&] { rot90(x, 1, {0, -2}); }, {"[rot90]", "(0,-2)"});
    check_shape_error([&] { rot90(x, 0, Axes{0, 1, 0}); }, {"[rot90]", "(0,1,0)"});
    check_shape_error([&] { roll(x, 1, 2); }, {"[roll]", "2"});
    check_shape_error([&] { split(v, 3); }, {"[split]", "3", "(4)"});
    check_shape_error([&] { split(v, std::size_t{0}); }, {"[split]", "0", "(4)"});
    check_shape_error([&] { split(leaf<T>({0}), 3); }, {"[split]", "3", "(0)"});
    check_shape_error([&] { split(v, std::size_t(-2)); }, {"[split]", "-2"});
    check_shape_error([&] { split(v, {3, 1}); }, {"[split]", "3,1", "(4)"});
    check_shape_error([&] { split(v, {5}); }, {"[split]", "5", "(4)"});
    check_shape_error([&] { split(s, 1); }, {"[split]", "0"});
}
