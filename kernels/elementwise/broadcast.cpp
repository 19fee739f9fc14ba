#include <xgrad/base/error.hpp>
#include <xgrad/kernels/elementwise/broadcast.hpp>
#include <xgrad/kernels/pieces.hpp>

#include <algorithm>

namespace xgrad::kernels
{

Shape broadcast_shapes(const char* op, const Shape& a, const Shape& b)
{
    const std::size_t rank = std::max(a.size(), b.size());
    Shape shape(rank);
    const auto extent = [&](const Shape& own, std::size_t k) { // 1 for a dimension that is missing
        return k + own.size() < rank ? 1 : own[k + own.size() - rank];
    };
    for (std::size_t k = 0; k < rank; ++k) {
        const std::size_t a_extent = extent(a, k), b_extent = extent(b, k);
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
        return for_pieces_of_elements(n, [&](std::size_t begin, std::size_t count) {
            kernel(f, Operands::vector_vector, a + begin, b + begin, y + begin, count);
        });
    if (n == 0)
        return;
    const LoopNest<3> nest = broadcast_loops<3>({&a_shape, &b_shape, &y_shape});
    const std::size_t depth = nest.depth();
    if (depth == 0)
        return kernel(f, Operands::vector_vector, a, b, y, 1);
    const Loop<3> run = nest[depth - 1];
    const Operands operands = run.strides[0] == 0   ? Operands::scalar_vector
                              : run.strides[1] == 0 ? Operands::vector_scalar
                                                    : Operands::vector_vector;
    for_pieces_of_loops(nest, 0, n, [&](const LoopNest<3>& part, const LoopNest<3>::Offsets& start) {
        const std::size_t count = part[depth - 1].extent;
        part.for_each(depth - 1, [&](const LoopNest<3>::Offsets& at) {
            kernel(f, operands, a + start[0] + at[0], b + start[1] + at[1], y + start[2] + at[2], count);
        });
    });
}

template void binary_broadcast(Binary, const float*, const Shape&, const float*, const Shape&, float*, const Shape&);
template void binary_broadcast(Binary, const double*, const Shape&, const double*, const Shape&, double*, const Shape&);

} // namespace xgrad::kernels
