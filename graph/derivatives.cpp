#include <xgrad/base/instantiate.hpp>
#include <xgrad/graph/derivatives.hpp>

namespace xgrad::detail
{

template <class T>
Array<T> jacobian_of(Tape& tape, const Variable<T>& y, const Variable<T>& x)
{
    Shape shape = y.shape();
    for (const std::size_t extent : x.shape())
        shape.push_back(extent);
    Array<T> rows = empty_array<T>(shape);
    for (std::size_t i = 0; i < y.size(); ++i) {
        Array<T> unit(y.shape(), T{0});
        unit.data()[i] = 1;
        const Variable<T> row = tape.vector_jacobian_product(y, constant(std::move(unit)), x,
                                                             {.keep_tape = i + 1 < y.size(), .unused_is_zero = true});
        std::copy(row.data(), row.data() + row.size(), rows.data() + i * x.size());
    }
    return rows;
}

template <class T>
Variable<T> jacobian_vector_product_of(Tape& tape, const Variable<T>& y, const Variable<T>& x, const Variable<T>& v)
{
    const Variable<T> upstream = variable(Array<T>(y.shape(), T{0}));
    const Variable<T> transposed =
        tape.vector_jacobian_product(y, upstream, x, {.record = true, .unused_is_zero = true}); // (∂y/∂x)ᵀ·upstream
    return tape.vector_jacobian_product(transposed, v, upstream, {.unused_is_zero = true});
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template Array<T> jacobian_of(Tape&, const Variable<T>&, const Variable<T>&);                                      \
    template Variable<T> jacobian_vector_product_of(Tape&, const Variable<T>&, const Variable<T>&, const Variable<T>&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)

} // namespace xgrad::detail
