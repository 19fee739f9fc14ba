#pragma once
// The passes over arrays that compute a formula and its gradient, register by register.

#include <xgrad/kernels/elementwise/broadcast.hpp>
#include <xgrad/kernels/elementwise/dual.hpp>
#include <xgrad/kernels/pieces.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <tuple>
#include <utility>

namespace xgrad::kernels
{

/** The arrays that a formula reads: row-major, and broadcast to the shape of its result. */
template <class T, std::size_t count>
struct FormulaInputs
{
    std::array<const T*, count> elements;
    std::array<const Shape*, count> shapes;
    Shape shape;
};

/** Calls body for each register of elements in a row. It gets a register of each array that is read, and returns one
 *  for each array that is written.
 *  @param advances  true for an array whose elements follow each other; of another one the first is used throughout
 *  @tparam all  true if all arrays advance */
template <bool all, class T, std::size_t reads, std::size_t writes, class Body>
[[gnu::flatten]] // at any level of optimisation: otherwise registers go through memory
void for_each_register(std::array<const T*, reads> from, const std::array<bool, reads>& advances,
                       std::array<T*, writes> to, std::size_t n, const Body& body)
{
    using V = Lanes<T>;
    constexpr std::size_t width = V::count;
    alignas(64) T spread[reads + writes][width]; // arrays that do not advance, then the last elements
    if constexpr (!all)
        for (std::size_t k = 0; k < reads; ++k)
            if (!advances[k]) {
                std::fill_n(spread[k], width, *from[k]);
                from[k] = spread[k];
            }
    // The last elements go through the same loop as the others, in arrays that are padded.
    const std::size_t whole = n / width * width, rest = n - whole;
    std::array<T*, writes> ends;
    std::size_t end = whole;
    for (const bool is_rest : {false, true}) {
        if (is_rest) {
            for (std::size_t k = 0; k < reads; ++k)
                if (all || advances[k]) {
                    std::fill(std::copy_n(from[k] + whole, rest, spread[k]), spread[k] + width, from[k][whole]);
                    from[k] = spread[k];
                }
            for (std::size_t k = 0; k < writes; ++k)
                ends[k] = std::exchange(to[k], spread[reads + k]) + whole;
            end = width;
        }
        for (std::size_t i = 0; i < end; i += width) {
            std::array<V, reads> x;
            for_each_input<(1u << reads) - 1>([&](auto k) { x[k] = V::load(from[k] + (all || advances[k] ? i : 0)); });
            const std::array<V, writes> y = body(x);
            for_each_input<(1u << writes) - 1>([&](auto k) { y[k].store(to[k] + i); });
        }
        if (rest == 0)
            return;
    }
    for (std::size_t k = 0; k < writes; ++k)
        std::copy_n(to[k], rest, ends[k]);
}

/** Calls body over arrays that are broadcast to one shape. Arrays that are written have that shape. */
template <class T, std::size_t reads, std::size_t writes, class Body>
void for_each_register(const FormulaInputs<T, reads>& inputs, const std::array<T*, writes>& to, const Body& body)
{
    if (element_count(inputs.shape) == 0)
        return;
    std::array<const Shape*, reads + 1> shapes;
    std::copy_n(inputs.shapes.begin(), reads, shapes.begin());
    shapes[reads] = &inputs.shape;
    const LoopNest<reads + 1> nest = broadcast_loops(shapes);
    const std::size_t depth = nest.depth();
    std::array<bool, reads> advances{};
    for (std::size_t k = 0; k < reads && depth > 0; ++k)
        advances[k] = nest[depth - 1].strides[k] != 0;
    const bool all = std::find(advances.begin(), advances.end(), false) == advances.end();
    const auto pass = [&](const auto& part, const auto& start) {
        const std::size_t run = depth > 0 ? part[depth - 1].extent : 1;
        part.for_each(depth > 0 ? depth - 1 : 0, [&](const auto& offsets) {
            std::array<const T*, reads> from = inputs.elements;
            std::array<T*, writes> targets = to;
            for (std::size_t k = 0; k < reads; ++k)
                from[k] += start[k] + offsets[k];
            for (T*& target : targets)
                target += start[reads] + offsets[reads];
            if (all)
                for_each_register<true>(from, advances, targets, run, body);
            else
                for_each_register<false>(from, advances, targets, run, body);
        });
    };
    if (depth > 0)
        for_pieces_of_loops(nest, 0, element_count(inputs.shape), pass);
    else
        pass(nest, typename LoopNest<reads + 1>::Offsets{});
}

/** y = f(x₁, x₂, …) of each element. y may be an input that has its shape. */
template <class T, std::size_t count, class F>
void evaluate(const F& formula, const FormulaInputs<T, count>& inputs, T* y)
{
    for_each_register<T, count, 1>(inputs, {y}, [&](const std::array<Lanes<T>, count>& x) {
        return std::array<Lanes<T>, 1>{std::apply(formula, x)};
    });
}

/** An input of a formula as a dual: its slope with respect to itself is 1. */
template <unsigned bit, class V>
auto as_input(V x)
{
    Dual<V, bit> dual;
    dual.value = x;
    for_each_input<bit>([&](auto input) { dual.slopes[input] = V(1); });
    return dual;
}

template <unsigned needed, class T, std::size_t count, class F, std::size_t... k>
auto call_with_duals(const F& formula, const std::array<Lanes<T>, count + 1>& x, std::index_sequence<k...>)
{
    return formula(as_input<(needed & 1u << k)>(x[k])...);
}

/** gₖ = g·∂f/∂xₖ of each element, with g as the last input, for the inputs that `needed` has a bit for.
 *  @param gradients  of the needed inputs, with the shape of the result */
template <unsigned needed, class T, std::size_t count, class F>
void differentiate(const F& formula, const FormulaInputs<T, count + 1>& inputs,
                   const std::array<T*, std::popcount(needed)>& gradients)
{
    using V = Lanes<T>;
    constexpr auto place = [](unsigned input) { return std::popcount(needed & ((1u << input) - 1)); };
    for_each_register(inputs, gradients, [&](const std::array<V, count + 1>& x) {
        const auto y = as_dual<V>(call_with_duals<needed, T, count>(formula, x, std::make_index_sequence<count>()));
        constexpr unsigned of = DualTraits<std::decay_t<decltype(y)>>::inputs;
        std::array<V, std::popcount(needed)> result;
        for_each_input<needed & of>([&](auto input) { result[place(input)] = x[count] * y.slopes[input]; });
        for_each_input<needed & ~of>([&](auto input) { result[place(input)] = V(0); });
        return result;
    });
}

} // namespace xgrad::kernels
