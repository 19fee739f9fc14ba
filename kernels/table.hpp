#pragma once
// The table of kernels that each instruction set fills. Kernels get pointers and extents only: no shapes and no tapes.
// They allocate nothing but scratch memory from the pool.

#include <xgrad/kernels/convolution/layer.hpp>
#include <xgrad/kernels/elementwise/functions.hpp>
#include <xgrad/kernels/geometry.hpp>
#include <xgrad/kernels/update/rules.hpp>
#include <xgrad/kernels/update/step.hpp>

#include <cstddef>
#include <cstdint>
#include <tuple>

namespace xgrad::kernels
{

/** Elementwise functions of two arguments. */
enum class Binary : std::uint8_t
{
    add,
    subtract,
    multiply,
    divide,
    maximum, // NaN if either is
    minimum, // NaN if either is
    power,
    greater,          // a > b ? 1 : 0
    greater_or_equal, // a >= b ? 1 : 0
#define XGRAD_ROW(name, ...) name,
    XGRAD_FUNCTIONS_OF_TWO(XGRAD_ROW)
#undef XGRAD_ROW
};

/** The ways in which the operands of a run of `n` elements advance. */
enum class Operands : std::uint8_t
{
    vector_vector,
    vector_scalar,
    scalar_vector
};

/** The number that the sum over a window is divided by. */
enum class Divisor : std::uint8_t
{
    one,    ///< nothing is divided
    window, ///< the number of elements of the window
    inside  ///< the number of these that lie inside the image
};

/** The function that a rule's `formula` makes of the options and the number of the step. */
template <class Rule>
using Formula = decltype(Rule::formula({}, {}));

/** The kernel of an update rule. */
template <class Rule, class T>
using Update = void (*)(Step<T> step, Formula<Rule> formula);

template <class T>
struct Table
{
    // elementwise.ipp. `y` may be `x`, `a` or `b` itself. An element's value does not depend on its position.
    void (*unary)(Unary function, const T* x, T* y, std::size_t n, T a, T b);
    void (*unary_gradient)(Unary function, const T* g, const T* at, T* x, std::size_t n, T a, T b); // at: x or y
    void (*binary)(Binary function, Operands operands, const T* a, const T* b, T* y, std::size_t n);

    // reduction.ipp. A sum of n terms has an error that grows like log n or is taken in double.
    T (*sum)(const T* x, std::size_t n);
    T (*dot)(const T* a, const T* b, std::size_t n);
    T (*maximum)(const T* x, std::size_t n);                                      // NaN if any is
    std::size_t (*place_of_maximum)(const T* x, std::size_t n);                   // of the first one, or NaN; n > 0
    void (*softmax)(const T* x, T* y, std::size_t rows, std::size_t columns);     // along the columns
    void (*log_softmax)(const T* x, T* y, std::size_t rows, std::size_t columns); // along the columns

    // product.ipp. Row-major C (m×n) = op(A)·op(B), or += when `accumulate`; op transposes when asked.
    void (*product)(const Product& shape, const T* a, const T* b, T* c);

    // convolution.ipp. The three faces of one trilinear form; each overwrites its output.
    void (*correlate2d)(const Window& window, const T* x, const T* w, T* y);
    void (*correlate2d_input)(const Window& window, const T* g, const T* w, T* x);
    void (*correlate2d_kernel)(const Window& window, const T* x, const T* g, T* w);
    void (*convolution_layer)(const Window& window, const Finish<T>& end, const T* x, const T* w);

    // pooling.ipp. `winner` is the flat position inside the input plane, the first one of equals; NaN wins.
    void (*max_pool2d)(const Window& window, const T* x, T* y, std::int32_t* winner);
    void (*scatter_planes)(const Window& window, const T* g, const std::int32_t* winner, T* x); // sets x to 0 first
    void (*gather_planes)(const Window& window, const T* x, const std::int32_t* winner, T* y);
    void (*mean_pool2d)(const Window& window, Divisor divisor, const T* x, T* y);
    void (*mean_pool2d_input)(const Window& window, Divisor divisor, const T* g, T* x);

    // update.ipp. One kernel for each rule; the null pointer ends the list.
#define XGRAD_KERNEL(Rule) Update<update_rules::Rule<T>, T>,
    std::tuple<XGRAD_UPDATE_RULES(XGRAD_KERNEL) std::nullptr_t> update;
#undef XGRAD_KERNEL
};

/** The kernels of the instruction set in use. */
template <class T>
const Table<T>& table();

extern template const Table<float>& table<float>();
extern template const Table<double>& table<double>();

} // namespace xgrad::kernels
