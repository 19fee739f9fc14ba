#include "training.hpp"

#include "files.hpp"
#include "long.hpp"
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

TEST_CASE("training: the loss falls and the digits are learnt")
{
    Training training = make_training("lenet5", {.epochs = 12, .batch = 20, .learning_rate = 0.02, .seed = 1});
    std::vector<double> losses;
    run(training, {.on_epoch = [&](const EpochReport& report) { losses.push_back(report.train_loss); }});
    CHECK(losses.size() == 12);
    CHECK(losses.back() < 0.25 * losses.front());
    CHECK(evaluate(training.classifier(), digits().train).error() < 0.05);
}

TEST_CASE("training: the same seed gives the same bits on one thread and on two" * test::is_long)
{
    for (const Architecture& architecture : architectures()) {
        const std::string& model = architecture.name;
        CAPTURE(model);
        const ThreadCount one(1);
        const Checkpoint expected = uninterrupted(model);
        const ThreadCount two(2);
        CHECK(same_checkpoints(expected, uninterrupted(model)));
    }
}

TEST_CASE("training: another seed gives other bits")
{
    TrainingOptions other = few_steps;
    other.seed = 4;
    CHECK(uninterrupted("mlp").tensors.at("layer1.weight") != uninterrupted("mlp", other).tensors.at("layer1.weight"));
}

TEST_CASE("training: stopped after any batch, it goes on to the same bits")
{
    const Checkpoint expected = uninterrupted();
    for (std::size_t batches = 0; batches <= 8; ++batches) {
        CAPTURE(batches);
        Training first = make_training();
        train_batches(first, batches);
        Training second = make_training();
        second.resume(first.checkpoint());
        finish(second);
        CHECK(same_checkpoints(expected, second.checkpoint()));
    }
}

TEST_CASE("training: every optimizer and schedule goes on to the same bits" * test::is_long)
{
    const auto check = [](const std::string& optimizer, const std::string& schedule) {
        CAPTURE(optimizer);
        CAPTURE(schedule);
        TrainingOptions options = few_steps;
        options.optimizer = optimizer;
        options.schedule = schedule;
        options.learning_rate = 0.001;
        Training first = make_training("mlp", options);
        train_batches(first, 6);
        Training second = make_training("mlp", options);
        second.resume(first.checkpoint());
        finish(second);
        CHECK(same_checkpoints(uninterrupted("mlp", options), second.checkpoint()));
    };
    for (const std::string& optimizer : optim::optimizer_names())
        check(optimizer, "cosine");
    for (const std::string& schedule : optim::schedule_names())
        check("nesterov", schedule);
}

TEST_CASE("training: it goes on to the same bits with another number of threads")
{
    const ThreadCount one(1);
    Training first = make_training();
    train_batches(first, 5);
    const Checkpoint checkpoint = first.checkpoint();
    const Checkpoint expected = uninterrupted();
    const ThreadCount two(2);
    Training second = make_training();
    second.resume(checkpoint);
    finish(second);
    CHECK(same_checkpoints(expected, second.checkpoint()));
}

TEST_CASE("training: a checkpoint survives its file")
{
    const Folder folder;
    Training first = make_training();
    train_batches(first, 6);
    save_checkpoint(folder / "k", first.checkpoint());
    const Checkpoint read = load_checkpoint(folder / "k");
    CHECK(same_checkpoints(first.checkpoint(), read));
    Training second = make_training();
    second.resume(read);
    CHECK(same_checkpoints(first.checkpoint(), second.checkpoint()));
}

TEST_CASE("training: run stops when asked, saves, and the rest gives the same file as without a stop")
{
    const Folder whole, parts;
    Training reference = make_training();
    CHECK(run(reference, {.folder = whole.path()}));

    Training first = make_training();
    std::size_t batches = 0;
    CHECK_FALSE(
        run(first, {.folder = parts.path(), .stop = [&] { return batches == 6; }, .on_batch = [&] { ++batches; }}));
    Training second = make_training();
    second.resume(load_checkpoint(parts / last_checkpoint));
    CHECK(second.epoch() == 1);
    CHECK(second.batch() == 2);
    CHECK(run(second, {.folder = parts.path()}));
    CHECK(test::contents(parts / last_checkpoint) == test::contents(whole / last_checkpoint));
    CHECK(test::contents(parts / best_checkpoint) == test::contents(whole / best_checkpoint));
}

