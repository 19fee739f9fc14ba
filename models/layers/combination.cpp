#include <xgrad/base/error.hpp>
#include <xgrad/base/instantiate.hpp>
#include <xgrad/base/names.hpp>
#include <xgrad/models/layers/combination.hpp>
#include <xgrad/ops/ops.hpp>

#include <fmt/format.h>

namespace xgrad
{

namespace
{

/** The first kernels: those of a plain layer times the number of inputs, as each α is about 1/inputs. */
template <class T>
Variable<T> initial_kernels(std::size_t inputs, std::size_t outputs, Size2d kernel, Random& random,
                            Initialization initialization)
{
    if (inputs == 0 || outputs == 0 || kernel.height < 1 || kernel.width < 1)
        throw ShapeError(
            fmt::format("[combination layer] {}x{} kernels from {} to {} maps: there must be 1 or more maps, "
                        "and kernels of 1 or more each way",
                        kernel.height, kernel.width, inputs, outputs));
    const auto height = static_cast<std::size_t>(kernel.height), width = static_cast<std::size_t>(kernel.width);
    Variable<T> kernels = initial_weights<T>(initialization, {inputs, height, width}, inputs * height * width,
                                             outputs * height * width, random);
    kernels.mutable_value() *= static_cast<T>(inputs);
    return kernels;
}

/** The weights with tiny ones held constant. A softmax that underflows gives 0, where the penalties have no finite
 *  slope. */
template <class T>
Variable<T> away_from_zero(const Variable<T>& weights)
{
    return maximum(weights, static_cast<T>(1e-12));
}

} // namespace

template <class T>
Combination<T>::Combination(std::size_t inputs, std::size_t outputs, Size2d kernel, Random& random,
                            Initialization initialization)
    : kernels(initial_kernels<T>(inputs, outputs, kernel, random, initialization)),
      scores(variable(random.normal<T>({inputs, outputs}, 0, 1))),
      bias(variable(filled_array({outputs}, T{0})))
{}

template <class T>
Variable<T> Combination<T>::weights() const
{
    return softmax(scores, 0);
}

template <class T>
Variable<T> Combination<T>::operator()(const Variable<T>& x, const LayerEnd& end) const
{
    // Σ_i α_ij (x_i * k_i) = Σ_i x_i * (α_ij k_i): one convolution.
    const std::size_t inputs = scores.shape()[0], outputs = scores.shape()[1];
    const auto alpha = reshape(transpose(weights()), {outputs, inputs, 1, 1});
    return convolution_layer(x, rot180(alpha * expand_dims(kernels, 0)), bias, end);
}

template <class T>
LayerSummary summarize(std::string name, const Combination<T>& layer, const Shape& output)
{
    const Shape& kernels = layer.kernels.shape();
    const std::size_t units = element_count(output);
    return {std::move(name),
            fmt::format("combination {}x{}", kernels[1], kernels[2]),
            output,
            layer.parameters().element_count(),
            units * (layer.kernels.size() + 1),
            units * layer.kernels.size()};
}

template <class T>
Variable<T> l1_penalty(const Variable<T>& weights)
{
    return sum(abs(weights));
}

template <class T>
Variable<T> entropy_penalty(const Variable<T>& weights)
{
    return -sum(weights * log(away_from_zero(weights)));
}

template <class T>
Variable<T> power_penalty(const Variable<T>& weights, double power)
{
    if (!(power > 0 && power < 1))
        throw ShapeError(fmt::format("[power_penalty] the power is {}, one between 0 and 1 is needed", power));
    return sum(pow(away_from_zero(weights), static_cast<T>(power)));
}

std::vector<std::string> sparsity_names() { return {"none", "l1", "entropy", "power"}; }

Sparsity sparsity_named(std::string_view name)
{
    return detail::value_named<Sparsity>("sparsity", sparsity_names(), name);
}

template <class T>
Variable<T> sparsity_penalty(Sparsity sparsity, const Variable<T>& weights)
{
    switch (sparsity) {
    case Sparsity::l1:
        return l1_penalty(weights);
    case Sparsity::entropy:
        return entropy_penalty(weights);
    case Sparsity::power:
        return power_penalty(weights);
    case Sparsity::none:
        break;
    }
    return constant<T>(0);
}

#define XGRAD_INSTANTIATE(T)                                                                                           \
    template struct Combination<T>;                                                                                    \
    template LayerSummary summarize(std::string, const Combination<T>&, const Shape&);                                 \
    template Variable<T> l1_penalty(const Variable<T>&);                                                               \
    template Variable<T> entropy_penalty(const Variable<T>&);                                                          \
    template Variable<T> power_penalty(const Variable<T>&, double);                                                    \
    template Variable<T> sparsity_penalty(Sparsity, const Variable<T>&);
XGRAD_FOR_EACH_TYPE(XGRAD_INSTANTIATE)
#undef XGRAD_INSTANTIATE

} // namespace xgrad
