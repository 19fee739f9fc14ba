#pragma once

#include <xgrad/base/random.hpp>
#include <xgrad/graph/parameters.hpp>
#include <xgrad/ops/convolution_layer.hpp>
#include <xgrad/ops/window.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace xgrad
{

/** The distribution of the first weights; biases start at 0. n_in and n_out are the numbers of inputs and outputs that
 *  a unit is connected to. */
enum class Initialization
{
    lecun, ///< normal, variance 1/n_in: keeps the variance of tanh-like units (LeCun et al. 1998, Efficient BackProp)
    lecun_1998, ///< uniform in ±2.4/n_in (LeCun et al. 1998, LeNet-5)
    glorot,     ///< uniform in ±√(6/(n_in + n_out)) (Glorot and Bengio 2010)
    he          ///< normal, variance 2/n_in: for ReLU (He et al. 2015)
};

/** The first weights of a layer, of the given shape. */
template <class T>
Variable<T> initial_weights(Initialization initialization, const Shape& shape, std::size_t n_in, std::size_t n_out,
                            Random& random);

/** The activation of this name. @throws Error if there is none */
Activation activation_named(std::string_view name);
std::vector<std::string> activation_names();

/** Returns whether the values stay between two bounds. */
bool squashes(Activation activation);

/** The initialization that suits an activation: he for those that grow like relu, else lecun, as for selu. */
Initialization initialization_for(Activation activation);

/** The target of the outputs other than the sample's class (B1): 0, or −1 if the activation is odd. */
template <class T>
T off_target(Activation activation)
{
    using enum Activation;
    return activation == tanh || activation == scaled_tanh || activation == softsign ? T{-1} : T{0};
}

/** A fully connected layer: y = x·Wᵀ + b (B3, G0).
 *  x is (…, inputs), W (outputs, inputs), b (outputs), y (…, outputs). With more than two axes it is one product of a
 *  matrix with all rows. */
template <class T>
struct Linear
{
    Variable<T> weight, bias;

    Linear(std::size_t inputs, std::size_t outputs, Random& random,
           Initialization initialization = Initialization::lecun);
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const { return {{"weight", weight}, {"bias", bias}}; }
};

/** The table of which output map reads which input map: `table[input][output]`. */
using ConnectionTable = std::vector<std::vector<bool>>;

/** The product of a convolution layer: kernels slide as they are, or turned by 180° (see ops/convolution.hpp). */
enum class Product
{
    correlation,
    convolution
};

/** A convolution layer: y = x ⋆ W + b, by cross-correlation (H-conv, N5), or y = x * W + b, by true convolution (B9).
 *  x is (N, inputs, H, W), W (outputs, inputs/groups, K, K), b (outputs). With a connection table, the weights
 *  outside of it are 0 and stay 0. */
template <class T>
struct Convolution
{
    Variable<T> weight, bias;
    Variable<T> mask; // 1 where a weight exists, else 0; empty without a table
    ConvolutionOptions options;
    Product product = Product::correlation;

    Convolution(std::size_t inputs, std::size_t outputs, Size2d kernel, Random& random,
                Initialization initialization = Initialization::lecun, const ConvolutionOptions& options = {},
                Product product = Product::correlation);

    /** @throws ShapeError if the table is not inputs × outputs or an output map reads nothing */
    Convolution(const ConnectionTable& table, Size2d kernel, Random& random,
                Initialization initialization = Initialization::lecun, const ConvolutionOptions& options = {});

    Variable<T> operator()(const Variable<T>& x) const { return (*this)(x, {}); }
    /** f(y), and its maximum of each 2×2 block if asked for, in one pass (ops/convolution_layer.hpp). */
    Variable<T> operator()(const Variable<T>& x, const LayerEnd& end) const;
    /** The transpose of the layer applied to maps: from (N, outputs, H', W') to (N, inputs, H, W), `size` H × W. */
    Variable<T> transposed(const Variable<T>& maps, Size2d size) const;
    std::size_t input_maps() const { return weight.shape()[1] * static_cast<std::size_t>(options.groups); }
    Parameters<T> parameters() const { return {{"weight", weight}, {"bias", bias}}; }
};

/** A subsampling layer: u = β·down(x) + b for each map, where `down` is the sum of each distinct block (B14, H-sub).
 *  x is (N, maps, H, W), β and b (maps), u (N, maps, H/n, W/m). β starts at 1/(n·m), the mean. */
template <class T>
struct Subsampling
{
    Variable<T> beta, bias;
    Size2d block;

    /** @throws ShapeError if there are no maps or the block is empty */
    Subsampling(std::size_t maps, Size2d block);
    /** @throws ShapeError for another number of maps, or if the blocks do not fill the maps */
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const { return {{"beta", beta}, {"bias", bias}}; }
};

/** One line of a model's summary, in the terms of LeCun et al. 1998. */
struct LayerSummary
{
    std::string name, kind;
    Shape output;                  ///< the shape for one image
    std::size_t parameters = 0;    ///< the trainable numbers
    std::size_t connections = 0;   ///< the inputs that reach a unit, with biases, over all units
    std::size_t multiply_adds = 0; ///< the multiply-adds for one image, forward
};

template <class T>
LayerSummary summarize(std::string name, const Convolution<T>& layer, const Shape& output);
template <class T>
LayerSummary summarize(std::string name, const Linear<T>& layer);
/** The summary of a layer that maps each of several places. @param output  its result: outputs times places */
template <class T>
LayerSummary summarize(std::string name, const Linear<T>& layer, const Shape& output);
template <class T>
LayerSummary summarize(std::string name, const Subsampling<T>& layer, const Shape& output);
/** The line of a pooling layer without parameters, over windows of `window` elements. */
LayerSummary summarize_pooling(std::string name, std::string kind, const Shape& output, std::size_t window);

} // namespace xgrad
