#include "matrices.hpp"
#include "threads.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/linalg.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/shape.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

constexpr double nothing = not_a_number;

/** The determinant by Laplace's expansion along the first row. */
double expanded_determinant(const Matrix& a)
{
    if (a.rows == 0)
        return 1;
    double sum = 0;
    for (std::size_t column = 0; column < a.columns; ++column) {
        const Matrix minor(a.rows - 1, a.columns - 1,
                           [&](std::size_t i, std::size_t j) { return a(i + 1, j < column ? j : j + 1); });
        sum += (column % 2 == 0 ? 1 : -1) * a(0, column) * expanded_determinant(minor);
    }
    return sum;
}

/** The matrix that `triangular_solve` reads. */
Matrix triangle_of(const Matrix& a, Triangle t)
{
    Matrix read(a.rows, a.columns, [&](std::size_t i, std::size_t j) {
        return i == j ? (t.unit_diagonal ? 1 : a(i, j)) : (i > j) == t.lower ? a(i, j) : 0;
    });
    return t.transposed ? turned(read) : read;
}

} // namespace

TEST_CASE_TEMPLATE("solve: the product with the solution is the right side", T, float, double)
{
    for (const std::size_t n : Sizes{1, 2, 3, 5, 16, 33, 70}) // the largest goes to LAPACK if it is there
        for (const std::size_t columns : Sizes{1, 4}) {
            const Array<T> a = numbers<T>({2, n, n}, -1, 1, static_cast<unsigned>(n)), b = numbers<T>({2, n, columns});
            const auto x = matrices_of(solve(fixed(a), fixed(b)).value()), as = matrices_of(a), bs = matrices_of(b);
            for (std::size_t k = 0; k < 2; ++k) {
                double largest = 1;
                for (const double each : x[k].elements)
                    largest = std::max(largest, std::abs(each));
                CHECK(distance(as[k] * x[k], bs[k]) < rounding_of<T> * static_cast<double>(n) * largest);
            }
        }
}

TEST_CASE_TEMPLATE("solve: stacks are broadcast, and a vector is one right side", T, float, double)
{
    const Array<T> a = sound_matrices<T>({2, 1, 3, 3}), b = numbers<T>({4, 3, 2}), v = numbers<T>({3});
    const Array<T> y = solve(fixed(a), fixed(b)).value(), of_vector = solve(fixed(a), fixed(v)).value();
    CHECK(y.shape() == Shape{2, 4, 3, 2});
    CHECK(of_vector.shape() == Shape{2, 1, 3});
    const auto as = matrices_of(a), bs = matrices_of(b), ys = matrices_of(y);
    for (std::size_t i = 0; i < 2; ++i) {
        for (std::size_t j = 0; j < 4; ++j)
            CHECK(distance(as[i] * ys[i * 4 + j], bs[j]) < rounding_of<T>);
        for (std::size_t row = 0; row < 3; ++row) {
            double sum = 0;
            for (std::size_t k = 0; k < 3; ++k)
                sum += as[i](row, k) * static_cast<double>(of_vector.data()[i * 3 + k]);
            CHECK(std::abs(sum - static_cast<double>(v.data()[row])) < rounding_of<T>);
        }
    }
    const Array<T> one = solve(fixed(sound_matrices<T>({3, 3})), fixed(b)).value();
    CHECK(one.shape() == Shape{4, 3, 2});
    check_equal(one, solve(fixed(Array<T>(sound_matrices<T>({1, 3, 3}))), fixed(b)).value());
}

TEST_CASE("solve and inv: pivots of 0, and the known inverse of Hilbert's matrix")
{
    const Variable<double> exchange = constant<double>({{0, 1}, {2, 0}});
    check_equal(solve(exchange, constant<double>({{3}, {4}})).value(), constant<double>({{2}, {3}}).value());
    const Array<double> inverse = inv(constant(array_of<double>(hilbert(4)))).value();
    const Array<double> known =
        constant<double>(
            {{16, -120, 240, -140}, {-120, 1200, -2700, 1680}, {240, -2700, 6480, -4200}, {-140, 1680, -4200, 2800}})
            .value();
    check_close(inverse, known, 1e-11);
    const Array<float> rounded = inv(constant(Array<float>(xt::cast<float>(array_of<double>(hilbert(4)))))).value();
    check_close(rounded, Array<float>(xt::cast<float>(known)), 1e-2); // the matrix itself is rounded
}

