// Ways to train that are not plain steps over all parameters.
#include "files.hpp"
#include "long.hpp"
#include "training.hpp"
#include <xgrad/models/networks/variants.hpp>
#include <xgrad/models/training/evaluation.hpp>
#include <xgrad/models/training/pretraining.hpp>
#include <xgrad/ops/ops.hpp>

#include <doctest/doctest.h>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

Checkpoint trained(const Classifier& classifier, const TrainingOptions& options, std::size_t thread_count = 1)
{
    const ThreadCount use(thread_count);
    Training training(classifier, digits(), options);
    finish(training);
    return training.checkpoint();
}

/** Trained in two goes, with a checkpoint after some batches. */
Checkpoint interrupted(const std::function<Classifier()>& make, const TrainingOptions& options, std::size_t batches)
{
    Checkpoint checkpoint;
    {
        Training training(make(), digits(), options);
        for (std::size_t k = 0; k < batches; ++k)
            training.epoch_complete() ? (void)training.finish_epoch() : training.step();
        checkpoint = training.checkpoint();
    }
    Training again(make(), digits(), options);
    again.resume(checkpoint);
    finish(again);
    return again.checkpoint();
}

bool same_tensors(const Checkpoint& a, const Checkpoint& b) { return a.tensors == b.tensors; }

TrainingOptions with(const std::function<void(TrainingOptions&)>& change)
{
    TrainingOptions options = few_steps;
    change(options);
    return options;
}

} // namespace

TEST_CASE("training: in frozen epochs the last layer alone learns, then all do")
{
    const TrainingOptions options = with([](auto& o) { o.frozen_epochs = 1; });
    Training training(make_classifier("lenet5", 3), digits(), options);
    const Classifier untouched = make_classifier("lenet5", 3);
    while (!training.epoch_complete())
        training.step();
    const Parameters<float>& now = training.classifier().parameters;
    for (std::size_t i = 0; i < now.size(); ++i)
        CHECK((now[i].value() == untouched.parameters[i].value()) == !now.name(i).starts_with("f7."));
    training.finish_epoch();
    training.step();
    for (std::size_t i = 0; i < now.size(); ++i)
        CHECK(now[i].value() != untouched.parameters[i].value());
}

TEST_CASE("training: distorted images are the same for a seed, and not the plain ones")
{
    const auto make = [] { return make_classifier("mlp", 3); };
    const TrainingOptions plain = few_steps, distorted = with([](auto&o) { o.distort = true; });
    CHECK(same_tensors(trained(make(), distorted, 1), trained(make(), distorted, 2)));
    CHECK_FALSE(same_tensors(trained(make(), distorted), trained(make(), plain)));
}

TEST_CASE("training: augmented images are the same for a seed, and not the plain ones")
{
    const auto make = [] { return make_classifier("mlp", 3); };
    for (const Augmentation& some : {Augmentation{.flip = true}, {.shift = 1}, {.erase = 6}}) {
        const TrainingOptions changed = with([&](auto& o) { o.augmentation = some; });
        CHECK(same_tensors(trained(make(), changed, 1), trained(make(), changed, 2)));
        CHECK_FALSE(same_tensors(trained(make(), changed), trained(make(), few_steps)));
    }
}

TEST_CASE("training: every way goes on from a checkpoint to the same bits" * test::is_long)
{
    const auto check = [](const std::function<Classifier()>& make, const TrainingOptions& options) {
        for (const std::size_t batches :
             {std::size_t{2}, std::size_t{5}, std::size_t{7}}) // within an epoch, at its end, in the next one
            CHECK(same_tensors(interrupted(make, options, batches), trained(make(), options)));
    };
    const auto mlp = [] { return make_classifier("mlp", 3); };
    SUBCASE("frozen epochs")
    {
        check(mlp, with([](auto& o) { o.frozen_epochs = 1; }));
    }
    SUBCASE("distortion")
    {
        check(mlp, with([](auto& o) { o.distort = true; }));
    }
    SUBCASE("augmentation")
    {
        check(mlp, with([](auto& o) { o.augmentation = {.flip = true, .shift = 2, .erase = 5}; }));
    }
    SUBCASE("rates")
    {
        check(mlp, with([](auto& o) { o.rates = {{"layer1", 0.5}, {"layer2.bias", 0}}; }));
    }
    SUBCASE("curvature")
    {
        check(mlp, with([](auto& o) {
                  o.optimizer = "sdlm";
                  o.learning_rate = 0.001;
              }));
    }
    SUBCASE("accumulated, clipped and averaged steps")
    {
        check(mlp, with([](auto& o) {
                  o.accumulate = 3;
                  o.clip_value = 0.05;
                  o.clip_norm = 0.5;
                  o.ema = 0.8;
                  o.optimizer = "lion";
                  o.learning_rate = 1e-3;
                  o.schedule_options.warmup = 0.5;
              }));
    }
    SUBCASE("accumulated steps after frozen epochs, without smaller batches")
    {
        check(mlp, with([](auto& o) {
                  o.accumulate = 2;
                  o.frozen_epochs = 1;
                  o.drop_last = true;
                  o.ema = 0.9;
              }));
    }
    SUBCASE("validation, early stopping and a plateau")
    {
        check(mlp, with([](auto& o) {
                  o.epochs = 6;
                  o.validation = 30;
                  o.patience = 3;
                  o.schedule = "plateau";
                  o.plateau_patience = 0;
              }));
    }
    SUBCASE("averaged moments of batch normalization")
    {
        check([] { return make_variant("batch-norm", 3); }, with([](auto& o) { o.ema = 0.5; }));
    }
    SUBCASE("sampling")
    {
        check([] { return make_variant("stochastic-pooling", 3); }, few_steps);
    }
    SUBCASE("batch normalization")
    {
        check([] { return make_variant("batch-norm", 3); }, few_steps);
    }
}

