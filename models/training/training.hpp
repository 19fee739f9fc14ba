#pragma once

#include <xgrad/graph/value_and_gradient.hpp>
#include <xgrad/models/data/validation.hpp>
#include <xgrad/models/training/classifier.hpp>
#include <xgrad/models/training/folder.hpp>
#include <xgrad/optim/accumulation.hpp>
#include <xgrad/optim/average.hpp>
#include <xgrad/optim/optimizer.hpp>
#include <xgrad/optim/schedule.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace xgrad
{

/** The results of an epoch. */
struct EpochReport
{
    std::size_t epoch = 0; ///< the number of the epoch, from 1
    double train_loss = 0; ///< the mean over the images, each before the step that it was part of
    double error = 0;      ///< the fraction of the validation images that is wrong; without them, of the test images
    double loss = 0;       ///< the mean loss of the same images
    bool on_validation = false;   ///< true if these are of the validation images
    bool judged_by_loss = false;  ///< true if the loss, not the error, chooses the best epoch
    double images_per_second = 0; ///< the rate of training, without the evaluation
    double seconds = 0;           ///< the time with the evaluation
    bool best = false;            ///< true if no epoch before had a smaller error, or loss

    /** The number that chooses the best epoch: error or loss. */
    double measure() const { return judged_by_loss ? loss : error; }

    /** The images that the error is of: "validation" or "test". */
    const char* images() const { return on_validation ? "validation" : "test"; }
};

/** The training of a classifier, step by step. At any point it can be put into a checkpoint, from which another
 *  training continues to the same bits. It refers to the data.
 *
 *      Training training(make_classifier("lenet5", 1), data, options);
 *      while (!training.finished())
 *          training.epoch_complete() ? (void)training.finish_epoch() : training.step(); */
class Training
{
  public:
    /** @param ranks  processes that share the chunks of each batch, null for one process. Each has a training with the
     *                same classifier, data and options, and makes the same calls; all come to the same bits
     *  @throws Error if an option makes no sense, the batch is larger than the training set, or the classifier looks at
     *          whole batches, which ranks cannot share */
    Training(Classifier classifier, const Dataset& data, const TrainingOptions& options, Ranks* ranks = nullptr);
    // The training would refer to data that are gone.
    Training(Classifier classifier, Dataset&& data, const TrainingOptions& options, Ranks* ranks = nullptr) = delete;

    /** True if all epochs are done, or as many as the patience allows without a smaller error. */
    bool finished() const { return epoch_ == options_.epochs || stopped_early(); }
    /** True if the last epochs have used up the patience. */
    bool stopped_early() const { return options_.patience > 0 && best_ && epoch_ - best_->epoch >= options_.patience; }
    /** True if all batches of the epoch are done and finish_epoch is next. */
    bool epoch_complete() const { return batch_ == batches(); }

    /** Learns from the next batch. The weights change after the last of `accumulate` batches, and of the epoch.
     *  @throws NumericalError if the loss or a gradient is NaN or infinite; then the parameters are as before, but the
     *  running means of batch normalization have moved */
    void step() { step(false); }
    /** The same. @param stop  true if this rank wants to stop  @return  true if any rank does */
    bool step(bool stop);

    /** Multiplies the rate of the schedule by a factor, from the next step on. It is for somebody who watches: a
     *  checkpoint does not have it. @throws Error unless it is positive and finite */
    void scale_learning_rate(double factor);

    /** Evaluates, with the averaged weights if there is an average, and begins the next epoch. */
    EpochReport finish_epoch();

    /** The message of the first op with a NaN or infinite result in the batch whose step has failed. It is empty if no
     *  op has one, such as when the sum over the chunks overflows. */
    std::string first_nonfinite_op();

    /** A checkpoint with all that is needed to continue. With an average, the parameters in it are the averaged ones,
     *  and those of the last step have the names "unaveraged.c1.weight".
     *  @throws NumericalError if a parameter is NaN or infinite */
    Checkpoint checkpoint() const;

    /** Continues from a checkpoint. Only the number of epochs, for which the learning rate then follows its schedule,
     *  and the patience may be others.
     *  @throws DataError if it has another model, other data or other options, has begun more epochs, or is damaged;
     *  then this training can no longer be used */
    void resume(const Checkpoint& checkpoint);

    const Classifier& classifier() const { return classifier_; }
    const TrainingOptions& options() const { return options_; }
    Ranks* ranks() const { return ranks_; }      ///< the processes that share the batches; null: there is one process
    std::size_t epoch() const { return epoch_; } ///< the number of complete epochs
    std::size_t batch() const { return batch_; } ///< the number of complete batches in this epoch
    std::size_t batches() const;                 ///< the number of batches in an epoch
    const Images& training_images() const { return *train_; } ///< the images that are learned from
    std::size_t validation_images() const { return split_ ? split_->validation.size() : 0; } ///< the number held out
    double mean_loss() const;                               ///< the mean loss of this epoch so far
    double last_loss() const { return last_loss_; }         ///< the mean loss of the last batch, before its step
    double learning_rate() const { return learning_rate_; } ///< the learning rate of the last step
    double images_per_second() const;                       ///< the rate in this epoch so far, or since `resume`
    /** The last complete epoch, and the one with the smallest error or loss; after `resume` they have only its number
     *  and these. */
    const std::optional<EpochReport>& last() const { return last_; }
    const std::optional<EpochReport>& best() const { return best_; }

  private:
    void begin_epoch();
    void make_optimizer();
    void update(Variables<float> gradients);
    std::string remedy() const;
    void check_options_of(const Checkpoint& checkpoint) const;
    void restore_weights(const Checkpoint& checkpoint);
    std::uint64_t order_seed() const;
    void estimate_curvature();
    ValueAndGradient<float> value_and_gradient_of_batch(std::uint64_t* flags = nullptr) const;

    Classifier classifier_;
    const Dataset* data_;
    std::string data_contents_; // the fingerprint of the data
    TrainingOptions options_;
    Ranks* ranks_;
    std::shared_ptr<const ValidationSplit> split_; // none: the test images are the judges
    const Images* train_;
    const Images* judges_;       // the images whose error chooses the best epoch
    Parameters<float> learning_; // all parameters, or only the last layer's in the frozen epochs
    std::unique_ptr<optim::Optimizer<float>> optimizer_;
    optim::Schedule schedule_;
    optim::ReduceOnPlateau plateau_;
    optim::GradientAccumulator<float> accumulator_; // of the batches since the last step
    std::optional<optim::ExponentialAverage<float>> average_;

    std::size_t epoch_ = 0, batch_ = 0;
    std::optional<Batches> batches_; // in this epoch's order; there is always one
    std::size_t images_ = 0;         // in this epoch so far
    double loss_sum_ = 0;            // the sum over these images
    double last_loss_ = 0, learning_rate_ = 0, rate_factor_ = 1;
    std::size_t timed_images_ = 0;
    double seconds_ = 0; // the time for them
    std::optional<EpochReport> last_, best_;
};

/** The name of the data that a checkpoint was trained on. */
std::string training_data(const Checkpoint& checkpoint);

/** The entries about the data that a checkpoint was trained on; none if it was not. */
std::map<std::string, std::string> about_data(const std::map<std::string, std::string>& metadata);

/** The names of the classes that a checkpoint knows; none: they are numbers. They are printable. */
std::vector<std::string> class_names(const Checkpoint& checkpoint);

/** Loads the data that a checkpoint was trained on.
 *  @throws DataError if they are not found, such as a relative folder that is named from another folder */
Dataset load_training_data(const Checkpoint& checkpoint);

/** The folder for a training's checkpoints, and functions that watch it. */
struct TrainingRun
{
    TrainingFolder folder = {};              ///< the folder of the checkpoints; none: none are written
    std::filesystem::path resumed_from = {}; ///< the checkpoint that the training continues, if there is one
    bool detect_nan = false;                 ///< true to name the op if the loss is NaN or infinite
    std::function<bool()> stop = {};         ///< called before each batch; returns true to stop, on any rank
    std::function<void()> on_begin = {}; ///< called before the first step, when it is known that files can be written
    std::function<void()> on_batch = {};
    /** Called after each epoch, before its checkpoints are written. After a crash in between, the epoch is repeated to
     *  the same bits. So a log that is written here lacks no epoch. */
    std::function<void(const EpochReport&)> before_saving = {};
    /** Called with the new names of another training's checkpoints. */
    std::function<void(const std::vector<std::filesystem::path>&)> on_kept = {};
    std::function<void(const EpochReport&)> on_epoch = {}; ///< called after the checkpoints are written
};

/** Trains to the end, or until `stop` returns true. It writes the checkpoints after each epoch and when it stops.
 *  With ranks, it first checks that all have the same training. Each calls `on_begin` and `stop`. Rank 0 alone has a
 *  folder, writes, and calls the other functions; what fails there, or in a step on any rank, is thrown on all. But
 *  `stop` and `on_batch` must not throw.
 *
 *  @return  true if the training is finished
 *  @throws NumericalError if the loss is NaN or infinite; it names epoch and batch. The checkpoints stay as they are
 *  @throws DataError if a checkpoint cannot be written; this is tried before the first step */
bool run(Training& training, const TrainingRun& how);

} // namespace xgrad
