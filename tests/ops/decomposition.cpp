#include "matrices.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/decomposition.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/matmul.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/shape.hpp>

#include <numbers>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

// The largest go to LAPACK if it is there.
const Shape shapes[] = {{1, 1},       {3, 3},    {5, 2},   {2, 5},   {3, 1},   {1, 3},
                        {2, 2, 6, 4}, {3, 4, 6}, {20, 20}, {33, 12}, {80, 67}, {2, 66, 66}};

double norm_of(const Matrix& a)
{
    double sum = 0;
    for (const double each : a.elements)
        sum += each * each;
    return std::sqrt(sum);
}

/** The rounding in the products of n unit vectors of n elements, after rotations of each with all others. */
template <class T>
double orthogonal(std::size_t n)
{
    return rounding_of<T> * std::max(4.0, static_cast<double>(n) / 4);
}

/** u·diag(s)·vᵀ of matrix k of the stacks. */
template <class T>
Matrix composed(const Svd<T>& d, std::size_t k)
{
    const std::size_t n = d.s.shape().back();
    const std::vector<double> s(d.s.data() + k * n, d.s.data() + (k + 1) * n);
    return matrices_of(d.u.value())[k] * diagonal(s) * matrices_of(d.vt.value())[k];
}

/** Fails unless u·diag(s)·vᵀ is `a`, the vectors are orthonormal and s descends to 0 or above. */
template <class T>
void check_svd(const Svd<T>& d, const std::vector<Matrix>& as)
{
    const std::size_t n = d.s.shape().back();
    const auto us = matrices_of(d.u.value()), vts = matrices_of(d.vt.value());
    REQUIRE(us.size() == as.size());
    for (std::size_t k = 0; k < as.size(); ++k) {
        const double tolerance = orthogonal<T>(n);
        CHECK(distance(turned(us[k]) * us[k], unit_matrix(n)) < tolerance);
        CHECK(distance(vts[k] * turned(vts[k]), unit_matrix(n)) < tolerance);
        CHECK(distance(composed(d, k), as[k]) <= tolerance * norm_of(as[k]));
        for (std::size_t i = 0; i < n; ++i)
            CHECK((d.s.data()[k * n + i] >= 0 && (i == 0 || d.s.data()[k * n + i] <= d.s.data()[k * n + i - 1])));
    }
}

/** The matrix whose eigenvalues are 2 − 2cos(kπ/(n + 1)): second differences. */
Matrix second_differences(std::size_t n)
{
    return {n, n, [](std::size_t i, std::size_t j) { return i == j ? 2.0 : i + 1 == j || j + 1 == i ? -1.0 : 0.0; }};
}

/** A matrix of rank 2. */
Matrix dependent()
{
    return {4, 3, [](std::size_t i, std::size_t j) { return static_cast<double>(3 * i + j); }};
}

} // namespace

TEST_CASE_TEMPLATE("qr: orthonormal columns times a triangle", T, float, double)
{
    for (const Shape& shape : shapes) {
        const Array<T> a = numbers<T>(shape);
        const auto [q, r] = qr(fixed(a));
        const auto as = matrices_of(a), qs = matrices_of(q.value()), rs = matrices_of(r.value());
        const std::size_t k = std::min(as[0].rows, as[0].columns);
        for (std::size_t i = 0; i < as.size(); ++i) {
            CHECK(distance(turned(qs[i]) * qs[i], unit_matrix(k)) < rounding_of<T>);
            CHECK(distance(qs[i] * rs[i], as[i]) < rounding_of<T> * norm_of(as[i]));
            for (std::size_t row = 1; row < k; ++row)
                for (std::size_t column = 0; column < row; ++column)
                    CHECK(rs[i](row, column) == 0);
        }
    }
    const auto [q, r] = qr(constant<T>({{3, 1}, {4, 7}})); // the signs of LAPACK
    check_close(q.value(), constant<T>({{-0.6, -0.8}, {-0.8, 0.6}}).value());
    check_close(r.value(), constant<T>({{-5, -6.2}, {0, 3.4}}).value());
}

