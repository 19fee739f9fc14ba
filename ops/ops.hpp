#pragma once
// Ops
//
// These are all ops, each with its formula, its gradient and its errors. All work on float and double. Gradients are
// made of ops too, so every op can be differentiated to any order.
//
// A call is shown with the types of its parameters, but a variable has none. In the formulas y is the result, unless it
// has a name of its own. g is the upstream gradient, which has the shape of the result. `·` multiplies elements, or
// matrices where an op is about matrices; `∘` always multiplies elements. `*` is true convolution and `⋆` is
// cross-correlation. docs/kinks.md says what happens at corners and poles.
//
// A source such as B13 is the ID of a formula in the texts that the oracles are derived from (docs/oracles.md). B is
// Bouvrie's notes on convolutional networks. G is an article on backpropagation, and H is a course on LeNet-5. N is
// notes on the variants of convolution.

#include <xgrad/ops/activation.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/attention.hpp>
#include <xgrad/ops/circulant.hpp>
#include <xgrad/ops/comparison.hpp>
#include <xgrad/ops/convolution.hpp>
#include <xgrad/ops/convolution_layer.hpp>
#include <xgrad/ops/convolution_nd.hpp>
#include <xgrad/ops/cumulative.hpp>
#include <xgrad/ops/decomposition.hpp>
#include <xgrad/ops/derivatives.hpp>
#include <xgrad/ops/diagonals.hpp>
#include <xgrad/ops/dropout.hpp>
#include <xgrad/ops/einsum.hpp>
#include <xgrad/ops/elementwise.hpp>
#include <xgrad/ops/formula.hpp>
#include <xgrad/ops/fourier.hpp>
#include <xgrad/ops/functions.hpp>
#include <xgrad/ops/indexing.hpp>
#include <xgrad/ops/joining.hpp>
#include <xgrad/ops/linalg.hpp>
#include <xgrad/ops/local.hpp>
#include <xgrad/ops/loss.hpp>
#include <xgrad/ops/manipulation.hpp>
#include <xgrad/ops/matmul.hpp>
#include <xgrad/ops/names.hpp>
#include <xgrad/ops/nan.hpp>
#include <xgrad/ops/norm.hpp>
#include <xgrad/ops/normalization.hpp>
#include <xgrad/ops/patches.hpp>
#include <xgrad/ops/pooling.hpp>
#include <xgrad/ops/recurrence.hpp>
#include <xgrad/ops/reduction.hpp>
#include <xgrad/ops/repetition.hpp>
#include <xgrad/ops/resampling.hpp>
#include <xgrad/ops/shape.hpp>
#include <xgrad/ops/softmax.hpp>
#include <xgrad/ops/sorting.hpp>
#include <xgrad/ops/statistics.hpp>
#include <xgrad/ops/two_arguments.hpp>
#include <xgrad/ops/view.hpp>
