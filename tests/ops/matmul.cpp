#include "ops.hpp"
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/matmul.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

Shape turned(Shape shape, bool transposed)
{
    if (transposed && shape.size() > 1)
        std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
    return shape;
}

/** Calls term(index of a, index of b, index of y) for every product of a matrix product of stacks of matrices.
 *  @param stack  the broadcast leading axes */
template <class F>
void for_each_term(const Shape& stack, std::size_t m, std::size_t k, std::size_t n, Transposed t, F term)
{
    for_each_index(stack, [&](const Index& leading) {
        const auto with = [&](std::size_t row, std::size_t column) {
            Index index = leading;
            index.push_back(row);
            index.push_back(column);
            return index;
        };
        for (std::size_t i = 0; i < m; ++i)
            for (std::size_t j = 0; j < n; ++j)
                for (std::size_t p = 0; p < k; ++p)
                    term(t.a ? with(p, i) : with(i, p), t.b ? with(j, p) : with(p, j), with(i, j));
    });
}

/** The element of a stack of matrices: its leading axes broadcast, its last two do not. */
template <class T>
T& element(Array<T>& array, const Index& index)
{
    const Shape& shape = array.shape();
    std::size_t position = 0;
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
        position = position * shape[axis] + (shape[axis] == 1 ? 0 : index[index.size() - shape.size() + axis]);
    return array.data()[position];
}

constexpr Transposed all_transposed[] = {{false, false}, {true, false}, {false, true}, {true, true}};

struct Stacks
{
    Shape a, b, y; // leading axes
};

template <class T>
void check_product(const Stacks& stacks, std::size_t m, std::size_t k, std::size_t n)
{
    for (const Transposed t : all_transposed) {
        const auto with = [](Shape shape, std::size_t rows, std::size_t columns) {
            shape.push_back(rows);
            shape.push_back(columns);
            return shape;
        };
        Array<T> a = numbers<T>(turned(with(stacks.a, m, k), t.a), -2, 2, 1),
                 b = numbers<T>(turned(with(stacks.b, k, n), t.b), -2, 2, 2);
        Array<T> g = numbers<T>(with(stacks.y, m, n), -2, 2, 3);
        CAPTURE(to_string(a.shape()) + " " + to_string(b.shape()));
        Array<double> y(g.shape(), 0.0), da(a.shape(), 0.0), db(b.shape(), 0.0);
        for_each_term(stacks.y, m, k, n, t, [&](const Index& ia, const Index& ib, const Index& iy) {
            element(y, iy) += static_cast<double>(element(a, ia)) * element(b, ib);
            element(da, ia) += static_cast<double>(element(g, iy)) * element(b, ib);
            element(db, ib) += static_cast<double>(element(g, iy)) * element(a, ia);
        });
        const auto rounded = [](const Array<double>& x) { return Array<T>(xt::cast<T>(x)); };
        const double tolerance = few_roundings<T> * 2;
        check_close(matmul(constant(Array<T>(a)), constant(Array<T>(b)), t).value(), rounded(y), tolerance);
        const auto gradients = gradients_of<T>([t](const auto& x) { return matmul(x[0], x[1], t); }, {a, b}, g);
        check_close(gradients[0], rounded(da), tolerance);
        check_close(gradients[1], rounded(db), tolerance);
    }
}

} // namespace

TEST_CASE_TEMPLATE("matrix products of many sizes, plain and transposed, and their gradients", T, float, double)
{
    for (const std::size_t m : Sizes{1, 2, 5, 16, 19})
        for (const std::size_t k : Sizes{1, 3, 8, 33})
            for (const std::size_t n : Sizes{1, 2, 7, 16, 21})
                check_product<T>({{}, {}, {}}, m, k, n);
}

TEST_CASE_TEMPLATE("a large matrix product", T, float, double) { check_product<T>({{}, {}, {}}, 37, 150, 41); }

TEST_CASE_TEMPLATE("products of stacks of matrices, broadcast in every way", T, float, double)
{
    const Stacks all[] = {
        {{3}, {3}, {3}},          {{3}, {}, {3}},           {{}, {3}, {3}},
        {{1}, {3}, {3}},          {{3}, {1}, {3}},          {{2, 3}, {2, 3}, {2, 3}},
        {{2, 3}, {3}, {2, 3}},    {{3}, {2, 3}, {2, 3}},    {{2, 1}, {3}, {2, 3}},
        {{2, 1}, {1, 3}, {2, 3}}, {{1, 3}, {2, 1}, {2, 3}}, {{2, 3}, {1}, {2, 3}},
        {{1, 1}, {}, {1, 1}},     {{0}, {}, {0}},           {{2, 1, 2}, {3, 1}, {2, 3, 2}},
    };
    for (const Stacks& stacks : all)
        for (const std::size_t m : Sizes{1, 2})
            for (const std::size_t n : Sizes{1, 4})
                check_product<T>(stacks, m, 3, n);
}