TEST_CASE_TEMPLATE("inv: both products are the identity", T, float, double)
{
    for (const std::size_t n : Sizes{1, 2, 7, 20, 70}) {
        const Array<T> a = sound_matrices<T>({3, n, n}, 2 + static_cast<double>(n));
        const auto as = matrices_of(a), ys = matrices_of(inv(fixed(a)).value());
        for (std::size_t k = 0; k < 3; ++k) {
            CHECK(distance(as[k] * ys[k], unit_matrix(n)) < rounding_of<T>);
            CHECK(distance(ys[k] * as[k], unit_matrix(n)) < rounding_of<T>);
        }
    }
}

TEST_CASE_TEMPLATE("triangular_solve: each triangle, without a look at the other one", T, float, double)
{
    for (const std::size_t n : Sizes{1, 2, 5, 17})
        for (const bool lower : {false, true})
            for (const bool transposed : {false, true})
                for (const bool unit : {false, true}) {
                    const Triangle t{lower, transposed, unit};
                    Array<T> a = sound_matrices<T>({2, n, n}, static_cast<double>(n));
                    const Array<T> b = numbers<T>({2, n, 3});
                    const auto as = matrices_of(a), bs = matrices_of(b);
                    for_each_index(a.shape(), [&](const Index& i) { // what must not be read
                        if (i[1] == i[2] ? unit : (i[1] > i[2]) != lower)
                            at(a, i) = static_cast<T>(nothing);
                    });
                    const auto ys = matrices_of(triangular_solve(fixed(a), fixed(b), t).value());
                    for (std::size_t k = 0; k < 2; ++k) {
                        double largest = 1;
                        for (const double each : ys[k].elements)
                            largest = std::max(largest, std::abs(each));
                        CHECK(distance(triangle_of(as[k], t) * ys[k], bs[k]) < 4 * rounding_of<T> * largest);
                    }
                }
    check_equal(triangular_solve(constant<T>({{2, 0}, {1, 1}}), constant<T>({2, 3})).value(), list<T>({1, 2}));
}

TEST_CASE_TEMPLATE("cholesky: the factor times its transpose is the symmetric part", T, float, double)
{
    for (const std::size_t n : Sizes{1, 2, 3, 8, 21, 70}) {
        const Array<T> a = sound_matrices<T>({2, n, n}, static_cast<double>(n) + 1);
        const auto as = matrices_of(a), ys = matrices_of(cholesky(fixed(a)).value());
        for (std::size_t k = 0; k < 2; ++k) {
            const Matrix part(n, n, [&](std::size_t i, std::size_t j) { return (as[k](i, j) + as[k](j, i)) / 2; });
            CHECK(distance(ys[k] * turned(ys[k]), part) < rounding_of<T> * static_cast<double>(n));
            for (std::size_t i = 0; i < n; ++i) {
                CHECK(ys[k](i, i) > 0);
                for (std::size_t j = i + 1; j < n; ++j)
                    CHECK(ys[k](i, j) == 0);
            }
        }
    }
    check_equal(cholesky(constant<T>({{4, 2}, {2, 10}})).value(), constant<T>({{2, 0}, {1, 3}}).value());
    const Array<T> slope = gradients_of<T>([](const auto& x) { return cholesky(x[0]); }, {sound_matrices<T>({3, 3})},
                                           numbers<T>({3, 3}))[0];
    check_close(slope, transpose(fixed(slope)).value()); // the gradient is symmetric
}

