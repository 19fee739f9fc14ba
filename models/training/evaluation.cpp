#include <xgrad/base/error.hpp>
#include <xgrad/base/together.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/models/training/evaluation.hpp>
#include <xgrad/ops/reduction.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <numeric>
#include <vector>

namespace xgrad
{

namespace
{

constexpr std::size_t chunk = 16;

/** Calls use(k, batch k, the outputs for it) over all threads, for the batches of this rank. */
template <class Use>
void for_each_prediction(const Classifier& classifier, const Images& images, Ranks* ranks, Use use)
{
    check_images(classifier, images);
    const Batches batches = images.batches(chunk, classifier.preparation);
    const std::size_t rank = ranks != nullptr ? ranks->rank() : 0, of = ranks != nullptr ? ranks->size() : 1;
    const std::size_t first = batches.size() * rank / of, last = batches.size() * (rank + 1) / of;
    detail::parallel_for_some(last - first, batches.size(), [&](std::size_t i) {
        const std::size_t k = first + i;
        const PauseRecording pause;
        Batch batch = batches[k];
        if (classifier.compose) {
            Random random(0, k); // the same scenes in each evaluation
            batch = classifier.compose(batch, random);
        }
        use(k, batch, classifier.logits(constant(std::move(batch.images))));
    });
}

} // namespace

Labels predict(const Classifier& classifier, const Images& images)
{
    if (classifier.compose)
        throw Error(fmt::format("[predict] {} tells the classes of {}, not of images", classifier.name,
                                answers_of(classifier.task)));
    Labels classes = empty_array<std::int32_t>({images.size()});
    for_each_prediction(classifier, images, nullptr, [&](std::size_t k, const Batch&, const Variable<float>& outputs) {
        const Labels part = argmax(outputs, 1);
        std::copy(part.begin(), part.end(), classes.data() + k * chunk);
    });
    return classes;
}

Evaluation evaluate(const Classifier& classifier, const Images& images, Ranks* ranks)
{
    if (images.size() == 0)
        throw ShapeError("[evaluate] there are no images to evaluate on");
    const std::size_t classes = std::max(classifier.classes, images.classes), cells = classes * classes;
    // The counts by true and by predicted class, then the sum of the losses of each batch.
    std::vector<double> numbers(cells + (images.size() + chunk - 1) / chunk);
    std::mutex counting;
    const auto count = [&](std::size_t k, const Batch& batch, const Variable<float>& outputs) {
        const Labels predicted = argmax(outputs, 1);
        std::size_t largest = 0;
        {
            const std::lock_guard lock(counting);
            for (std::size_t n = 0; n < predicted.size(); ++n) {
                const auto truth = static_cast<std::size_t>(batch.labels.data()[n]);
                const auto answer = static_cast<std::size_t>(predicted.data()[n]);
                if (truth >= classes || answer >= classes)
                    throw ShapeError(
                        fmt::format("[evaluate] {1} has class {0}, but there are only {2} classes, from 0 on",
                                    std::max(truth, answer), truth >= classes ? "an image" : "an output", classes));
                largest = std::max(largest, truth);
                ++numbers[truth * classes + answer];
            }
        }
        numbers[cells + k] =
            static_cast<double>(predicted.size()) *
            (largest < outputs.shape()[1] ? static_cast<double>(classifier.criterion(outputs, batch.labels).item())
                                          : std::numeric_limits<double>::infinity());
    };
    detail::together(ranks, [&] { for_each_prediction(classifier, images, ranks, count); });
    detail::add_up(ranks, numbers);
    Evaluation evaluation;
    evaluation.confusion.assign(classes, std::vector<std::size_t>(classes));
    for (std::size_t truth = 0; truth < classes; ++truth)
        for (std::size_t answer = 0; answer < classes; ++answer) {
            const auto cell = static_cast<std::size_t>(numbers[truth * classes + answer]);
            evaluation.confusion[truth][answer] = cell;
            evaluation.count += cell;
            evaluation.wrong += truth == answer ? 0 : cell;
        }
    const auto losses = numbers.begin() + static_cast<std::ptrdiff_t>(cells);
    evaluation.loss =
        std::accumulate(losses, numbers.end(), 0.0) / static_cast<double>(evaluation.count); // in this order
    return evaluation;
}

} // namespace xgrad
