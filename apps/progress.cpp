#include "progress.hpp"

#include "text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace xgrad::command
{

namespace
{

bool is_terminal(int descriptor)
{
    const char* const kind = std::getenv("TERM");
    return isatty(descriptor) != 0 && (kind == nullptr || std::string_view(kind) != "dumb");
}

std::size_t terminal_columns()
{
    winsize size{};
    constexpr std::size_t usual = 80;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual;
}

std::string bar(double fraction, std::size_t width)
{
    const auto filled = static_cast<std::size_t>(fraction * static_cast<double>(width));
    std::string drawn(width, ' ');
    std::fill_n(drawn.begin(), filled, '=');
    if (filled < width)
        drawn[filled] = '>';
    return "[" + drawn + "]";
}

/** The text "epoch  3/20", with the number as wide as the last one. */
std::string epoch_of(std::size_t epoch, std::size_t epochs)
{
    return fmt::format("epoch {:>{}}/{}", epoch, fmt::to_string(epochs).size(), epochs);
}

} // namespace

std::string measure_of(const EpochReport& report)
{
    return report.judged_by_loss ? fmt::format("{:.4f} nats", report.loss)
                                 : fmt::format("{:.2f} %", 100 * report.error);
}

Progress::Progress(const Training& training)
    : training_(training), terminal_(is_terminal(STDERR_FILENO)), batches_at_start_(batches_done())
{}

double Progress::batches_done() const
{
    return static_cast<double>(training_.epoch() * training_.batches() + training_.batch());
}

double Progress::seconds_left() const
{
    const double elapsed = std::chrono::duration<double>(Clock::now() - start_).count();
    const double all = static_cast<double>(training_.options().epochs * training_.batches());
    return elapsed * (all - batches_done()) / std::max(1.0, batches_done() - batches_at_start_);
}

std::string Progress::line(std::size_t columns) const
{
    const std::string begin = epoch_of(training_.epoch() + 1, training_.options().epochs) + " ";
    const std::string measure = training_.last()
                                    ? fmt::format("  {} {} {}", training_.last()->images(),
                                                  measure_name(*training_.last()), measure_of(*training_.last()))
                                    : "";
    const std::string end = fmt::format("  loss {:.4f}{}  {} {}/s  {} left", training_.mean_loss(), measure,
                                        grouped(static_cast<std::size_t>(training_.images_per_second())),
                                        samples_of(training_.classifier().task), clock_time(seconds_left()));
    const std::size_t used =
        begin.size() + end.size() + 3; // the bar's ends, and the last column: a full line would wrap
    constexpr std::size_t shortest = 5, longest = 30;
    std::string line = begin;
    if (columns >= used + shortest)
        line += bar(static_cast<double>(training_.batch()) / static_cast<double>(training_.batches()),
                    std::min(columns - used, longest));
    line += end;
    return line.substr(0, columns - 1);
}

void Progress::on_batch()
{
    using namespace std::chrono_literals;
    if (!terminal_ || Clock::now() - drawn_ < 100ms)
        return;
    drawn_ = Clock::now();
    visible_ = true;
    tell(stderr, "\r{}\033[K", line(terminal_columns()));
}

void Progress::on_epoch(const EpochReport& report)
{
    clear();
    tell(stdout, "{}  loss {:.4f}  {} {} {}  {} {}/s  {:.1f} s\n", epoch_of(report.epoch, training_.options().epochs),
         report.train_loss, report.images(), measure_name(report), measure_of(report),
         grouped(static_cast<std::size_t>(report.images_per_second)), samples_of(training_.classifier().task),
         report.seconds);
}

void Progress::clear()
{
    if (!visible_)
        return;
    tell(stderr, "\r\033[K");
    visible_ = false;
}

} // namespace xgrad::command
