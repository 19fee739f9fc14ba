// Validation, early stopping, clipping, accumulation and averages in a training.
#include "files.hpp"
#include "training.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/networks/variants.hpp>
#include <xgrad/models/training/evaluation.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

TrainingOptions with(const std::function<void(TrainingOptions&)>& change)
{
    TrainingOptions options = few_steps;
    change(options);
    return options;
}

/** Options with which nothing is learned, so that all errors are the same. */
TrainingOptions frozen(const std::function<void(TrainingOptions&)>& change)
{
    return with([&](TrainingOptions& o) {
        o.learning_rate = 1e-30;
        o.weight_decay = 0;
        o.optimizer = "sgd";
        o.schedule = "constant";
        change(o);
    });
}

std::map<std::string, Array<float>> weights(const Training& training)
{
    std::map<std::string, Array<float>> all;
    const Parameters<float> tensors = training.classifier().tensors();
    for (std::size_t i = 0; i < tensors.size(); ++i)
        all.emplace(tensors.name(i), tensors[i].value());
    return all;
}

/** The change of all weights in the first step: its norm and its largest element. */
std::pair<double, double> first_change(const TrainingOptions& options)
{
    Training training = make_training("mlp", options);
    const auto before = weights(training);
    training.step();
    double squares = 0, largest = 0;
    for (const auto& [name, now] : weights(training))
        for (std::size_t i = 0; i < now.size(); ++i) {
            const double change = double(now.data()[i]) - double(before.at(name).data()[i]);
            squares += change * change;
            largest = std::max(largest, std::abs(change));
        }
    return {std::sqrt(squares), largest};
}

} // namespace

TEST_CASE("training: accumulated batches make the step of one large batch")
{
    const auto trained = [](std::size_t batch, std::size_t accumulate) {
        Training training = make_training("mlp", with([&](auto& o) {
                                              o.batch = batch;
                                              o.accumulate = accumulate;
                                              o.schedule = "constant";
                                          }));
        finish(training);
        CHECK(training.checkpoint().metadata.at("position.steps") == "8"); // of 32, 32, 32 and 4 images
        return weights(training);
    };
    const auto whole = trained(32, 1), parts = trained(16, 2); // the last step has only the batch of 4
    double largest = 0;
    for (const auto& [name, array] : whole)
        for (std::size_t i = 0; i < array.size(); ++i)
            largest = std::max<double>(largest, std::abs(array.data()[i] - parts.at(name).data()[i]));
    CHECK(largest < 1e-6);
    CHECK(largest > 0);
}

TEST_CASE("training: weights stay as they are until the last accumulated batch")
{
    Training training = make_training("mlp", with([](auto& o) { o.accumulate = 3; }));
    const auto before = weights(training);
    train_batches(training, 2);
    CHECK(weights(training) == before);
    training.step();
    const auto once = weights(training);
    CHECK(once != before);
    training.step(); // the last batch of the epoch does not wait for others
    CHECK(weights(training) != once);
}

TEST_CASE("training: gradients are clipped before the step")
{
    const auto plain = [](const std::function<void(TrainingOptions&)>& change) {
        return with([&](auto& o) {
            o.learning_rate = 0.5;
            o.weight_decay = 0;
            o.optimizer = "sgd";
            o.schedule = "constant";
            change(o);
        });
    };
    const auto plainly = first_change(plain([](auto&) {}));
    const auto norm = plainly.first, largest = plainly.second;
    REQUIRE(norm > 0.01);
    CHECK(first_change(plain([](auto& o) { o.clip_norm = 0.01; })).first == doctest::Approx(0.5 * 0.01).epsilon(1e-4));
    CHECK(first_change(plain([&](auto& o) { o.clip_norm = 2.1 * norm; })).first == norm);
    const auto bounded = first_change(plain([](auto& o) { o.clip_value = 1e-3; }));
    CHECK(bounded.second == doctest::Approx(0.5 * 1e-3).epsilon(1e-3));
    CHECK(bounded.second < largest);
    const auto both = first_change(plain([](auto& o) {
        o.clip_value = 1e-3;
        o.clip_norm = 1e-4;
    }));
    CHECK(both.first == doctest::Approx(0.5 * 1e-4).epsilon(1e-3));
    CHECK(both.second < 0.5 * 1e-4); // values that were cut are scaled, too
}

