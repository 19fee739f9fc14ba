#pragma once

#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/training/classifier.hpp>
#include <xgrad/optim/optimizer.hpp>
#include <xgrad/optim/schedule.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

namespace xgrad
{

/** What an epoch came to. */
struct EpochReport
{
    std::size_t epoch = 0;        ///< 1 is the first
    double train_loss = 0;        ///< mean over the images, each as it was before the step that it was part of
    double test_error = 0;        ///< the fraction of the test images that is wrong
    double images_per_second = 0; ///< of training; the evaluation is not counted
    double seconds = 0;           ///< with the evaluation
    bool best = false;            ///< no epoch before had a smaller test error
};

/** The training of a classifier, to be driven step by step. At each point it can be put into a checkpoint, from which
 *  another one goes on to the same bits. Refers to the data.
 *
 *      Training training(make_classifier("lenet5", 1), data, options);
 *      while (!training.finished())
 *          training.epoch_complete() ? (void)training.finish_epoch() : training.step(); */
class Training
{
  public:
    /** @throws Error if an option makes no sense or the batch is larger than the training set */
    Training(Classifier classifier, const Dataset& data, const TrainingOptions& options);
    // The data would be gone.
    Training(Classifier classifier, Dataset&& data, const TrainingOptions& options) = delete;

    bool finished() const { return epoch_ == options_.epochs; }
    /** Whether all batches of the epoch are done and finish_epoch is next. */
    bool epoch_complete() const { return batch_ == batches_->size(); }

    /** Learns from the next batch of the epoch. @throws NumericalError if the loss or a gradient is NaN or infinite;
     * the parameters are then as they were before, but running means of batch normalization have moved */
    void step();

    /** Evaluates, and goes on to the next epoch. */
    EpochReport finish_epoch();

    /** After a step has failed: the message of the first op of that batch with a NaN or infinite result; empty if there
     * is none, as when the sum over the chunks overflows. */
    std::string first_nonfinite_op();

    /** Everything that is needed to go on. @throws NumericalError if a parameter is NaN or infinite */
    Checkpoint checkpoint() const;

    /** Goes on from a checkpoint.
     *  @throws DataError if it is of another model, other data or other options, or damaged; this training is then of
     *  no more use */
    void resume(const Checkpoint& checkpoint);

    const Classifier& classifier() const { return classifier_; }
    const TrainingOptions& options() const { return options_; }
    std::size_t epoch() const { return epoch_; }             ///< complete ones
    std::size_t batch() const { return batch_; }             ///< complete ones of this epoch
    std::size_t batches() const { return batches_->size(); } ///< of an epoch
    double mean_loss() const;                                ///< over this epoch so far
    double images_per_second() const;                        ///< over this epoch so far, or since it was resumed
    /** The latest complete epoch, and the one with the smallest test error; after `resume` with epoch and error alone.
     */
    const std::optional<EpochReport>& last() const { return last_; }
    const std::optional<EpochReport>& best() const { return best_; }

  private:
    void begin_epoch();
    void make_optimizer();
    std::uint64_t order_seed() const;
    void estimate_curvature();
    ValueAndGradient<float> value_and_gradient_of(const Batch& batch) const;

    Classifier classifier_;
    const Dataset* data_;
    std::string data_contents_; // tells it from other data
    TrainingOptions options_;
    Parameters<float> learning_; // all, or the last layer alone in the first epochs
    std::unique_ptr<optim::Optimizer<float>> optimizer_;
    optim::Schedule schedule_;

    std::size_t epoch_ = 0, batch_ = 0;
    std::optional<Batches> batches_; // in this epoch's order; there is always one
    std::size_t images_ = 0;         // of this epoch so far
    double loss_sum_ = 0;            // over them
    std::size_t timed_images_ = 0;
    double seconds_ = 0; // that they took
    std::optional<EpochReport> last_, best_;
};

/** The name of the data that a checkpoint was trained on. */
std::string training_data(const Checkpoint& checkpoint);

/** Where a training leaves its checkpoints, and who watches it. */
struct TrainingRun
{
    std::filesystem::path folder = {}; ///< for last_checkpoint and best_checkpoint; empty: none are written
    bool detect_nan = false;           ///< a loss that is NaN or infinite: also name the op
    std::function<bool()> stop = {};   ///< asked before each batch
    std::function<void()> on_batch = {};
    std::function<void(const EpochReport&)> on_epoch = {}; ///< after the checkpoints are written
};

constexpr const char* last_checkpoint = "last.safetensors";
constexpr const char* best_checkpoint = "best.safetensors";

/** Trains to the end, or until `stop` says so; then, and after each epoch, the checkpoints are written.
 *  @return whether it is finished
 *  @throws NumericalError that names epoch and batch if the loss is NaN or infinite; the checkpoints stay as they are
 */
bool run(Training& training, const TrainingRun& how);

} // namespace xgrad
