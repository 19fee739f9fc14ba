#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/random.hpp>
#include <xgrad/graph/tape.hpp>
#include <xgrad/inspect/nonfinite.hpp>
#include <xgrad/models/data/distortion.hpp>
#include <xgrad/models/training/evaluation.hpp>
#include <xgrad/models/training/metadata.hpp>
#include <xgrad/models/training/training.hpp>
#include <xgrad/optim/curvature.hpp>

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>

namespace xgrad
{

namespace
{

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

bool all_finite(const Variables<float>& arrays)
{
    // A test of the bits, as this loop is vectorised: in NaN and infinity all bits of the exponent are 1.
    constexpr std::int32_t exponent = 0x7f800000;
    bool finite = true;
    for (const Variable<float>& array : arrays)
        for (std::size_t i = 0; i < array.size(); ++i)
            finite &= (std::bit_cast<std::int32_t>(array.data()[i]) & exponent) != exponent;
    return finite;
}

/** The advice after a loss or a parameter that is NaN or infinite. A step multiplies weights by 1 − rate · decay. */
std::string remedy_of(const TrainingOptions& options)
{
    if (options.learning_rate * options.weight_decay >= 2)
        return fmt::format("try a smaller weight decay than {}: with the learning rate {} it makes weights grow",
                           options.weight_decay, options.learning_rate);
    return fmt::format("try a smaller learning rate than {}", options.learning_rate);
}

/** A text that differs between data sets but does not depend on their folders. */
std::string fingerprint(const Dataset& data)
{
    uLong crc = crc32_z(0, nullptr, 0);
    for (const Images* images : {&data.train, &data.test}) {
        crc = crc32_z(crc, images->pixels.data(), images->pixels.size());
        crc = crc32_z(crc, reinterpret_cast<const Bytef*>(images->labels.data()),
                      images->labels.size() * sizeof(std::int32_t));
    }
    return fmt::format("{} and {} images, CRC-32 {:08x}", data.train.size(), data.test.size(), crc);
}

std::map<std::string, std::string> describe(const std::string& name, const std::optional<EpochReport>& report)
{
    if (!report)
        return {};
    return {{name + ".epoch", fmt::to_string(report->epoch)},
            {name + ".test_error", fmt::to_string(report->test_error)}};
}

std::optional<EpochReport> report_in(const Checkpoint& checkpoint, const std::string& name)
{
    if (!checkpoint.metadata.contains(name + ".epoch"))
        return std::nullopt;
    EpochReport report;
    report.epoch = detail::metadata_number<std::size_t>(checkpoint, name + ".epoch");
    report.test_error = detail::metadata_number<double>(checkpoint, name + ".test_error");
    return report;
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

constexpr const char* data_key = "data";
constexpr const char* fingerprint_key = "data.contents";
constexpr std::string_view optimizer_prefix = "optimizer.";

} // namespace

Training::Training(Classifier classifier, const Dataset& data, const TrainingOptions& options)
    : classifier_(std::move(classifier)), data_(&data), data_contents_(fingerprint(data)), options_(options)
{
    check(options_, data.train.size());
    check_images(classifier_, data.train);
    if (options_.optimizer == "sdlm" && classifier_.compose)
        throw Error(fmt::format("[training] sdlm is for the classes of images, and {} tells those of pixels: take "
                                "another optimizer",
                                classifier_.name));
    optim::SGD<float> all(classifier_.parameters);
    for (const auto& [name, factor] : options_.rates) // reports an unknown name now, not after the frozen epochs
        all.scale_rate(name, static_cast<float>(factor));
    schedule_ = optim::make_schedule(options_.schedule);
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

std::uint64_t Training::order_seed() const { return Random(options_.seed, epoch_ + 1).next(); }

void Training::begin_epoch()
{
    batches_ = data_->train.batches(options_.batch, order_seed(), classifier_.preparation);
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
    const Batches images = data_->train.batches(1, order_seed(), classifier_.preparation);
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
    sdlm->set_curvature(optim::gauss_newton_diagonal<float>(learning_, samples, {outputs, criterion}));
}

ValueAndGradient<float> Training::value_and_gradient_of(const Batch& batch) const
{
    const std::uint64_t seed = Random(options_.seed, ((epoch_ + 1) << 32) + batch_ + 1).next();
    const auto loss = [&](std::size_t begin, std::size_t end) {
        Random random(seed, begin);
        Batch part{detail::rows(batch.images, begin, end), detail::rows(batch.labels, begin, end)};
        if (options_.distort)
            distort(part.images, Distortion(), classifier_.preparation.background, random);
        if (classifier_.compose)
            part = classifier_.compose(part, random);
        return classifier_.loss(constant(std::move(part.images)), part.labels, Mode::training(random));
    };
    return value_and_gradient(learning_, batch.labels.size(), loss,
                              {.chunk = classifier_.looks_at_whole_batch ? options_.batch : options_.chunk});
}

void Training::step()
{
    const Clock::time_point start = Clock::now();
    if (batch_ == 0)
        estimate_curvature();
    const Batch batch = (*batches_)[batch_];
    const auto [loss, gradients] = value_and_gradient_of(batch);
    if (!std::isfinite(loss) || !all_finite(gradients)) {
        const char* const what = std::isnan(loss)   ? "loss is NaN"
                                 : std::isinf(loss) ? "loss is infinite"
                                                    : "loss has a gradient that is NaN or infinite";
        throw NumericalError(fmt::format("[training] the {} in epoch {}, batch {} of {}: {}", what, epoch_ + 1,
                                         batch_ + 1, batches(), remedy_of(options_)));
    }
    const double progress = static_cast<double>(epoch_) + static_cast<double>(batch_) / static_cast<double>(batches());
    optimizer_->set_learning_rate(
        static_cast<float>(options_.learning_rate * schedule_(progress, static_cast<double>(options_.epochs))));
    optimizer_->step(gradients);
    ++batch_;
    const std::size_t count = batch.labels.size();
    images_ += count;
    timed_images_ += count;
    loss_sum_ += static_cast<double>(loss) * static_cast<double>(count);
    seconds_ += seconds_since(start);
}

std::string Training::first_nonfinite_op()
{
    struct Detection
    {
        Detection() { detect_nonfinite(true); }
        ~Detection() { detect_nonfinite(false); }
    } detection;
    try {
        value_and_gradient_of((*batches_)[batch_]);
    } catch (const NumericalError& error) {
        return error.what();
    }
    return {};
}

double Training::mean_loss() const { return images_ == 0 ? 0 : loss_sum_ / static_cast<double>(images_); }

double Training::images_per_second() const { return seconds_ > 0 ? static_cast<double>(timed_images_) / seconds_ : 0; }

EpochReport Training::finish_epoch()
{
    const Clock::time_point start = Clock::now();
    EpochReport report{.epoch = epoch_ + 1,
                       .train_loss = mean_loss(),
                       .test_error = evaluate(classifier_, data_->test).error(),
                       .images_per_second = images_per_second()};
    report.seconds = seconds_ + seconds_since(start);
    report.best = !best_ || report.test_error < best_->test_error;
    last_ = report;
    if (report.best)
        best_ = report;
    ++epoch_;
    begin_epoch();
    return report;
}

Checkpoint Training::checkpoint() const
{
    if (!all_finite(classifier_.parameters.variables()) || !all_finite(classifier_.state.variables()))
        throw NumericalError(fmt::format("[training] a parameter is NaN or infinite after epoch {}, batch {} of {}: {}",
                                         batch_ == 0 ? epoch_ : epoch_ + 1, batch_ == 0 ? batches() : batch_, batches(),
                                         remedy_of(options_)));
    Checkpoint checkpoint;
    store(classifier_, checkpoint);
    for (auto& [name, array] : optimizer_->state())
        checkpoint.tensors.emplace(std::string(optimizer_prefix) + name, array);
    checkpoint.metadata.merge(describe(options_));
    checkpoint.metadata.merge(describe("last", last_));
    checkpoint.metadata.merge(describe("best", best_));
    checkpoint.metadata.merge(
        std::map<std::string, std::string>{{data_key, data_->name},
                                           {fingerprint_key, data_contents_},
                                           {"position.epoch", fmt::to_string(epoch_)},
                                           {"position.batch", fmt::to_string(batch_)},
                                           {"position.images", fmt::to_string(images_)},
                                           {"position.loss_sum", fmt::to_string(loss_sum_)},
                                           {"position.steps", fmt::to_string(optimizer_->steps())}});
    return checkpoint;
}

void Training::resume(const Checkpoint& checkpoint)
{
    const auto ours = describe(options_), theirs = describe(training_options(checkpoint));
    const auto value = [](const auto& entries, const std::string& key) {
        const auto found = entries.find(key);
        return found == entries.end() ? std::string("none") : found->second;
    };
    auto all = ours; // only one of the two may name rates
    all.insert(theirs.begin(), theirs.end());
    for (const auto& entry : all) {
        const std::string &key = entry.first, own = value(ours, key), other = value(theirs, key);
        if (other != own && key != "training.epochs")
            throw DataError(
                fmt::format("[training] the checkpoint was made with {} {}, not {}: leave the option out to go "
                            "on, or start anew",
                            key, printable(other), own));
    }
    if (detail::metadata(checkpoint, fingerprint_key) != data_contents_)
        throw DataError(
            fmt::format("[training] the checkpoint was trained on other data ({}: {}) than {} ({}): give the "
                        "same data, or start anew",
                        printable(training_data(checkpoint)), printable(detail::metadata(checkpoint, fingerprint_key)),
                        data_->name, data_contents_));
    const auto epoch = detail::metadata_number<std::size_t>(checkpoint, "position.epoch");
    const auto batch = detail::metadata_number<std::size_t>(checkpoint, "position.batch");
    const auto images = detail::metadata_number<std::size_t>(checkpoint, "position.images");
    const auto beyond = [&](std::size_t epochs) { return epoch > epochs || (epoch == epochs && batch > 0); };
    if (beyond(training_options(checkpoint).epochs) || batch > batches() ||
        images != std::min(batch * options_.batch, data_->train.size()))
        throw DataError(
            fmt::format("[training] the checkpoint says that {} epochs and {} batches are done, which cannot "
                        "be: it is damaged",
                        epoch, batch));
    if (beyond(options_.epochs))
        throw DataError(
            fmt::format("[training] {} epochs and {} batches are done in the checkpoint, and {} epochs were "
                        "asked for: give {} or more",
                        epoch, batch, options_.epochs, epoch + (batch > 0 ? 1 : 0)));
    const auto loss_sum = detail::metadata_number<double>(checkpoint, "position.loss_sum");
    const auto steps = detail::metadata_number<std::uint64_t>(checkpoint, "position.steps");
    const auto last = report_in(checkpoint, "last"), best = report_in(checkpoint, "best");

    std::map<std::string, Array<float>> state;
    for (const auto& [name, tensor] : checkpoint.tensors)
        if (name.starts_with(optimizer_prefix))
            state.emplace(name.substr(optimizer_prefix.size()), tensor);
    restore(classifier_, checkpoint);
    epoch_ = epoch;
    make_optimizer();
    begin_epoch();
    try {
        optimizer_->restore(state, steps);
    } catch (const ShapeError& error) {
        throw DataError(fmt::format("[training] the checkpoint is damaged: {}", error.what()));
    }
    batch_ = batch;
    images_ = images;
    loss_sum_ = loss_sum;
    last_ = last;
    best_ = best;
}

std::string training_data(const Checkpoint& checkpoint) { return detail::metadata(checkpoint, data_key); }

Dataset load_training_data(const Checkpoint& checkpoint)
{
    namespace fs = std::filesystem;
    const std::string name = training_data(checkpoint);
    const bool is_folder = name != "mnist" && name != "fashion-mnist" && name != "mnist-sample";
    std::error_code ignored;
    if (is_folder && fs::path(name).is_relative() && !fs::is_directory(name, ignored))
        throw DataError(fmt::format("[dataset] {} names the relative folder '{}', and there is none in {}: go to the "
                                    "folder where it was trained, or give the folder of the data (--data)",
                                    checkpoint.name, printable(name), fs::current_path(ignored).string()));
    return load_dataset(name);
}

bool run(Training& training, const TrainingRun& how)
{
    const auto save = [&](const char* name, const Checkpoint& checkpoint) {
        if (!how.folder)
            return;
        const std::vector<std::filesystem::path> kept = how.folder.save(name, checkpoint);
        if (!kept.empty() && how.on_kept)
            how.on_kept(kept);
    };
    const auto step = [&] {
        try {
            training.step();
        } catch (const NumericalError& error) {
            const std::string cause = how.detect_nan ? training.first_nonfinite_op() : std::string();
            if (cause.empty())
                throw;
            throw NumericalError(fmt::format("{}; first, {}", error.what(), cause));
        }
    };
    if (how.folder)
        how.folder.begin(training.checkpoint(), how.resumed_from);
    if (how.on_begin)
        how.on_begin();
    while (!training.finished()) {
        if (how.stop && how.stop()) {
            save(last_checkpoint, training.checkpoint());
            return false;
        }
        if (!training.epoch_complete()) {
            step();
            if (how.on_batch)
                how.on_batch();
            continue;
        }
        const EpochReport report = training.finish_epoch();
        const Checkpoint checkpoint = training.checkpoint();
        if (how.before_saving)
            how.before_saving(report);
        if (report.best)
            save(best_checkpoint, checkpoint);
        save(last_checkpoint, checkpoint);
        if (how.on_epoch)
            how.on_epoch(report);
    }
    return true;
}

} // namespace xgrad
