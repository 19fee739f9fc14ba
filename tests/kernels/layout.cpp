#include "kernels.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/kernels/elementwise/broadcast.hpp>
#include <xgrad/kernels/layout/layout.hpp>
#include <xgrad/kernels/reduction/reduce.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <limits>
#include <numeric>
#include <string>
#include <type_traits>
#include <vector>

using namespace xgrad;
using namespace xgrad::kernels;
using xgrad::test::on_every_architecture;

namespace
{

std::size_t count(const std::vector<std::size_t>& shape)
{
    return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
}

Shape as_shape(const std::vector<std::size_t>& extents) { return Shape(extents.begin(), extents.end()); }

/** The index of the flat position `flat` of a row-major array. */
std::vector<std::size_t> index_of(std::size_t flat, const std::vector<std::size_t>& shape)
{
    std::vector<std::size_t> index(shape.size());
    for (std::size_t k = shape.size(); k-- > 0; flat /= shape[k])
        index[k] = flat % shape[k];
    return index;
}

/** Different numbers, exact in float, that are not a multiple of each other's distance. */
template <class T>
std::vector<T> numbers(std::size_t n, unsigned seed = 1)
{
    std::vector<T> values(n);
    for (std::size_t i = 0; i < n; ++i)
        values[i] = static_cast<T>((i * 2654435761u + seed * 40503u) % 4093u) / 4 - 511;
    return values;
}

/** Checks a strided copy of the elements of `shape`, element by element. */
template <class T>
void check_strided(const std::vector<std::size_t>& shape, const std::vector<std::ptrdiff_t>& from_strides,
                   const std::vector<std::ptrdiff_t>& to_strides)
{
    const auto lowest = [&](const std::vector<std::ptrdiff_t>& strides) {
        std::ptrdiff_t offset = 0;
        for (std::size_t k = 0; k < shape.size(); ++k)
            offset += std::min<std::ptrdiff_t>(0, strides[k]) * (static_cast<std::ptrdiff_t>(shape[k]) - 1);
        return offset;
    };
    const auto size = [&](const std::vector<std::ptrdiff_t>& strides) {
        std::ptrdiff_t extent = 1;
        for (std::size_t k = 0; k < shape.size(); ++k)
            extent += std::abs(strides[k]) * (static_cast<std::ptrdiff_t>(shape[k]) - 1);
        return static_cast<std::size_t>(extent);
    };
    const auto from = numbers<T>(size(from_strides));
    const std::vector<T> before(size(to_strides) + 3, T(77)); // the numbers between and behind must stay
    std::vector<T> copied = before, added = before, expected = before, expected_sum = before;
    const T* source = from.data() - lowest(from_strides);
    const std::ptrdiff_t start = -lowest(to_strides);
    for (std::size_t flat = 0; flat < count(shape); ++flat) {
        const auto index = index_of(flat, shape);
        std::ptrdiff_t i = 0, j = start;
        for (std::size_t k = 0; k < shape.size(); ++k) {
            i += static_cast<std::ptrdiff_t>(index[k]) * from_strides[k];
            j += static_cast<std::ptrdiff_t>(index[k]) * to_strides[k];
        }
        expected[static_cast<std::size_t>(j)] = source[i];
        expected_sum[static_cast<std::size_t>(j)] += source[i];
    }
    copy_strided(as_shape(shape), source, from_strides.data(), copied.data() + start, to_strides.data());
    CHECK(copied == expected);
    if constexpr (std::is_floating_point_v<T>) {
        add_strided(as_shape(shape), source, from_strides.data(), added.data() + start, to_strides.data());
        CHECK(added == expected_sum);
    }
}

std::vector<std::ptrdiff_t> row_major(const std::vector<std::size_t>& shape)
{
    std::vector<std::ptrdiff_t> strides(shape.size(), 1);
    for (std::size_t k = shape.size(); k-- > 1;)
        strides[k - 1] = strides[k] * static_cast<std::ptrdiff_t>(shape[k]);
    return strides;
}

std::vector<std::vector<std::size_t>> subsets_of_extents()
{
    return {{}, {1}, {5}, {2, 3}, {17, 1, 4}, {3, 20, 33}, {2, 3, 4, 5}, {1, 6, 1, 7}, {2, 1, 3, 1, 2, 3, 1, 2}};
}

} // namespace