TEST_CASE_TEMPLATE("eigh: the vectors diagonalize the symmetric part", T, float, double)
{
    for (const Shape& shape :
         {Shape{1, 1}, Shape{2, 2}, Shape{3, 3}, Shape{2, 1, 5, 5}, Shape{24, 24}, Shape{2, 70, 70}}) {
        const Array<T> a = numbers<T>(shape);
        const auto [w, v] = eigh(fixed(a));
        check_equal(eigvalsh(fixed(a)).value(), w.value());
        const auto as = matrices_of(a), vs = matrices_of(v.value());
        const std::size_t n = shape.back();
        for (std::size_t k = 0; k < as.size(); ++k) {
            const std::vector<double> numbers(w.data() + k * n, w.data() + (k + 1) * n);
            const Matrix part(n, n, [&](std::size_t i, std::size_t j) { return (as[k](i, j) + as[k](j, i)) / 2; });
            CHECK(std::is_sorted(numbers.begin(), numbers.end()));
            CHECK(distance(turned(vs[k]) * vs[k], unit_matrix(n)) < orthogonal<T>(n));
            CHECK(distance(vs[k] * diagonal(numbers) * turned(vs[k]), part) < rounding_of<T> * norm_of(part));
        }
    }
    check_close(eigvalsh(constant<T>({{2, 1}, {1, 2}})).value(), list<T>({1, 3}));
    check_close(eigvalsh(constant<T>({{0, 2}, {0, 0}})).value(), list<T>({-1, 1})); // of the symmetric part
    check_equal(eigh(constant<T>({{5, 0}, {0, 5}})).eigenvalues.value(), list<T>({5, 5}));
}

TEST_CASE("eigh: known eigenvalues, whatever their size")
{
    for (const std::size_t n : Sizes{2, 9, 40})
        for (const double scale : {1e-200, 1e-20, 1.0, 1e20, 1e200}) {
            Array<double> a = array_of<double>(second_differences(n));
            a *= scale;
            const Array<double> w = eigvalsh(constant(std::move(a))).value();
            for (std::size_t k = 0; k < n; ++k) {
                const double angle = static_cast<double>(k + 1) * std::numbers::pi / static_cast<double>(n + 1);
                CHECK(std::abs(w.data()[k] / scale - (2 - 2 * std::cos(angle))) < 1e-14);
            }
        }
}

TEST_CASE_TEMPLATE("svd: orthonormal vectors and the product", T, float, double)
{
    for (const Shape& shape : shapes) {
        const Array<T> a = numbers<T>(shape);
        check_svd(svd(fixed(a)), matrices_of(a));
    }
    const std::vector<Matrix> special = {Matrix(4, 3),
                                         dependent(),
                                         unit_matrix(5),
                                         Matrix(3, 5),
                                         Matrix(6, 4, [](std::size_t i, std::size_t j) { return i == j ? 1.0 : 0.0; }),
                                         Matrix(5, 5, [](std::size_t, std::size_t) { return 1.0; }),
                                         hilbert(9)};
    for (const Matrix& matrix : special)
        check_svd(svd(fixed(array_of<T>(matrix))), matrices_of(array_of<T>(matrix)));
    check_close(svd(constant<T>({{3, 0}, {4, 5}})).s.value(), list<T>({std::sqrt(45), std::sqrt(5)}));
}

TEST_CASE("svd: the squares are the eigenvalues of aᵀ·a, whatever the size of the numbers")
{
    const Array<double> a = numbers<double>({7, 4});
    const Array<double> w = eigvalsh(matmul(fixed(a), fixed(a), {.a = true})).value();
    for (const double scale : {1e-200, 1.0, 1e200}) {
        Array<double> scaled = a;
        scaled *= scale;
        const Array<double> s = svd(fixed(scaled)).s.value();
        for (std::size_t i = 0; i < 4; ++i)
            CHECK(std::abs(s.data()[i] / scale - std::sqrt(w.data()[3 - i])) < 1e-13);
    }
}