TEST_CASE("training: what run reports")
{
    Training training = make_training("mlp");
    std::size_t batches = 0;
    std::vector<EpochReport> reports;
    CHECK(run(training, {.on_batch = [&] { ++batches; }, .on_epoch = [&](const auto& r) { reports.push_back(r); }}));
    CHECK(batches == 8);
    REQUIRE(reports.size() == 2);
    CHECK(reports[0].epoch == 1);
    CHECK(reports[1].epoch == 2);
    CHECK(reports[0].best);
    CHECK(reports[1].best == (reports[1].error < reports[0].error));
    CHECK(training.best()->error == std::min(reports[0].error, reports[1].error));
    CHECK(training.last()->error == evaluate(training.classifier(), digits().test).error());
    for (const EpochReport& report : reports) {
        CHECK(report.images_per_second > 0);
        CHECK(report.seconds > 0);
        CHECK(100 / report.images_per_second <= report.seconds);
    }
}

TEST_CASE("training: the best checkpoint is that of the best epoch")
{
    const Folder folder;
    Training training = make_training("mlp", {.epochs = 4, .batch = 20, .learning_rate = 0.02, .seed = 1});
    const auto spoil = [&](const EpochReport& report) {
        Variable<float> bias = training.classifier().parameters["layer3.bias"];
        if (report.epoch == 2)
            bias.mutable_data()[0] = 1e4f; // from now on everything is a 0
    };
    run(training, {.folder = folder.path(), .on_epoch = spoil});
    CHECK(training.best()->epoch == 2);
    CHECK(training.last()->epoch == 4);
    CHECK(load_checkpoint(folder / best_checkpoint).metadata.at("position.epoch") == "2");
    CHECK(load_checkpoint(folder / last_checkpoint).metadata.at("position.epoch") == "4");
}

TEST_CASE("training: each epoch's speed is its own")
{
    Training training = make_training("mlp", {.epochs = 30, .batch = 20, .seed = 1});
    double training_seconds = 0, seconds = 0;
    run(training, {.on_epoch = [&](const EpochReport& report) {
            training_seconds += 100 / report.images_per_second;
            seconds += report.seconds;
        }});
    CHECK(training_seconds > 0.3 * seconds);
    CHECK(training_seconds < seconds);
}

TEST_CASE("training: the train loss is the mean over the images, small batches weighted as such")
{
    TrainingOptions frozen = few_steps;
    frozen.learning_rate = 1e-30; // the parameters stay as they are
    frozen.weight_decay = 0;
    Training training = make_training("mlp", frozen);
    const Batches all = digits().train.batches(100, training.classifier().preparation);
    const Batch batch = all[0];
    const double expected = training.classifier().loss(constant(batch.images), batch.labels).item();
    train_batches(training, 4);
    CHECK(training.finish_epoch().train_loss == doctest::Approx(expected).epsilon(1e-5));
}

TEST_CASE("training: the learning rate follows the schedule from step to step")
{
    // Six times the same digit, so that the order does not matter and the loop is easily written by hand.
    Dataset copies{"copies", first_images(digits().train, 6), first_images(digits().test, 1)};
    for (std::size_t n = 1; n < 6; ++n) {
        std::copy_n(copies.train.pixels.data(), 28 * 28, copies.train.pixels.data() + n * 28 * 28);
        copies.train.labels.data()[n] = copies.train.labels.data()[0];
    }
    const TrainingOptions options{.epochs = 2,
                                  .batch = 2,
                                  .learning_rate = 0.1,
                                  .weight_decay = 0,
                                  .optimizer = "sgd",
                                  .schedule = "cosine",
                                  .seed = 1};
    Training training(make_classifier("mlp", 1), copies, options);
    finish(training);

    const Classifier by_hand = make_classifier("mlp", 1);
    const Batches batches = copies.train.batches(2, by_hand.preparation);
    const Batch batch = batches[0];
    for (int step = 0; step < 6; ++step) {
        const double rate = 0.1 * 0.5 * (1 + std::cos(3.14159265358979 * step / 6));
        const auto result =
            value_and_gradient(by_hand.parameters, [&] { return by_hand.loss(constant(batch.images), batch.labels); });
        for (std::size_t i = 0; i < result.gradients.size(); ++i) {
            Variable<float> parameter = by_hand.parameters[i];
            for (std::size_t k = 0; k < parameter.size(); ++k)
                parameter.mutable_data()[k] -= static_cast<float>(rate) * result.gradients[i].data()[k];
        }
    }
    double difference = 0;
    for (std::size_t i = 0; i < by_hand.parameters.size(); ++i)
        for (std::size_t k = 0; k < by_hand.parameters[i].size(); ++k)
            difference = std::max<double>(
                difference, std::abs(by_hand.parameters[i].data()[k] - training.classifier().parameters[i].data()[k]));
    CHECK(difference < 1e-6);
}