TEST_CASE("shapes read as in an error message")
{
    CHECK(to_string(Shape{}) == "()");
    CHECK(to_string(Shape{7}) == "(7)");
    CHECK(to_string(Shape{2, 3, 0}) == "(2,3,0)");
}

TEST_CASE("row-major strides")
{
    CHECK(row_major_strides(Shape{2, 3, 4}) == Strides{12, 4, 1});
    CHECK(row_major_strides(Shape{}).empty());
}

TEST_CASE_TEMPLATE("every permutation of four dimensions is copied", T, float, double, std::int32_t, std::int64_t)
{
    for (const std::vector<std::size_t>& shape : {std::vector<std::size_t>{2, 3, 4, 5}, {19, 1, 35, 3}, {1, 70, 20, 1}})
    {
        std::array<std::size_t, 4> order = {0, 1, 2, 3};
        do {
            std::vector<std::size_t> permuted(4);
            std::vector<std::ptrdiff_t> strides(4);
            for (std::size_t k = 0; k < 4; ++k) {
                permuted[k] = shape[order[k]];
                strides[k] = row_major(shape)[order[k]];
            }
            CAPTURE(order[0] * 1000 + order[1] * 100 + order[2] * 10 + order[3]);
            check_strided<T>(permuted, strides, row_major(permuted));
            check_strided<T>(permuted, row_major(permuted), strides);
        } while (std::next_permutation(order.begin(), order.end()));
    }
}

TEST_CASE_TEMPLATE("steps, flips, broadcasts and gaps in the destination are copied", T, float, double, std::int32_t)
{
    for (const auto& shape : subsets_of_extents()) {
        const auto dense = row_major(shape);
        // Each dimension of the source in turn: stepped by 3, flipped, or read again and again.
        for (std::size_t k = 0; k < shape.size(); ++k)
            for (const std::ptrdiff_t factor : {3, -1, -2, 0}) {
                auto strides = dense;
                for (std::size_t outer = 0; outer < k; ++outer)
                    strides[outer] *= 3;
                strides[k] *= factor;
                CAPTURE(k);
                CAPTURE(factor);
                check_strided<T>(shape, strides, dense);
                if (factor != 0)
                    check_strided<T>(shape, dense, strides);
            }
        auto padded = shape;
        for (std::size_t& extent : padded)
            extent += 2;
        check_strided<T>(shape, dense, row_major(padded));
        auto flipped = dense;
        for (std::ptrdiff_t& stride : flipped)
            stride = -stride;
        check_strided<T>(shape, flipped, dense);
    }
}

TEST_CASE("an empty copy touches nothing")
{
    const std::ptrdiff_t strides[] = {3, 1};
    float from = 1, to = 2;
    copy_strided(Shape{0, 3}, &from, strides, &to, strides);
    add_strided(Shape{2, 0}, &from, strides, &to, strides);
    CHECK(to == 2);
}

TEST_CASE("a shape of more than eight axes is an error")
{
    Shape shape(8, std::size_t{2});
    CHECK_THROWS_AS(shape.push_back(2), ShapeError);
    CHECK_THROWS_AS(shape.resize(9), ShapeError);
    CHECK_THROWS_AS(Shape(9, std::size_t{1}), ShapeError);
    CHECK_THROWS_AS((Shape{1, 1, 1, 1, 1, 1, 1, 1, 1}), ShapeError);
    CHECK(shape.size() == 8);
}

