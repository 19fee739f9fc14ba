#include "held_against.hpp"

#include <xgrad/base/batch.hpp>
#include <xgrad/base/error.hpp>

#include <xtensor/xmath.hpp>

namespace xgrad::command
{

Prepared prepared(const Images& all, std::size_t begin, std::size_t end, const Preparation& preparation)
{
    const Images part{detail::rows(all.pixels, begin, end), detail::rows(all.labels, begin, end), all.classes};
    const Batch batch = part.batches(end - begin, preparation)[0];
    return {Array<double>(xt::cast<double>(batch.images)), batch.labels};
}

FoundByHand found_in_training(const Handwritten& network, const Prepared& now, const std::optional<Prepared>& before)
{
    if (before)
        run_by_hand(network, before->images, before->labels);
    return run_by_hand(network, now.images, now.labels);
}

Comparison held_against(const FoundByHand& found, const Handwritten& network, const Values& values, const Prepared& now,
                        const std::optional<Prepared>& before, double tolerance)
{
    Parameters<double> probes, all;
    std::vector<HandwrittenGradient> by_hand;
    for (const oracles::Step& step : network.steps) {
        const bool is_parameter = network.has(step.name);
        if (!is_parameter)
            probes.add(step.name, variable(Array<double>(values.all().at(step.name).shape(), 0.0)));
        all.add(step.name, (is_parameter ? network.parameters : probes)[step.name]);
        by_hand.emplace_back([&found, name = step.name] { return found.gradients.at(name); });
    }
    const auto loss_of = [&](const Prepared& batch) {
        Values probed(probes);
        return network.loss(probed, batch.images, batch.labels);
    };
    CompareOptions options{.tolerance = tolerance, .samples = now.labels.size()};
    if (before)
        options.previous = [&] { return loss_of(*before); };
    Comparison comparison = xgrad::compare([&] { return loss_of(now); }, all, by_hand, options);
    if (!comparison.problem.empty())
        throw Error(comparison.problem);
    return comparison;
}

} // namespace xgrad::command
