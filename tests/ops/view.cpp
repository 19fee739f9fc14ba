#include "moves.hpp"
#include <xgrad/ops/view.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

using Position = AxisIndex::Position;

constexpr std::ptrdiff_t least = std::numeric_limits<std::ptrdiff_t>::min(),
                         most = std::numeric_limits<std::ptrdiff_t>::max();

/** The positions of begin:end:step on an axis of n, found by a walk. */
std::vector<std::size_t> walked(Position begin, Position end, std::ptrdiff_t step, std::ptrdiff_t n)
{
    const auto counted = [&](Position p) { return *p < 0 ? *p + n : *p; };
    std::vector<std::size_t> positions;
    std::ptrdiff_t i = begin ? counted(begin) : step > 0 ? 0 : n - 1;
    i = step > 0 ? std::max<std::ptrdiff_t>(i, 0) : std::min(i, n - 1);
    for (; i >= 0 && i < n && (!end || (step > 0 ? i < counted(end) : i > counted(end))); i += step)
        positions.push_back(static_cast<std::size_t>(i));
    return positions;
}

/** The elements of x at the positions of each axis, in a shape. */
template <class T>
Array<T> taken(const Array<T>& x, const std::vector<std::vector<std::size_t>>& positions, const Shape& shape)
{
    Shape full;
    for (const auto& of_axis : positions)
        full.push_back(of_axis.size());
    Array<T> y = generate<T>(full, [&](Index i) {
        for (std::size_t axis = 0; axis < i.size(); ++axis)
            i[axis] = positions[axis][i[axis]];
        return at(x, i);
    });
    y.reshape(shape);
    return y;
}

} // namespace

TEST_CASE("a range has the positions of Python's slices")
{
    std::vector<Position> places = {{}};
    for (std::ptrdiff_t p = -7; p <= 7; ++p)
        places.push_back(p);
    std::size_t total = 0;
    for (const std::size_t n : Sizes{0, 1, 4, 5}) {
        const auto x = constant(counting<double>({n}));
        for (const Position begin : places)
            for (const Position end : places)
                for (const std::ptrdiff_t step : {1, 2, 3, -1, -2, -3}) {
                    const Array<double> y = view(x, range(begin, end, step)).value();
                    const auto expected = walked(begin, end, step, static_cast<std::ptrdiff_t>(n));
                    REQUIRE(y.shape() == Shape{expected.size()});
                    for (std::size_t k = 0; k < expected.size(); ++k) {
                        REQUIRE(y.data()[k] == static_cast<double>(expected[k]));
                        total += (k + 1) * (expected[k] + 1);
                    }
                }
    }
    CHECK(total == 12274); // the sum that Python gives for list(range(n))[begin:end:step]
}

TEST_CASE_TEMPLATE("a view takes a place of each axis, and its gradient goes back there", T, float, double)
{
    const Array<T> x = counting<T>({3, 4, 5});
    const std::vector<std::size_t> i0 = {0, 1, 2}, i1 = {0, 1, 2, 3}, i2 = {0, 1, 2, 3, 4};
    const struct
    {
        std::vector<AxisIndex> places;
        std::vector<std::vector<std::size_t>> positions;
        Shape shape;
    } cases[] = {
        {{}, {i0, i1, i2}, {3, 4, 5}},
        {{all(), all(), all()}, {i0, i1, i2}, {3, 4, 5}},
        {{1}, {{1}, i1, i2}, {4, 5}},
        {{-1, all(), 2u}, {{2}, i1, {2}}, {4}},
        {{0, -4, 4}, {{0}, {0}, {4}}, {}},
        {{range(0, 2), all(), 3}, {{0, 1}, i1, {3}}, {2, 4}},
        {{range({}, {}, -1), range(1, {}, 2), range(-2, {}, -2)}, {{2, 1, 0}, {1, 3}, {3, 1}}, {3, 2, 2}},
        {{ellipsis(), -2}, {i0, i1, {3}}, {3, 4}},
        {{range(1, 2), ellipsis(), range(4, 1, -3)}, {{1}, i1, {4}}, {1, 4, 1}},
        {{0, ellipsis(), 1, 2}, {{0}, {1}, {2}}, {}},
        {{newaxis(), 1, ellipsis(), newaxis()}, {{1}, i1, i2}, {1, 4, 5, 1}},
        {{all(), newaxis(), range(2, 9)}, {i0, {2, 3}, i2}, {3, 1, 2, 5}},
        {{all(), range(3, 1)}, {i0, {}, i2}, {3, 0, 5}},
        {{range(0, {}, most), range({}, {}, least)}, {{0}, {3}, i2}, {1, 1, 5}},
        {{range(least, most), range(most, least, -1)}, {i0, {3, 2, 1, 0}, i2}, {3, 4, 5}},
    };
    for (const auto& [places, positions, shape] : cases)
        check_move(Move<T>([&, &of = places](const auto& v) { return view(v, std::span<const AxisIndex>(of)); }), x,
                   taken(x, positions, shape));
    check_move(Move<T>([](const auto& v) { return view(v, range(0, 2), all(), 3); }), x,
               taken(x, {{0, 1}, i1, {3}}, {2, 4}));
    check_move(Move<T>([](const auto& v) { return view(v, {1, newaxis()}); }), x, taken(x, {{1}, i1, i2}, {1, 4, 5}));
    check_move(Move<T>([](const auto& v) { return view(v, ellipsis(), newaxis()); }), counting<T>({}),
               counting<T>({1}));
    check_move(Move<T>([](const auto& v) { return view(v, range({}, {}, -1)); }), counting<T>({0, 2}),
               counting<T>({0, 2}));
}

TEST_CASE_TEMPLATE("views: places that do not fit are refused by name", T, float, double)
{
    const auto x = leaf<T>({2, 3}), s = leaf<T>({});
    check_shape_error([&] { view(x, 2); }, {"[view]", "2", "0", "(2,3)"});
    check_shape_error([&] { view(x, all(), -4); }, {"[view]", "-4", "1", "(2,3)"});
    check_shape_error([&] { view(x, std::size_t{1} << 63); }, {"[view]", "(2,3)"});
    check_shape_error([&] { view(x, 0, 0, 0); }, {"[view]", "3", "(2,3)"});
    check_shape_error([&] { view(s, all()); }, {"[view]", "1", "()"});
    check_shape_error([&] { view(x, range(0, 2, 0)); }, {"[view]", "0"});
    check_shape_error([&] { view(x, ellipsis(), 0, ellipsis()); }, {"[view]", "ellipsis"});
    check_shape_error([&] { view(leaf<T>({0}), 0); }, {"[view]", "0", "(0)"});
    check_shape_error([&] { view(x, std::vector<AxisIndex>(7, newaxis())); }, {"8 axes"});
}
