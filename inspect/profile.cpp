#include <xgrad/base/error.hpp>
#include <xgrad/base/escape.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/observer.hpp>
#include <xgrad/inspect/profile.hpp>

#include <fmt/core.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

namespace xgrad
{

namespace
{

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
double seconds_between(Time begin, Time end) { return std::chrono::duration<double>(end - begin).count(); }

double elements(const Shape& shape) { return static_cast<double>(element_count(shape)); }

/** An op or a rule that has run. */
struct Event
{
    const char* op;
    bool rule, backward;
    Time begin, end;
    Shape shape = {}; // of an op's result
    double flop = 0, bytes = 0;
    std::size_t chunk = 0;
};

/** The ops and rules that one thread has run. */
struct Thread
{
    std::size_t number;
    std::size_t chunk = 0;
    Time last = Clock::now();       // the end of the op before
    std::vector<Event> rules = {};  // those that are running, the outermost first
    std::vector<Event> events = {}; // those that are over
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

class Profile::Log final : public Observer
{
  public:
    explicit Log(std::size_t events) : most_events_(events)
    {
        if (exists_.exchange(true))
            throw Error("[profile] there is one already: a program can have one profile at a time");
        observing_.emplace(*this, Observing::all);
    }
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;
    ~Log() override
    {
        observing_.reset();
        exists_ = false;
    }

    void chunk(std::size_t number) override
    {
        Thread& thread = own();
        thread.chunk = number;
        thread.last = Clock::now();
    }

    void op(OpCall& call) override
    {
        Thread& thread = own();
        double count = 0, largest = 0;
        std::size_t element_bytes = 0;
        for (std::size_t i = 0; i < call.inputs(); ++i) { // before it runs: an op in place may reshape its input
            count += elements(call.input(i).shape());
            largest = std::max(largest, elements(call.input(i).shape()));
        }
        const Attributes attributes = call.attributes();
        call.run();
        for (std::size_t i = 0; i < call.results(); ++i) {
            count += elements(call.result(i).shape());
            largest = std::max(largest, elements(call.result(i).shape()));
            element_bytes = call.result(i).holds<float>() ? sizeof(float) : sizeof(double);
        }
        Event event{.op = call.name(),
                    .rule = false,
                    .backward = !thread.rules.empty(),
                    .begin = thread.last,
                    .end = Clock::now(),
                    .shape = call.results() > 0 ? call.result().shape() : Shape{},
                    .flop = attributes.flop.value_or(largest), // a function of each element, or of each window's
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

    AnyVariable rule(RuleCall& call) override
    {
        const Running running(*this, call.op());
        return call.run();
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
                fmt::print(out,
                           ",\n"
                           R"({{"name": {}, "cat": "{}", "ph": "X", "pid": 1, "tid": {}, "ts": {:.3f}, "dur": {:.3f}, )"
                           R"("args": {{"shape": "{}", "chunk": {}, "FLOP": {:.0f}, "bytes": {:.0f}}}}})",
                           detail::in_json(std::string(event.op) + (event.rule ? " (rule)" : "")),
                           event.backward ? "backward" : "forward", thread.number,
                           1e6 * seconds_between(start_, event.begin), 1e6 * seconds_between(event.begin, event.end),
                           to_string(event.shape), event.chunk, event.flop, event.bytes);
        }
        fmt::print(out, "\n]}}\n");
    }

  private:
    /** A rule on its thread, from its begin to its end, even if it throws. */
    class Running
    {
      public:
        Running(Log& log, const char* op) : log_(log), thread_(log.own())
        {
            thread_.last = Clock::now();
            thread_.rules.push_back(
                {.op = op, .rule = true, .backward = true, .begin = thread_.last, .end = {}, .chunk = thread_.chunk});
        }
        Running(const Running&) = delete;
        Running& operator=(const Running&) = delete;
        ~Running()
        {
            Event event = std::move(thread_.rules.back());
            thread_.rules.pop_back();
            event.end = Clock::now();
            if (thread_.rules.empty())
                thread_.count(event);
            log_.keep(thread_, std::move(event));
            thread_.last = Clock::now();
        }

      private:
        Log& log_;
        Thread& thread_;
    };

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

    static inline std::atomic<bool> exists_{false};
    const std::size_t most_events_;
    std::optional<Observing> observing_;
    const Time start_ = Clock::now();
    std::atomic<std::size_t> events_{0};
    mutable std::mutex mutex_; // guards the map; each thread uses only its own entry
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
        width = std::max(width, printable(cost.op).size());
    }
    std::string text = fmt::format("{:<{}}  direction  share  seconds     calls    GF/s    GB/s\n", "op", width);
    for (std::size_t i = 0; i < std::min(most, costs.size()); ++i) {
        const OpCost& cost = costs[i];
        text += fmt::format("{:<{}}  {:<9}  {:>4.1f}%  {:>7.3f}  {:>8}  {:>6.1f}  {:>6.1f}\n", printable(cost.op),
                            width, cost.backward ? "backward" : "forward", 100 * cost.seconds / total, cost.seconds,
                            cost.calls, cost.flop / cost.seconds * 1e-9, cost.bytes / cost.seconds * 1e-9);
    }
    if (costs.size() > most)
        text += fmt::format("and {} others\n", costs.size() - most);
    return text;
}

std::ostream& operator<<(std::ostream& out, const Profile& profile) { return out << to_string(profile); }

} // namespace xgrad
