#include <xgrad/base/error.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/training/pretraining.hpp>
#include <xgrad/ops/ops.hpp>
#include <xgrad/optim/optimizer.hpp>

#include <algorithm>
#include <cmath>

namespace xgrad
{

namespace
{

/** The rebuilt input x̂ of a layer, from its maps. */
Variable<float> rebuilt(const Convolution<float>& layer, const Variable<float>& x, const Variable<float>& offset)
{
    const Size2d size(static_cast<std::ptrdiff_t>(x.shape()[2]), static_cast<std::ptrdiff_t>(x.shape()[3]));
    return layer.transposed(tanh(layer(x)), size) + reshape(offset, {1, offset.size(), 1, 1});
}

/** ½ mean (x − x̄)², x̄ the mean of each map: the error of a layer that rebuilds nothing. */
double spread(const Variable<float>& x)
{
    return 0.5 * static_cast<double>(mean(square(x - mean(x, {0, 2, 3}, true))).item());
}

PretrainingReport pretrain(const ConvolutionStage<float>& stage, const Images& images, const Preparation& preparation,
                           const PretrainingOptions& options, std::uint64_t stream)
{
    const Variable<float> offset = variable(Array<float>(Shape{stage.layer.input_maps()}, 0.0F));
    Parameters<float> parameters = stage.layer.parameters();
    parameters.add("offset", offset);
    optim::Adam<float> adam(parameters, {.learning_rate = static_cast<float>(options.learning_rate)});
    PretrainingReport report{.layer = stage.name};
    for (std::size_t epoch = 0; epoch < options.epochs; ++epoch) {
        const std::uint64_t seed = Random(options.seed, stream * options.epochs + epoch + 1).next();
        const Batches batches = images.batches(options.batch, seed, preparation);
        const std::size_t tenth = std::max<std::size_t>(batches.size() / 10, 1);
        for (std::size_t k = 0; k < batches.size(); ++k) {
            const auto input = [&](const Variable<float>& part) {
                const PauseRecording fixed;
                return stage.input(part);
            };
            const Batch batch = batches[k];
            const auto [loss, gradients] =
                value_and_gradient(parameters, batch.images,
                                   [&](const Variable<float>& part) {
                                       const Variable<float> x = input(part);
                                       return 0.5F * mean(square(x - rebuilt(stage.layer, x, offset)));
                                   },
                                   {.ranks = options.ranks});
            if (!std::isfinite(loss))
                throw NumericalError("[pretraining] the error of layer " + stage.name +
                                     " is not finite any more: try a smaller learning rate");
            const bool first = epoch == 0 && k < tenth;
            const bool last = epoch + 1 == options.epochs && k + tenth >= batches.size();
            if (first || last) {
                const double share = loss / std::max(spread(input(constant(batch.images))), 1e-30);
                report.first += first ? share / static_cast<double>(tenth) : 0;
                report.last += last ? share / static_cast<double>(tenth) : 0;
            }
            adam.step(gradients);
        }
    }
    return report;
}

} // namespace

std::vector<PretrainingReport> pretrain(const std::vector<ConvolutionStage<float>>& stages, const Images& images,
                                        const Preparation& preparation, const PretrainingOptions& options)
{
    if (stages.empty())
        throw Error("[pretraining] the model names no convolutions that could be pretrained");
    if (options.epochs == 0 || options.batch == 0 || !(options.learning_rate > 0))
        throw Error("[pretraining] epochs, batch and learning rate must be greater than 0");
    std::vector<PretrainingReport> reports;
    for (std::size_t i = 0; i < stages.size(); ++i)
        reports.push_back(pretrain(stages[i], images, preparation, options, i));
    return reports;
}

} // namespace xgrad