TEST_CASE_TEMPLATE("eigh, svd and qr of numbers that are not finite end, with NaN", T, float, double)
{
    for (const auto& [bad, n] : {std::pair(not_a_number, 4), std::pair(infinity, 4), std::pair(not_a_number, 70)}) {
        Array<T> a = numbers<T>({static_cast<std::size_t>(n), static_cast<std::size_t>(n)});
        a.data()[6] = static_cast<T>(bad);
        const auto all_nan = [](const Array<T>& x) {
            return std::all_of(x.begin(), x.end(), [](T each) { return std::isnan(each); });
        };
        CHECK(all_nan(eigh(fixed(a)).eigenvalues.value()));
        CHECK(all_nan(eigh(fixed(a)).eigenvectors.value()));
        CHECK(all_nan(svd(fixed(a)).s.value()));
        CHECK(all_nan(svd(fixed(a)).u.value()));
        CHECK(!std::isfinite(sum(qr(fixed(a)).r).item()));
        CHECK(!std::isfinite(matrix_norm(fixed(a)).item()));
    }
}

TEST_CASE_TEMPLATE("lstsq: what is left is orthogonal to the columns", T, float, double)
{
    const Array<T> a = numbers<T>({2, 1, 6, 3}), b = numbers<T>({4, 6, 2}, -2, 2, 2), v = numbers<T>({6});
    const Array<T> x = lstsq(fixed(a), fixed(b)).value();
    CHECK(x.shape() == Shape{2, 4, 3, 2});
    CHECK(lstsq(fixed(a), fixed(v)).shape() == Shape{2, 1, 3});
    const auto as = matrices_of(a), bs = matrices_of(b), xs = matrices_of(x);
    for (std::size_t i = 0; i < 2; ++i)
        for (std::size_t j = 0; j < 4; ++j) {
            const Matrix reached = as[i] * xs[i * 4 + j];
            const Matrix left(6, 2, [&](std::size_t r, std::size_t c) { return bs[j](r, c) - reached(r, c); });
            CHECK(distance(turned(as[i]) * left, Matrix(3, 2)) < 8 * rounding_of<T>);
        }
    // the line through (0, 1), (1, 3), (2, 4) and (3, 4)
    const auto line = lstsq(constant<T>({{1, 0}, {1, 1}, {1, 2}, {1, 3}}), constant<T>({1, 3, 4, 4}));
    check_close(line.value(), list<T>({1.5, 1}));
}

TEST_CASE_TEMPLATE("pinv: the four conditions of Penrose, at any rank", T, float, double)
{
    std::vector<Matrix> all = {dependent(), turned(dependent()), Matrix(3, 2), hilbert(3)};
    for (const Shape& shape : shapes)
        for (const Matrix& each : matrices_of(numbers<double>(shape)))
            all.push_back(each);
    for (const Matrix& matrix : all) {
        const Matrix a = matrices_of(array_of<T>(matrix))[0];
        const Matrix p = matrices_of(pinv(fixed(array_of<T>(matrix))).value())[0];
        const double condition = std::max(1.0, norm_of(a) * norm_of(p));
        const double tolerance = rounding_of<T> * condition;
        CHECK(distance(a * p * a, a) <= tolerance * std::max(norm_of(a), 1.0));
        CHECK(distance(p * a * p, p) <= tolerance * norm_of(p));
        CHECK(distance(turned(a * p), a * p) <= tolerance);
        CHECK(distance(turned(p * a), p * a) <= tolerance);
    }
}

TEST_CASE_TEMPLATE("matrix_rank counts singular values above rounding", T, float, double)
{
    const auto rank = [](const Variable<T>& a) { return matrix_rank(a).data()[0]; };
    CHECK(rank(fixed(array_of<T>(dependent()))) == 2);
    CHECK(rank(fixed(array_of<T>(turned(dependent())))) == 2);
    CHECK(rank(fixed(array_of<T>(unit_matrix(4)))) == 4);
    CHECK(rank(fixed(array_of<T>(Matrix(3, 5)))) == 0);
    CHECK(matrix_rank(fixed(numbers<T>({2, 3, 4, 6}))).shape() == Shape{2, 3});
    const Labels ranks = matrix_rank(fixed(Array<T>({2, 3, 3}, T(7))));
    CHECK((ranks.data()[0] == 1 && ranks.data()[1] == 1));
    CHECK(rank(fixed(Array<T>(Shape{3, 0}))) == 0);
}

