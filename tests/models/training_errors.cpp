#include "files.hpp"
#include "training.hpp"
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/training/evaluation.hpp>
#include <xgrad/ops/arithmetic.hpp>
#include <xgrad/ops/elementwise.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

using namespace xgrad;
using namespace xgrad::test;

TEST_CASE("training: options that make no sense are errors")
{
    const auto refusal = [&](const auto& change) {
        TrainingOptions options = few_steps;
        change(options);
        return message_of<Error>([&] { make_training("mlp", options); });
    };
    CHECK(contains(refusal([](auto& o) { o.epochs = 0; }), "0 epochs"));
    CHECK(contains(refusal([](auto& o) { o.batch = 0; }), "batches of 0"));
    CHECK(contains(refusal([](auto& o) { o.chunk = 0; }), "chunks of 0"));
    CHECK(contains(refusal([](auto& o) { o.batch = 101; }), "give 100 or less"));
    CHECK(contains(refusal([](auto& o) { o.learning_rate = 0; }), "learning rate is 0"));
    CHECK(contains(refusal([](auto& o) { o.learning_rate = std::nan(""); }), "learning rate is nan"));
    CHECK(contains(refusal([](auto& o) { o.weight_decay = -1; }), "weight decay is -1"));
    CHECK(contains(refusal([](auto& o) { o.optimizer = "magic"; }), "'magic'"));
    CHECK(contains(refusal([](auto& o) { o.schedule = "magic"; }), "'magic'"));
}

TEST_CASE("training: a batch as large as the data is accepted")
{
    TrainingOptions options = few_steps;
    options.batch = 100;
    Training training = make_training("mlp", options);
    CHECK(training.batches() == 1);
    CHECK_NOTHROW(finish(training));
}

namespace
{

TrainingOptions exploding()
{
    TrainingOptions options = few_steps;
    options.learning_rate = 1e30;
    options.optimizer = "sgd";
    options.schedule = "constant";
    return options;
}

} // namespace

TEST_CASE("training: a loss that explodes names epoch and batch")
{
    Training training = make_training("mlp", exploding());
    const std::string text = message_of<NumericalError>([&] { run(training, {}); });
    CHECK(contains(text, "epoch 1, batch 2 of 4"));
    CHECK(contains(text, "learning rate"));
    CHECK_FALSE(contains(text, "first,"));
}

TEST_CASE("training: an infinite gradient of a finite loss stops it before the step")
{
    Classifier root = make_classifier("mlp", 1);
    root.parameters = {{"w", variable(Array<float>(Shape{1, 10}, 0.0f))}};
    const Variable<float> w = root.parameters["w"];
    root.network = [w](const Variable<float>& images, const Mode&) {
        return sqrt(w) + constant(Array<float>(Shape{images.shape()[0], 10}, 1.0f));
    };
    Training training(root, digits(), few_steps);
    const std::string text = message_of<NumericalError>([&] { training.step(); });
    CHECK(contains(text, "gradient that is NaN or infinite in epoch 1, batch 1 of 4"));
    CHECK(w.value()(0, 0) == 0);
}

TEST_CASE("training: a chunk larger than any batch is the batch")
{
    TrainingOptions whole = few_steps, huge = few_steps;
    whole.chunk = whole.batch;
    huge.chunk = std::numeric_limits<std::size_t>::max();
    Training a = make_training("mlp", whole), b = make_training("mlp", huge);
    a.step();
    b.step();
    CHECK(a.mean_loss() == b.mean_loss());
}

TEST_CASE("training: sdlm is refused for what labels pixels")
{
    TrainingOptions options = few_steps;
    options.optimizer = "sdlm";
    CHECK(contains(message_of<Error>([&] { make_training("pixel-labeller", options); }), "[training] sdlm"));
}

TEST_CASE("training: with detect_nan it names the op as well")
{
    Training training = make_training("mlp", exploding());
    const std::string text = message_of<NumericalError>([&] { run(training, {.detect_nan = true}); });
    CHECK(contains(text, "epoch 1, batch 2 of 4"));
    CHECK(contains(text, "first, [matmul]"));
}

TEST_CASE("training: detection is off again after a failure")
{
    Training training = make_training("mlp", exploding());
    CHECK_THROWS_AS(run(training, {.detect_nan = true}), NumericalError);
    const float infinity = std::numeric_limits<float>::infinity();
    CHECK_NOTHROW(make_classifier("mlp", 1).logits(constant(Array<float>(Shape{1, 784}, infinity))));
}

TEST_CASE("training: a failing step changes nothing")
{
    Training training = make_training("mlp");
    training.step();
    const Checkpoint before = training.checkpoint();
    Variable<float> weight = training.classifier().parameters["layer1.bias"];
    const float good = weight.mutable_data()[0];
    weight.mutable_data()[0] = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_AS(training.step(), NumericalError);
    weight.mutable_data()[0] = good;
    CHECK(same_checkpoints(before, training.checkpoint()));
}

TEST_CASE("training: when the loss explodes, the last good checkpoint stays")
{
    const Folder folder;
    Training training = make_training("mlp");
    std::string saved;
    const auto break_it = [&](const EpochReport&) {
        saved = test::contents(folder / last_checkpoint);
        Variable<float> bias = training.classifier().parameters["layer1.bias"];
        bias.mutable_data()[0] = std::numeric_limits<float>::infinity();
    };
    CHECK_THROWS_AS(run(training, {.folder = folder.path(), .on_epoch = break_it}), NumericalError);
    CHECK_FALSE(saved.empty());
    CHECK(test::contents(folder / last_checkpoint) == saved);
    CHECK(folder.count() == 2); // last and best, nothing half-written
}

TEST_CASE("training: parameters that are NaN are not saved")
{
    Training training = make_training("mlp");
    Variable<float> bias = training.classifier().parameters["layer3.bias"];
    bias.mutable_data()[9] = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_AS(training.checkpoint(), NumericalError);
}
