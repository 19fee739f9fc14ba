#include <xgrad/graph/error.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/graph/workers.hpp>
#include <xgrad/models/evaluation.hpp>
#include <xgrad/ops/reduction.hpp>

#include <algorithm>

namespace xgrad
{

Labels predict(const Classifier& classifier, const Images& images)
{
    constexpr std::size_t chunk = 16;
    const Batches batches = images.batches(chunk, classifier.preparation);
    Labels classes = empty<std::int32_t>({images.size()});
    detail::parallel_for(batches.size(), [&](std::size_t k) {
        const PauseRecording pause;
        const Labels part = argmax(classifier.logits(constant(batches[k].images)), 1);
        std::copy(part.begin(), part.end(), classes.data() + k * chunk);
    });
    return classes;
}

Evaluation evaluate(const Classifier& classifier, const Images& images)
{
    if (images.size() == 0)
        throw ShapeError("[evaluate] there are no images to evaluate on");
    const Labels predicted = predict(classifier, images);
    Evaluation evaluation;
    evaluation.confusion.assign(images.classes, std::vector<std::size_t>(images.classes));
    evaluation.count = images.size();
    for (std::size_t n = 0; n < images.size(); ++n) {
        const auto truth = static_cast<std::size_t>(images.labels.data()[n]);
        const auto answer = static_cast<std::size_t>(predicted.data()[n]);
        ++evaluation.confusion.at(truth).at(answer);
        evaluation.wrong += truth != answer;
    }
    return evaluation;
}

} // namespace xgrad
