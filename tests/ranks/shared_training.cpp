// Trainings that several ranks share, with threads in their place.
#include "models/training.hpp"
#include <xgrad/base/error.hpp>
#include <xgrad/models/data/shared_dataset.hpp>
#include <xgrad/models/layers/normalization.hpp>
#include <xgrad/models/training/evaluation.hpp>
#include <xgrad/models/training/pretraining.hpp>
#include <xgrad/ops/ops.hpp>
#include <xgrad/optim/curvature.hpp>
#include <xgrad/optim/lbfgs.hpp>
#include <xgrad/ranks/threads.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <functional>
#include <limits>
#include <mutex>
#include <numeric>
#include <string>
#include <vector>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

TrainingOptions with(const std::function<void(TrainingOptions&)>& change)
{
    TrainingOptions options = few_steps;
    options.epochs = 1;
    change(options);
    return options;
}

Training make_shared_training(const TrainingOptions& options, Ranks& ranks)
{
    return make_training("lenet5", options, {}, &ranks);
}

struct Way
{
    const char* model;
    Choices choices;
    TrainingOptions options;
};

/** The error of each rank. */
std::vector<std::string> errors_of(std::size_t count, const std::function<void(Ranks&)>& f)
{
    std::vector<std::string> errors(count);
    run_as_ranks(count, [&](Ranks& ranks) {
        try {
            f(ranks);
        } catch (const std::exception& error) {
            errors[ranks.rank()] = error.what();
        }
    });
    return errors;
}

/** Ranks that count what is sent through them. */
class Counted final : public Ranks
{
  public:
    Counted(Ranks& ranks, std::atomic<std::size_t>& bytes) : ranks_(ranks), bytes_(bytes) {}
    std::size_t rank() const override { return ranks_.rank(); }
    std::size_t size() const override { return ranks_.size(); }
    void send(const void* bytes, std::size_t count, std::size_t to) override
    {
        bytes_ += count;
        ranks_.send(bytes, count, to);
    }
    void receive(void* bytes, std::size_t count, std::size_t from) override { ranks_.receive(bytes, count, from); }
    void exchange(const void* sent, std::size_t sent_count, void* received, std::size_t received_count,
                  std::size_t other) override
    {
        bytes_ += sent_count;
        ranks_.exchange(sent, sent_count, received, received_count, other);
    }
    void broadcast(void* bytes, std::size_t count, std::size_t from) override
    {
        bytes_ += rank() == from ? count * (size() - 1) : 0;
        ranks_.broadcast(bytes, count, from);
    }

  private:
    Ranks& ranks_;
    std::atomic<std::size_t>& bytes_;
};

} // namespace

TEST_CASE("ranks: a training comes to the bits of one process, in all ways to train")
{
    const Way ways[] = {
        {"lenet5", {}, with([](auto& o) {
             o.clip_norm = 1;
             o.ema = 0.9;
             o.validation = 20;
             o.augmentation = {.flip = true, .shift = 1, .erase = 3};
         })},
        {"lenet5", {{"variant", "1998"}}, with([](auto& o) {
             o.optimizer = "sdlm";
             o.learning_rate = 1e-4;
             o.distort = true;
         })},
        {"bouvrie", {}, with([](auto& o) { o.accumulate = 2; })},
        {"residual-cnn", {{"maps", "4"}, {"norm", "group"}, {"dropout", "0.3"}}, with([](auto& o) { o.chunk = 5; })},
        {"variants", {{"kind", "stochastic-pooling"}}, with([](auto& o) { o.chunk = 3; })},
        {"pixel-labeller", {}, with([](auto& o) { o.chunk = 1; })},
        {"character-transformer", {}, with([](auto& o) {
             o.batch = 16;
             o.chunk = 2;
         })},
    };
    for (const Way& way : ways) {
        CAPTURE(way.model);
        Training one = make_training(way.model, way.options, way.choices);
        finish(one);
        const Checkpoint alone = one.checkpoint();
        const bool is_first = &way == &ways[0];
        for (const std::size_t count : is_first ? std::vector<std::size_t>{1, 2, 3, 5, 8} : std::vector<std::size_t>{3})
        {
            std::vector<Checkpoint> found(count);
            run_as_ranks(count, [&](Ranks& ranks) {
                Training training = make_training(way.model, way.options, way.choices, &ranks);
                finish(training);
                found[ranks.rank()] = training.checkpoint();
            });
            for (const Checkpoint& each : found)
                CHECK(same_checkpoints(each, alone));
        }
    }
}

