#pragma once
// Helpers for the tests of the notes' formulas.

#include "oracles.hpp"
#include "oracles/variants.hpp"
#include <xgrad/base/random.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/models/layers/layers.hpp>
#include <xgrad/ops/ops.hpp>

namespace xgrad::test::variants
{

using V = Variable<double>;
using oracles::Pass;
using oracles::Tensor;
using Tensors = std::vector<Tensor>;

/** Leaves of normal numbers, one after the other. */
struct Draw
{
    Random random{2017};
    V operator()(const Shape& shape) { return variable(random.normal<double>(shape, 0, 1)); }
};

/** Compares y = f(xs), and the gradient to each x for a random upstream gradient g, with by_hand(xs, g). */
template <class F, class ByHand>
void check(OracleEntry& entry, const Variables<double>& xs, F f, ByHand by_hand)
{
    Random random(5);
    Tape tape;
    const V y = f(xs);
    const V g = constant(random.normal<double>(y.shape(), 0, 1));
    const Variables<double> gradients = tape.vector_jacobian_product<double>(Variables<double>{y}, {g}, xs);
    Tensors operands;
    for (const V& x : xs)
        operands.push_back(tensor(x));
    const Pass pass = by_hand(operands, tensor(g));
    agree(entry, y, pass.y, "value");
    REQUIRE(pass.gradients.size() == xs.size());
    for (std::size_t i = 0; i < xs.size(); ++i)
        agree(entry, gradients[i], pass.gradients[i], "gradient to operand " + std::to_string(i));
}

/** The same for a block of layers, whose biases become random: by_hand(x, weights, g). */
template <class Block, class ByHand>
void check_block(OracleEntry& entry, const V& x, const Block& block, ByHand by_hand)
{
    Random random(7);
    Variables<double> xs{x};
    for (V parameter : block.parameters()) {
        parameter.mutable_value() = random.normal<double>(parameter.shape(), 0, 0.5);
        xs.push_back(parameter);
    }
    check(
        entry, xs, [&](const auto& v) { return block(v[0]); },
        [&](const Tensors& t, const Tensor& g) { return by_hand(t[0], Tensors(t.begin() + 1, t.end()), g); });
}

/** Extents of a convolution: images, channels in and out, their size, the kernel's. */
struct Sizes
{
    std::size_t images, inputs, outputs, rows, columns, height, width;

    Shape x() const { return {images, inputs, rows, columns}; }
    Shape k() const { return {outputs, inputs, height, width}; }
};
inline const Sizes convolutions[] = {
    {1, 1, 1, 5, 5, 3, 3}, {2, 3, 2, 6, 9, 2, 4}, {1, 2, 4, 8, 7, 5, 1}, {3, 2, 3, 4, 6, 4, 6}};

} // namespace xgrad::test::variants