TEST_CASE("training: the average of the weights is what is evaluated and saved")
{
    for (const bool has_state : {false, true}) {
        CAPTURE(has_state);
        Training training(has_state ? make_variant("batch-norm", 3) : make_classifier("mlp", 3), digits(),
                          with([](auto& o) { o.ema = 0.75; }));
        const std::string name = has_state ? "block.inner.running_mean" : "layer2.weight";
        double weighted = 0, sum = 0;
        for (int step = 1; step <= 4; ++step) {
            training.step();
            weighted = 0.75 * weighted + weights(training).at(name).data()[3];
            sum = 0.75 * sum + 1;
        }
        const auto last = weights(training);
        const EpochReport report = training.finish_epoch();
        CHECK(weights(training) == last);
        const Checkpoint checkpoint = training.checkpoint();
        CHECK(checkpoint.tensors.at(name).data()[3] == doctest::Approx(weighted / sum).epsilon(1e-5));
        CHECK(checkpoint.tensors.at("unaveraged." + name) == last.at(name));
        CHECK(evaluate(load_classifier(checkpoint), digits().test).error() == report.error);
        CHECK(checkpoint.tensors.at(name) != last.at(name));
    }
}

TEST_CASE("training: with validation images the test images have no part in it")
{
    const Folder folder;
    const TrainingOptions options = with([](auto& o) {
        o.validation = 30;
        o.epochs = 4;
    });
    Dataset unreadable = digits();
    unreadable.test.labels.data()[0] = 1000; // evaluate would refuse it
    Training training(make_classifier("mlp", 3), unreadable, options);
    CHECK(training.training_images().size() == 70);
    CHECK(training.validation_images() == 30);
    CHECK(training.batches() == 3);
    const ValidationSplit split = hold_out(digits().train, 30, options.seed);
    CHECK(training.training_images().pixels == split.train.pixels);
    std::vector<double> errors;
    run(training, {.folder = folder.path(), .on_epoch = [&](const EpochReport& report) {
                       CHECK(report.on_validation);
                       CHECK(std::string(report.images()) == "validation");
                       errors.push_back(report.error);
                       CHECK(report.error == evaluate(training.classifier(), split.validation).error());
                   }});
    const double smallest = *std::min_element(errors.begin(), errors.end());
    const Checkpoint best = load_checkpoint(folder / best_checkpoint);
    CHECK(training.best()->error == smallest);
    CHECK(best.metadata.at("best.validation_error") == best.metadata.at("last.validation_error"));
    CHECK_FALSE(best.metadata.contains("best.test_error"));
    CHECK(best.metadata.at("training.validation") == "30");

    Training without(make_classifier("mlp", 3), unreadable, few_steps);
    CHECK_THROWS_AS(finish(without), ShapeError);
    CHECK(std::string(EpochReport().images()) == "test");
}

TEST_CASE("training: the best epoch of a training with validation is found again after a resume")
{
    const Folder folder;
    TrainingOptions options = with([](auto& o) { o.validation = 30; });
    Training first = make_training("mlp", options);
    run(first, {.folder = folder.path()});
    options.epochs = 4;
    Training second = make_training("mlp", options);
    second.resume(load_checkpoint(folder / last_checkpoint));
    CHECK(second.best()->error == first.best()->error);
    CHECK(second.best()->on_validation);
    const TrainingFolder files(folder.path());
    run(second, {.folder = files, .resumed_from = folder / last_checkpoint});
    CHECK(files.best() == folder / best_checkpoint);
    CHECK(load_checkpoint(folder / best_checkpoint).metadata.at("position.epoch") ==
          std::to_string(second.best()->epoch));
    CHECK_FALSE(std::filesystem::exists(folder / "previous-last.safetensors"));
}

TEST_CASE("training: it ends when the patience is used up, and goes on with more of it")
{
    TrainingOptions options = frozen([](auto& o) {
        o.epochs = 9;
        o.validation = 20;
        o.patience = 2;
    });
    Training training = make_training("mlp", options);
    finish(training);
    CHECK(training.epoch() == 3); // the first epoch is the best one
    CHECK(training.best()->epoch == 1);
    CHECK(training.stopped_early());
    CHECK(training.finished());

    Training same = make_training("mlp", options);
    same.resume(training.checkpoint());
    CHECK(same.finished());
    options.patience = 5;
    Training patient = make_training("mlp", options);
    patient.resume(training.checkpoint());
    CHECK_FALSE(patient.finished());
    finish(patient);
    CHECK(patient.epoch() == 6);
    options.patience = 0;
    options.epochs = 4;
    Training all = make_training("mlp", options);
    all.resume(training.checkpoint());
    finish(all);
    CHECK(all.epoch() == 4);
    CHECK_FALSE(all.stopped_early());
}

