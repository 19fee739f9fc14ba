#pragma once
// Recordings of networks, for the tests of their derivations.

#include <xgrad/base/random.hpp>
#include <xgrad/inspect/graph.hpp>
#include <xgrad/ops/loss.hpp>

#include <cstddef>

namespace xgrad::test
{

/** The loss of a few random images, forward and backward. */
template <class Model>
Graph recording_of(const Model& model, std::size_t extent, std::size_t samples = 3)
{
    Random random(1);
    const auto x = variable(random.normal<double>({samples, 1, extent, extent}, 0, 1));
    Labels labels = empty_array<std::int32_t>({samples});
    for (std::size_t i = 0; i < samples; ++i)
        labels.data()[i] = static_cast<std::int32_t>(i);
    const auto loss = [&]() -> Variable<double> {
        if constexpr (requires { model.loss(model(x), labels); })
            return model.loss(model(x), labels);
        else
            return softmax_cross_entropy(model(x), labels);
    };
    return graph_of_gradient<double>(loss, model.parameters(), {{"x", x}});
}

} // namespace xgrad::test