TEST_CASE("ranks: a training goes on with another number of ranks")
{
    const Checkpoint alone = uninterrupted();
    Checkpoint stopped;
    run_as_ranks(4, [&](Ranks& ranks) {
        Training training = make_shared_training(few_steps, ranks);
        train_batches(training, 5);
        if (ranks.rank() == 0)
            stopped = training.checkpoint();
    });
    for (const std::size_t count : {1u, 2u, 3u})
        run_as_ranks(count, [&](Ranks& ranks) {
            Training training = make_shared_training(few_steps, ranks);
            training.resume(stopped);
            finish(training);
            CHECK(same_checkpoints(training.checkpoint(), alone));
        });
}

TEST_CASE("ranks: a step sends at most two gradients for each rank but the first, and each rank its share of them")
{
    for (const std::size_t count : {2u, 3u, 4u, 8u}) {
        std::vector<std::atomic<std::size_t>> sent(count);
        std::size_t gradient = 0;
        run_as_ranks(count, [&](Ranks& threads) {
            Counted ranks(threads, sent[threads.rank()]);
            Training training = make_shared_training(with([](auto& o) { o.batch = 64; }), ranks); // 8 leaves
            if (threads.rank() == 0)
                gradient = training.classifier().parameter_count() * sizeof(float);
            training.step();
        });
        constexpr std::size_t headers = 128; // the states of the ranks, and the loss
        const std::size_t all = std::accumulate(sent.begin(), sent.end(), std::size_t{0});
        CHECK(all <= 2 * (count - 1) * (gradient + headers));
        CHECK(all >= 2 * (count - 1) * gradient);
        if (std::has_single_bit(count))
            for (const std::size_t own : sent)
                CHECK(own <= 1.1 * static_cast<double>(all / count));
    }
}

TEST_CASE("ranks: one that wants to stop stops all after the same step")
{
    std::vector<std::size_t> batches(3);
    Checkpoint stopped;
    run_as_ranks(3, [&](Ranks& ranks) {
        Training training = make_shared_training(few_steps, ranks);
        std::size_t asked = 0;
        const bool finished = run(training, {.stop = [&] { return ranks.rank() == 2 && ++asked == 3; }});
        CHECK(!finished);
        batches[ranks.rank()] = training.batch();
        if (ranks.rank() == 1)
            stopped = training.checkpoint();
    });
    CHECK(batches == std::vector<std::size_t>{3, 3, 3});
    Training training = make_training();
    training.resume(stopped);
    finish(training);
    CHECK(same_checkpoints(training.checkpoint(), uninterrupted()));
}

TEST_CASE("ranks: different options, weights or data are an error that names both ranks")
{
    const auto started = [](const std::function<Training(Ranks&)>& make) {
        return errors_of(3, [&](Ranks& ranks) {
            Training training = make(ranks);
            run(training, {});
        });
    };
    const auto seeds = started([](Ranks& ranks) {
        return make_shared_training(with([&](auto& o) { o.seed = ranks.rank() == 2 ? 7 : 3; }), ranks);
    });
    CHECK(seeds[0].find("rank 2 has training.seed '7', rank 0 has '3'") != std::string::npos);
    CHECK(seeds[1].starts_with("rank 0: [ranks] rank 2 has"));
    const auto chunks = started([](Ranks& ranks) {
        return make_shared_training(with([&](auto& o) { o.chunk = ranks.rank() == 1 ? 4 : 8; }), ranks);
    });
    CHECK(chunks[0] == "[ranks] rank 1 has training.chunk '4', rank 0 has '8': start all ranks with the same program, "
                       "options and data");
    const Dataset other = first_digits(100, 49);
    const auto data = started([&](Ranks& ranks) {
        return Training(make_classifier("lenet5", 3), ranks.rank() == 1 ? other : digits(), few_steps, &ranks);
    });
    CHECK(data[2].find("rank 1 has data.contents") != std::string::npos);
    const auto weights = started([](Ranks& ranks) {
        return Training(make_classifier("lenet5", ranks.rank() == 1 ? 4 : 3), digits(), few_steps, &ranks);
    });
    CHECK(weights[1].find("rank 1 has weights c1.") != std::string::npos);
}

