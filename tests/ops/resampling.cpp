#include "ops.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/convolution.hpp>
#include <xgrad/ops/matmul.hpp>
#include <xgrad/ops/resampling.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

template <class T>
Variable<T> ramp(const Shape& shape)
{
    Array<T> values = empty_array<T>(shape);
    for (std::size_t i = 0; i < values.size(); ++i)
        values.data()[i] = static_cast<T>((i * 37 + 11) % 101) / 8;
    return constant(std::move(values));
}

} // namespace

TEST_CASE_TEMPLATE("block_sum: sums of distinct blocks", T, float, double)
{
    for (const auto& [planes, height, width, n, m] : {std::array<std::size_t, 5>{6, 8, 8, 2, 2},
                                                      {2, 9, 4, 3, 2},
                                                      {1, 5, 7, 1, 1},
                                                      {3, 4, 6, 4, 6},
                                                      {1, 2, 70, 2, 2}})
    {
        const auto x = ramp<T>({planes, height, width});
        const auto y = block_sum(x, {static_cast<std::ptrdiff_t>(n), static_cast<std::ptrdiff_t>(m)});
        REQUIRE(y.shape() == Shape{planes, height / n, width / m});
        for (std::size_t p = 0; p < planes; ++p)
            for (std::size_t i = 0; i < height / n; ++i)
                for (std::size_t j = 0; j < width / m; ++j) {
                    double sum = 0;
                    for (std::size_t u = 0; u < n; ++u)
                        for (std::size_t v = 0; v < m; ++v)
                            sum += static_cast<double>(x.value()(p, i * n + u, j * m + v));
                    CHECK(static_cast<double>(y.value()(p, i, j)) == doctest::Approx(sum).epsilon(1e-6));
                }
    }
}

TEST_CASE_TEMPLATE("block_sum: every n-th position of a convolution with ones (B §3.4)", T, float, double)
{
    for (const Size2d block : {Size2d(1), Size2d(2), Size2d(3), Size2d(4, 2), Size2d(1, 6)}) {
        const auto n = static_cast<std::size_t>(block.height), m = static_cast<std::size_t>(block.width);
        const auto x = ramp<T>({3, 1, 12, 6});
        const Array<T> dense = correlate2d(x, constant(Array<T>(Shape{1, 1, n, m}, T{1}))).value();
        const Array<T> taken =
            generate<T>({3, 1, 12 / n, 6 / m}, [&](const Index& y) { return dense(y[0], y[1], y[2] * n, y[3] * m); });
        check_close(block_sum(x, block).value(), taken);
    }
}

TEST_CASE_TEMPLATE("upsample: the Kronecker product with a block of ones", T, float, double)
{
    for (const Size2d block : {Size2d(2), Size2d(3), Size2d(1, 4), Size2d(1)}) {
        const auto x = ramp<T>({2, 3, 4});
        const Array<T> ones(Shape{static_cast<std::size_t>(block.height), static_cast<std::size_t>(block.width)}, T{1});
        const auto expected = kron(x, constant(ones));
        const auto y = upsample(x, block);
        REQUIRE(y.shape() == expected.shape());
        for (std::size_t i = 0; i < y.size(); ++i)
            CHECK(y.data()[i] == doctest::Approx(expected.data()[i]).epsilon(1e-6));
    }
}

TEST_CASE("block_sum and upsample by 2 are exact")
{
    const auto x = ramp<float>(Shape{4, 6});
    CHECK(block_sum(upsample(x, 2), 2).value() == (x * 4).value());
}

TEST_CASE("the gradient of block_sum is upsample, that of upsample is block_sum (B10, B10u)")
{
    const auto x = as_leaf(ramp<double>(Shape{4, 6}));
    const auto g = ramp<double>(Shape{2, 3});
    Tape tape;
    CHECK(tape.vector_jacobian_product(block_sum(x, 2), g, x).value() == upsample(g, 2).value());
    const auto small = as_leaf(g);
    CHECK(tape.vector_jacobian_product(upsample(small, 2), stop_gradient(x), small).value() ==
          block_sum(stop_gradient(x), 2).value());
}

TEST_CASE("blocks that do not fit are errors")
{
    const auto x = ramp<float>(Shape{2, 5, 6});
    CHECK_THROWS_WITH_AS(block_sum(x, 2),
                         "[block_sum] blocks of 2x2 do not fill the planes of shape (2,5,6): the block's extents must "
                         "divide the last two axes",
                         ShapeError);
    CHECK_THROWS_AS(block_sum(x, {0, 1}), ShapeError);
    CHECK_THROWS_AS(block_sum(ramp<float>(Shape{4}), 2), ShapeError);
    CHECK_THROWS_AS(upsample(x, {1, -1}), ShapeError);
    CHECK_THROWS_AS(upsample(ramp<float>(Shape{4}), 2), ShapeError);
}
