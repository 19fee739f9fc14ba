#include "ranks.hpp"

#include "command.hpp"
#include "text.hpp"
#include <xgrad/base/build.hpp>
#include <xgrad/base/together.hpp>
#include <xgrad/base/workers.hpp>
#include <xgrad/kernels/architecture.hpp>
#include <xgrad/models/training/onnx.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sched.h>
#include <sstream>
#include <thread>
#include <unistd.h>

namespace xgrad::command
{

namespace
{

struct State
{
    Launch* launch = nullptr;
    std::FILE* errors = stderr;
    std::string kept; // the errors of a rank that does not print
};

State& state()
{
    static State of_process;
    return of_process;
}

/** The seconds that a message may take while one rank reads data, which it may have to fetch. */
constexpr double preparation_timeout = 600;

/** The words of a command without those that may differ from machine to machine. */
std::string common_words(const std::vector<std::string>& words)
{
    std::string common;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string option = words[i].substr(0, words[i].find('='));
        if (option == "--data" || option == "--threads" || option == "--output" || option == "--log")
            i += option == words[i] ? 1 : 0; // its value
        else
            common += (common.empty() ? "" : " ") + words[i];
    }
    return common;
}

/** The cores that this process may use. */
std::size_t own_cores()
{
    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof cores, &cores) == 0)
        return static_cast<std::size_t>(CPU_COUNT(&cores));
    return std::max(1u, std::thread::hardware_concurrency());
}

void share_cores(Ranks& all)
{
    const std::size_t count = detail::machine_of(all).count;
    if (!threads_are_given()) // a launcher may have bound each process to its own cores
        set_threads(std::min(own_cores(), std::max<std::size_t>(std::thread::hardware_concurrency() / count, 1)));
}

/** The instruction sets that this process may use, narrowest first. */
std::string instruction_sets()
{
    std::vector<std::string> names = kernels::available_architectures();
    names.erase(std::find(names.begin(), names.end(), kernels::architecture()) + 1, names.end());
    return fmt::to_string(fmt::join(names, " "));
}

void lose_output()
{
    if (std::FILE* const own = fdopen(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), "w")) {
        std::setvbuf(own, nullptr, _IONBF, 0); // the process may be ended at once
        state().errors = own;
    }
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO})
        dup2(nowhere, descriptor);
    close(nowhere);
}

} // namespace

std::size_t launched_processes()
{
    for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_SIZE", "SLURM_STEP_NUM_TASKS"})
        if (const char* const value = std::getenv(name)) // the innermost launcher's
            return std::max<std::size_t>(std::strtoull(value, nullptr, 10), 1);
    return 1;
}

void enter(Launch& launch)
{
    state().launch = &launch;
    if (launch.ranks().rank() > 0)
        lose_output();
}

Ranks* ranks() { return state().launch != nullptr ? &state().launch->ranks() : nullptr; }

bool is_first_rank() { return ranks() == nullptr || ranks()->rank() == 0; }

void settle_ranks(const std::vector<std::string>& words)
{
    if (ranks() == nullptr)
        return;
    set_rank_timeout(preparation_timeout);
    detail::agree(*ranks(), {{"build", detail::build_id()}, {"command", common_words(words)}});
    share_cores(*ranks());
}

void take_common_instructions(bool strict)
{
    if (ranks() == nullptr)
        return;
    const std::vector<std::string> sets = detail::texts_of_all(*ranks(), instruction_sets());
    const auto widest = [](const std::string& names) { return names.substr(names.rfind(' ') + 1); };
    const auto [least, most] = std::minmax_element(
        sets.begin(), sets.end(), [](const std::string& a, const std::string& b) { return a.size() < b.size(); });
    if (least->size() == most->size())
        return;
    const std::string common = widest(*least);
    const auto difference = fmt::format("rank {} has the instruction set {}, rank {} only {}", most - sets.begin(),
                                        widest(*most), least - sets.begin(), common);
    if (strict)
        throw UsageError(difference + ": leave --strict out to take that on all");
    tell(stderr, "note: {}, which all take now\n", difference);
    kernels::use_architecture(common);
}

Checkpoint load_checkpoint_once(const std::string& path, Checksum checksum)
{
    if (ranks() == nullptr)
        return load_checkpoint(path, checksum);
    const std::string bytes = detail::from_first(ranks(), [&] {
        (void)load_checkpoint(path, checksum); // throws if there is anything wrong
        std::ifstream file(path, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(file), {});
    });
    std::istringstream stream(bytes);
    return load_checkpoint(stream, path, checksum);
}

Checkpoint load_onnx_once(const std::string& path, const Choices& choices)
{
    if (ranks() == nullptr)
        return load_onnx_checkpoint(path, choices);
    const std::string bytes = detail::from_first(ranks(), [&] {
        return onnx::model_bytes(onnx::read_model(path), path); // with the weights of other files
    });
    return load_onnx_checkpoint(bytes, path, choices);
}

void check_alone(const std::string& verb)
{
    if (ranks() != nullptr && ranks()->size() > 1)
        throw UsageError(fmt::format("'{}' runs in one process, and {} were started: leave the launcher out", verb,
                                     ranks()->size()));
}

void set_rank_timeout(double seconds)
{
    if (state().launch != nullptr)
        state().launch->set_timeout(seconds);
}

void print_error(const std::string& what)
{
    if (is_first_rank())
        std::fputs(("xgrad: " + what + "\n").c_str(), stderr);
    else
        state().kept += fmt::format("xgrad: rank {}: {}\n", ranks()->rank(), what);
}

std::FILE* error_stream() { return state().errors; }

int leave(Launch& launch, int code)
{
    if (launch.leave(code != success && code < signalled)) {
        state().launch = nullptr;
        return code;
    }
    const std::string text =
        code == success ? fmt::format("xgrad: rank {}: the other ranks have not ended\n", launch.ranks().rank())
                        : state().kept;
    std::fputs(text.c_str(), error_stream());
    // Launchers have been seen to lose what a process printed just before that.
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    launch.end_all(code == success ? failure : code);
    std::_Exit(failure);
}

} // namespace xgrad::command