TEST_CASE_TEMPLATE("products without rows or columns are empty, without inner extent 0", T, float, double)
{
    check_product<T>({{}, {}, {}}, 0, 3, 2);
    check_product<T>({{}, {}, {}}, 2, 3, 0);
    check_product<T>({{}, {}, {}}, 2, 0, 3);
    check_product<T>({{2}, {}, {2}}, 2, 0, 3);
}

TEST_CASE_TEMPLATE("a vector is a row on the left and a column on the right", T, float, double)
{
    const Array<T> u = numbers<T>({3}, -2, 2, 1), v = numbers<T>({3}, -2, 2, 2),
                   stack = numbers<T>({2, 4, 3}, -2, 2, 3);
    const Array<T> matrix = numbers<T>({3, 5}, -2, 2, 4), other = numbers<T>({2, 3, 5}, -2, 2, 5);
    const auto x = [](const Array<T>& array) { return constant(Array<T>(array)); };
    const auto inner = [](auto f) {
        double sum = 0;
        for (std::size_t p = 0; p < 3; ++p)
            sum += f(p);
        return sum;
    };
    const auto n = [](T value) { return static_cast<double>(value); };
    check_close(matmul(x(u), x(v)).value(), generate<T>({}, [&](const Index&) {
                    return inner([&](std::size_t p) { return n(at(u, {p})) * n(at(v, {p})); });
                }));
    check_close(matmul(x(u), x(matrix)).value(), generate<T>({5}, [&](const Index& i) {
                    return inner([&](std::size_t p) { return n(at(u, {p})) * n(at(matrix, {p, i[0]})); });
                }));
    check_close(matmul(x(stack), x(v)).value(), generate<T>({2, 4}, [&](const Index& i) {
                    return inner([&](std::size_t p) { return n(at(stack, {i[0], i[1], p})) * n(at(v, {p})); });
                }));
    check_close(matmul(x(u), x(other)).value(), generate<T>({2, 5}, [&](const Index& i) {
                    return inner([&](std::size_t p) { return n(at(u, {p})) * n(at(other, {i[0], p, i[1]})); });
                }));
    check_close(matmul(x(matrix), x(u), {.a = true}).value(), matmul(x(u), x(matrix)).value());
    check_close(matmul(x(u), x(stack), {.b = true}).value(), matmul(x(stack), x(u)).value());
}

TEST_CASE_TEMPLATE("transposing a vector changes nothing", T, float, double)
{
    const auto u = constant(numbers<T>({3}, -2, 2, 1)), v = constant(numbers<T>({3}, -2, 2, 2));
    for (const Transposed t : all_transposed)
        check_close(matmul(u, v, t).value(), matmul(u, v).value());
}

TEST_CASE_TEMPLATE("outer multiplies each with each", T, float, double)
{
    const Array<T> a = numbers<T>({4}, -2, 2, 1), b = numbers<T>({3}, -2, 2, 2), g = numbers<T>({4, 3}, -2, 2, 3);
    const Array<T> expected = generate<T>({4, 3}, [&](const Index& i) { return at(a, {i[0]}) * at(b, {i[1]}); });
    check_close(outer(constant(Array<T>(a)), constant(Array<T>(b))).value(), expected);
    Array<T> da({4}, T(0)), db({3}, T(0));
    for_each_index({4, 3}, [&](const Index& i) {
        at(da, {i[0]}) += at(g, i) * at(b, {i[1]});
        at(db, {i[1]}) += at(g, i) * at(a, {i[0]});
    });
    const auto gradients = gradients_of<T>([](const auto& x) { return outer(x[0], x[1]); }, {a, b}, g);
    check_close(gradients[0], da);
    check_close(gradients[1], db);
}