TEST_CASE("eight axes of which no two are contiguous are copied")
{
    const Shape shape(8, std::size_t{2});
    std::vector<std::ptrdiff_t> strides(8), reversed(8);
    for (std::size_t k = 0; k < 8; ++k) {
        strides[k] = std::ptrdiff_t{1} << (7 - k);
        reversed[k] = std::ptrdiff_t{1} << k;
    }
    std::vector<float> from(256), to(256), back(256);
    std::iota(from.begin(), from.end(), 0.f);
    copy_strided(shape, from.data(), strides.data(), to.data(), reversed.data());
    CHECK(to[1] == 128);
    copy_strided(shape, to.data(), reversed.data(), back.data(), strides.data());
    CHECK(back == from);
}

TEST_CASE("shapes broadcast as in NumPy")
{
    CHECK(broadcast_shapes("add", Shape{2, 3}, Shape{3}) == Shape{2, 3});
    CHECK(broadcast_shapes("add", Shape{2, 1, 4}, Shape{5, 1}) == Shape{2, 5, 4});
    CHECK(broadcast_shapes("add", Shape{}, Shape{2, 2}) == Shape{2, 2});
    CHECK(broadcast_shapes("add", Shape{0, 3}, Shape{1, 1}) == Shape{0, 3});
    CHECK_THROWS_WITH_AS(broadcast_shapes("add", Shape{2, 3}, Shape{4}), "[add] cannot broadcast shapes (2,3) and (4)",
                         ShapeError);
    CHECK_THROWS_AS(broadcast_shapes("add", Shape{2}, Shape{0}), ShapeError);
}

TEST_CASE_TEMPLATE("binary_broadcast equals a loop over indices for every pair of stretched shapes", T, float, double)
{
    // Each operand has each dimension or an extent of 1 there, and may lack the leading ones.
    for (const std::vector<std::size_t>& full : {std::vector<std::size_t>{2, 3, 4, 5}, {3, 1, 2, 35}, {4, 20}, {7}, {}})
        on_every_architecture([&] {
            const std::size_t rank = full.size(), masks = std::size_t{1} << rank;
            std::size_t wrong = 0;
            for (std::size_t a_mask = 0; a_mask < masks; ++a_mask)
                for (std::size_t b_mask = 0; b_mask < masks; ++b_mask)
                    for (const bool drop : {false, true}) {
                        const auto stretched = [&](std::size_t mask) {
                            std::vector<std::size_t> shape = full;
                            for (std::size_t k = 0; k < rank; ++k)
                                shape[k] = mask >> k & 1 ? full[k] : 1;
                            while (drop && !shape.empty() && shape.front() == 1)
                                shape.erase(shape.begin());
                            return shape;
                        };
                        const auto a_shape = stretched(a_mask), b_shape = stretched(b_mask);
                        const Shape y_shape = broadcast_shapes("subtract", as_shape(a_shape), as_shape(b_shape));
                        const std::vector<std::size_t> shape(y_shape.begin(), y_shape.end());
                        const auto a = numbers<T>(count(a_shape), 1), b = numbers<T>(count(b_shape), 2);
                        const auto at = [&](const std::vector<T>& values, const std::vector<std::size_t>& extents,
                                            const std::vector<std::size_t>& index) {
                            std::size_t flat = 0;
                            for (std::size_t k = 0; k < extents.size(); ++k)
                                flat = flat * extents[k] +
                                       (extents[k] == 1 ? 0 : index[index.size() - extents.size() + k]);
                            return values[flat];
                        };
                        std::vector<T> y(count(shape) + 1, T(77));
                        binary_broadcast(Binary::subtract, a.data(), as_shape(a_shape), b.data(), as_shape(b_shape),
                                         y.data(), y_shape);
                        for (std::size_t i = 0; i < count(shape); ++i) {
                            const auto index = index_of(i, shape);
                            wrong += y[i] != at(a, a_shape, index) - at(b, b_shape, index);
                        }
                        wrong += y.back() != T(77);
                        if (a_shape == shape) {
                            std::vector<T> in_place = a;
                            binary_broadcast(Binary::subtract, in_place.data(), y_shape, b.data(), as_shape(b_shape),
                                             in_place.data(), y_shape);
                            wrong += !std::equal(in_place.begin(), in_place.end(), y.begin());
                        }
                        if (b_shape == shape) {
                            std::vector<T> in_place = b;
                            binary_broadcast(Binary::subtract, a.data(), as_shape(a_shape), in_place.data(), y_shape,
                                             in_place.data(), y_shape);
                            wrong += !std::equal(in_place.begin(), in_place.end(), y.begin());
                        }
                    }
            CHECK(wrong == 0);
        });
}