TEST_CASE("training: a smaller last batch is left out")
{
    Training training = make_training("mlp", with([](auto& o) { o.drop_last = true; }));
    CHECK(training.batches() == 3);
    finish(training);
    CHECK(training.checkpoint().metadata.at("position.steps") == "6");
    Training even = make_training("mlp", with([](auto& o) {
                                      o.drop_last = true;
                                      o.batch = 20;
                                  }));
    CHECK(even.batches() == 5);
}

TEST_CASE("training: the rate falls on a plateau of the validation error, or else of the training loss")
{
    const auto fractions = [](std::size_t validation, double learning_rate) {
        Training training = make_training("mlp", frozen([&](auto& o) {
                                              o.epochs = 4;
                                              o.validation = validation;
                                              o.learning_rate = learning_rate;
                                              o.schedule = "plateau";
                                              o.schedule_options.factor = 0.25;
                                              o.plateau_patience = 1;
                                          }));
        std::string all;
        while (!training.finished()) {
            while (!training.epoch_complete())
                training.step();
            training.finish_epoch();
            all += training.checkpoint().metadata.at("plateau.fraction") + " ";
        }
        return all;
    };
    // The loss falls a little in each epoch, and no image gets another class.
    CHECK(fractions(20, 1e-5) == "1 1 0.25 0.25 ");
    CHECK(fractions(0, 1e-5) == "1 1 1 1 ");
}

TEST_CASE("training: a fraction of a plateau multiplies the step")
{
    const auto change = [](const std::string& fraction) {
        const TrainingOptions options = with([](auto& o) {
            o.schedule = "plateau";
            o.optimizer = "sgd";
        });
        Training training = make_training("mlp", options);
        Checkpoint checkpoint = training.checkpoint();
        checkpoint.metadata.at("plateau.fraction") = fraction;
        training.resume(checkpoint);
        const auto before = weights(training);
        training.step();
        return double(weights(training).at("layer3.bias").data()[0]) - before.at("layer3.bias").data()[0];
    };
    CHECK(change("0.25") == doctest::Approx(0.25 * change("1")).epsilon(1e-4));
}

TEST_CASE("training: new options are in the checkpoint if they are on, and other ones are refused")
{
    const Checkpoint plain = make_training("mlp").checkpoint();
    for (const char* key : {"training.validation", "training.patience", "training.accumulate", "training.clip_value",
                            "training.clip_norm", "training.ema", "training.drop_last", "training.schedule.warmup",
                            "training.schedule.factor", "training.schedule.patience", "position.averaged"})
        CHECK_FALSE(plain.metadata.contains(key));
    const TrainingOptions all = with([](auto& o) {
        o.validation = 10;
        o.patience = 3;
        o.accumulate = 2;
        o.clip_value = 0.3;
        o.clip_norm = 1.5;
        o.ema = 0.999;
        o.drop_last = true;
        o.schedule = "plateau";
        o.schedule_options = {.warmup = 0.5, .factor = 0.3, .floor = 0.01};
        o.plateau_patience = 4;
    });
    CHECK(describe(training_options(make_training("mlp", all).checkpoint())) == describe(all));
    CHECK(describe(all).size() == describe(few_steps).size() + 11);
    const auto refusal = [&](const auto& change) {
        Training other = make_training("mlp", with(change));
        return message_of<DataError>([&] { other.resume(plain); });
    };
    CHECK(contains(refusal([](auto& o) { o.validation = 10; }), "training.validation none, not 10"));
    CHECK(contains(refusal([](auto& o) { o.accumulate = 2; }), "training.accumulate none, not 2"));
    CHECK(contains(refusal([](auto& o) { o.clip_norm = 2; }), "training.clip_norm none, not 2"));
    CHECK(contains(refusal([](auto& o) { o.clip_value = 2; }), "training.clip_value none, not 2"));
    CHECK(contains(refusal([](auto& o) { o.ema = 0.5; }), "training.ema none, not 0.5"));
    CHECK(contains(refusal([](auto& o) { o.drop_last = true; }), "training.drop_last none, not yes"));
    CHECK(contains(refusal([](auto& o) { o.schedule_options.warmup = 1; }), "training.schedule.warmup none, not 1"));
}