TEST_CASE_TEMPLATE("kron over the last two axes, the leading ones broadcast", T, float, double)
{
    const struct
    {
        Shape a, b, y;
    } all[] = {{{2, 3}, {3, 2}, {6, 6}},       {{1, 1}, {2, 3}, {2, 3}},       {{2, 3}, {1, 1}, {2, 3}},
               {{4, 2, 3}, {2, 2}, {4, 4, 6}}, {{2, 2}, {3, 1, 2}, {3, 2, 4}}, {{2, 1, 2, 2}, {3, 2, 1}, {2, 3, 4, 2}},
               {{1, 5}, {5, 1}, {5, 5}}};
    for (const auto& shapes : all) {
        CAPTURE(to_string(shapes.a) + " " + to_string(shapes.b));
        Array<T> a = numbers<T>(shapes.a, -2, 2, 1), b = numbers<T>(shapes.b, -2, 2, 2),
                 g = numbers<T>(shapes.y, -2, 2, 3);
        Array<T> da(shapes.a, T(0)), db(shapes.b, T(0));
        const std::size_t p = shapes.b[shapes.b.size() - 2], q = shapes.b[shapes.b.size() - 1];
        const Array<T> expected = generate<T>(shapes.y, [&](const Index& i) {
            Index block = i, inside = i;
            const std::size_t rows = i.size() - 2, columns = i.size() - 1;
            block[rows] = i[rows] / p;
            block[columns] = i[columns] / q;
            inside[rows] = i[rows] % p;
            inside[columns] = i[columns] % q;
            at(da, block) += at(g, i) * at(b, inside);
            at(db, inside) += at(g, i) * at(a, block);
            return at(a, block) * at(b, inside);
        });
        check_close(kron(constant(Array<T>(a)), constant(Array<T>(b))).value(), expected);
        const auto gradients = gradients_of<T>([](const auto& x) { return kron(x[0], x[1]); }, {a, b}, g);
        check_close(gradients[0], da);
        check_close(gradients[1], db);
    }
}

TEST_CASE_TEMPLATE("NaN and infinity spoil exactly the rows and columns that they meet", T, float, double)
{
    Array<T> a({3, 4}, T(1)), b({4, 2}, T(0));
    a.data()[1 * 4 + 2] = T(not_a_number);
    a.data()[2 * 4 + 0] = T(infinity); // ∞·0 is NaN: a zero must not be skipped
    const Array<T> y = matmul(constant(std::move(a)), constant(std::move(b))).value();
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 2; ++j)
            CHECK(std::isnan(at(y, {i, j})) == (i > 0));
}

TEST_CASE_TEMPLATE("products that do not fit are refused by name with both shapes, and nothing is recorded", T, float,
                   double)
{
    const auto m23 = leaf<T>({2, 3}), m45 = leaf<T>({4, 5}), v4 = leaf<T>({4}), s = leaf<T>({});
    check_shape_error([&] { matmul(m23, m45); }, {"[matmul]", "(2,3)", "(4,5)"});
    check_shape_error([&] { matmul(m23, m23); }, {"[matmul]", "(2,3)"});
    check_shape_error([&] { matmul(m23, m45, {.b = true}); }, {"[matmul]", "(2,3)", "(4,5) transposed"});
    check_shape_error([&] { matmul(m23, m45, {.a = true}); }, {"[matmul]", "(2,3) transposed", "(4,5)"});
    check_shape_error([&] { matmul(m23, v4); }, {"[matmul]", "(2,3)", "(4)"});
    check_shape_error([&] { matmul(v4, m23); }, {"[matmul]", "(4)", "(2,3)"});
    check_shape_error([&] { matmul(v4, leaf<T>({3})); }, {"[matmul]", "(4)", "(3)"});
    check_shape_error([&] { matmul(s, m23); }, {"[matmul]", "()", "(2,3)"});
    check_shape_error([&] { matmul(v4, s); }, {"[matmul]", "(4)", "()"});
    check_shape_error([&] { matmul(leaf<T>({2, 2, 3}), leaf<T>({3, 3, 2})); }, {"[matmul]", "(2,2,3)", "(3,3,2)"});
    check_shape_error([&] { outer(m23, v4); }, {"[outer]", "(2,3)", "(4)"});
    check_shape_error([&] { outer(v4, s); }, {"[outer]", "(4)", "()"});
    check_shape_error([&] { kron(m23, v4); }, {"[kron]", "(2,3)", "(4)"});
    check_shape_error([&] { kron(s, m23); }, {"[kron]", "()", "(2,3)"});
    check_shape_error([&] { kron(leaf<T>({2, 2, 2}), leaf<T>({3, 2, 2})); }, {"[kron]", "(2,2,2)", "(3,2,2)"});
}
