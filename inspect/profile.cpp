#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/trace.hpp>
#include <xgrad/inspect/profile.hpp>

#include <fmt/core.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

namespace xgrad
{

namespace
{

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Inputs = std::span<const Shape>;

double seconds_between(Time begin, Time end) { return std::chrono::duration<double>(end - begin).count(); }

double elements(const Shape& shape) { return static_cast<double>(element_count(shape)); }

/** Multiply-adds of a correlation, from the shapes of a result (N, O, H, W) and of kernels (O, C, K_h, K_w). */
double multiply_adds(const Shape& result, const Shape& kernels)
{
    return element_count(kernels) == 0 ? 0 : elements(result) * elements(kernels) / static_cast<double>(kernels[0]);
}

double multiply_adds_of_matrices(const Shape& a, const Shape& result)
{
    const double rows = result.size() < 2 ? 1 : static_cast<double>(result[result.size() - 2]);
    const double of_a = a.size() < 2 ? elements(a) : static_cast<double>(a[a.size() - 1] * a[a.size() - 2]);
    return rows == 0 ? 0 : elements(result) * of_a / rows;
}

/** Ops that only move elements. */
constexpr std::string_view moves[] = {"broadcast_to", "cast",      "concatenate", "embed",        "flip",    "gather",
                                      "pad",          "patches",   "permute",     "place_last",   "reshape", "rot180",
                                      "slice",        "take_last", "transpose",   "take_winners", "upsample"};

double flop_of(std::string_view op, Inputs inputs, const Shape& result)
{
    if (op == "correlate2d")
        return 2 * multiply_adds(result, inputs[1]);
    if (op == "correlate2d_input")
        return 2 * multiply_adds(inputs[0], inputs[1]);
    if (op == "correlate2d_kernel")
        return 2 * multiply_adds(inputs[1], result);
    if (op == "matmul")
        return 2 * multiply_adds_of_matrices(inputs[0], result);
    if (std::find(std::begin(moves), std::end(moves), op) != std::end(moves))
        return 0;
    double largest = elements(result); // a function of each element, or of all elements of each window
    for (const Shape& input : inputs)
        largest = std::max(largest, elements(input));
    return largest;
}

/** Something that has run. */
struct Event
{
    const char* op;
    bool rule, backward;
    Time begin, end;
    Shape shape = {}; // of an op's result
    double flop = 0, bytes = 0;
    std::size_t chunk = 0;
};

/** What one thread has run. */
struct Thread
{
    std::size_t number;
    std::size_t chunk = 0;
    Time last = Clock::now();       // the end of the op before
    std::vector<Event> rules = {};  // that are running, the outermost first
    std::vector<Event> events = {}; // that are over
    std::map<std::pair<std::string_view, bool>, OpCost> costs = {};

    void count(const Event& event)
    {
        OpCost& cost = costs[{event.op, event.backward}];
        ++cost.calls;
        cost.seconds += seconds_between(event.begin, event.end);
        cost.flop += event.flop;
        cost.bytes += event.bytes;
    }
};

} // namespace

class Profile::Log final : public detail::Listener
{
  public:
    explicit Log(std::size_t events) : most_events_(events)
    {
        if (!detail::listen(this))
            throw Error("[profile] there is one already: a program can have one profile at a time");
    }
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;
    ~Log() override { detail::listen(nullptr); }

    void chunk_began(std::size_t chunk) override
    {
        Thread& thread = own();
        thread.chunk = chunk;
        thread.last = Clock::now();
    }

    void op_ended(const char* op, Inputs inputs, const Shape& result, std::size_t element_bytes) override
    {
        Thread& thread = own();
        double count = elements(result);
        for (const Shape& input : inputs)
            count += elements(input);
        Event event{.op = op,
                    .rule = false,
                    .backward = !thread.rules.empty(),
                    .begin = thread.last,
                    .end = Clock::now(),
                    .shape = result,
                    .flop = flop_of(op, inputs, result),
                    .bytes = count * static_cast<double>(element_bytes),
                    .chunk = thread.chunk};
        if (event.backward) {
            thread.rules.back().flop += event.flop;
            thread.rules.back().bytes += event.bytes;
        } else {
            thread.count(event);
        }
        keep(thread, std::move(event));
        thread.last = Clock::now();
    }

    void rule_began(const char* op) override
    {
        Thread& thread = own();
        thread.last = Clock::now();
        thread.rules.push_back(
            {.op = op, .rule = true, .backward = true, .begin = thread.last, .end = {}, .chunk = thread.chunk});
    }

