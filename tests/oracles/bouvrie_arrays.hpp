#pragma once
// Helpers for the tests of Bouvrie's formulas.

#include "oracles.hpp"
#include "oracles/bouvrie.hpp"
#include <xgrad/base/random.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/models/layers/layers.hpp>
#include <xgrad/ops/ops.hpp>

namespace xgrad::test::bouvrie
{

/** Leaves of normal numbers, one after the other. */
struct Draw
{
    Random random{2006};
    Variable<double> operator()(const Shape& shape) { return variable(random.normal<double>(shape, 0, 1)); }
};

/** The gradient to x from the sensitivity of f(x). */
template <class F>
Variable<double> pulled_back(const Variable<double>& delta, const Variable<double>& x, F f)
{
    Tape tape;
    return tape.vector_jacobian_product(f(x), delta, x);
}

/** An activation of the library and the oracle's. */
struct Squash
{
    Activation activation;
    oracles::BouvrieActivation by_hand;
    Variable<double> operator()(const Variable<double>& u) const { return activate(activation, u); }
};
inline const Squash activations[] = {{Activation::sigmoid, oracles::bouvrie_logistic},
                                     {Activation::scaled_tanh, oracles::bouvrie_tanh}};

/** x * k of one sample, (outputs, rows, columns). */
inline Variable<double> convolved(const Variable<double>& x, const Variable<double>& k)
{
    return squeeze(conv2d(expand_dims(x, 0), k), 0);
}

/** One number for each map, to be broadcast over maps. */
inline Variable<double> per_map(const Variable<double>& x) { return reshape(x, {x.size(), 1, 1}); }

/** Extents of a convolution layer: maps, their size, the kernel's. */
struct Sizes2d
{
    std::size_t inputs, outputs, rows, columns, height, width;

    Shape x() const { return {inputs, rows, columns}; }
    Shape k() const { return {outputs, inputs, height, width}; }
    Shape u() const { return {outputs, rows - height + 1, columns - width + 1}; }
};
inline const Sizes2d convolutions[] = {{1, 1, 5, 5, 3, 3}, {3, 2, 6, 9, 2, 4}, {2, 4, 8, 7, 5, 1}, {2, 3, 4, 6, 4, 6}};

} // namespace xgrad::test::bouvrie
