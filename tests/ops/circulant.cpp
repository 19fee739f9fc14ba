#include "ops.hpp"
#include <xgrad/ops/circulant.hpp>
#include <xgrad/ops/convolution.hpp>
#include <xgrad/ops/shape.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

template <class T>
Variable<T> fixed(const Array<T>& x)
{
    return constant(Array<T>(x));
}

Size2d size_of(std::size_t height, std::size_t width)
{
    return {static_cast<std::ptrdiff_t>(height), static_cast<std::ptrdiff_t>(width)};
}

} // namespace

TEST_CASE_TEMPLATE("circulant: column c is the padded vector rotated by c", T, float, double)
{
    Array<T> expected = list<T>({1, 0, 0, 3, 2, 2, 1, 0, 0, 3, 3, 2, 1, 0, 0, 0, 3, 2, 1, 0, 0, 0, 3, 2, 1});
    expected.reshape({std::size_t{5}, std::size_t{5}});
    check_equal(circulant(constant<T>({1, 2, 3}), 5).value(), expected);
    for (const std::size_t count : Sizes{1, 2, 4})
        for (const std::size_t length : Sizes{4, 7}) {
            const Array<T> w = numbers<T>({count});
            Array<T> matrix({length, length}, T(0));
            for (std::size_t c = 0; c < length; ++c)
                for (std::size_t k = 0; k < count; ++k)
                    at(matrix, {(c + k) % length, c}) = w.data()[k];
            check_equal(circulant(fixed(w), static_cast<std::ptrdiff_t>(length)).value(), matrix);
        }
}

TEST_CASE_TEMPLATE("circulant: what flows back is summed along the wrapped diagonals", T, float, double)
{
    const Array<T> g = numbers<T>({5, 5});
    Array<T> expected({std::size_t{3}}, T(0));
    for (std::size_t k = 0; k < 3; ++k)
        for (std::size_t c = 0; c < 5; ++c)
            expected.data()[k] += at(g, {(c + k) % 5, c});
    check_close(gradients_of<T>([](const auto& v) { return circulant(v[0], 5); }, {list<T>({1, 2, 3})}, g)[0],
                expected);
}

TEST_CASE_TEMPLATE("doubly_block_circulant: every block is the circulant matrix of a row, and they rotate", T, float,
                   double)
{
    for (const std::size_t height : Sizes{2, 3, 5})
        for (const std::size_t width : Sizes{3, 4}) {
            const Array<T> k = numbers<T>({2, 3});
            const Variable<T> matrix = doubly_block_circulant(fixed(k), size_of(height, width));
            CHECK(matrix.shape() == Shape{height * width, height * width});
            for_each_index({height, height}, [&](const Index& block) {
                const std::size_t row = (block[0] + height - block[1]) % height;
                Array<T> expected({width, width}, T(0));
                for (std::size_t c = 0; row < 2 && c < width; ++c)
                    for (std::size_t v = 0; v < 3; ++v)
                        at(expected, {(c + v) % width, c}) = at(k, {row, v});
                check_equal(slice(matrix, {{block[0] * width, width}, {block[1] * width, width}}).value(), expected);
            });
        }
}

TEST_CASE_TEMPLATE("circulant_convolution is the full true convolution, and so are its gradients", T, float, double)
{
    for (const Shape& sx : {Shape{1, 1}, Shape{3, 4}, Shape{5, 2}})
        for (const Shape& sw : {Shape{1, 1}, Shape{2, 3}, Shape{4, 1}}) {
            const Array<T> x = numbers<T>(sx), w = numbers<T>(sw, -2, 2, 2);
            const auto by_matrix = [](const auto& v) { return circulant_convolution(v[0], v[1]); };
            const auto by_kernel = [](const auto& v) { return conv2d(v[0], v[1], {.padding = Padding::full}); };
            const Variables<T> xs{fixed(x), fixed(w)};
            const Array<T> y = by_kernel(xs).value();
            check_close(by_matrix(xs).value(), y);
            const auto actual = gradients_of<T>(by_matrix, {x, w}, y), expected = gradients_of<T>(by_kernel, {x, w}, y);
            check_close(actual[0], expected[0], few_roundings<T> * 3);
            check_close(actual[1], expected[1], few_roundings<T> * 3);
        }
}

TEST_CASE_TEMPLATE("circulant_convolution of vectors multiplies polynomials", T, float, double)
{
    check_equal(circulant_convolution(constant<T>({1, 2, 3}), constant<T>({1, -1})).value(), list<T>({1, 1, 1, -3}));
    for (const std::size_t m : Sizes{1, 4, 9})
        for (const std::size_t n : Sizes{1, 3, 6}) {
            const Array<T> x = numbers<T>({m}), w = numbers<T>({n}, -2, 2, 2);
            Array<double> y({m + n - 1}, 0.0);
            for (std::size_t i = 0; i < m; ++i)
                for (std::size_t j = 0; j < n; ++j)
                    y.data()[i + j] += static_cast<double>(x.data()[i]) * static_cast<double>(w.data()[j]);
            check_close(circulant_convolution(fixed(x), fixed(w)).value(), Array<T>(xt::cast<T>(y)));
            check_close(circulant_convolution(fixed(w), fixed(x)).value(), Array<T>(xt::cast<T>(y)));
        }
}

TEST_CASE_TEMPLATE("circulant matrices refuse what does not fit, and nothing is recorded", T, float, double)
{
    const auto vector = leaf<T>({4}), matrix = leaf<T>({2, 3}), nothing = leaf<T>({0});
    check_shape_error([&] { circulant(vector, 3); }, {"[circulant]", "(4)", "3"});
    check_shape_error([&] { circulant(vector, -5); }, {"[circulant]", "-5"});
    check_shape_error([&] { circulant(nothing, 0); }, {"[circulant]", "(0)"});
    check_shape_error([&] { circulant(matrix, 9); }, {"[circulant]", "(2,3)"});
    check_shape_error([&] { doubly_block_circulant(matrix, {1, 3}); }, {"[doubly_block_circulant]", "(2,3)", "1x3"});
    check_shape_error([&] { doubly_block_circulant(matrix, {2, 2}); }, {"[doubly_block_circulant]", "(2,3)", "2x2"});
    check_shape_error([&] { doubly_block_circulant(vector, 9); }, {"[doubly_block_circulant]", "(4)"});
    check_shape_error([&] { circulant_convolution(vector, matrix); }, {"[circulant_convolution]", "(4)", "(2,3)"});
    check_shape_error([&] { circulant_convolution(nothing, vector); }, {"[circulant_convolution]", "(0)", "(4)"});
    const auto scalar = leaf<T>({}), cube = leaf<T>({2, 2, 2});
    check_shape_error([&] { circulant_convolution(scalar, scalar); }, {"[circulant_convolution]", "()"});
    check_shape_error([&] { circulant_convolution(cube, cube); }, {"[circulant_convolution]", "(2,2,2)"});
}