TEST_CASE("training: what samples or looks at the whole batch has the same bits for one thread and for two")
{
    for (const char* kind : {"stochastic-pooling", "batch-norm"})
        CHECK(same_tensors(trained(make_variant(kind, 3), few_steps, 1), trained(make_variant(kind, 3), few_steps, 2)));
}

TEST_CASE("training: the running moments of batch normalization come back from a checkpoint")
{
    const Checkpoint checkpoint = trained(make_variant("batch-norm", 3), few_steps);
    CHECK(checkpoint.tensors.contains("block.inner.running_mean"));
    const Classifier found = load_classifier(checkpoint);
    const Array<float>& mean = found.state["block.inner.running_mean"].value();
    CHECK(mean == checkpoint.tensors.at("block.inner.running_mean"));
    CHECK(mean != make_variant("batch-norm", 3).state["block.inner.running_mean"].value());
}

TEST_CASE("training: a rate for a layer that there is not is an error at the start")
{
    const TrainingOptions options = with([](auto& o) { o.rates = {{"layer9", 1}}; });
    CHECK(contains(message_of<GraphError>([&] { make_training("mlp", options); }), "no layer or parameter 'layer9'"));
}

TEST_CASE("training: every choice of every model can take a step with its defaults" * test::is_long)
{
    for (const Architecture& model : architectures())
        for (const ModelOption& option : model.options)
            for (const std::string& value : option.values) {
                Choices choices = {{option.name, value}};
                if (option.name == "outputs")
                    choices["variant"] = "1998";
                if (option.name == "sparsity")
                    choices["combination"] = "yes";
                CAPTURE(model.name);
                CAPTURE(option.name);
                CAPTURE(value);
                const Classifier classifier = make_classifier(model.name, 1, choices);
                const Dataset& data = data_for(classifier);
                const Dataset few{"few", first_images(data.train, 16), first_images(data.test, 1)};
                TrainingOptions options = classifier.defaults;
                options.batch = std::min<std::size_t>(options.batch, 16);
                Training training(classifier, few, options);
                CHECK_NOTHROW(training.step());
            }
}

TEST_CASE("training: rates that only the checkpoint has are other options")
{
    const TrainingOptions rated = with([](auto& o) { o.rates = {{"layer1", 0.5}}; });
    const Checkpoint checkpoint = make_training("mlp", rated).checkpoint();
    Training plain = make_training("mlp");
    CHECK(contains(message_of<DataError>([&] { plain.resume(checkpoint); }), "training.rate.layer1 0.5, not none"));
}

TEST_CASE("pretraining: each convolution learns to rebuild its input, the rest stays as it was")
{
    for (const char* model : {"lenet5", "bouvrie"}) {
        const Classifier classifier = make_classifier(model, 3), untouched = make_classifier(model, 3);
        REQUIRE(classifier.stages.size() >= 2);
        const auto reports = pretrain(classifier.stages, digits().train, classifier.preparation,
                                      {.epochs = 20, .batch = 20, .learning_rate = 0.003, .seed = 1});
        CHECK(reports.size() == classifier.stages.size());
        for (const PretrainingReport& report : reports)
            CHECK(report.last < 0.8 * report.first);
        for (std::size_t i = 0; i < classifier.parameters.size(); ++i) {
            const bool convolution = classifier.parameters.name(i)[0] == 'c';
            CHECK((classifier.parameters[i].value() != untouched.parameters[i].value()) == convolution);
        }
    }
}

TEST_CASE("pretraining: the same bits for one thread and for two; without convolutions it is an error")
{
    const auto kernels = [](std::size_t count) {
        const ThreadCount use(count);
        const Classifier classifier = make_classifier("lenet5", 3);
        pretrain(classifier.stages, digits().train, classifier.preparation);
        return classifier.parameters["c3.weight"].value();
    };
    CHECK(kernels(1) == kernels(2));
    CHECK(contains(message_of<Error>([] { pretrain({}, digits().train, {}); }), "no convolutions"));
    const Classifier classifier = make_classifier("lenet5", 3);
    CHECK_THROWS_AS(pretrain(classifier.stages, digits().train, {}, {.epochs = 0}), Error);
}
