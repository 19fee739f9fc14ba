// What is drawn at random for a sample depends on the seed, the epoch and the sample, not on the chunks.

#include "training.hpp"
#include <xgrad/models/layers/dropout.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/shape.hpp>

#include <doctest/doctest.h>

#include <mutex>
#include <set>
#include <vector>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

/** Each image as the network got it, followed by its mask. */
using Seen = std::multiset<std::vector<float>>;

/** Trains a network that notes what was drawn for each image. */
Seen drawn(const TrainingOptions& options)
{
    Random random(1);
    const Linear<float> linear(32 * 32, 10, random);
    const Dropout<float> dropout(0.5);
    Seen seen;
    std::mutex mutex;
    const auto network = [&, linear, dropout](const Variable<float>& images, const Mode& mode) {
        const Variable<float> y = linear(flatten(images, 1));
        const Variable<float> mask = dropout(constant(Array<float>(y.shape(), 1.0F)), mode);
        if (mode.is_training()) {
            const std::lock_guard lock(mutex);
            const std::size_t size = images.size() / images.shape()[0];
            for (std::size_t n = 0; n < images.shape()[0]; ++n) {
                std::vector<float> one(images.data() + n * size, images.data() + (n + 1) * size);
                one.insert(one.end(), mask.data() + n * 10, mask.data() + (n + 1) * 10);
                seen.insert(std::move(one));
            }
        }
        return y * mask;
    };
    Classifier classifier{.name = "noting", .parameters = linear.parameters(), .network = network, .criterion = {}};
    classifier.criterion = [](const auto& y, const auto& labels) { return softmax_cross_entropy(y, labels); };
    Training training(classifier, digits(), options);
    finish(training);
    return seen;
}

double loss_of_an_epoch(const std::string& model, const Choices& choices, std::size_t chunk)
{
    const TrainingOptions options{.epochs = 1, .batch = 32, .chunk = chunk, .learning_rate = 1e-3, .seed = 3};
    Training training(make_classifier(model, options.seed, choices), digits(), options);
    while (!training.epoch_complete())
        training.step();
    return training.mean_loss();
}

} // namespace

TEST_CASE("training: distortions, changes and masks of an image do not depend on chunks, batches and threads")
{
    TrainingOptions options{.epochs = 2, .batch = 32, .chunk = 8, .learning_rate = 0.01, .distort = true, .seed = 3};
    options.augmentation = {.flip = true, .shift = 1, .erase = 4};
    const Seen expected = drawn(options);
    CHECK(expected.size() == 200);
    CHECK(std::set<std::vector<float>>(expected.begin(), expected.end()).size() == 200); // new ones in each epoch
    for (const std::size_t chunk : {16u, 64u}) {
        const ThreadCount threads(chunk == 16 ? 1 : 2);
        options.chunk = chunk;
        options.batch = chunk == 64 ? 50 : 32;
        CHECK(drawn(options) == expected);
    }
    options.seed = 4;
    CHECK(drawn(options) != expected);
}

TEST_CASE("training: the loss with random pooling and scenes does not depend on the chunks, but for rounding")
{
    for (const auto& way : {std::pair<std::string, Choices>{"variants", {{"kind", "stochastic-pooling"}}},
                            std::pair<std::string, Choices>{"pixel-labeller", {}}})
    {
        const std::string& model = way.first;
        const Choices& choices = way.second;
        CAPTURE(model);
        const double expected = loss_of_an_epoch(model, choices, 8);
        for (const std::size_t chunk : {3u, 16u, 64u})
            CHECK(loss_of_an_epoch(model, choices, chunk) == doctest::Approx(expected).epsilon(1e-5));
    }
}
