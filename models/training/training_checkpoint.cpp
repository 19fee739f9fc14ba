// A training in a checkpoint: what is written, and how a training goes on from it.

#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/models/training/finite.hpp>
#include <xgrad/models/training/metadata.hpp>
#include <xgrad/models/training/training.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace xgrad
{

namespace
{

std::map<std::string, std::string> describe(const std::string& name, const std::optional<EpochReport>& report)
{
    if (!report)
        return {};
    std::map<std::string, std::string> entries = {
        {name + ".epoch", fmt::to_string(report->epoch)},
        {fmt::format("{}.{}_error", name, report->images()), fmt::to_string(report->error)}};
    if (report->judged_by_loss)
        entries.emplace(fmt::format("{}.{}_loss", name, report->images()), fmt::to_string(report->loss));
    return entries;
}

std::optional<EpochReport> report_in(const Checkpoint& checkpoint, const std::string& name, bool judged_by_loss)
{
    if (!checkpoint.metadata.contains(name + ".epoch"))
        return std::nullopt;
    EpochReport report;
    report.epoch = detail::metadata_number<std::size_t>(checkpoint, name + ".epoch");
    report.on_validation = checkpoint.metadata.contains(name + ".validation_error");
    report.error = detail::metadata_number<double>(checkpoint, fmt::format("{}.{}_error", name, report.images()));
    report.judged_by_loss = judged_by_loss;
    if (judged_by_loss)
        report.loss = detail::metadata_number<double>(checkpoint, fmt::format("{}.{}_loss", name, report.images()));
    return report;
}

constexpr const char* data_key = "data";
constexpr const char* names_key = "data.class_names";
constexpr const char* files_key = "data.files";
constexpr const char* fingerprint_key = "data.contents";
constexpr std::string_view optimizer_prefix = "optimizer.";
constexpr std::string_view accumulated_prefix = "accumulated.";
constexpr std::string_view unaveraged_prefix = "unaveraged.";

/** Names as one text, each on a line of its own. */
std::string in_lines(const std::vector<std::string>& names)
{
    std::string lines;
    for (const std::string& name : names)
        lines += (lines.empty() ? "" : "\n") + printable(name);
    return lines;
}

/** The tensors whose names begin with a prefix, without it. */
std::map<std::string, Array<float>> tensors_under(const Checkpoint& checkpoint, std::string_view prefix)
{
    std::map<std::string, Array<float>> found;
    for (const auto& [name, tensor] : checkpoint.tensors)
        if (name.starts_with(prefix))
            found.emplace(name.substr(prefix.size()), tensor);
    return found;
}

/** An array of a parameter, of its shape. @throws DataError if there is none */
const Array<float>& array_of(const std::map<std::string, Array<float>>& arrays, std::string_view prefix,
                             const Parameters<float>& parameters, std::size_t index)
{
    const auto found = arrays.find(parameters.name(index));
    if (found == arrays.end() || found->second.shape() != parameters[index].shape())
        throw DataError(fmt::format("[training] the checkpoint is damaged: it has no array '{}{}' of shape {}", prefix,
                                    parameters.name(index), to_string(parameters[index].shape())));
    return found->second;
}

} // namespace

Checkpoint Training::checkpoint() const
{
    if (!detail::all_finite(classifier_.parameters.variables()) || !detail::all_finite(classifier_.state.variables()))
        throw NumericalError(fmt::format("[training] a parameter is NaN or infinite after epoch {}, batch {} of {}: {}",
                                         batch_ == 0 ? epoch_ : epoch_ + 1, batch_ == 0 ? batches() : batch_, batches(),
                                         remedy()));
    Checkpoint checkpoint;
    store(classifier_, checkpoint);
    if (average_ && average_->updates() > 0)
        for (const auto& [name, average] : average_->state()) {
            Array<float>& used = checkpoint.tensors.at(name);
            checkpoint.tensors.emplace(std::string(unaveraged_prefix) + name, std::move(used));
            checkpoint.tensors[name] = average;
        }
    for (auto& [name, array] : optimizer_->state())
        checkpoint.tensors.emplace(std::string(optimizer_prefix) + name, array);
    for (std::size_t i = 0; i < accumulator_.mean().size(); ++i)
        checkpoint.tensors.emplace(std::string(accumulated_prefix) + learning_.name(i), accumulator_.mean()[i].value());
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
    if (!data_->class_names.empty())
        checkpoint.metadata[names_key] = in_lines(data_->class_names);
    if (data_->is_of_files)
        checkpoint.metadata[files_key] = "yes";
    if (average_)
        checkpoint.metadata["position.averaged"] = fmt::to_string(average_->updates());
    if (options_.accumulate > 1)
        checkpoint.metadata["position.accumulated"] = fmt::to_string(accumulator_.samples());
    if (options_.schedule == "plateau") {
        const optim::ReduceOnPlateau::State& plateau = plateau_.state();
        checkpoint.metadata["plateau.fraction"] = fmt::to_string(plateau.fraction);
        checkpoint.metadata["plateau.smallest"] = fmt::to_string(plateau.smallest);
        checkpoint.metadata["plateau.waited"] = fmt::to_string(plateau.waited);
    }
    return checkpoint;
}

void Training::check_options_of(const Checkpoint& checkpoint) const
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
        if (other != own && key != "training.epochs" && key != "training.patience")
            throw DataError(
                fmt::format("[training] the checkpoint was made with {} {}, not {}: leave the option out to go "
                            "on, or start anew",
                            key, printable(other), own));
    }
}