TEST_CASE("binary_broadcast of nothing writes nothing")
{
    float one = 1, y = 77;
    binary_broadcast(Binary::add, &one, Shape{0, 3}, &one, Shape{1}, &y, Shape{0, 3});
    binary_broadcast(Binary::add, &one, Shape{0}, &one, Shape{0}, &y, Shape{0});
    CHECK(y == 77);
}

TEST_CASE_TEMPLATE("sums and maxima over every subset of axes equal a loop over indices", T, float, double)
{
    for (const std::vector<std::size_t>& shape : {std::vector<std::size_t>{2, 3, 4, 5},
                                                  {5, 1, 7, 33},
                                                  {70, 2, 1, 3},
                                                  {3, 4, 300, 2},
                                                  {2, 3, 2, 600},
                                                  {0, 2, 3, 1}})
        on_every_architecture([&] {
            const auto x = numbers<T>(count(shape)); // quarters: their sums are exact
            for (unsigned mask = 0; mask < 16; ++mask) {
                CAPTURE(mask);
                bool reduced[4];
                std::size_t kept = 1;
                for (std::size_t k = 0; k < 4; ++k) {
                    reduced[k] = mask >> k & 1;
                    kept *= reduced[k] ? 1 : shape[k];
                }
                std::vector<double> sums(kept, 0.0);
                std::vector<T> largest(kept, -std::numeric_limits<T>::infinity());
                for (std::size_t i = 0; i < x.size(); ++i) {
                    std::size_t flat = 0;
                    for (std::size_t k = 0; k < 4; ++k)
                        flat = reduced[k] ? flat : flat * shape[k] + index_of(i, shape)[k];
                    sums[flat] += double(x[i]);
                    largest[flat] = std::max(largest[flat], x[i]);
                }
                std::vector<T> y(kept + 1, T(77)), m(kept + 1, T(77));
                reduce_sum(x.data(), as_shape(shape), reduced, y.data());
                reduce_max(x.data(), as_shape(shape), reduced, m.data());
                std::size_t wrong = y[kept] != T(77) || m[kept] != T(77);
                for (std::size_t i = 0; i < kept; ++i)
                    wrong += std::abs(double(y[i]) - sums[i]) > 1e-6 * std::abs(sums[i]) || m[i] != largest[i];
                CHECK(wrong == 0);
            }
        });
}