TEST_CASE_TEMPLATE("det and slogdet: Laplace's expansion", T, float, double)
{
    for (const std::size_t n : Sizes{0, 1, 2, 3, 6}) {
        const Array<T> a = numbers<T>({3, 2, n, n}, -2, 2, static_cast<unsigned>(n));
        const Array<T> y = det(fixed(a)).value();
        const auto [sign, logarithm] = slogdet(fixed(a));
        CHECK(y.shape() == Shape{3, 2});
        CHECK(sign.shape() == Shape{3, 2});
        CHECK(!sign.requires_gradient());
        const auto as = matrices_of(a);
        for (std::size_t k = 0; k < 6; ++k) {
            const double expected = expanded_determinant(as[k]);
            CHECK(std::abs(static_cast<double>(y.data()[k]) - expected) <
                  rounding_of<T> * 4 * std::max(1.0, std::abs(expected)));
            CHECK(sign.data()[k] == (expected > 0 ? 1 : -1));
            CHECK(std::abs(static_cast<double>(logarithm.data()[k]) - std::log(std::abs(expected))) <
                  rounding_of<T> * 40);
        }
    }
    const Variable<T> singular = constant<T>({{1, 2}, {2, 4}});
    CHECK(det(singular).item() == 0);
    CHECK(slogdet(singular).sign.item() == 0);
    CHECK(slogdet(singular).logabsdet.item() == -static_cast<T>(infinity));
    const Variable<T> spoiled = constant<T>({{static_cast<T>(nothing), 2}, {2, 4}});
    CHECK(std::isnan(slogdet(spoiled).sign.item()));
    CHECK(std::isnan(det(spoiled).item()));
}

TEST_CASE("det: Vandermonde's matrix, and a logarithm where the determinant overflows")
{
    const std::vector<double> x{1, 2.5, -1, 4, 0.5};
    double product = 1;
    for (std::size_t j = 0; j < x.size(); ++j)
        for (std::size_t i = 0; i < j; ++i)
            product *= x[j] - x[i];
    const Matrix v(x.size(), x.size(),
                   [&](std::size_t i, std::size_t j) { return std::pow(x[i], static_cast<double>(j)); });
    CHECK(det(constant(array_of<double>(v))).item() == doctest::Approx(product).epsilon(1e-13));
    const auto large = constant(array_of<double>(diagonal(std::vector<double>(400, 100.0))));
    CHECK(slogdet(large).logabsdet.item() == doctest::Approx(400 * std::log(100.0)));
    CHECK(det(large).item() == infinity);
    for (const std::size_t n : Sizes{5, 70}) { // rows in a ring: n − 1 exchanges
        const Matrix ring(n, n, [n](std::size_t i, std::size_t j) { return j == (i + 1) % n ? 2.0 : 0.0; });
        CHECK(slogdet(constant(array_of<double>(ring))).sign.item() == (n % 2 == 0 ? -1 : 1));
    }
}

TEST_CASE_TEMPLATE("trace: the diagonal alone, of matrices of any shape", T, float, double)
{
    for (const Shape& shape : {Shape{3, 3}, Shape{2, 5}, Shape{5, 2}, Shape{2, 3, 4, 3}, Shape{0, 3}, Shape{3, 0},
                               Shape{2, 0, 0}, Shape{1, 1}})
    {
        Array<T> x = numbers<T>(shape);
        for_each_index(shape, [&](const Index& i) { // what must not be read
            if (i[i.size() - 1] != i[i.size() - 2])
                at(x, i) = static_cast<T>(nothing);
        });
        const Array<T> y = trace(fixed(x)).value();
        CHECK(y.shape() == Shape(shape.begin(), shape.end() - 2));
        const auto xs = matrices_of(x);
        for (std::size_t k = 0; k < xs.size(); ++k) {
            double sum = 0;
            for (std::size_t i = 0; i < std::min(xs[k].rows, xs[k].columns); ++i)
                sum += xs[k](i, i);
            CHECK(std::abs(static_cast<double>(y.data()[k]) - sum) < rounding_of<T>);
        }
    }
}