void Training::restore_weights(const Checkpoint& checkpoint)
{
    restore(classifier_, checkpoint);
    const auto updates = average_ ? detail::metadata_number<std::uint64_t>(checkpoint, "position.averaged") : 0;
    if (updates == 0)
        return;
    const Parameters<float> tensors = classifier_.tensors();
    const auto unaveraged = tensors_under(checkpoint, unaveraged_prefix);
    average_->restore(checkpoint.tensors, updates);
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        Variable<float> own = tensors[i];
        const Array<float>& values = array_of(unaveraged, unaveraged_prefix, tensors, i);
        std::copy(values.begin(), values.end(), own.mutable_data());
    }
}

void Training::resume(const Checkpoint& checkpoint)
{
    check_options_of(checkpoint);
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
        images != std::min(batch * options_.batch, train_->size()))
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
    const bool by_loss = classifier_.is_judged_by_loss();
    const auto last = report_in(checkpoint, "last", by_loss), best = report_in(checkpoint, "best", by_loss);

    optim::ReduceOnPlateau::State plateau;
    if (options_.schedule == "plateau")
        plateau = {detail::metadata_number<double>(checkpoint, "plateau.fraction"),
                   detail::metadata_number<double>(checkpoint, "plateau.smallest"),
                   detail::metadata_number<std::size_t>(checkpoint, "plateau.waited")};
    const auto accumulated =
        options_.accumulate > 1 ? detail::metadata_number<std::size_t>(checkpoint, "position.accumulated") : 0;

    restore_weights(checkpoint);
    epoch_ = epoch;
    make_optimizer();
    begin_epoch();
    try {
        optimizer_->restore(tensors_under(checkpoint, optimizer_prefix), steps);
    } catch (const ShapeError& error) {
        throw DataError(fmt::format("[training] the checkpoint is damaged: {}", error.what()));
    }
    Variables<float> mean;
    const auto gradients = tensors_under(checkpoint, accumulated_prefix);
    for (std::size_t i = 0; accumulated > 0 && i < learning_.size(); ++i)
        mean.push_back(constant(Array<float>(array_of(gradients, accumulated_prefix, learning_, i))));
    accumulator_.restore(std::move(mean), accumulated);
    plateau_.restore(plateau);
    batch_ = batch;
    images_ = images;
    loss_sum_ = loss_sum;
    last_ = last;
    best_ = best;
}

std::string training_data(const Checkpoint& checkpoint) { return detail::metadata(checkpoint, data_key); }

std::vector<std::string> class_names(const Checkpoint& checkpoint)
{
    std::vector<std::string> names;
    const auto found = checkpoint.metadata.find(names_key);
    for (std::size_t at = 0; found != checkpoint.metadata.end() && at <= found->second.size();) {
        const std::size_t end = std::min(found->second.find('\n', at), found->second.size());
        names.push_back(printable(std::string_view(found->second).substr(at, end - at)));
        at = end + 1;
    }
    return names;
}

std::map<std::string, std::string> about_data(const std::map<std::string, std::string>& metadata)
{
    std::map<std::string, std::string> found;
    for (const auto& [key, value] : metadata)
        if (key == data_key || key == names_key || key == files_key)
            found.emplace(key, value);
    return found;
}

Dataset load_training_data(const Checkpoint& checkpoint)
{
    namespace fs = std::filesystem;
    const std::string name = training_data(checkpoint);
    const auto& names = dataset_names();
    const bool is_path = std::find(names.begin(), names.end(), name) == names.end();
    std::error_code ignored;
    const fs::path folder = fs::path(name).parent_path(); // of a set that is FOLDER/PREFIX
    if (is_path && fs::path(name).is_relative() && !fs::exists(name, ignored) &&
        (folder.empty() || !fs::exists(folder, ignored)))
        throw DataError(fmt::format("[dataset] {} names the relative path '{}', and there is none in {}: go to the "
                                    "folder where it was trained, or give the path of the data (--data)",
                                    checkpoint.name, printable(name), fs::current_path(ignored).string()));
    return load_dataset(name);
}

} // namespace xgrad