TEST_CASE("long sums of floats over leading, middle and trailing axes keep their accuracy")
{
    struct Case
    {
        Shape shape;
        std::array<bool, 3> reduced;
        double terms;
    };
    const std::vector<float> x(6'000'000, 0.1f);
    const Case cases[] = {
        {{2'000'000, 3, 1}, {true, false, false}, 2e6}, {{300'000, 2, 10}, {true, false, true}, 3e6},
        {{6000, 1000, 1}, {true, false, false}, 6e3},   {{3, 2'000'000, 1}, {false, true, false}, 2e6},
        {{3000, 2, 1000}, {true, true, false}, 6e3},    {{6'000'000, 1, 1}, {true, false, false}, 6e6}};
    on_every_architecture([&] {
        for (const Case& each : cases) {
            CAPTURE(to_string(each.shape));
            std::vector<float> y(3'000'000);
            reduce_sum(x.data(), each.shape, each.reduced.data(), y.data());
            std::size_t kept = 1;
            for (std::size_t k = 0; k < 3; ++k)
                kept *= each.reduced[k] ? 1 : each.shape[k];
            const double exact = each.terms * double{0.1f};
            double worst = 0;
            for (std::size_t i = 0; i < kept; ++i)
                worst = std::max(worst, std::abs(double{y[i]} - exact) / exact);
            CHECK(worst <= 1e-6);
        }
    });
}

TEST_CASE("a NaN anywhere is the maximum of its group alone")
{
    on_every_architecture([&] {
        const Shape shape = {3, 2, 5};
        for (unsigned mask = 0; mask < 8; ++mask)
            for (std::size_t place = 0; place < 30; ++place) {
                auto x = numbers<float>(30);
                x[place] = std::numeric_limits<float>::quiet_NaN();
                bool reduced[3];
                std::size_t group = 0, kept = 1;
                for (std::size_t k = 0; k < 3; ++k) {
                    reduced[k] = mask >> k & 1;
                    group = reduced[k] ? group : group * shape[k] + index_of(place, {3, 2, 5})[k];
                    kept *= reduced[k] ? 1 : shape[k];
                }
                std::vector<float> y(kept);
                reduce_max(x.data(), shape, reduced, y.data());
                for (std::size_t i = 0; i < kept; ++i)
                    CHECK(std::isnan(y[i]) == (i == group));
            }
    });
}

TEST_CASE_TEMPLATE("argmax takes the first of equals, and a NaN before anything", Index, std::int32_t, std::int64_t)
{
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float x[] = {1, 3, 3, 2, /**/ nan, 5, nan, 9, /**/ -1, -1, -1, -1, /**/ 4, 5, 6, nan};
    Index y[4];
    argmax_axis(x, y, 4, 4, 1);
    CHECK(std::vector<Index>(y, y + 4) == std::vector<Index>{1, 0, 0, 3});
    argmax_axis(x, y, 1, 4, 4); // down the columns
    CHECK(std::vector<Index>(y, y + 4) == std::vector<Index>{1, 1, 1, 3});
    argmax_axis(x, y, 2, 4, 2);
    CHECK(std::vector<Index>(y, y + 4) == std::vector<Index>{2, 3, 3, 3});
}

TEST_CASE_TEMPLATE("softmax along any axis, in place too", T, float, double)
{
    const std::size_t outer = 3, axis = 7, inner = 5;
    const auto x = numbers<T>(outer * axis * inner);
    const double tolerance = sizeof(T) == 4 ? 3e-6 : 1e-13;
    on_every_architecture([&] {
        std::vector<T> y = x, logs(x.size());
        softmax_axis(y.data(), y.data(), outer, axis, inner);
        log_softmax_axis(x.data(), logs.data(), outer, axis, inner);
        for (std::size_t o = 0; o < outer; ++o)
            for (std::size_t i = 0; i < inner; ++i) {
                const auto at = [&](std::size_t k) { return (o * axis + k) * inner + i; };
                double largest = -1e9, total = 0;
                for (std::size_t k = 0; k < axis; ++k)
                    largest = std::max(largest, double(x[at(k)]));
                for (std::size_t k = 0; k < axis; ++k)
                    total += std::exp(double(x[at(k)]) - largest);
                for (std::size_t k = 0; k < axis; ++k) {
                    const double exact = double(x[at(k)]) - largest - std::log(total);
                    CHECK(std::abs(double(y[at(k)]) - std::exp(exact)) <= tolerance);
                    CHECK(std::abs(double(logs[at(k)]) - exact) <= tolerance * (1 + std::abs(exact)));
                }
            }
    });
}
