#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/file.hpp>
#include <xgrad/base/lock.hpp>
#include <xgrad/models/training/folder.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <tuple>

namespace xgrad
{

namespace
{

namespace fs = std::filesystem;

// The file of the trial: its name says what it is, should a crash leave it.
constexpr const char* trial_checkpoint = ".trial.safetensors";

/** The file that a name stands for: another one, or another content, compares unequal. */
using Identity = std::tuple<dev_t, ino_t, off_t, time_t, long>;

std::optional<Identity> identity(const fs::path& path)
{
    struct stat now = {};
    if (stat(path.c_str(), &now) != 0)
        return std::nullopt;
    return Identity{now.st_dev, now.st_ino, now.st_size, now.st_mtim.tv_sec, now.st_mtim.tv_nsec};
}

std::optional<Checkpoint> load_if_any(const fs::path& path)
{
    try {
        return identity(path) ? std::optional(load_checkpoint(path)) : std::nullopt;
    } catch (const Error&) {
        return std::nullopt; // whatever it is, it is not this training's
    }
}

std::string entry(const Checkpoint& checkpoint, const std::string& key)
{
    const auto found = checkpoint.metadata.find(key);
    return found == checkpoint.metadata.end() ? "" : found->second;
}

std::size_t number(const Checkpoint& checkpoint, const std::string& key)
{
    return std::strtoull(entry(checkpoint, key).c_str(), nullptr, 10);
}

/** The entries that tell trainings apart. The number of epochs and the patience may be others in a training that goes
 *  on, and the data may have another name. */
std::map<std::string, std::string> training_of(const Checkpoint& checkpoint)
{
    std::map<std::string, std::string> entries;
    for (const auto& [key, value] : checkpoint.metadata)
        if ((key.starts_with("model") || key.starts_with("training.") || key == "data.contents") &&
            key != "training.epochs" && key != "training.patience")
            entries.emplace(key, value);
    return entries;
}

bool same_bits(const Array<float>& a, const Array<float>& b)
{
    return a.shape() == b.shape() && (a.size() == 0 || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

/** Returns whether a training is at the same point in both checkpoints, with the same numbers. */
bool same_state(const Checkpoint& a, const Checkpoint& b)
{
    for (const char* key : {"position.epoch", "position.batch", "position.loss_sum", "position.steps"})
        if (entry(a, key) != entry(b, key))
            return false;
    if (training_of(a) != training_of(b) || a.tensors.size() != b.tensors.size())
        return false;
    for (const auto& [name, tensor] : a.tensors) {
        const auto found = b.tensors.find(name);
        if (found == b.tensors.end() || !same_bits(tensor, found->second))
            return false;
    }
    return true;
}

/** Returns whether a checkpoint was written after the best epoch of a training. */
bool is_best_of(const Checkpoint& checkpoint, const Checkpoint& training)
{
    return !entry(training, "best.epoch").empty() && training_of(checkpoint) == training_of(training) &&
           entry(checkpoint, "position.epoch") == entry(training, "best.epoch") &&
           entry(checkpoint, "position.batch") == "0" &&
           entry(checkpoint, "best.validation_error") == entry(training, "best.validation_error") &&
           entry(checkpoint, "best.test_error") == entry(training, "best.test_error");
}

/** Returns whether a checkpoint is the best one of the epoch that a training does next. A crash between the writing of
 *  best.safetensors and that of last.safetensors leaves such a pair. */
bool is_ahead_of(const Checkpoint& checkpoint, const Checkpoint& training)
{
    return training_of(checkpoint) == training_of(training) &&
           number(checkpoint, "position.epoch") == number(training, "position.epoch") + 1 &&
           entry(checkpoint, "best.epoch") == entry(checkpoint, "position.epoch") &&
           entry(checkpoint, "position.batch") == "0";
}

/** Finds the checkpoint of a training's best epoch beside another file of it. @return  an empty path if it is gone */
fs::path find_best(const Checkpoint& training, const fs::path& resumed_from)
{
    if (resumed_from.empty())
        return {};
    std::error_code ignored;
    std::vector<fs::path> candidates;
    const fs::path folder = resumed_from.has_parent_path() ? resumed_from.parent_path() : fs::path(".");
    for (const fs::directory_entry& file : fs::directory_iterator(folder, ignored))
        if (file.path().filename().string().ends_with(best_checkpoint))
            candidates.push_back(file.path());
    candidates.push_back(resumed_from);
    for (const fs::path& candidate : candidates)
        if (const auto checkpoint = load_if_any(candidate); checkpoint && is_best_of(*checkpoint, training))
            return candidate;
    return {};
}

void set_aside(const fs::path& from, const fs::path& to)
{
    std::error_code error;
    fs::rename(from, to, error);
    if (error)
        throw DataError(fmt::format("[training] {} is of another training and cannot be renamed to {}: {}",
                                    from.string(), to.filename().string(), error.message()));
}

void duplicate(const fs::path& from, const fs::path& to)
{
    std::ifstream file(from, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    if (!file)
        throw DataError(fmt::format("[training] {} cannot be read", from.string()));
    write_atomically(to, bytes);
}

void check_text(const std::string& key, const std::string& text)
{
    if (!detail::is_utf8(text))
        throw DataError(key == "data" ? fmt::format("[training] checkpoints record the name of the data, and '{}' is "
                                                    "not UTF-8: rename the folder, or give a symbolic link to it",
                                                    text)
                                      : fmt::format("[training] checkpoints record the {} '{}', which is not UTF-8: "
                                                    "give another name",
                                                    key, text));
}

} // namespace

struct TrainingFolder::Files
{
    fs::path folder;
    FileLock lock;
    std::map<std::string, Identity> own; // the files of this training, by their names
    fs::path resumed_from, best_elsewhere;

    explicit Files(const fs::path& path) : folder(path), lock(path / ".lock") {}

    bool is_own(const std::string& name) const
    {
        const auto known = own.find(name);
        return known != own.end() && identity(folder / name) == known->second;
    }

    bool is_foreign(const std::string& name) const { return identity(folder / name) && !is_own(name); }

    void remember(const std::string& name)
    {
        if (const auto now = identity(folder / name))
            own[name] = *now;
    }

    fs::path previous(std::size_t number, const std::string& name) const
    {
        return folder / (number == 1 ? "previous-" + name : fmt::format("previous-{}-{}", number, name));
    }

    /** Gives the files of another training names under which they stay. */
    std::vector<fs::path> keep_foreign() const
    {
        if (!is_foreign(last_checkpoint) && !is_foreign(best_checkpoint))
            return {};
        const auto taken = [&](std::size_t number, const char* name) {
            std::error_code ignored;
            return fs::exists(fs::symlink_status(previous(number, name), ignored));
        };
        std::size_t number = 1;
        while (taken(number, last_checkpoint) || taken(number, best_checkpoint))
            ++number;
        std::vector<fs::path> kept;
        if (is_foreign(best_checkpoint))
            set_aside(folder / best_checkpoint, kept.emplace_back(previous(number, best_checkpoint)));
        else if (is_own(best_checkpoint)) // it is the other training's too, and this one may come to a better epoch
            duplicate(folder / best_checkpoint, kept.emplace_back(previous(number, best_checkpoint)));
        if (is_foreign(last_checkpoint))
            set_aside(folder / last_checkpoint, kept.emplace_back(previous(number, last_checkpoint)));
        return kept;
    }

    /** Copies the checkpoint of the best epoch, if it lies elsewhere, such that all files of a training are together.
     */
    void fetch_best()
    {
        if (best_elsewhere.empty() || is_own(best_checkpoint))
            return;
        duplicate(best_elsewhere, folder / best_checkpoint);
        remember(best_checkpoint);
    }

    fs::path best() const
    {
        if (is_own(best_checkpoint))
            return folder / best_checkpoint;
        if (!best_elsewhere.empty())
            return best_elsewhere;
        return is_own(last_checkpoint) || resumed_from.empty() ? folder / last_checkpoint : resumed_from;
    }
};

TrainingFolder::TrainingFolder(const fs::path& path)
{
    if (path.empty())
        return;
    std::error_code error;
    fs::create_directories(path, error);
    if (error)
        throw DataError(fmt::format("[training] the folder {} cannot be made: {}", path.string(), error.message()));
    files_ = std::make_shared<Files>(path);
    if (!files_->lock.held())
        throw DataError(fmt::format("[training] another training writes its checkpoints to the folder {}: give this "
                                    "one another folder, or wait until that one has ended",
                                    path.string()));
    fs::remove(path / trial_checkpoint, error);
    for (const char* name : {last_checkpoint, best_checkpoint})
        check_writable(path / name);
}

void TrainingFolder::begin(const Checkpoint& start, const fs::path& resumed_from) const
{
    if (!files_)
        return;
    for (const auto& [key, value] : start.metadata) {
        check_text("name", key);
        check_text(key, value);
    }
    for (const auto& [name, tensor] : start.tensors)
        check_text("tensor", name);
    save_checkpoint(files_->folder / trial_checkpoint, start);
    fs::remove(files_->folder / trial_checkpoint);

    files_->own.clear();
    files_->resumed_from = resumed_from;
    const auto last = load_if_any(files_->folder / last_checkpoint);
    const bool continues_last = last && same_state(*last, start);
    if (continues_last)
        files_->remember(last_checkpoint);
    const auto best = load_if_any(files_->folder / best_checkpoint);
    if (best && (is_best_of(*best, start) || (continues_last && is_ahead_of(*best, start))))
        files_->remember(best_checkpoint);
    files_->best_elsewhere = best && is_best_of(*best, start) ? fs::path() : find_best(start, resumed_from);
}

std::vector<fs::path> TrainingFolder::save(const char* name, const Checkpoint& checkpoint) const
{
    std::vector<fs::path> kept = files_->keep_foreign();
    save_checkpoint(files_->folder / name, checkpoint);
    files_->remember(name);
    if (name == std::string_view(last_checkpoint))
        files_->fetch_best();
    return kept;
}

fs::path TrainingFolder::best() const { return files_ ? files_->best() : fs::path(); }

} // namespace xgrad