TEST_CASE("ranks: NaN and a failure to save end all ranks")
{
    const auto nan = errors_of(2, [](Ranks& ranks) {
        Training training = make_shared_training(with([](auto& o) { o.learning_rate = 1e30; }), ranks);
        run(training, {});
    });
    CHECK(nan[0].find("epoch 1") != std::string::npos);
    CHECK(nan[1].find("epoch 1") != std::string::npos);
    const auto saving = errors_of(3, [](Ranks& ranks) {
        Training training = make_shared_training(with([](auto&) {}), ranks);
        run(training, {.before_saving = [](const EpochReport&) { throw DataError("the disk is full"); }});
    });
    CHECK(saving ==
          std::vector<std::string>{"the disk is full", "rank 0: the disk is full", "rank 0: the disk is full"});
}

TEST_CASE("ranks: batch normalization over the whole batch cannot be shared")
{
    const auto errors = errors_of(2, [](Ranks& ranks) { make_training("residual-cnn", few_steps, {}, &ranks); });
    for (const std::string& error : errors)
        CHECK(error.starts_with("[training] residual-cnn normalizes over the whole batch, which 2 ranks cannot share"));
    run_as_ranks(1, [](Ranks& ranks) { make_training("residual-cnn", few_steps, {}, &ranks); });
    const auto own = errors_of(2, [](Ranks& ranks) {
        const BatchNorm<float> norm(3);
        Random random(1);
        const Array<float> x({4, 3}, 1.0F);
        value_and_gradient(norm.parameters(), x,
                           [&](const Variable<float>& part) { return sum(norm(part, Mode::training(random))); },
                           {.chunk = 4, .ranks = &ranks});
    });
    CHECK(own[1].find("[batch_norm]") != std::string::npos);
}

TEST_CASE("ranks: an evaluation is shared")
{
    const Classifier classifier = make_classifier("lenet5", 3);
    const Evaluation alone = evaluate(classifier, digits().train);
    for (const std::size_t count : {2u, 3u, 8u})
        run_as_ranks(count, [&](Ranks& ranks) {
            const Evaluation shared = evaluate(classifier, digits().train, &ranks);
            CHECK(shared.confusion == alone.confusion);
            CHECK(shared.count == 100);
            CHECK(shared.wrong == alone.wrong);
            CHECK(shared.loss == alone.loss);
        });
}

TEST_CASE("ranks: data are read once on a machine")
{
    std::atomic<int> reads = 0;
    std::mutex mutex;
    std::vector<const void*> pixels;
    run_as_ranks(3, [&](Ranks& ranks) {
        const Dataset data = load_once(&ranks, [&] {
            ++reads;
            return first_digits(30, 10);
        });
        const Dataset& expected = digits();
        CHECK(data.train.size() == 30);
        CHECK(data.test.classes == 10);
        CHECK(std::equal(data.train.pixels.begin(), data.train.pixels.end(), expected.train.pixels.begin()));
        CHECK(std::equal(data.train.labels.begin(), data.train.labels.end(), expected.train.labels.begin()));
        const std::lock_guard lock(mutex);
        pixels.push_back(data.train.pixels.data());
    });
    CHECK(reads == 1);
    const auto errors = errors_of(
        2, [](Ranks& ranks) { load_once(&ranks, []() -> Dataset { throw DataError("there is no such file"); }); });
    CHECK(errors == std::vector<std::string>{"there is no such file", "rank 0: there is no such file"});
}

TEST_CASE("ranks: pretraining and L-BFGS come to the same bits")
{
    const auto pretrained = [](Ranks* ranks) {
        const Classifier classifier = make_classifier("lenet5", 3);
        pretrain(classifier.stages, digits().train, classifier.preparation, {.batch = 50, .ranks = ranks});
        Checkpoint checkpoint;
        store(classifier, checkpoint);
        return checkpoint;
    };
    const Checkpoint alone = pretrained(nullptr);
    run_as_ranks(3, [&](Ranks& ranks) { CHECK(same_checkpoints(pretrained(&ranks), alone)); });

    const auto minimum = [](Ranks* ranks) {
        const auto w = variable<double>(Array<double>{-1.2, 1});
        const Parameters<double> parameters{{"w", w}};
        optim::LBFGS<double> optimizer(parameters);
        const Array<double> offsets({12}, 0.5);
        optimizer.minimize([&] {
            return value_and_gradient(
                parameters, offsets,
                [&](const Variable<double>& part) { return mean(square(part - sum(exp(w)))) + sum(square(w)); },
                {.chunk = 2, .ranks = ranks});
        });
        return std::vector<double>(w.data(), w.data() + 2);
    };
    const auto found = minimum(nullptr);
    run_as_ranks(3, [&](Ranks& ranks) { CHECK(minimum(&ranks) == found); });
}