TEST_CASE("training: new options that make no sense are errors")
{
    const auto refusal = [&](const auto& change) {
        return message_of<Error>([&] { make_training("mlp", with(change)); });
    };
    CHECK(contains(refusal([](auto& o) { o.validation = 100; }), "100 images are held out of 100"));
    CHECK(contains(refusal([](auto& o) { o.validation = std::size_t(-1); }), "so none are left"));
    CHECK(contains(refusal([](auto& o) { o.validation = 70; }), "besides those that are held out: give 30 or less"));
    CHECK(contains(refusal([](auto& o) { o.patience = 3; }), "nothing tells when to stop"));
    CHECK(contains(refusal([](auto& o) { o.accumulate = 0; }), "a step over 0 batches"));
    CHECK(contains(refusal([](auto& o) { o.clip_norm = -1; }), "the bound of the norm of the gradients is -1"));
    CHECK(contains(refusal([](auto& o) { o.clip_value = std::nan(""); }), "the bound of values"));
    CHECK(contains(refusal([](auto& o) { o.ema = 1; }), "average of the weights is 1"));
    CHECK(contains(refusal([](auto& o) { o.schedule_options.power = 1; }), "'cosine' has no power"));
    CHECK(contains(refusal([](auto& o) {
                       o.schedule = "plateau";
                       o.schedule_options.factor = 2;
                   }),
                   "[plateau] the factor is 2"));
}

TEST_CASE("training: a damaged average or sum of gradients is refused")
{
    const TrainingOptions options = with([](auto& o) {
        o.ema = 0.5;
        o.accumulate = 2;
        o.schedule = "plateau";
    });
    Training first = make_training("mlp", options);
    train_batches(first, 3);
    Checkpoint checkpoint = first.checkpoint();
    std::string expected;
    SUBCASE("weights")
    {
        checkpoint.tensors.erase("unaveraged.layer2.bias");
        expected = "no array 'unaveraged.layer2.bias'";
    }
    SUBCASE("gradients")
    {
        checkpoint.tensors["accumulated.layer2.bias"] = Array<float>(Shape{7}, 0.0f);
        expected = "no array 'accumulated.layer2.bias' of shape (100)";
    }
    SUBCASE("numbers")
    {
        checkpoint.metadata["position.averaged"] = "x";
        expected = "position.averaged";
    }
    SUBCASE("plateau")
    {
        checkpoint.metadata.erase("plateau.waited");
        expected = "plateau.waited";
    }
    Training second = make_training("mlp", options);
    CHECK(contains(message_of<DataError>([&] { second.resume(checkpoint); }), expected));
}

TEST_CASE("training: a weight under two names steps once, by its whole gradient")
{
    const auto w = variable(Array<float>(Random(4).normal<float>({784, 784}, 0, 0.01)));
    Classifier tied = make_classifier("mlp", 1);
    tied.parameters = {{"first", w}, {"second", w}};
    tied.network = [w](const Variable<float>& images, const Mode&) {
        const Variable<float> x = reshape(images, {images.shape()[0], 784});
        return slice(matmul(tanh(matmul(x, w)), w), 1, 0, 10);
    };
    const TrainingOptions options = with([](auto& o) {
        o.optimizer = "sgd";
        o.schedule = "constant";
        o.weight_decay = 0;
        o.batch = 100;
        o.ema = 0.5;
        o.clip_norm = 1e6;
    });
    Training training(tied, digits(), options);
    const Batches batches = digits().train.batches(100, tied.preparation);
    const Batch batch = batches[0];
    const auto gradient = value_and_gradient(Parameters<float>{{"w", w}},
                                             [&] { return tied.loss(constant(batch.images), batch.labels); });
    const Array<float> before = w.value();
    training.step();
    double largest = 0, change = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
        const double step = double(w.data()[i]) - double(before.data()[i]);
        largest = std::max(largest, std::abs(step + 0.02 * gradient.gradients[0].data()[i]));
        change = std::max(change, std::abs(step));
    }
    CHECK(largest < 1e-3 * change);
    const Checkpoint checkpoint = training.checkpoint();
    CHECK(checkpoint.tensors.contains("first"));
    CHECK_FALSE(checkpoint.tensors.contains("second"));
    CHECK(checkpoint.tensors.size() == 2); // and unaveraged.first
}
