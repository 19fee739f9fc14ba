#pragma once
// Helpers for the tests of the training loop: a small data set, and trainings of a few batches.

#include "digits.hpp"
#include <xgrad/base/workers.hpp>
#include <xgrad/models/networks/architecture.hpp>
#include <xgrad/models/training/training.hpp>

#include <cstring>
#include <string>
#include <utility>

namespace xgrad::test
{

/** 100 training and 50 test digits: four batches of 32, the last one smaller. */
inline const Dataset& digits()
{
    static const Dataset dataset = first_digits(100, 50);
    return dataset;
}

/** 36 training and 4 test windows of text. */
inline const Dataset& windows()
{
    static const Dataset dataset = text_dataset("windows", first_characters(40 * text_context + 1));
    return dataset;
}

/** Data that a network can read. */
inline const Dataset& data_for(const Classifier& classifier)
{
    return classifier.task == Task::next_characters ? windows() : digits();
}

inline const TrainingOptions few_steps{.epochs = 2, .batch = 32, .chunk = 8, .learning_rate = 0.02, .seed = 3};

inline Training make_training(const std::string& model = "lenet5", const TrainingOptions& options = few_steps,
                              const Choices& choices = {}, Ranks* ranks = nullptr)
{
    Classifier classifier = make_classifier(model, options.seed, choices);
    const Dataset& data = data_for(classifier);
    return {std::move(classifier), data, options, ranks};
}

inline void train_batches(Training& training, std::size_t count)
{
    while (count-- > 0) {
        if (training.epoch_complete())
            training.finish_epoch();
        training.step();
    }
}

inline void finish(Training& training) { run(training, {}); }

/** The bits of everything that a checkpoint has. */
inline bool same_checkpoints(const Checkpoint& a, const Checkpoint& b)
{
    const auto same_bits = [](const Array<float>& x, const Array<float>& y) {
        return x.shape() == y.shape() && std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
    };
    return a.metadata == b.metadata && a.tensors.size() == b.tensors.size() &&
           std::all_of(a.tensors.begin(), a.tensors.end(), [&](const auto& entry) {
               const auto other = b.tensors.find(entry.first);
               return other != b.tensors.end() && same_bits(entry.second, other->second);
           });
}

inline Checkpoint uninterrupted(const std::string& model = "lenet5", const TrainingOptions& options = few_steps)
{
    Training training = make_training(model, options);
    finish(training);
    return training.checkpoint();
}

struct ThreadCount
{
    std::size_t before = threads();
    explicit ThreadCount(std::size_t count) { set_threads(count); }
    ~ThreadCount() { set_threads(before); }
};

template <class E, class F>
std::string message_of(F f)
{
    try {
        f();
    } catch (const E& error) {
        return error.what();
    }
    return "(no error)";
}

} // namespace xgrad::test
