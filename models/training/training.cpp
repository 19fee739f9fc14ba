#include <xgrad/base/error.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/base/sample_random.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/inspect/nonfinite.hpp>
#include <xgrad/models/data/augmentation.hpp>
#include <xgrad/models/data/distortion.hpp>
#include <xgrad/models/training/evaluation.hpp>
#include <xgrad/models/training/finite.hpp>
#include <xgrad/models/training/training.hpp>
#include <xgrad/optim/clipping.hpp>
#include <xgrad/optim/curvature.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace xgrad
{

namespace
{

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

optim::ReduceOnPlateau plateau_of(const TrainingOptions& options)
{
    const optim::ReduceOnPlateau::Options usual;
    return optim::ReduceOnPlateau({.factor = options.schedule_options.factor.value_or(usual.factor),
                                   .patience = options.plateau_patience,
                                   .floor = options.schedule_options.floor.value_or(usual.floor)});
}

/** The parameters of the last layer. */
Parameters<float> last_layer(const Parameters<float>& all)
{
    const auto layer = [&](std::size_t index) { return all.name(index).substr(0, all.name(index).rfind('.')); };
    Parameters<float> last;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (layer(i) == layer(all.size() - 1))
            last.add(all.name(i), all[i]);
    return last;
}

} // namespace

Training::Training(Classifier classifier, const Dataset& data, const TrainingOptions& options, Ranks* ranks)
    : classifier_(std::move(classifier)),
      data_(&data),
      data_contents_(contents_of(data)),
      options_(options),
      ranks_(ranks),
      train_(&data.train),
      judges_(&data.test)
{
    check(options_, data.train.size());
    check_images(classifier_, data.train);
    check_classes(classifier_, data.train);
    if (options_.optimizer == "sdlm" && classifier_.compose)
        throw Error(fmt::format("[training] sdlm is for the classes of images, and {} tells those of {}: take another "
                                "optimizer",
                                classifier_.name, answers_of(classifier_.task)));
    if (options_.distort && classifier_.task == Task::next_characters)
        throw Error(
            fmt::format("[training] distortions are for images, and {} reads texts: leave them out", classifier_.name));
    if (ranks_ != nullptr && ranks_->size() > 1 && classifier_.looks_at_whole_batch)
        throw Error(
            fmt::format("[training] {} normalizes over the whole batch, which {} ranks cannot share: train it in "
                        "one process, or with another normalization",
                        classifier_.name, ranks_->size()));
    optim::SGD<float> all(classifier_.parameters);
    for (const auto& [name, factor] : options_.rates) // reports an unknown name now, not after the frozen epochs
        all.scale_rate(name, static_cast<float>(factor));
    schedule_ = optim::make_schedule(options_.schedule, options_.schedule_options);
    if (options_.schedule == "plateau")
        plateau_ = plateau_of(options_);
    if (options_.validation > 0) {
        split_ = std::make_shared<const ValidationSplit>(hold_out(data.train, options_.validation, options_.seed));
        train_ = &split_->train;
        judges_ = &split_->validation;
    }
    if (options_.ema > 0)
        average_.emplace(classifier_.tensors(), static_cast<float>(options_.ema));
    begin_epoch();
}

void Training::make_optimizer()
{
    const bool frozen = epoch_ < options_.frozen_epochs;
    learning_ = frozen ? last_layer(classifier_.parameters) : classifier_.parameters;
    optimizer_ = optim::make_optimizer<float>(options_.optimizer, learning_, static_cast<float>(options_.learning_rate),
                                              static_cast<float>(options_.weight_decay));
    if (auto* const sdlm = dynamic_cast<optim::SDLM<float>*>(optimizer_.get()))
        sdlm->set_mu(static_cast<float>(options_.damping));
    for (const auto& [name, factor] : options_.rates)
        if (!learning_.places_of(name).empty())
            optimizer_->scale_rate(name, static_cast<float>(factor));
}

std::size_t Training::batches() const
{
    return options_.drop_last ? train_->size() / options_.batch : batches_->size();
}

std::uint64_t Training::order_seed() const { return Random(options_.seed, epoch_ + 1).next(); }

void Training::begin_epoch()
{
    batches_ = train_->batches(options_.batch, order_seed(), classifier_.preparation);
    batch_ = images_ = timed_images_ = 0;
    loss_sum_ = seconds_ = 0;
    if (epoch_ == 0 || epoch_ == options_.frozen_epochs)
        make_optimizer();
}

/** Estimates the curvature for SDLM on the first images of the epoch, as LeCun et al. 1998 do before each pass. */
void Training::estimate_curvature()
{
    auto* const sdlm = dynamic_cast<optim::SDLM<float>*>(optimizer_.get());
    if (!sdlm)
        return;
    const Batches images = train_->batches(1, order_seed(), classifier_.preparation);
    const std::size_t samples = std::min<std::size_t>(images.size(), 500);
    std::vector<Labels> labels(samples);
    const bool at_outputs = !classifier_.features;
    const auto outputs = [&](std::size_t n) {
        Batch sample = images[n];
        labels[n] = std::move(sample.labels);
        const Variable<float> x = constant(std::move(sample.images));
        return at_outputs ? classifier_.logits(x) : classifier_.features(x);
    };
    const auto criterion = [&](const Variable<float>& y, std::size_t n) {
        return at_outputs ? classifier_.criterion(y, labels[n]) : classifier_.loss_of_features(y, labels[n]);
    };
    sdlm->set_curvature(optim::gauss_newton_diagonal<float>(learning_, samples, {outputs, criterion}, ranks_));
}

ValueAndGradient<float> Training::value_and_gradient_of_batch(std::uint64_t* flags) const
{
    const std::size_t count = batches_->count(batch_);
    Generators generators = sample_generators(options_.seed, epoch_, batch_ * options_.batch, count);
    const SampleRandom random(generators);
    const auto part_of = [&](std::size_t begin, std::size_t end) {
        Batch part = batches_->part(batch_, begin, end);
        if (options_.distort)
            distort(part.images, Distortion(), classifier_.preparation.background, random.part(begin, end));
        augment(part.images, options_.augmentation, classifier_.preparation.background, random.part(begin, end));
        return part;
    };
    // Scenes are made of the whole batch, as a scene has several of its images, and all scenes have one size.
    std::optional<Batch> whole;
    if (classifier_.compose)
        whole = classifier_.compose(part_of(0, count), random);
    const auto loss = [&](std::size_t begin, std::size_t end) {
        Batch part = whole ? Batch{detail::rows(whole->images, begin, end), detail::rows(whole->labels, begin, end)}
                           : part_of(begin, end);
        return classifier_.loss(constant(std::move(part.images)), part.labels, Mode::training(random.part(begin, end)));
    };
    return value_and_gradient(
        learning_, whole ? whole->images.shape()[0] : count, loss,
        {.chunk = classifier_.looks_at_whole_batch ? options_.batch : options_.chunk, .ranks = ranks_, .flags = flags});
}

bool Training::step(bool stop)
{
    const Clock::time_point start = Clock::now();
    if (batch_ == 0)
        estimate_curvature();
    const std::size_t count = batches_->count(batch_);
    std::uint64_t flags = stop ? 1 : 0;
    const auto [loss, gradients] = value_and_gradient_of_batch(&flags);
    if (!std::isfinite(loss) || !detail::all_finite(gradients)) {
        const char* const what = std::isnan(loss)   ? "loss is NaN"
                                 : std::isinf(loss) ? "loss is infinite"
                                                    : "loss has a gradient that is NaN or infinite";
        throw NumericalError(fmt::format("[training] the {} in epoch {}, batch {} of {}: {}", what, epoch_ + 1,
                                         batch_ + 1, batches(), remedy()));
    }
    optim::GradientAccumulator<float> sum = accumulator_; // a copy: a step that fails changes nothing
    sum.add(gradients, count);
    if ((batch_ + 1) % options_.accumulate == 0 || batch_ + 1 == batches())
        update(sum.take());
    accumulator_ = std::move(sum);
    ++batch_;
    images_ += count;
    timed_images_ += count;
    last_loss_ = static_cast<double>(loss);
    loss_sum_ += last_loss_ * static_cast<double>(count);
    seconds_ += seconds_since(start);
    return flags != 0;
}

void Training::update(Variables<float> gradients)
{
    if (options_.clip_value > 0)
        optim::clip_by_value(gradients, static_cast<float>(options_.clip_value));
    if (options_.clip_norm > 0)
        optim::clip_by_global_norm(gradients, static_cast<float>(options_.clip_norm));
    const double progress = static_cast<double>(epoch_) + static_cast<double>(batch_) / static_cast<double>(batches());
    learning_rate_ = options_.learning_rate * schedule_(progress, static_cast<double>(options_.epochs)) *
                     plateau_.fraction() * rate_factor_;
    optimizer_->set_learning_rate(static_cast<float>(learning_rate_));
    optimizer_->step(gradients);
    if (average_)
        average_->update();
}

/** The advice after a loss or a parameter that is NaN or infinite. A step multiplies weights by 1 − rate · decay. */
std::string Training::remedy() const
{
    if (options_.learning_rate * options_.weight_decay >= 2)
        return fmt::format("try a smaller weight decay than {}: with the learning rate {} it makes weights grow",
                           options_.weight_decay, options_.learning_rate);
    return fmt::format("try a smaller learning rate than {}", options_.learning_rate);
}

std::string Training::first_nonfinite_op()
{
    struct Detection
    {
        Detection() { detect_nonfinite(true); }
        ~Detection() { detect_nonfinite(false); }
    } detection;
    try {
        value_and_gradient_of_batch();
    } catch (const NumericalError& error) {
        return error.what();
    } catch (const RankError& error) {
        return error.what();
    }
    return {};
}

void Training::scale_learning_rate(double factor)
{
    if (!(factor > 0) || std::isinf(factor))
        throw Error(
            fmt::format("[training] a learning rate times {} was asked for: a positive factor is needed", factor));
    rate_factor_ = factor;
}

double Training::mean_loss() const { return images_ == 0 ? 0 : loss_sum_ / static_cast<double>(images_); }

double Training::images_per_second() const { return seconds_ > 0 ? static_cast<double>(timed_images_) / seconds_ : 0; }

EpochReport Training::finish_epoch()
{
    const Clock::time_point start = Clock::now();
    EpochReport report{.epoch = epoch_ + 1,
                       .train_loss = mean_loss(),
                       .on_validation = split_ != nullptr,
                       .judged_by_loss = classifier_.is_judged_by_loss()};
    report.images_per_second = images_per_second();
    {
        std::optional<optim::ExponentialAverage<float>::InUse> averaged;
        if (average_)
            averaged.emplace(*average_);
        const Evaluation evaluation = evaluate(classifier_, *judges_, ranks_);
        report.error = evaluation.error();
        report.loss = evaluation.loss;
    }
    if (options_.schedule == "plateau") // the test images do not decide how it goes on
        plateau_.update(split_ ? report.measure() : report.train_loss);
    report.seconds = seconds_ + seconds_since(start);
    report.best = !best_ || report.measure() < best_->measure();
    last_ = report;
    if (report.best)
        best_ = report;
    ++epoch_;
    begin_epoch();
    return report;
}

} // namespace xgrad
