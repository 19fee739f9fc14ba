#include <xgrad/models/training/classifier_graph.hpp>
#include <xgrad/models/training/random_batch.hpp>

namespace xgrad
{

Graph graph_of(const Classifier& classifier, std::uint64_t seed, bool backward)
{
    constexpr std::size_t count = 2;
    const Batch batch = random_batch(classifier, count, seed);
    const Variable<float> images = variable(batch.images);
    const auto loss = [&] { return classifier.loss(images, batch.labels); };
    const Parameters<float> others{{"x", images}};
    return backward ? graph_of_gradient<float>(loss, classifier.parameters, others)
                    : graph_of_loss<float>(loss, classifier.parameters, others);
}

} // namespace xgrad