TEST_CASE("training: each epoch has an order of its own")
{
    // At a learning rate that changes nothing, the losses after the first batch tell which images it had.
    TrainingOptions frozen{
        .epochs = 6, .batch = 10, .learning_rate = 1e-30, .weight_decay = 0, .optimizer = "sgd", .seed = 1};
    Training training = make_training("mlp", frozen);
    std::set<double> losses;
    for (std::size_t epoch = 0; epoch < 6; ++epoch) {
        training.step();
        losses.insert(training.mean_loss());
        train_batches(training, 9);
        training.finish_epoch();
    }
    CHECK(losses.size() == 6);
}

TEST_CASE("training: a checkpoint of other options is refused, with both values")
{
    const Checkpoint checkpoint = make_training("mlp").checkpoint();
    const auto refusal = [&](const auto& change) {
        TrainingOptions options = few_steps;
        change(options);
        Training other = make_training("mlp", options);
        return message_of<DataError>([&] { other.resume(checkpoint); });
    };
    const auto both = [](const std::string& text, const std::string& a, const std::string& b) {
        return contains(text, a) && contains(text, b);
    };
    CHECK(both(refusal([](auto& o) { o.batch = 16; }), "batch 32", "not 16"));
    CHECK(both(refusal([](auto& o) { o.chunk = 4; }), "chunk 8", "not 4"));
    CHECK(both(refusal([](auto& o) { o.learning_rate = 0.1; }), "learning_rate 0.02", "not 0.1"));
    CHECK(both(refusal([](auto& o) { o.weight_decay = 0; }), "weight_decay 0.0005", "not 0"));
    CHECK(both(refusal([](auto& o) { o.optimizer = "adam"; }), "optimizer nesterov", "not adam"));
    CHECK(both(refusal([](auto& o) { o.schedule = "constant"; }), "schedule cosine", "not constant"));
    CHECK(both(refusal([](auto& o) { o.seed = 5; }), "seed 3", "not 5"));
}

TEST_CASE("training: a checkpoint of another model is refused")
{
    const Checkpoint checkpoint = make_training("mlp").checkpoint();
    Training lenet5 = make_training("lenet5");
    const std::string text = message_of<DataError>([&] { lenet5.resume(checkpoint); });
    CHECK(contains(text, "'mlp'"));
    CHECK(contains(text, "'lenet5'"));
}

TEST_CASE("training: a checkpoint of the same model with other options is refused")
{
    const Checkpoint checkpoint = make_training("lenet5").checkpoint();
    const auto refusal = [&](const Choices& choices) {
        Training other(make_classifier("lenet5", 3, choices), digits(), few_steps);
        return message_of<DataError>([&] { other.resume(checkpoint); });
    };
    CHECK(contains(refusal({{"connection-table", "yes"}}), "model.connection-table 'no', not 'yes'"));
    CHECK(contains(refusal({{"pooling", "mean"}}), "model.pooling 'max', not 'mean'"));
    CHECK(contains(refusal({{"activation", "tanh"}}), "model.activation 'relu', not 'tanh'"));
}

TEST_CASE("training: a checkpoint of other data is refused")
{
    const Checkpoint checkpoint = make_training("mlp").checkpoint();
    Dataset other = digits();
    SUBCASE("another pixel") { other.train.pixels.data()[500] ^= 1; }
    SUBCASE("another label") { other.test.labels.data()[5] = (other.test.labels.data()[5] + 1) % 10; }
    SUBCASE("fewer images") { other.train = first_images(digits().train, 99); }
    Training training(make_classifier("mlp", 3), other, few_steps);
    CHECK(contains(message_of<DataError>([&] { training.resume(checkpoint); }), "other data"));
}