TEST_CASE_TEMPLATE("matrix_power: repeated products, also of the inverse", T, float, double)
{
    const Array<T> a = numbers<T>({2, 3, 3}, -1, 1, 4);
    const auto as = matrices_of(a);
    for (const std::ptrdiff_t power : {0, 1, 2, 3, 5, 12}) {
        const auto ys = matrices_of(matrix_power(fixed(a), power).value()),
                   back = matrices_of(matrix_power(fixed(a), -power).value());
        for (std::size_t k = 0; k < 2; ++k) {
            Matrix product = unit_matrix(3);
            for (std::ptrdiff_t i = 0; i < power; ++i)
                product = product * as[k];
            CHECK(distance(ys[k], product) < 4 * rounding_of<T> * std::max(1.0, distance(product, Matrix(3, 3))));
            if (power < 4)
                CHECK(distance(ys[k] * back[k], unit_matrix(3)) < 1e5 * rounding_of<T>);
        }
    }
    constexpr std::ptrdiff_t farthest = std::numeric_limits<std::ptrdiff_t>::min();
    check_equal(matrix_power(constant<T>({{-1, 0}, {0, 1}}), farthest).value(), constant<T>({{1, 0}, {0, 1}}).value());
}

TEST_CASE_TEMPLATE("linear systems without rows, without columns or in empty stacks", T, float, double)
{
    const auto none = variable(Array<T>(Shape{0, 0})), stack = variable(Array<T>(Shape{0, 2, 2}));
    const auto check = [](const Variable<T>& y, const Variable<T>& x, const Shape& shape) {
        CHECK(y.shape() == shape);
        Tape tape;
        CHECK(tape.gradient(sum(x * x), x).shape() == x.shape());
    };
    CHECK(solve(none, variable(Array<T>(Shape{0, 3}))).shape() == Shape{0, 3});
    CHECK(solve(none, variable(Array<T>(Shape{0}))).shape() == Shape{0});
    CHECK(solve(stack, variable(Array<T>(Shape{2, 3}, T(1)))).shape() == Shape{0, 2, 3});
    CHECK(triangular_solve(none, variable(Array<T>(Shape{4, 0, 3}))).shape() == Shape{4, 0, 3});
    for (const auto& x : {none, stack}) {
        check(inv(x), x, x.shape());
        check(cholesky(x), x, x.shape());
        check(matrix_power(x, 3), x, x.shape());
        const Shape numbers(x.shape().begin(), x.shape().end() - 2);
        check(det(x), x, numbers);
        check(slogdet(x).logabsdet, x, numbers);
        Tape tape;
        CHECK(tape.gradient(sum(inv(x)) + sum(cholesky(x)) + sum(det(x)), x).shape() == x.shape());
    }
    CHECK(det(none).item() == 1);
    CHECK(slogdet(none).sign.item() == 1);
    CHECK(slogdet(none).logabsdet.item() == 0);
}

TEST_CASE_TEMPLATE("linear systems: gradients of 2×2 matrices in closed form", T, float, double)
{
    const Array<T> a = constant<T>({{3, 1}, {2, 4}}).value(), one({}, T(1)); // det a = 10
    check_close(gradients_of<T>([](const auto& x) { return det(x[0]); }, {a}, one)[0],
                constant<T>({{4, -2}, {-1, 3}}).value());
    check_close(gradients_of<T>([](const auto& x) { return slogdet(x[0]).logabsdet; }, {a}, one)[0],
                constant<T>({{0.4, -0.2}, {-0.1, 0.3}}).value());
    check_close(gradients_of<T>([](const auto& x) { return trace(x[0]); }, {a}, one)[0],
                constant<T>({{1, 0}, {0, 1}}).value());
    const auto gradients = gradients_of<T>([](const auto& x) { return solve(x[0], x[1]); }, {a, list<T>({10, 20})},
                                           list<T>({1, 0})); // y = (2, 4); the first row of a⁻¹ is (0.4, −0.1)
    check_close(gradients[0], constant<T>({{-0.8, -1.6}, {0.2, 0.4}}).value());
    check_close(gradients[1], list<T>({0.4, -0.1}));
}