    void rule_ended() override
    {
        Thread& thread = own();
        Event event = std::move(thread.rules.back());
        thread.rules.pop_back();
        event.end = Clock::now();
        if (thread.rules.empty())
            thread.count(event);
        keep(thread, std::move(event));
        thread.last = Clock::now();
    }

    std::vector<OpCost> costs() const
    {
        const std::lock_guard lock(mutex_);
        std::map<std::pair<std::string_view, bool>, OpCost> all;
        for (const auto& [id, thread] : threads_)
            for (const auto& [key, part] : thread.costs) {
                OpCost& cost = all[key];
                cost.op = key.first;
                cost.backward = key.second;
                cost.calls += part.calls;
                cost.seconds += part.seconds;
                cost.flop += part.flop;
                cost.bytes += part.bytes;
            }
        std::vector<OpCost> sorted;
        sorted.reserve(all.size());
        for (const auto& [key, cost] : all)
            sorted.push_back(cost);
        std::stable_sort(sorted.begin(), sorted.end(),
                         [](const OpCost& a, const OpCost& b) { return a.seconds > b.seconds; });
        return sorted;
    }

    void write(std::ostream& out) const
    {
        const std::lock_guard lock(mutex_);
        fmt::print(out, "{{\"displayTimeUnit\": \"ns\", \"traceEvents\": [\n");
        const char* separator = "";
        for (const auto& [id, thread] : threads_) {
            fmt::print(
                out,
                R"({0}{{"name": "thread_name", "ph": "M", "pid": 1, "tid": {1}, "args": {{"name": "thread {1}"}}}})",
                std::exchange(separator, ",\n"), thread.number);
            for (const Event& event : thread.events)
                fmt::print(
                    out,
                    ",\n"
                    R"({{"name": "{}{}", "cat": "{}", "ph": "X", "pid": 1, "tid": {}, "ts": {:.3f}, "dur": {:.3f}, )"
                    R"("args": {{"shape": "{}", "chunk": {}, "FLOP": {:.0f}, "bytes": {:.0f}}}}})",
                    event.op, event.rule ? " (rule)" : "", event.backward ? "backward" : "forward", thread.number,
                    1e6 * seconds_between(start_, event.begin), 1e6 * seconds_between(event.begin, event.end),
                    to_string(event.shape), event.chunk, event.flop, event.bytes);
        }
        fmt::print(out, "\n]}}\n");
    }

  private:
    Thread& own()
    {
        const std::lock_guard lock(mutex_);
        const auto [found, is_new] = threads_.try_emplace(std::this_thread::get_id(), Thread{threads_.size()});
        return found->second;
    }

    void keep(Thread& thread, Event&& event)
    {
        if (events_.fetch_add(1, std::memory_order_relaxed) < most_events_)
            thread.events.push_back(std::move(event));
    }

    const std::size_t most_events_;
    const Time start_ = Clock::now();
    std::atomic<std::size_t> events_{0};
    mutable std::mutex mutex_; // of the map; each thread has its own place in it to itself
    std::map<std::thread::id, Thread> threads_;
};

Profile::Profile(std::size_t events) : log_(std::make_unique<Log>(events)) {}
Profile::~Profile() = default;

std::vector<OpCost> Profile::costs() const { return log_->costs(); }
void Profile::write_trace(std::ostream& out) const { log_->write(out); }

std::string to_string(const Profile& profile, std::size_t most)
{
    const std::vector<OpCost> costs = profile.costs();
    double total = 0;
    std::size_t width = 2;
    for (const OpCost& cost : costs) {
        total += cost.seconds;
        width = std::max(width, cost.op.size());
    }
    std::string text = fmt::format("{:<{}}  direction  share  seconds     calls    GF/s    GB/s\n", "op", width);
    for (std::size_t i = 0; i < std::min(most, costs.size()); ++i) {
        const OpCost& cost = costs[i];
        text += fmt::format("{:<{}}  {:<9}  {:>4.1f}%  {:>7.3f}  {:>8}  {:>6.1f}  {:>6.1f}\n", cost.op, width,
                            cost.backward ? "backward" : "forward", 100 * cost.seconds / total, cost.seconds,
                            cost.calls, cost.flop / cost.seconds * 1e-9, cost.bytes / cost.seconds * 1e-9);
    }
    if (costs.size() > most)
        text += fmt::format("and {} others\n", costs.size() - most);
    return text;
}

std::ostream& operator<<(std::ostream& out, const Profile& profile) { return out << to_string(profile); }

} // namespace xgrad
