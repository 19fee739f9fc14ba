#include "moves.hpp"
#include <xgrad/ops/repetition.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

constexpr std::size_t huge = std::size_t{1} << 63;

/** The position of which an element of the border is a copy: a walk that turns back at the ends. */
std::ptrdiff_t walked(std::ptrdiff_t i, std::ptrdiff_t n, PadMode mode)
{
    while (i < 0 || i >= n)
        switch (mode) {
        case PadMode::edge:
            i += i < 0 ? 1 : -1;
            break;
        case PadMode::wrap:
            i += i < 0 ? n : -n;
            break;
        case PadMode::symmetric:
            i = i < 0 ? -1 - i : 2 * n - 1 - i;
            break;
        default:
            i = n == 1 ? 0 : i < 0 ? -i : 2 * n - 2 - i;
        }
    return i;
}

} // namespace

TEST_CASE_TEMPLATE("tile puts copies side by side", T, float, double)
{
    for (const Shape& shape : {Shape{}, Shape{3}, Shape{2, 3}, Shape{2, 1, 3}, Shape{0, 2}})
        for (const Shape& reps : {Shape{}, Shape{1}, Shape{2}, Shape{3, 2}, Shape{2, 1, 3}, Shape{0}, Shape{2, 0, 2}}) {
            const Array<T> x = counting<T>(shape);
            Shape result(std::max(shape.size(), reps.size()), 1);
            for (std::size_t i = 0; i < shape.size(); ++i)
                result[result.size() - shape.size() + i] *= shape[i];
            for (std::size_t i = 0; i < reps.size(); ++i)
                result[result.size() - reps.size() + i] *= reps[i];
            const Array<T> expected = generate<T>(result, [&](const Index& i) {
                Index source(i.end() - static_cast<std::ptrdiff_t>(shape.size()), i.end());
                for (std::size_t axis = 0; axis < shape.size(); ++axis)
                    source[axis] %= shape[axis];
                return at(x, source);
            });
            check_move(Move<T>([&](const auto& v) { return tile(v, reps); }), x, expected);
        }
}

TEST_CASE_TEMPLATE("repeat repeats slices, each as often as its count says", T, float, double)
{
    for (const Shape& shape : {Shape{3}, Shape{2, 3}, Shape{2, 1, 3}, Shape{0, 2}, Shape{2, 0}})
        for (std::size_t axis = 0; axis < shape.size(); ++axis) {
            const Array<T> x = counting<T>(shape);
            const Axis place = static_cast<Axis>(axis) - static_cast<Axis>(shape.size());
            const auto check = [&](const std::vector<std::size_t>& counts, const Move<T>& move) {
                std::vector<std::size_t> sources;
                for (std::size_t i = 0; i < counts.size(); ++i)
                    sources.insert(sources.end(), counts[i], i);
                Shape result = shape;
                result[axis] = sources.size();
                check_move(move, x, generate<T>(result, [&](Index i) {
                               i[axis] = sources[i[axis]];
                               return at(x, i);
                           }));
            };
            for (const std::size_t count : Sizes{0, 1, 3}) {
                const std::vector<std::size_t> same(shape[axis], count);
                check(same, [&](const auto& v) { return repeat(v, count, place); });
                check(same, [&](const auto& v) { return repeat(v, {count}, place); });
            }
            std::vector<std::size_t> counts(shape[axis]);
            for (std::size_t i = 0; i < counts.size(); ++i)
                counts[i] = (i + 2) % 3;
            if (counts.size() > 1)
                check(counts, [&](const auto& v) { return repeat(v, std::span<const std::size_t>(counts), place); });
        }
    check_move(Move<T>([](const auto& v) { return repeat(v, 2); }), counting<T>({2, 2}),
               list<T>({0, 0, 1, 1, 2, 2, 3, 3}));
    check_move(Move<T>([](const auto& v) { return repeat(v, 3); }), counting<T>({}), list<T>({0, 0, 0}));
    check_move(Move<T>([](const auto& v) { return repeat(v, {2, 0, 1}, 0); }), counting<T>({3}), list<T>({0, 0, 2}));
}

