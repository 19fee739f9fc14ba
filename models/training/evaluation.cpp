#include <xgrad/base/error.hpp>
#include <xgrad/base/workers.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/models/training/evaluation.hpp>
#include <xgrad/ops/reduction.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace xgrad
{

namespace
{

constexpr std::size_t chunk = 16;

/** Calls use(k, batch k, its predicted classes) over all threads. */
template <class Use>
void for_each_prediction(const Classifier& classifier, const Images& images, Use use)
{
    check_images(classifier, images);
    const Batches batches = images.batches(chunk, classifier.preparation);
    detail::parallel_for(batches.size(), [&](std::size_t k) {
        const PauseRecording pause;
        Batch batch = batches[k];
        if (classifier.compose) {
            Random random(0, k); // the same scenes in each evaluation
            batch = classifier.compose(batch, random);
        }
        use(k, batch, argmax(classifier.logits(constant(std::move(batch.images))), 1));
    });
}

} // namespace

Labels predict(const Classifier& classifier, const Images& images)
{
    if (classifier.compose)
        throw Error(fmt::format("[predict] {} tells the class of each pixel, not of an image", classifier.name));
    Labels classes = empty_array<std::int32_t>({images.size()});
    for_each_prediction(classifier, images, [&](std::size_t k, const Batch&, const Labels& part) {
        std::copy(part.begin(), part.end(), classes.data() + k * chunk);
    });
    return classes;
}

Evaluation evaluate(const Classifier& classifier, const Images& images)
{
    if (images.size() == 0)
        throw ShapeError("[evaluate] there are no images to evaluate on");
    using Counts = std::vector<std::size_t>; // by true and predicted class
    const std::size_t classes = std::max(classifier.classes, images.classes);
    std::vector<Counts> parts((images.size() + chunk - 1) / chunk, Counts(classes * classes));
    for_each_prediction(classifier, images, [&](std::size_t k, const Batch& batch, const Labels& predicted) {
        for (std::size_t n = 0; n < predicted.size(); ++n) {
            const auto truth = static_cast<std::size_t>(batch.labels.data()[n]);
            const auto answer = static_cast<std::size_t>(predicted.data()[n]);
            if (truth >= classes || answer >= classes)
                throw ShapeError(fmt::format("[evaluate] {1} has class {0}, but there are only {2} classes, from 0 on",
                                             std::max(truth, answer), truth >= classes ? "an image" : "an output",
                                             classes));
            ++parts[k][truth * classes + answer];
        }
    });
    Evaluation evaluation;
    evaluation.confusion.assign(classes, Counts(classes));
    for (const Counts& part : parts)
        for (std::size_t truth = 0; truth < classes; ++truth)
            for (std::size_t answer = 0; answer < classes; ++answer) {
                const std::size_t count = part[truth * classes + answer];
                evaluation.confusion[truth][answer] += count;
                evaluation.count += count;
                evaluation.wrong += truth == answer ? 0 : count;
            }
    return evaluation;
}

} // namespace xgrad
