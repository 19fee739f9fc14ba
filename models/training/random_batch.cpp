#include <xgrad/base/random.hpp>
#include <xgrad/models/training/random_batch.hpp>

#include <algorithm>

namespace xgrad
{

Batch random_batch(const Classifier& classifier, std::size_t count, std::uint64_t seed)
{
    constexpr std::size_t gray_levels = 256, digits = 10;
    Random random(seed);
    Images images{Array<std::uint8_t>(Shape{count, 1, classifier.height, classifier.width}), Labels(Shape{count}),
                  classifier.classes};
    for (std::uint8_t& pixel : images.pixels)
        pixel = static_cast<std::uint8_t>(random.below(gray_levels));
    for (std::int32_t& label : images.labels)
        label = static_cast<std::int32_t>(random.below(std::min(classifier.classes, digits)));
    Batch batch = images.batches(count, classifier.preparation)[0];
    return classifier.compose ? classifier.compose(batch, random) : batch;
}

} // namespace xgrad
