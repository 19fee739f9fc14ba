#pragma once
// Elementwise functions of one and of two arguments.

#include <xgrad/kernels/elementwise/lanes.hpp>
#include <xgrad/kernels/table.hpp>

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

/** y = f(x), register by register. The last register ends with the last element and so overlaps the one before it. So
 *  every element takes the same code, whatever its position. */
template <class T, class F>
void map(const T* x, T* y, std::size_t n, F f)
{
    using V = Lanes<T>;
    constexpr std::size_t width = V::count;
    if (n < width) {
        vector::store_head<T>(V(f(V(vector::load_head(x, n, n > 0 ? x[0] : T(0))))), y, n);
        return;
    }
    const V last = f(V::load(x + n - width)); // before the loop, which may write over x
    for (std::size_t i = 0; i + width < n; i += width)
        V(f(V::load(x + i))).store(y + i);
    last.store(y + n - width);
}

template <class T, class F>
void map(const T* a, const T* b, T* y, std::size_t n, F f)
{
    using V = Lanes<T>;
    constexpr std::size_t width = V::count;
    if (n < width) {
        vector::store_head<T>(V(f(V(vector::load_head(a, n)), V(vector::load_head(b, n)))), y, n);
        return;
    }
    const V last = f(V::load(a + n - width), V::load(b + n - width));
    for (std::size_t i = 0; i + width < n; i += width)
        V(f(V::load(a + i), V::load(b + i))).store(y + i);
    last.store(y + n - width);
}

template <class T, class F>
void map(Operands operands, const T* a, const T* b, T* y, std::size_t n, F f)
{
    using V = Lanes<T>;
    if (n == 0)
        return;
    switch (operands) {
    case Operands::vector_vector:
        return map(a, b, y, n, f);
    case Operands::vector_scalar:
        return map(a, y, n, [f, s = V(*b)](V v) { return f(v, s); });
    case Operands::scalar_vector:
        return map(b, y, n, [f, s = V(*a)](V v) { return f(s, v); });
    }
}

template <class T>
void unary(Unary function, const T* from, T* to, std::size_t n, [[maybe_unused]] T a, [[maybe_unused]] T b)
{
    switch (function) {
#define XGRAD_CASE(name, value)                                                                                        \
    case Unary::name:                                                                                                  \
        return map(from, to, n, [=](Lanes<T> x) -> Lanes<T> { return value; });
#define XGRAD_ROW(name, reads, value, rule) XGRAD_CASE(name, value)
        XGRAD_FUNCTIONS(XGRAD_ROW)
#undef XGRAD_ROW
#define XGRAD_ROW(name, numbers, reads, value, rule) XGRAD_CASE(name, value)
        XGRAD_FUNCTIONS_OF_NUMBERS(XGRAD_ROW)
#undef XGRAD_ROW
#define XGRAD_ROW(name, value) XGRAD_CASE(name, value)
        XGRAD_STEPS(XGRAD_ROW)
#undef XGRAD_ROW
#define XGRAD_ROW(name, numbers, value) XGRAD_CASE(name, value)
        XGRAD_STEPS_OF_NUMBERS(XGRAD_ROW)
#undef XGRAD_ROW
#undef XGRAD_CASE
    }
}

/** The gradient of a function, from g and from what its rule reads. */
template <class T>
void unary_gradient(Unary function, const T* upstream, const T* at, T* to, std::size_t n, [[maybe_unused]] T a,
                    [[maybe_unused]] T b)
{
    switch (function) {
#define XGRAD_CASE(name, reads, rule)                                                                                  \
    case Unary::name:                                                                                                  \
        return map(upstream, at, to, n, [=](Lanes<T> g, [[maybe_unused]] Lanes<T> reads) -> Lanes<T> { return rule; });
#define XGRAD_ROW(name, reads, value, rule) XGRAD_CASE(name, reads, rule)
        XGRAD_FUNCTIONS(XGRAD_ROW)
#undef XGRAD_ROW
#define XGRAD_ROW(name, numbers, reads, value, rule) XGRAD_CASE(name, reads, rule)
        XGRAD_FUNCTIONS_OF_NUMBERS(XGRAD_ROW)
#undef XGRAD_ROW
#undef XGRAD_CASE
    default: // a step has no gradient
        return;
    }
}

template <class T>
void binary(Binary function, Operands operands, const T* a, const T* b, T* y, std::size_t n)
{
    using V = Lanes<T>;
    switch (function) {
    case Binary::add:
        return map(operands, a, b, y, n, [](V u, V v) { return u + v; });
    case Binary::subtract:
        return map(operands, a, b, y, n, [](V u, V v) { return u - v; });
    case Binary::multiply:
        return map(operands, a, b, y, n, [](V u, V v) { return u * v; });
    case Binary::divide:
        return map(operands, a, b, y, n, [](V u, V v) { return u / v; });
    case Binary::maximum:
        return map(operands, a, b, y, n, [](V u, V v) { return maximum(u, v); });
    case Binary::minimum:
        return map(operands, a, b, y, n, [](V u, V v) { return minimum(u, v); });
    case Binary::power:
        return map(operands, a, b, y, n, [](V u, V v) { return pow(u, v); });
    case Binary::greater:
        return map(operands, a, b, y, n, [](V u, V v) { return where(u > v, 1, 0); });
    case Binary::greater_or_equal:
        return map(operands, a, b, y, n, [](V u, V v) { return where(u >= v, 1, 0); });
#define XGRAD_ROW(name, ...)                                                                                           \
    case Binary::name:                                                                                                 \
        return map(operands, a, b, y, n, [](V u, V v) { return name(u, v); });
        XGRAD_FUNCTIONS_OF_TWO(XGRAD_ROW)
#undef XGRAD_ROW
    }
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
