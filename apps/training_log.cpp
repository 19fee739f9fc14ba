#include "training_log.hpp"

#include <xgrad/base/error.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace xgrad::command
{

namespace
{

constexpr std::string_view first_key = R"({"epoch":)"; // each line begins with it

[[noreturn]] void fail(const std::string& path, int error)
{
    throw DataError(fmt::format("[log] {} cannot be written: {}", path, std::generic_category().message(error)));
}

nlohmann::json parsed(std::string_view line) { return nlohmann::json::parse(line, nullptr, false); }

/** The part of a line that a repeated epoch gives again: all but the times. */
nlohmann::json lasting(nlohmann::json line)
{
    if (line.is_object()) {
        line.erase("images_per_second");
        line.erase("seconds");
    }
    return line;
}

bool is_of_epoch(const nlohmann::json& line, std::size_t epoch)
{
    return line.is_object() && line.contains("epoch") && line["epoch"] == epoch;
}

} // namespace

TrainingLog::TrainingLog(std::string path, Choices about) : path_(std::move(path)), about_(std::move(about))
{
    if (path_.empty())
        return;
    descriptor_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (descriptor_ < 0)
        fail(path_, errno);
    struct stat status = {};
    regular_ = fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode);
    if (!regular_)
        return;
    std::ifstream file(path_, std::ios::binary);
    text_ = mend_end({std::istreambuf_iterator<char>(file), {}});
}

TrainingLog::~TrainingLog()
{
    if (descriptor_ >= 0)
        close(descriptor_);
}

/** Ends the text with a whole line, in the file too. */
std::string TrainingLog::mend_end(std::string text)
{
    const std::size_t begin = text.rfind('\n') + 1; // 0 without any
    const std::string_view rest = std::string_view(text).substr(begin);
    if (rest.empty())
        return text;
    const bool half = first_key.starts_with(rest.substr(0, first_key.size())) && parsed(rest).is_discarded();
    if (!half) { // a line of somebody else, or without its end
        append("\n");
        return text + '\n';
    }
    if (ftruncate(descriptor_, static_cast<off_t>(begin)) != 0)
        fail(path_, errno);
    text.resize(begin);
    return text;
}

void TrainingLog::expect_repeats(std::size_t done, std::size_t most)
{
    repeats_.clear();
    std::string_view rest = text_;
    while (rest.ends_with('\n')) {
        rest.remove_suffix(1);
        const std::size_t begin = rest.rfind('\n') + 1;
        const nlohmann::json line = parsed(rest.substr(begin));
        rest = rest.substr(0, begin);
        if (!repeats_.empty() && !is_of_epoch(line, repeats_.front()["epoch"].get<std::size_t>() - 1))
            break;
        if (!line.is_object() || !line.contains("epoch") || !line["epoch"].is_number_unsigned())
            break;
        repeats_.push_front(lasting(line));
        if (is_of_epoch(line, done + 1))
            break;
    }
    if (repeats_.size() > most || (!repeats_.empty() && !is_of_epoch(repeats_.front(), done + 1)))
        repeats_.clear();
}

void TrainingLog::append(const std::string& line)
{
    struct stat before = {};
    fstat(descriptor_, &before);
    const auto undo_and_fail = [&](int error) {
        if (regular_ && ftruncate(descriptor_, before.st_size) != 0)
            error = errno;
        fail(path_, error);
    };
    for (std::size_t done = 0; done < line.size();) {
        const ssize_t count = ::write(descriptor_, line.data() + done, line.size() - done);
        if (count < 0 && errno != EINTR)
            undo_and_fail(errno);
        done += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    if (regular_ && fsync(descriptor_) != 0)
        undo_and_fail(errno);
}

void TrainingLog::write(const EpochReport& report)
{
    if (path_.empty())
        return;
    nlohmann::ordered_json line = {{"epoch", report.epoch},
                                   {"train_loss", report.train_loss},
                                   {std::string(report.images()) + "_error", report.error},
                                   {std::string(report.images()) + "_loss", report.loss},
                                   {"images_per_second", report.images_per_second},
                                   {"seconds", report.seconds}};
    for (const auto& [option, value] : about_)
        line[option] = value;
    const std::string text = line.dump();
    if (!repeats_.empty()) {
        const bool repeated = repeats_.front() == lasting(parsed(text));
        repeats_.pop_front();
        if (repeated)
            return;
        repeats_.clear();
    }
    append(text + '\n');
}

} // namespace xgrad::command
