#pragma once

#include <xgrad/kernels/elementwise/error_function.hpp>
#include <xgrad/kernels/elementwise/functions.hpp>
#include <xgrad/kernels/elementwise/gamma.hpp>
#include <xgrad/kernels/elementwise/power.hpp>
#include <xgrad/kernels/elementwise/rounding.hpp>
#include <xgrad/kernels/elementwise/trigonometric.hpp>

#include <concepts>
#include <type_traits>

namespace xgrad::kernels
{

template <class T>
concept Arithmetic = std::is_arithmetic_v<T>;

/** A number that differs between instruction sets, made from their names. */
constexpr unsigned instruction_set = [] {
    unsigned number = 0;
    for (const char* letter = xsimd::default_arch::name(); *letter; ++letter)
        number = 31 * number + static_cast<unsigned char>(*letter);
    return number;
}();

/** A register full of elements, with which the formula of an elementwise function is computed. A number stands for a
 *  register full of it. The functions of functions.hpp take lanes.
 *  @tparam set  the instruction set, which gives files that are compiled for different ones different types */
template <class T, unsigned set = instruction_set>
struct Lanes
{
    using value_type = T;
    static constexpr std::size_t count = Vector<T>::size;

    Vector<T> all;

    Lanes() = default;
    Lanes(Vector<T> elements) : all(elements) {}
    template <Arithmetic N>
    Lanes(N number) : all(static_cast<T>(number))
    {}
    operator Vector<T>() const { return all; }

    static Lanes load(const T* from) { return Vector<T>::load_unaligned(from); }
    void store(T* to) const { all.store_unaligned(to); }

    /** The result of a comparison, for each element. */
    struct Mask
    {
        xsimd::batch_bool<T> all;

        friend Mask operator&&(Mask a, Mask b) { return {a.all && b.all}; }
        friend Mask operator||(Mask a, Mask b) { return {a.all || b.all}; }
        friend Mask operator!(Mask a) { return {!a.all}; }
    };

    friend Lanes operator+(Lanes a, Lanes b) { return a.all + b.all; }
    friend Lanes operator-(Lanes a, Lanes b) { return a.all - b.all; }
    friend Lanes operator*(Lanes a, Lanes b)
    {
        Lanes y = a.all * b.all;
#if defined(__FMA__) && defined(__GNUC__)
        // It must not be fused with a sum: a formula in one pass has the bits of the ops that it stands for.
        asm("" : "+v"(y.all.data));
#endif
        return y;
    }
    friend Lanes operator/(Lanes a, Lanes b) { return a.all / b.all; }
    friend Lanes operator-(Lanes a) { return Lanes(T(-0.0)) - a; } // xsimd's makes −0 a 0 with AVX-512
    friend Mask operator<(Lanes a, Lanes b) { return {a.all < b.all}; }
    friend Mask operator<=(Lanes a, Lanes b) { return {a.all <= b.all}; }
    friend Mask operator>(Lanes a, Lanes b) { return {a.all > b.all}; }
    friend Mask operator>=(Lanes a, Lanes b) { return {a.all >= b.all}; }

    /** a where the condition holds, else b. */
    friend Lanes where(Mask condition, Lanes a, Lanes b) { return xsimd::select(condition.all, a.all, b.all); }
    /** The larger one; NaN if either is. */
    friend Lanes maximum(Lanes a, Lanes b) { return vector::maximum<T>(a, b); }
    /** The smaller one; NaN if either is. */
    friend Lanes minimum(Lanes a, Lanes b) { return vector::minimum<T>(a, b); }
    /** aᵇ */
    friend Lanes pow(Lanes a, Lanes b) { return vector::pow<T>(a, b); }

    /** xᵖ for a number p. Small powers are products and square roots, as fast as when they are written out. */
    friend Lanes power_of(Lanes x, double p)
    {
        if (p == 2)
            return x * x;
        if (p == 3)
            return x * x * x;
        if (p == 4)
            return (x * x) * (x * x);
        if (p == 1 || p == -1)
            return p == 1 ? x : 1 / x;
        if (p == -2)
            return (1 / x) * (1 / x);
        if (p == 0.5 || p == 1.5 || p == 2.5 || p == -0.5) {
            // The square root of −0 is −0, that of −∞ is NaN; the powers are 0 and ∞.
            constexpr T infinite = std::numeric_limits<T>::infinity();
            const Lanes root = where(x < -std::numeric_limits<T>::max(), infinite, Lanes(xsimd::sqrt(x.all)) + 0);
            if (p == 0.5 || p == -0.5)
                return p == 0.5 ? root : 1 / root;
            return p == 1.5 ? Lanes(xsimd::abs(x.all)) * root : x * x * root;
        }
        return vector::pow<T>(x, Lanes(p));
    }

    // The functions of two arguments of functions.hpp.
#define XGRAD_ROW(name, reads, value, rule_a, rule_b)                                                                  \
    friend Lanes name(Lanes a, Lanes b) { return value; }
    XGRAD_FUNCTIONS_OF_TWO(XGRAD_ROW)
#undef XGRAD_ROW
};

// The functions of functions.hpp.

#define XGRAD_DEFINE(name, numbers, value)                                                                             \
    template <class T, unsigned set>                                                                                   \
    Lanes<T, set> name(Lanes<T, set> x XGRAD_MORE numbers)                                                             \
    {                                                                                                                  \
        return value;                                                                                                  \
    }
XGRAD_STEPS_OF_NUMBERS(XGRAD_DEFINE)
#define XGRAD_ROW(name, value) XGRAD_DEFINE(name, (), value)
XGRAD_STEPS(XGRAD_ROW)
#undef XGRAD_ROW
#define XGRAD_ROW(name, reads, value, rule) XGRAD_DEFINE(name, (), value)
XGRAD_FUNCTIONS(XGRAD_ROW)
#undef XGRAD_ROW
#define XGRAD_ROW(name, numbers, reads, value, rule) XGRAD_DEFINE(name, numbers, value)
XGRAD_FUNCTIONS_OF_NUMBERS(XGRAD_ROW)
#undef XGRAD_ROW
#undef XGRAD_DEFINE

} // namespace xgrad::kernels
