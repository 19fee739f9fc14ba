#pragma once

#include <xgrad/base/random.hpp>
#include <xgrad/graph/parameters.hpp>
#include <xgrad/ops/window.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace xgrad
{

/** How weights start; biases start at 0. n_in and n_out are the inputs and outputs that a unit is connected to. */
enum class Initialization
{
    lecun, ///< normal, variance 1/n_in: keeps the variance of tanh-like units (LeCun et al. 1998, Efficient BackProp)
    lecun_1998, ///< uniform in ±2.4/n_in (LeCun et al. 1998, LeNet-5)
    glorot,     ///< uniform in ±√(6/(n_in + n_out)) (Glorot and Bengio 2010)
    he          ///< normal, variance 2/n_in: for ReLU (He et al. 2015)
};

/** Weights of the given shape. */
template <class T>
Variable<T> initial_weights(Initialization initialization, const Shape& shape, std::size_t n_in, std::size_t n_out,
                            Random& random);

/** Squashing functions by name: the function and its first derivative are the ops'. */
enum class Activation
{
    identity,
    sigmoid,
    tanh,
    scaled_tanh,
    relu,
    leaky_relu ///< of slope 0.01 below 0
};

/** @throws Error if there is none of that name */
Activation activation_named(std::string_view name);
std::vector<std::string> activation_names();

template <class T>
Variable<T> activate(Activation activation, Variable<T> x);

/** Whether the values stay between two bounds. */
inline bool squashes(Activation activation)
{
    return activation == Activation::sigmoid || activation == Activation::tanh || activation == Activation::scaled_tanh;
}

/** What suits the units of an activation: he for the rectifying ones, else lecun. */
Initialization initialization_for(Activation activation);

/** The target of the outputs that are not a sample's class (B1): 0, or −1 where the activation is odd. */
template <class T>
T off_target(Activation activation)
{
    return activation == Activation::tanh || activation == Activation::scaled_tanh ? T{-1} : T{0};
}

/** A fully connected layer: y = x·Wᵀ + b (B3, G0).
 *  x is (N, inputs), W (outputs, inputs), b (outputs), y (N, outputs). */
template <class T>
struct Linear
{
    Variable<T> weight, bias;

    Linear(std::size_t inputs, std::size_t outputs, Random& random,
           Initialization initialization = Initialization::lecun);
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const { return {{"weight", weight}, {"bias", bias}}; }
};

/** Which input maps each output map reads: `table[input][output]`. */
using ConnectionTable = std::vector<std::vector<bool>>;

/** What a convolution layer does with a kernel: slide it as it is, or turned by 180° (see ops/convolution.hpp). */
enum class Product
{
    correlation,
    convolution
};

/** A convolution layer: y = x ⋆ W + b, by cross-correlation (H-conv, N5), or y = x * W + b, by true convolution (B9).
 *  x is (N, inputs, H, W), W (outputs, inputs/groups, K, K), b (outputs). With a connection table the weights outside
 * of it are 0 and stay so. */
template <class T>
struct Convolution
{
    Variable<T> weight, bias;
    Variable<T> mask; // empty without a table; else 1 where a weight exists
    ConvolutionOptions options;
    Product product = Product::correlation;

    Convolution(std::size_t inputs, std::size_t outputs, Size2d kernel, Random& random,
                Initialization initialization = Initialization::lecun, const ConvolutionOptions& options = {},
                Product product = Product::correlation);

    /** @throws ShapeError if the table is not inputs × outputs or an output map reads nothing */
    Convolution(const ConnectionTable& table, Size2d kernel, Random& random,
                Initialization initialization = Initialization::lecun, const ConvolutionOptions& options = {});

    Variable<T> operator()(const Variable<T>& x) const;
    /** What the layer's transpose makes of its maps: (N, outputs, H', W') to (N, inputs, H, W), `size` H × W. */
    Variable<T> transposed(const Variable<T>& maps, Size2d size) const;
    std::size_t input_maps() const { return weight.shape()[1] * static_cast<std::size_t>(options.groups); }
    Parameters<T> parameters() const { return {{"weight", weight}, {"bias", bias}}; }
};

/** A subsampling layer: u = β·down(x) + b for each map, `down` the sum of each distinct block (B14, H-sub).
 *  x is (N, maps, H, W), β and b (maps), u (N, maps, H/n, W/m). β starts at 1/(n·m): the mean. */
template <class T>
struct Subsampling
{
    Variable<T> beta, bias;
    Size2d block;

    /** @throws ShapeError if there are no maps or the block is empty */
    Subsampling(std::size_t maps, Size2d block);
    /** @throws ShapeError for another number of maps, or if the blocks do not fill them */
    Variable<T> operator()(const Variable<T>& x) const;
    Parameters<T> parameters() const { return {{"beta", beta}, {"bias", bias}}; }
};

/** One line of a model's summary, in the terms of LeCun et al. 1998. */
struct LayerSummary
{
    std::string name, kind;
    Shape output;                  ///< of one image
    std::size_t parameters = 0;    ///< trainable numbers
    std::size_t connections = 0;   ///< inputs that reach a unit, biases among them, over all units
    std::size_t multiply_adds = 0; ///< of one image, forward
};

template <class T>
LayerSummary summarize(std::string name, const Convolution<T>& layer, const Shape& output);
template <class T>
LayerSummary summarize(std::string name, const Linear<T>& layer);
template <class T>
LayerSummary summarize(std::string name, const Subsampling<T>& layer, const Shape& output);
/** Pooling without parameters over windows of `window` elements. */
LayerSummary summarize_pooling(std::string name, std::string kind, const Shape& output, std::size_t window);

} // namespace xgrad
