#include "moves.hpp"
#include <xgrad/ops/diagonals.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

std::ptrdiff_t above(std::size_t i, std::size_t j)
{
    return static_cast<std::ptrdiff_t>(j) - static_cast<std::ptrdiff_t>(i);
}

} // namespace

TEST_CASE_TEMPLATE("diag puts a vector on a diagonal, and takes it back", T, float, double)
{
    for (const std::size_t n : Sizes{0, 1, 3})
        for (const std::ptrdiff_t k : {0, 1, -1, 3, -4}) {
            const std::size_t rows = n + static_cast<std::size_t>(k < 0 ? -k : k);
            const Array<T> vector = counting<T>({n});
            const Array<T> placed = generate<T>({rows, rows}, [&](const Index& i) {
                return above(i[0], i[1]) == k ? static_cast<T>(std::min(i[0], i[1])) : T(-1);
            });
            const Array<T> matrix =
                generate<T>(placed.shape(), [&](const Index& i) { return std::max(at(placed, i), T(0)); });
            check_equal(diag(constant(Array<T>(vector)), k).value(), matrix);
            check_equal(diag(constant(Array<T>(matrix)), k).value(), vector);
            const Array<T> g = numbers<T>(placed.shape());
            check_equal(gradients_of<T>([&](const auto& v) { return diag(v[0], k); }, {vector}, g)[0],
                        diag(constant(Array<T>(g)), k).value());
        }
}

TEST_CASE_TEMPLATE("diagonal takes the diagonals of the planes of two axes", T, float, double)
{
    for (const Shape& shape : {Shape{3, 3}, Shape{2, 4}, Shape{4, 1}, Shape{2, 3, 4}, Shape{0, 2}, Shape{2, 3, 2, 2}})
        for (std::size_t a = 0; a < shape.size(); ++a)
            for (std::size_t b = 0; b < shape.size(); ++b)
                for (const std::ptrdiff_t offset : {0, 1, -1, 3, -3, 9}) {
                    if (a == b)
                        continue;
                    const Array<T> x = counting<T>(shape);
                    Index others;
                    Shape result;
                    for (std::size_t axis = 0; axis < shape.size(); ++axis)
                        if (axis != a && axis != b) {
                            others.push_back(axis);
                            result.push_back(shape[axis]);
                        }
                    const std::size_t down = offset < 0 ? static_cast<std::size_t>(-offset) : 0,
                                      right = offset > 0 ? static_cast<std::size_t>(offset) : 0;
                    std::size_t length = 0;
                    while (down + length < shape[a] && right + length < shape[b])
                        ++length;
                    result.push_back(length);
                    const Array<T> expected = generate<T>(result, [&](const Index& i) {
                        Index source(shape.size());
                        for (std::size_t k = 0; k < others.size(); ++k)
                            source[others[k]] = i[k];
                        source[a] = down + i.back();
                        source[b] = right + i.back();
                        return at(x, source);
                    });
                    const Axis first = static_cast<Axis>(a),
                               second = static_cast<Axis>(b) - static_cast<Axis>(shape.size());
                    check_move(Move<T>([&](const auto& v) { return diagonal(v, offset, first, second); }), x, expected);
                }
    check_equal(diagonal(constant(counting<T>({2, 3}))).value(), list<T>({0, 4}));
}

TEST_CASE_TEMPLATE("tril and triu keep a triangle of each matrix, NaN elsewhere or not", T, float, double)
{
    for (const Shape& shape : {Shape{3, 3}, Shape{2, 4}, Shape{4, 2}, Shape{2, 3, 2}, Shape{0, 2}, Shape{1, 1}})
        for (const std::ptrdiff_t k : {0, 1, -1, 2, -5, 5}) {
            const Array<T> x = numbers<T>(shape), g = numbers<T>(shape, -2, 2, 2);
            const auto lower = [&](const Array<T>& of, bool is_lower) {
                return generate<T>(shape, [&](const Index& i) {
                    const std::ptrdiff_t diagonal = above(i[i.size() - 2], i.back());
                    return (is_lower ? diagonal <= k : diagonal >= k) ? at(of, i) : T(0);
                });
            };
            check_equal(tril(constant(Array<T>(x)), k).value(), lower(x, true));
            check_equal(triu(constant(Array<T>(x)), k).value(), lower(x, false));
            check_equal(gradients_of<T>([&](const auto& v) { return tril(v[0], k); }, {x}, g)[0], lower(g, true));
            check_equal(gradients_of<T>([&](const auto& v) { return triu(v[0], k); }, {x}, g)[0], lower(g, false));
        }
    const auto x = constant(Array<T>(Shape{2, 2}, T(not_a_number)));
    CHECK(tril(x).value()(0, 1) == 0);
    CHECK(triu(x, 1).value()(0, 0) == 0);
}

TEST_CASE_TEMPLATE("diagonals: axes and sizes that do not fit are refused by name", T, float, double)
{
    const auto x = leaf<T>({2, 3}), v = leaf<T>({4}), cube = leaf<T>({2, 2, 2});
    constexpr std::ptrdiff_t least = std::numeric_limits<std::ptrdiff_t>::min();
    check_shape_error([&] { diag(cube); }, {"[diag]", "(2,2,2)"});
    check_shape_error([&] { diag(leaf<T>({})); }, {"[diag]", "()"});
    check_shape_error([&] { diag(v, least); }, {"[diag]", "rows"});
    check_shape_error([&] { diag(v, std::ptrdiff_t{1} << 30); }, {"[diag]", "elements"});
    check_shape_error([&] { diagonal(v); }, {"[diagonal]", "1"});
    check_shape_error([&] { diagonal(x, 0, 1, -1); }, {"[diagonal]", "1", "-1"});
    check_shape_error([&] { tril(v); }, {"[tril]", "(4)"});
    check_shape_error([&] { triu(v); }, {"[triu]", "(4)"});
    CHECK(diagonal(x, least).size() == 0);
    CHECK(diagonal(x, std::numeric_limits<std::ptrdiff_t>::max()).size() == 0);
    CHECK(tril(x, least).value() == Array<T>(Shape{2, 3}, T(0)));
}
