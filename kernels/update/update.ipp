#pragma once
// One step of each update rule over one parameter, in one pass, vector by vector.

#include "../simd.ipp"
#include <xgrad/kernels/elementwise/vector.hpp>
#include <xgrad/kernels/table.hpp>

#include <utility>

namespace xgrad::kernels::XGRAD_ARCHITECTURE
{
namespace
{

/** A whole vector, with the interface of `First`, which loads and stores the first lanes only. */
template <class T>
struct Whole
{
    Simd<T> load(const T* p) const { return load_vector(p); }
    void store(T* p, Simd<T> v) const { store_vector(p, v); }
};

/** Updates one vector of weights from `i` on, and the arrays that are kept for them. `kept` has one more element,
 *  because it cannot be empty. */
template <class T, class F, class Part, std::size_t... slot>
void update_vector(const Step<T>& step, const F& formula, std::size_t i, Part part, std::index_sequence<slot...>)
{
    const auto load = [=](const T* from) { return Vector<T>(part.load(from + i)); };
    Vector<T> w = load(step.w), kept[sizeof...(slot) + 1] = {load(step.slot[slot])...};
    formula(w, load(step.g) + step.weight_decay * w, kept[slot]...);
    (part.store(step.slot[slot] + i, kept[slot]), ...);
    part.store(step.w + i, w);
}

/** Updates all elements. It gets its arguments by value: what is stored to the weights cannot change them, so they stay
 *  in registers. */
template <class Rule, class T>
void update(Step<T> step, Formula<Rule> formula)
{
    constexpr std::make_index_sequence<Rule::kept.size()> slots;
    std::size_t i = 0;
    for (; i + lanes<T> <= step.n; i += lanes<T>)
        update_vector(step, formula, i, Whole<T>(), slots);
    if (i < step.n)
        update_vector(step, formula, i, First<T>(step.n - i), slots);
}

} // namespace
} // namespace xgrad::kernels::XGRAD_ARCHITECTURE