TEST_CASE_TEMPLATE("matrix_norm and cond: closed forms", T, float, double)
{
    for (const Shape& shape : shapes) {
        const Array<T> a = numbers<T>(shape), y = matrix_norm(fixed(a)).value();
        CHECK(y.shape() == Shape(shape.begin(), shape.end() - 2));
        const auto as = matrices_of(a);
        for (std::size_t k = 0; k < as.size(); ++k)
            CHECK(std::abs(static_cast<double>(y.data()[k]) / norm_of(as[k]) - 1) < rounding_of<T>);
    }
    const Variable<T> x = constant<T>({{{3, 0}, {0, -4}}, {{0, 0}, {0, 0}}, {{1, 1}, {1, 1}}});
    check_close(matrix_norm(x).value(), list<T>({5, 0, 2}));
    check_close(matrix_norm(x, MatrixNorm::nuclear).value(), list<T>({7, 0, 2}));
    check_close(matrix_norm(x, MatrixNorm::spectral).value(), list<T>({4, 0, 2}));
    const T large = std::numeric_limits<T>::max() / 4, small = std::numeric_limits<T>::min() * 4;
    check_equal(matrix_norm(constant<T>({{large, 0}, {0, 0}})).value(), Array<T>({}, large));
    check_equal(matrix_norm(constant<T>({{0, small}, {0, 0}})).value(), Array<T>({}, small));
    CHECK(matrix_norm(fixed(Array<T>(Shape{0, 3}))).item() == 0);
    CHECK(matrix_norm(fixed(Array<T>(Shape{0, 3})), MatrixNorm::nuclear).item() == 0);
    CHECK(static_cast<double>(cond(constant(array_of<T>(hilbert(3)))).item()) ==
          doctest::Approx(524.0567775860608).epsilon(524 * rounding_of<T>));
    CHECK(cond(constant<T>({{2, 0}, {0, -8}})).item() == doctest::Approx(4));
    CHECK(cond(constant<T>({{2, 0}, {0, 0}})).item() == static_cast<T>(infinity));
}

TEST_CASE_TEMPLATE("decompositions of nothing, and of empty stacks", T, float, double)
{
    for (const Shape& shape : {Shape{0, 0}, Shape{0, 3}, Shape{3, 0}, Shape{2, 0, 3}, Shape{0, 3, 2}, Shape{0, 2, 3}}) {
        CAPTURE(to_string(shape));
        const std::size_t m = shape[shape.size() - 2], n = shape.back(), k = std::min(m, n);
        const Shape stack(shape.begin(), shape.end() - 2);
        const auto with = [&](Sizes last) {
            Shape all = stack;
            for (const std::size_t each : last)
                all.push_back(each);
            return all;
        };
        const auto a = variable(Array<T>(shape));
        Tape tape;
        const auto [q, r] = qr(a);
        CHECK(q.shape() == with({m, k}));
        CHECK(r.shape() == with({k, n}));
        const auto d = svd(a);
        CHECK(d.u.shape() == with({m, k}));
        CHECK(d.s.shape() == with({k}));
        CHECK(d.vt.shape() == with({k, n}));
        CHECK(pinv(a).shape() == with({n, m}));
        const auto all = sum(q) + sum(r) + sum(d.u) + sum(d.s) + sum(d.vt) + sum(pinv(a)) + sum(matrix_norm(a));
        CHECK(tape.gradient(all, a).shape() == shape);
    }
    const auto none = variable(Array<T>(Shape{0, 0}));
    CHECK(eigh(none).eigenvalues.shape() == Shape{0});
    CHECK(eigvalsh(variable(Array<T>(Shape{0, 2, 2}))).shape() == Shape{0, 2});
    CHECK(lstsq(variable(Array<T>(Shape{3, 0})), constant<T>({1, 2, 3})).shape() == Shape{0});
}