TEST_CASE_TEMPLATE("linear systems: errors name the matrix of the stack", T, float, double)
{
    Array<T> a = sound_matrices<T>({2, 3, 2, 2});
    for (std::size_t i = 0; i < 4; ++i)
        a.data()[(1 * 3 + 2) * 4 + i] = 1;
    const Variable<T> stack = fixed(a), b = constant<T>({1, 2}), singular = variable<T>({{1, 2}, {2, 4}});
    check_numerical_error([&] { solve(stack, b); }, {"[solve]", "matrix (1,2) of the stack is singular"});
    check_numerical_error([&] { inv(stack); }, {"[inv]", "(1,2)"});
    check_numerical_error([&] { matrix_power(stack, -1); }, {"[matrix_power]", "(1,2)"});
    check_numerical_error([&] { solve(singular, b); }, {"[solve] the matrix is singular"});
    check_numerical_error([&] { triangular_solve(constant<T>({{1, 2}, {2, 0}}), b); }, {"[triangular_solve]"});
    CHECK_NOTHROW(triangular_solve(constant<T>({{0, 2}, {2, 0}}), b, {.unit_diagonal = true}));
    check_numerical_error([&] { cholesky(constant<T>({{1, 2}, {2, 1}})); }, {"[cholesky]", "not positive definite"});
    check_numerical_error([&] { cholesky(constant<T>({{static_cast<T>(nothing)}})); }, {"[cholesky]"});
    Array<T> large = sound_matrices<T>({70, 70}, 71);
    for (const double bad : {-1.0, nothing}) {
        large.data()[69 * 70 + 69] = static_cast<T>(bad);
        check_numerical_error([&] { cholesky(fixed(large)); }, {"[cholesky]", "not positive definite"});
    }
    check_numerical_error([&] { inv(constant(Array<T>(Shape{70, 70}, T{1}))); }, {"[inv] the matrix is singular"});
    for (const bool logarithm : {false, true})
        check_numerical_error(
            [&] {
                Tape tape;
                tape.gradient(logarithm ? slogdet(singular).logabsdet : det(singular), singular);
            },
            {logarithm ? "[the gradient of slogdet]" : "[the gradient of det]", "singular"});
}

TEST_CASE_TEMPLATE("linear systems: shapes that do not fit", T, float, double)
{
    const auto m23 = leaf<T>({2, 3}), m22 = leaf<T>({2, 2}), v3 = leaf<T>({3}), s = leaf<T>({});
    check_shape_error([&] { solve(m23, m22); }, {"[solve]", "(2,3)", "square"});
    check_shape_error([&] { solve(m22, v3); }, {"[solve]", "(2,2)", "(3)", "2 rows"});
    check_shape_error([&] { solve(m22, s); }, {"[solve]", "()"});
    check_shape_error([&] { solve(m22, leaf<T>({3, 2})); }, {"[solve]", "(3,2)"});
    check_shape_error([&] { solve(leaf<T>({2, 2, 2}), leaf<T>({3, 2, 2})); }, {"[solve]", "broadcast", "(3,2,2)"});
    check_shape_error([&] { triangular_solve(m23, m22); }, {"[triangular_solve]", "(2,3)"});
    check_shape_error([&] { triangular_solve(m22, v3); }, {"[triangular_solve]", "(3)"});
    check_shape_error([&] { inv(m23); }, {"[inv]", "(2,3)"});
    check_shape_error([&] { inv(v3); }, {"[inv]", "(3)"});
    check_shape_error([&] { cholesky(m23); }, {"[cholesky]", "(2,3)"});
    check_shape_error([&] { det(m23); }, {"[det]", "(2,3)"});
    check_shape_error([&] { slogdet(s); }, {"[slogdet]", "()"});
    check_shape_error([&] { trace(v3); }, {"[trace]", "(3)"});
    check_shape_error([&] { matrix_power(m23, 2); }, {"[matrix_power]", "(2,3)"});
}

TEST_CASE("linear systems have the same bits on one thread and on two")
{
    for (const std::size_t n : Sizes{50, 70}) {
        const Array<double> a = sound_matrices<double>({40, n, n}), b = numbers<double>({40, n, 3});
        const auto of = [&](std::size_t count) {
            const Threads set(count);
            return solve(fixed(a), fixed(b)).value();
        };
        check_equal(of(2), of(1));
    }
}
