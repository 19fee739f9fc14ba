#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/graph/record.hpp>
#include <xgrad/kernels/elementwise/broadcast.hpp>
#include <xgrad/kernels/product/product.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/detail/stacks.hpp>
#include <xgrad/ops/matmul.hpp>
#include <xgrad/ops/reduction.hpp>

#include <fmt/core.h>

namespace xgrad
{

namespace
{

using detail::leading, detail::offset_of, detail::stacks_fit;

/** Throws unless the operands fit. It comes before anything is recorded, and names the shapes that the user gave. */
void check_operands(const Shape& a, const Shape& b, Transposed transposed)
{
    if (a.empty() || b.empty())
        throw ShapeError(fmt::format("[matmul] a is {}, b is {}: a scalar is no matrix, multiply elementwise with *",
                                     to_string(a), to_string(b)));
    const auto inner = [](const Shape& shape, bool last) {
        return shape[shape.size() - (last || shape.size() == 1 ? 1 : 2)];
    };
    const bool agree = inner(a, !transposed.a) == inner(b, transposed.b);
    if (!agree || !stacks_fit(a, b))
        throw ShapeError(fmt::format(
            "[matmul] the {}: a is {}{}, b is {}{}", agree ? "leading axes do not broadcast" : "inner extents differ",
            to_string(a), transposed.a ? " transposed" : "", to_string(b), transposed.b ? " transposed" : ""));
}

/** Tells observers which factors are transposed, and how many operations the product takes. */
auto told(const Shape& a, const Shape& b, Transposed transposed)
{
    return [&, transposed] {
        const Shape stack = kernels::broadcast_shapes("matmul", leading(a), leading(b));
        const double of_a = static_cast<double>(a[a.size() - 2] * a[a.size() - 1]);
        const auto columns = static_cast<double>(b[b.size() - (transposed.b ? 2 : 1)]);
        return Attributes{.transposed = {transposed.a, transposed.b},
                          .flop = 2 * static_cast<double>(element_count(stack)) * of_a * columns};
    };
}

template <class T>
Variable<T> product(const Variable<T>& a, const Variable<T>& b, Transposed transposed)
{
    const Shape &sa = a.shape(), &sb = b.shape();
    const std::size_t rows = sa[sa.size() - 2], columns = sa[sa.size() - 1];
    const std::size_t m = transposed.a ? columns : rows, k = transposed.a ? rows : columns;
    const std::size_t n = sb[sb.size() - (transposed.b ? 2 : 1)];
    const Shape stack = kernels::broadcast_shapes("matmul", leading(sa), leading(sb));
    Variable<T> y = uninitialized<T>(detail::with_matrix(stack, m, n));
    const kernels::Product one{.m = m,
                               .n = n,
                               .k = k,
                               .transpose_a = transposed.a,
                               .transpose_b = transposed.b,
                               .lda = columns,
                               .ldb = sb[sb.size() - 1],
                               .ldc = n};
    T* const products = y.mutable_data();
    for (std::size_t position = 0, count = element_count(stack); position < count; ++position)
        kernels::matrix_product(one, a.data() + offset_of(sa, stack, position),
                                b.data() + offset_of(sb, stack, position), products + position * m * n);
    return y;
}

} // namespace

template <class T>
Variable<T> matmul(const Variable<T>& a, const Variable<T>& b, Transposed transposed)
{
    check_operands(a.shape(), b.shape(), transposed);
    if (a.dimension() == 1)
        return squeeze(matmul(expand_dims(a, transposed.a ? 1 : 0), b, transposed), b.dimension() == 1 ? 0 : -2);
    if (b.dimension() == 1)
        return squeeze(matmul(a, expand_dims(b, transposed.b ? 0 : 1), transposed), -1);
    return record(
        "matmul", told(a.shape(), b.shape(), transposed), [&] { return product(a, b, transposed); },
        wrt(a,
            [b = b, t = transposed](const auto& g, const Shape& shape) {
                return sum_to(t.a ? matmul(b, g, {t.b, true}) : matmul(g, b, {false, !t.b}), shape);
            }),
        wrt(b, [a = a, t = transposed](const auto& g, const Shape& shape) {
            return sum_to(t.b ? matmul(g, a, {true, t.a}) : matmul(a, g, {!t.a, false}), shape);
        }));
}

template <class T>
Variable<T> outer(const Variable<T>& a, const Variable<T>& b)
{
    if (a.dimension() != 1 || b.dimension() != 1)
        throw ShapeError(fmt::format("[outer] two vectors are needed, the shapes are {} and {}", to_string(a.shape()),
                                     to_string(b.shape())));
    return expand_dims(a, 1) * expand_dims(b, 0);
}

template <class T>
Variable<T> kron(const Variable<T>& a, const Variable<T>& b)
{
    if (a.dimension() < 2 || b.dimension() < 2)
        throw ShapeError(fmt::format("[kron] two axes or more are needed, the shapes are {} and {}",
                                     to_string(a.shape()), to_string(b.shape())));
    if (!stacks_fit(a.shape(), b.shape()))
        throw ShapeError(fmt::format("[kron] the leading axes of the shapes {} and {} do not broadcast",
                                     to_string(a.shape()), to_string(b.shape())));
    const auto blocks = expand_dims(expand_dims(a, -1), -3) * expand_dims(expand_dims(b, -2), -4); // (…, m, p, n, q)
    Shape shape(blocks.shape().begin(), blocks.shape().end() - 4);
    for (const std::ptrdiff_t axis : {4, 2})
        shape.push_back(*(blocks.shape().end() - axis) * *(blocks.shape().end() - axis + 1));
    return reshape(blocks, shape);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Variable<T> matmul(const Variable<T>&, const Variable<T>&, Transposed);                                   \
    template Variable<T> outer(const Variable<T>&, const Variable<T>&);                                                \
    template Variable<T> kron(const Variable<T>&, const Variable<T>&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