TEST_CASE_TEMPLATE("decompositions: equal values have gradients as long as the vectors are not used", T, float, double)
{
    const Array<T> a = constant<T>({{2, 0}, {0, 2}}).value(), ones({2}, T(1));
    const Array<T> identity = constant<T>({{1, 0}, {0, 1}}).value();
    check_close(gradients_of<T>([](const auto& x) { return eigvalsh(x[0]); }, {a}, ones)[0], identity);
    check_close(gradients_of<T>([](const auto& x) { return svd(x[0]).s; }, {a}, ones)[0], identity);
    check_close(gradients_of<T>([](const auto& x) { return matrix_norm(x[0]); }, {Array<T>({2, 2}, T(0))},
                                Array<T>({}, T(1)))[0],
                Array<T>({2, 2}, T(0)));
    const auto gradient = [&](auto f, const Array<T>& at) { gradients_of<T>(f, {at}, Array<T>({}, T(1))); };
    check_numerical_error([&] { gradient([](const auto& x) { return sum(square(eigh(x[0]).eigenvectors)); }, a); },
                          {"[eigh] the matrix", "eigenvalues 2 and 2", "distinct"});
    Array<T> pair = numbers<T>({2, 2, 2});
    std::copy(a.begin(), a.end(), pair.data() + 4);
    check_numerical_error([&] { gradient([](const auto& x) { return sum(square(svd(x[0]).u)); }, pair); },
                          {"[svd] matrix (1) of the stack", "singular values 2 and 2"});
    const auto tall = constant<T>({{1, 0}, {0, 0}, {0, 0}}).value();
    check_numerical_error([&] { gradient([](const auto& x) { return sum(square(svd(x[0]).u)); }, tall); },
                          {"[svd]", "singular value 0", "not square"});
    check_numerical_error([&] { gradient([](const auto& x) { return sum(square(qr(x[0]).q)); }, tall); },
                          {"[qr] the matrix has dependent columns"});
}

TEST_CASE_TEMPLATE("decompositions: gradients of values in closed form", T, float, double)
{
    const Array<T> first = list<T>({1, 0}), a = constant<T>({{2, 1}, {1, 2}}).value();
    check_close(gradients_of<T>([](const auto& x) { return eigvalsh(x[0]); }, {a}, first)[0],
                constant<T>({{0.5, -0.5}, {-0.5, 0.5}}).value());
    check_close(
        gradients_of<T>([](const auto& x) { return svd(x[0]).s; }, {constant<T>({{3, 0}, {0, -4}}).value()}, first)[0],
        constant<T>({{0, 0}, {0, -1}}).value());
    const Array<T> symmetric =
        gradients_of<T>([](const auto& x) { return matmul(eigh(x[0]).eigenvectors, eigh(x[0]).eigenvectors); },
                        {numbers<T>({3, 3})}, numbers<T>({3, 3}))[0];
    check_close(symmetric, transpose(fixed(symmetric)).value());
}

TEST_CASE_TEMPLATE("decompositions: errors of shapes and of rank", T, float, double)
{
    const auto m23 = leaf<T>({2, 3}), m32 = leaf<T>({3, 2}), v3 = leaf<T>({3}), s = leaf<T>({});
    check_shape_error([&] { qr(v3); }, {"[qr]", "(3)"});
    check_shape_error([&] { svd(s); }, {"[svd]", "()"});
    check_shape_error([&] { eigh(m23); }, {"[eigh]", "(2,3)", "square"});
    check_shape_error([&] { eigvalsh(v3); }, {"[eigvalsh]", "(3)"});
    check_shape_error([&] { lstsq(m23, v3); }, {"[lstsq]", "(2,3)", "pinv"});
    check_shape_error([&] { lstsq(m32, m23); }, {"[lstsq]", "(3,2)", "(2,3)", "3 rows"});
    check_shape_error([&] { lstsq(v3, v3); }, {"[lstsq]", "(3)"});
    check_shape_error([&] { pinv(v3); }, {"[pinv]", "(3)"});
    check_shape_error([&] { matrix_rank(v3); }, {"[matrix_rank]", "(3)"});
    check_shape_error([&] { matrix_norm(v3); }, {"[matrix_norm]", "(3)"});
    check_shape_error([&] { matrix_norm(leaf<T>({0, 3}), MatrixNorm::spectral); }, {"[matrix_norm]", "(0,3)"});
    check_shape_error([&] { cond(leaf<T>({3, 0})); }, {"[cond]", "(3,0)"});
    check_shape_error([&] { cond(v3); }, {"[cond]", "(3)"});
    check_numerical_error(
        [&] {
            lstsq(fixed(array_of<T>(dependent())), constant<T>({1, 2, 3, 4}));
        },
        {"[lstsq] the matrix has dependent columns", "pinv"});
}