TEST_CASE("training: the same data under another name is accepted")
{
    const Checkpoint checkpoint = make_training("mlp").checkpoint();
    Dataset moved = digits();
    moved.name = "/elsewhere";
    Training training(make_classifier("mlp", 3), moved, few_steps);
    CHECK_NOTHROW(training.resume(checkpoint));
}

TEST_CASE("training: a damaged checkpoint is refused")
{
    Training first = make_training("mlp");
    train_batches(first, 2);
    Checkpoint checkpoint = first.checkpoint();
    std::string expected;
    SUBCASE("a position that cannot be")
    {
        checkpoint.metadata["position.batch"] = "5";
        expected = "cannot be";
    }
    SUBCASE("an epoch that cannot be")
    {
        checkpoint.metadata["position.epoch"] = "3";
        expected = "cannot be";
    }
    SUBCASE("an epoch before the first one, but for the overflow")
    {
        checkpoint.metadata["position.epoch"] = "18446744073709551615";
        expected = "cannot be";
    }
    SUBCASE("a text that is not a number")
    {
        checkpoint.metadata["position.loss_sum"] = "much";
        expected = "'much'";
    }
    SUBCASE("a negative number")
    {
        checkpoint.metadata["position.steps"] = "-1";
        expected = "'-1'";
    }
    SUBCASE("a missing entry")
    {
        checkpoint.metadata.erase("position.epoch");
        expected = "position.epoch";
    }
    SUBCASE("a missing parameter")
    {
        checkpoint.tensors.erase("layer2.bias");
        expected = "layer2.bias";
    }
    SUBCASE("a parameter of another shape")
    {
        checkpoint.tensors["layer2.bias"] = Array<float>(Shape{7}, 0.0f);
        expected = "layer2.bias";
    }
    SUBCASE("a missing state of the optimizer")
    {
        checkpoint.tensors.erase("optimizer.velocity.layer1.weight");
        expected = "velocity.layer1.weight";
    }
    Training second = make_training("mlp");
    CHECK(contains(message_of<Error>([&] { second.resume(checkpoint); }), expected));
}

TEST_CASE("training: a file that is no training checkpoint is refused")
{
    Checkpoint foreign;
    foreign.tensors["weight"] = Array<float>(Shape{3}, 1.0f);
    CHECK(contains(message_of<DataError>([&] { load_classifier(foreign); }), "not written by a training"));
    CHECK(contains(message_of<DataError>([&] { training_options(foreign); }), "not written by a training"));
}

TEST_CASE("training: options and data are found in the checkpoint")
{
    TrainingOptions options{.epochs = 7,
                            .batch = 25,
                            .chunk = 5,
                            .learning_rate = 0.1 + 0.2,
                            .weight_decay = 1e-300,
                            .damping = 0.3,
                            .optimizer = "adam",
                            .schedule = "step",
                            .rates = {{"layer1", 0.1}, {"layer2.bias", 3}},
                            .distort = true,
                            .frozen_epochs = 2,
                            .seed = std::numeric_limits<std::uint64_t>::max(),
                            .augmentation = {.flip = true, .shift = 2, .erase = 7}};
    const Checkpoint checkpoint = make_training("mlp", options).checkpoint();
    const TrainingOptions found = training_options(checkpoint);
    CHECK(found.epochs == 7);
    CHECK(found.batch == 25);
    CHECK(found.chunk == 5);
    CHECK(found.learning_rate == 0.1 + 0.2);
    CHECK(found.weight_decay == 1e-300);
    CHECK(found.damping == 0.3);
    CHECK(found.optimizer == "adam");
    CHECK(found.schedule == "step");
    CHECK(found.rates == options.rates);
    CHECK(found.distort);
    CHECK(found.augmentation.flip);
    CHECK(found.augmentation.shift == 2);
    CHECK(found.augmentation.erase == 7);
    CHECK(found.frozen_epochs == 2);
    CHECK(found.seed == std::numeric_limits<std::uint64_t>::max());
    CHECK(training_data(checkpoint) == "digits");
}
