#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/kernels/elementwise/broadcast.hpp>
#include <xgrad/kernels/loops.hpp>

#include <algorithm>

namespace xgrad::kernels
{
namespace
{

/** The extent of dimension `k` of an array that is stretched to `rank` dimensions. */
std::size_t aligned_extent(const Shape& shape, std::size_t k, std::size_t rank)
{
    const std::size_t missing = rank - shape.size();
    return k < missing ? 1 : shape[k - missing];
}

LoopNest<3> nest_of(const Shape& a_shape, const Shape& b_shape, const Shape& y_shape)
{
    const std::size_t rank = y_shape.size();
    auto a_step = static_cast<std::ptrdiff_t>(element_count(a_shape));
    auto b_step = static_cast<std::ptrdiff_t>(element_count(b_shape));
    auto y_step = static_cast<std::ptrdiff_t>(element_count(y_shape));
    LoopNest<3> nest;
    for (std::size_t k = 0; k < rank; ++k) {
        const std::size_t a_extent = aligned_extent(a_shape, k, rank), b_extent = aligned_extent(b_shape, k, rank);
        a_step /= static_cast<std::ptrdiff_t>(a_extent);
        b_step /= static_cast<std::ptrdiff_t>(b_extent);
        y_step /= static_cast<std::ptrdiff_t>(y_shape[k]);
        nest.push(y_shape[k], {a_extent == 1 ? 0 : a_step, b_extent == 1 ? 0 : b_step, y_step});
    }
    return nest;
}

} // namespace

Shape broadcast_shapes(const char* op, const Shape& a, const Shape& b)
{
    const std::size_t rank = std::max(a.size(), b.size());
    Shape shape(rank);
    for (std::size_t k = 0; k < rank; ++k) {
        const std::size_t a_extent = aligned_extent(a, k, rank), b_extent = aligned_extent(b, k, rank);
        if (a_extent != b_extent && a_extent != 1 && b_extent != 1)
            throw ShapeError("[" + std::string(op) + "] cannot broadcast shapes " + to_string(a) + " and " +
                             to_string(b));
        shape[k] = a_extent == 1 ? b_extent : a_extent;
    }
    return shape;
}

template <class T>
void binary_broadcast(Binary f, const T* a, const Shape& a_shape, const T* b, const Shape& b_shape, T* y,
                      const Shape& y_shape)
{
    const auto kernel = table<T>().binary;
    const std::size_t n = element_count(y_shape);
    if (a_shape == b_shape)
        return kernel(f, Operands::vector_vector, a, b, y, n);
    if (n == 0)
        return;
    const LoopNest<3> nest = nest_of(a_shape, b_shape, y_shape);
    const std::size_t depth = nest.depth();
    const Loop<3> run = depth > 0 ? nest[depth - 1] : Loop<3>{1, {1, 1, 1}};
    const Operands operands = run.strides[0] == 0   ? Operands::scalar_vector
                              : run.strides[1] == 0 ? Operands::vector_scalar
                                                    : Operands::vector_vector;
    nest.for_each(depth > 0 ? depth - 1 : 0, [&](const LoopNest<3>::Offsets& offsets) {
        kernel(f, operands, a + offsets[0], b + offsets[1], y + offsets[2], run.extent);
    });
}

template void binary_broadcast(Binary, const float*, const Shape&, const float*, const Shape&, float*, const Shape&);
template void binary_broadcast(Binary, const double*, const Shape&, const double*, const Shape&, double*, const Shape&);

} // namespace xgrad::kernels
