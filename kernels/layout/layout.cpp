#include <xgrad/kernels/layout/layout.hpp>
#include <xgrad/kernels/loops.hpp>
#include <xgrad/kernels/pieces.hpp>
#include <xgrad/kernels/table.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace xgrad::kernels
{
namespace
{

enum : std::size_t
{
    source,
    destination
};

struct Copy
{
    template <class T>
    void operator()(const T& from, T& to) const
    {
        to = from;
    }
    template <class T>
    void run(const T* from, T* to, std::size_t n) const
    {
        constexpr std::size_t worth_a_call = 16;
        if (n >= worth_a_call)
            std::memcpy(to, from, n * sizeof(T));
        else
            for (std::size_t i = 0; i < n; ++i)
                to[i] = from[i];
    }
};

struct Add
{
    template <class T>
    void operator()(const T& from, T& to) const
    {
        to += from;
    }
    template <class T>
    void run(const T* from, T* to, std::size_t n) const
    {
        table<T>().binary(Binary::add, Operands::vector_vector, to, from, to, n);
    }
};

/** Assigns a plane that is contiguous along the rows in `from` and along the columns in `to`. It works in blocks, so
 *  that each cache line is fetched once. */
template <class T, class Assign>
void transposed(const Loop<2>& rows, const Loop<2>& columns, const T* from, T* to, Assign assign)
{
    constexpr std::size_t block = 64 / sizeof(T);
    const std::ptrdiff_t from_step = columns.strides[source], to_step = rows.strides[destination];
    for (std::size_t row = 0; row < rows.extent; row += block) {
        const auto height = static_cast<std::ptrdiff_t>(std::min(block, rows.extent - row));
        for (std::size_t column = 0; column < columns.extent; column += block) {
            const auto width = static_cast<std::ptrdiff_t>(std::min(block, columns.extent - column));
            const T* block_from = from + static_cast<std::ptrdiff_t>(column) * from_step + row;
            T* block_to = to + static_cast<std::ptrdiff_t>(row) * to_step + column;
            for (std::ptrdiff_t i = 0; i < height; ++i)
                for (std::ptrdiff_t j = 0; j < width; ++j)
                    assign(block_from[i + j * from_step], block_to[i * to_step + j]);
        }
    }
}

template <class T, class Assign>
void row(const Loop<2>& columns, const T* from, T* to, Assign assign)
{
    const auto extent = static_cast<std::ptrdiff_t>(columns.extent);
    const auto [from_step, to_step] = columns.strides;
    if (from_step == 1 && to_step == 1)
        assign.run(from, to, columns.extent);
    else if (from_step == 0 && to_step == 1)
        for (std::ptrdiff_t i = 0; i < extent; ++i)
            assign(*from, to[i]);
    else
        for (std::ptrdiff_t i = 0; i < extent; ++i)
            assign(from[i * from_step], to[i * to_step]);
}

template <class T, class Assign>
void plane(const Loop<2>& rows, const Loop<2>& columns, const T* from, T* to, Assign assign)
{
    if (rows.strides[source] == 1 && columns.strides[destination] == 1 && columns.strides[source] != 1)
        return transposed(rows, columns, from, to, assign);
    for (std::size_t i = 0; i < rows.extent; ++i, from += rows.strides[source], to += rows.strides[destination])
        row(columns, from, to, assign);
}

/** The loops in an order that suits memory: the innermost runs along `to`, the next one along `from`. */
LoopNest<2> nest_of(const Shape& shape, const std::ptrdiff_t* from_strides, const std::ptrdiff_t* to_strides)
{
    const std::size_t rank = shape.size();
    Shape order(rank);
    for (std::size_t k = 0; k < rank; ++k)
        order[k] = k;
    for (std::size_t k = 1; k < rank; ++k) // an insertion sort: stable and without memory of its own
        for (std::size_t i = k; i > 0 && std::abs(to_strides[order[i - 1]]) < std::abs(to_strides[order[i]]); --i)
            std::swap(order[i - 1], order[i]);

    LoopNest<2> nest;
    for (const std::size_t k : order)
        nest.push(shape[k], {from_strides[k], to_strides[k]});
    const std::size_t depth = nest.depth();
    if (depth > 2 && nest[depth - 1].strides[source] != 1)
        for (std::size_t level = 0; level < depth - 2; ++level)
            if (nest[level].strides[source] == 1)
                std::swap(nest[level], nest[depth - 2]);
    return nest;
}

template <class T, class Assign>
void assign_all(const LoopNest<2>& nest, const T* from, T* to, Assign assign)
{
    const std::size_t depth = nest.depth();
    const Loop<2> rows = depth > 1 ? nest[depth - 2] : Loop<2>{1, {}};
    const Loop<2> columns = depth > 0 ? nest[depth - 1] : Loop<2>{1, {}};
    nest.for_each(depth > 2 ? depth - 2 : 0, [&](const LoopNest<2>::Offsets& offsets) {
        plane(rows, columns, from + offsets[source], to + offsets[destination], assign);
    });
}

} // namespace

Strides row_major_strides(const Shape& shape)
{
    Strides strides(shape.size());
    std::ptrdiff_t step = 1;
    for (std::size_t k = shape.size(); k-- > 0; step *= static_cast<std::ptrdiff_t>(shape[k]))
        strides[k] = step;
    return strides;
}

template <class T>
void copy_strided(const Shape& shape, const T* from, const std::ptrdiff_t* from_strides, T* to,
                  const std::ptrdiff_t* to_strides)
{
    const std::size_t count = element_count(shape);
    if (count == 0)
        return;
    const LoopNest<2> nest = nest_of(shape, from_strides, to_strides);
    if (nest.depth() == 0)
        return assign_all(nest, from, to, Copy{});
    for_pieces_of_loops(nest, 0, count, [&](const LoopNest<2>& part, const LoopNest<2>::Offsets& start) {
        assign_all(part, from + start[source], to + start[destination], Copy{});
    });
}

template <class T>
void add_strided(const Shape& shape, const T* from, const std::ptrdiff_t* from_strides, T* to,
                 const std::ptrdiff_t* to_strides)
{
    if (element_count(shape) > 0)
        assign_all(nest_of(shape, from_strides, to_strides), from, to, Add{});
}

template void copy_strided(const Shape&, const float*, const std::ptrdiff_t*, float*, const std::ptrdiff_t*);
template void copy_strided(const Shape&, const double*, const std::ptrdiff_t*, double*, const std::ptrdiff_t*);
template void copy_strided(const Shape&, const std::int32_t*, const std::ptrdiff_t*, std::int32_t*,
                           const std::ptrdiff_t*);
template void copy_strided(const Shape&, const std::int64_t*, const std::ptrdiff_t*, std::int64_t*,
                           const std::ptrdiff_t*);
template void add_strided(const Shape&, const float*, const std::ptrdiff_t*, float*, const std::ptrdiff_t*);
template void add_strided(const Shape&, const double*, const std::ptrdiff_t*, double*, const std::ptrdiff_t*);

} // namespace xgrad::kernels
