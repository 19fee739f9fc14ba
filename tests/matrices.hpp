#pragma once
// Matrices for the tests of linear algebra: stacks as lists of plain matrices, and products as plain loops.

#include "ops.hpp"

namespace xgrad::test
{

/** A matrix of rows, in double. */
struct Matrix
{
    std::size_t rows = 0, columns = 0;
    std::vector<double> elements;

    Matrix(std::size_t m, std::size_t n) : rows(m), columns(n), elements(m * n) {}
    template <class F>
    Matrix(std::size_t m, std::size_t n, F f) : Matrix(m, n)
    {
        for (std::size_t i = 0; i < m; ++i)
            for (std::size_t j = 0; j < n; ++j)
                (*this)(i, j) = f(i, j);
    }
    double& operator()(std::size_t i, std::size_t j) { return elements[i * columns + j]; }
    double operator()(std::size_t i, std::size_t j) const { return elements[i * columns + j]; }
};

inline Matrix operator*(const Matrix& a, const Matrix& b)
{
    REQUIRE(a.columns == b.rows);
    Matrix product(a.rows, b.columns);
    for (std::size_t i = 0; i < a.rows; ++i)
        for (std::size_t j = 0; j < b.columns; ++j)
            for (std::size_t k = 0; k < a.columns; ++k)
                product(i, j) += a(i, k) * b(k, j);
    return product;
}

inline Matrix turned(const Matrix& a)
{
    return {a.columns, a.rows, [&](std::size_t i, std::size_t j) { return a(j, i); }};
}

inline Matrix unit_matrix(std::size_t n)
{
    return {n, n, [](std::size_t i, std::size_t j) { return i == j ? 1.0 : 0.0; }};
}

inline Matrix diagonal(const std::vector<double>& numbers)
{
    return {numbers.size(), numbers.size(), [&](std::size_t i, std::size_t j) { return i == j ? numbers[i] : 0.0; }};
}

/** The matrices of a stack, in order. */
template <class T>
std::vector<Matrix> matrices_of(const Array<T>& stack)
{
    const Shape& shape = stack.shape();
    const std::size_t m = shape[shape.size() - 2], n = shape[shape.size() - 1];
    std::size_t count = 1;
    for (std::size_t axis = 0; axis + 2 < shape.size(); ++axis)
        count *= shape[axis];
    std::vector<Matrix> all;
    for (std::size_t k = 0; k < count; ++k)
        all.emplace_back(
            m, n, [&](std::size_t i, std::size_t j) { return static_cast<double>(stack.data()[(k * m + i) * n + j]); });
    return all;
}

template <class T>
Array<T> array_of(const Matrix& matrix)
{
    return generate<T>({matrix.rows, matrix.columns}, [&](const Index& i) { return matrix(i[0], i[1]); });
}

/** The largest difference of two elements. */
inline double distance(const Matrix& a, const Matrix& b)
{
    REQUIRE(a.rows == b.rows);
    REQUIRE(a.columns == b.columns);
    double largest = 0;
    for (std::size_t i = 0; i < a.elements.size(); ++i)
        largest = std::isnan(a.elements[i] - b.elements[i])
                      ? infinity
                      : std::max(largest, std::abs(a.elements[i] - b.elements[i]));
    return largest;
}

/** Random matrices far from singular ones: `on_diagonal` is added to their diagonals. */
template <class T>
Array<T> sound_matrices(const Shape& shape, double on_diagonal = 5, unsigned seed = 1)
{
    Array<T> values = numbers<T>(shape, -1, 1, seed);
    const std::size_t m = shape[shape.size() - 2], n = shape[shape.size() - 1];
    for (std::size_t i = 0; i < values.size(); ++i)
        if (i % n == i / n % m)
            values.data()[i] += static_cast<T>(on_diagonal);
    return values;
}

/** H_ij = 1/(i + j + 1), which is hard to invert. */
inline Matrix hilbert(std::size_t n)
{
    return {n, n, [](std::size_t i, std::size_t j) { return 1 / static_cast<double>(i + j + 1); }};
}

/** Fails unless f throws a NumericalError whose message has all of the parts. */
template <class F>
void check_numerical_error(F f, const std::vector<std::string>& parts)
{
    std::string message;
    try {
        f();
    } catch (const NumericalError& error) {
        message = error.what();
    }
    CHECK_MESSAGE(!message.empty(), "no NumericalError; expected one with ", parts.front());
    for (const std::string& part : parts)
        CHECK_MESSAGE(message.find(part) != std::string::npos, "'", message, "' lacks '", part, "'");
}

template <class T>
Variable<T> fixed(const Array<T>& x)
{
    return constant(Array<T>(x));
}

/** The rounding of a float or a double that a few operations magnify. */
template <class T>
constexpr double rounding_of = 8 * static_cast<double>(std::numeric_limits<T>::epsilon());

} // namespace xgrad::test