TEST_CASE_TEMPLATE("pad fills borders of any length by its mode", T, float, double)
{
    const PadMode modes[] = {PadMode::edge, PadMode::reflect, PadMode::symmetric, PadMode::wrap};
    for (const Shape& shape : {Shape{3}, Shape{1}, Shape{2, 4}, Shape{2, 1, 3}, Shape{}})
        for (const PadMode mode : modes)
            for (const Border& border : {Border{0, 0}, Border{1, 0}, Border{0, 2}, Border{5, 7}}) {
                Borders borders;
                Shape result;
                for (std::size_t axis = 0; axis < shape.size(); ++axis) {
                    borders.push_back({border.before + axis, border.after});
                    result.push_back(border.before + axis + shape[axis] + border.after);
                }
                const Array<T> x = counting<T>(shape);
                const Array<T> expected = generate<T>(result, [&](Index i) {
                    for (std::size_t axis = 0; axis < i.size(); ++axis)
                        i[axis] = static_cast<std::size_t>(walked(static_cast<std::ptrdiff_t>(i[axis]) -
                                                                      static_cast<std::ptrdiff_t>(borders[axis].before),
                                                                  static_cast<std::ptrdiff_t>(shape[axis]), mode));
                    return at(x, i);
                });
                check_move(Move<T>([&](const auto& v) { return pad(v, borders, mode); }), x, expected);
            }
    const auto x = constant<T>({1, 2, 3});
    const auto padded = [&](PadMode mode) { return pad(x, {{2, 2}}, mode, 9).value(); }; // as the enumeration shows
    check_equal(padded(PadMode::constant), list<T>({9, 9, 1, 2, 3, 9, 9}));
    check_equal(padded(PadMode::edge), list<T>({1, 1, 1, 2, 3, 3, 3}));
    check_equal(padded(PadMode::reflect), list<T>({3, 2, 1, 2, 3, 2, 1}));
    check_equal(padded(PadMode::symmetric), list<T>({2, 1, 1, 2, 3, 3, 2}));
    check_equal(padded(PadMode::wrap), list<T>({2, 3, 1, 2, 3, 1, 2}));
    CHECK(pad(leaf<T>({0, 3}), {{0, 0}, {1, 1}}, PadMode::reflect).shape() == Shape{0, 5});
    CHECK(pad(leaf<T>({0}), {{1, 1}}, PadMode::constant).shape() == Shape{2});
}

TEST_CASE_TEMPLATE("meshgrid repeats coordinates along the other axes", T, float, double)
{
    const Array<T> x = list<T>({1, 2, 3}), y = list<T>({4, 5}), z = list<T>({6, 7, 8, 9});
    const auto a = constant(Array<T>(x)), b = constant(Array<T>(y)), c = constant(Array<T>(z));
    const auto check = [&](const Variables<T>& mesh, const std::vector<Array<T>>& of,
                           const std::vector<std::size_t>& axes) {
        REQUIRE(mesh.size() == of.size());
        Shape shape(of.size());
        for (std::size_t k = 0; k < of.size(); ++k)
            shape[axes[k]] = of[k].size();
        for (std::size_t k = 0; k < of.size(); ++k)
            check_equal(mesh[k].value(), generate<T>(shape, [&](const Index& i) { return of[k].data()[i[axes[k]]]; }));
    };
    check(meshgrid(a, b), {x, y}, {1, 0});
    check(meshgrid({a, b, c}), {x, y, z}, {1, 0, 2});
    check(meshgrid(std::vector{a, b, c}, MeshIndexing::ij), {x, y, z}, {0, 1, 2});
    check(meshgrid({b}), {y}, {0});
    check(meshgrid(constant(Array<T>(Shape{}, T(3))), b), {list<T>({3}), y}, {1, 0});
    CHECK(meshgrid(a, leaf<T>({0}))[0].shape() == Shape{0, 3});
}

TEST_CASE_TEMPLATE("repetition: axes, counts and sizes that do not fit are refused by name", T, float, double)
{
    const auto x = leaf<T>({2, 3}), s = leaf<T>({});
    check_shape_error([&] { tile(x, {1, huge}); }, {"[tile]", "extent"});
    check_shape_error([&] { tile(x, {std::size_t{1} << 30, std::size_t{1} << 30}); }, {"2^40"});
    CHECK(tile(x, {std::size_t{1} << 30, 0}).shape() == Shape{std::size_t{1} << 31, 0});
    check_shape_error([&] { repeat(x, 2, 2); }, {"[repeat]", "2"});
    check_shape_error([&] { repeat(x, huge, 0); }, {"[repeat]", "extent"});
    check_shape_error([&] { repeat(x, {huge, huge}, 0); }, {"[repeat]", "extent"});
    check_shape_error([&] { repeat(x, {1, 2}, 1); }, {"[repeat]", "2", "1", "(2,3)"});
    check_shape_error([&] { repeat(s, 2, 0); }, {"[repeat]", "0"});
    CHECK(repeat(leaf<T>({2, 0}), {std::size_t{1} << 38, std::size_t{1} << 38}, 0).size() == 0);
    check_shape_error([&] { pad(x, {{1, 1}}, PadMode::edge); }, {"[pad]", "1", "(2,3)"});
    check_shape_error([&] { pad(x, {{1, 1}, {huge, huge}}, PadMode::edge); }, {"[pad]", "border"});
    check_shape_error([&] { pad(leaf<T>({0, 3}), {{1, 0}, {0, 0}}, PadMode::wrap); }, {"[pad]", "0", "(0,3)"});
    check_shape_error([&] { meshgrid(x, s); }, {"[meshgrid]", "(2,3)"});
}
