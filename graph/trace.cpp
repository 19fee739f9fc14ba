#include <xgrad/base/error.hpp>
#include <xgrad/base/shape.hpp>
#include <xgrad/graph/record.hpp>
#include <xgrad/graph/trace.hpp>
#include <xgrad/kernels/table.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace xgrad
{

OpObserver::OpObserver() : previous_(std::exchange(detail::context.observer, this)) { detail::inputs_are_kept = true; }
OpObserver::~OpObserver()
{
    detail::context.observer = previous_;
    detail::inputs_are_kept = previous_ != nullptr;
}

RuleInterceptor::RuleInterceptor() : previous_(std::exchange(detail::context.interceptor, this)) {}
RuleInterceptor::~RuleInterceptor() { detail::context.interceptor = previous_; }
detail::Handle RuleCall::run(detail::Handle g) const { return edge.type->run(edge.rule, g, false); }

void detect_nonfinite(bool on) { detail::nonfinite_detection.store(on, std::memory_order_relaxed); }

namespace detail
{

constinit thread_local Context context{};
constinit thread_local bool inputs_are_kept = false;
std::atomic<bool> nonfinite_detection{false};
std::atomic<Listener*> listener{nullptr};

bool listen(Listener* other)
{
    Listener* nobody = nullptr;
    if (other)
        return listener.compare_exchange_strong(nobody, other);
    listener = nullptr;
    return true;
}

namespace
{

std::uint64_t next_tape_number()
{
    static std::atomic<std::uint64_t> last{Origin::leaf};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

bool before(const Origin& a, const Origin& b) { return std::tie(a.tape, a.index) < std::tie(b.tape, b.index); }

/** Rules run with recording off, or on this trace; the previous state comes back whatever they throw. */
class RecordingOn
{
  public:
    explicit RecordingOn(Trace* trace) : previous_(std::exchange(context.recording, trace)) {}
    RecordingOn(const RecordingOn&) = delete;
    RecordingOn& operator=(const RecordingOn&) = delete;
    ~RecordingOn() { context.recording = previous_; }

  private:
    Trace* previous_;
};

/** Tells the listener, if there is one, how long a rule runs. */
class RuleIsHeard
{
  public:
    explicit RuleIsHeard(const char* op) : by_(listener.load(std::memory_order_relaxed))
    {
        if (by_)
            by_->rule_began(op);
    }
    RuleIsHeard(const RuleIsHeard&) = delete;
    RuleIsHeard& operator=(const RuleIsHeard&) = delete;
    ~RuleIsHeard()
    {
        if (by_)
            by_->rule_ended();
    }

  private:
    Listener* by_;
};

} // namespace

void throw_missing_rule(const char* op, std::size_t position)
{
    throw GraphError(fmt::format("[{}] there is no gradient rule for input {}: give one with wrt(x, rule), or pass the "
                                 "input through stop_gradient",
                                 op, position));
}

void check_origin(const char* op, std::size_t position, Origin input)
{
    if (input.tape <= Origin::leaf)
        return;
    for (const Trace* trace = context.live; trace; trace = trace->enclosing) {
        if (trace->number() == input.tape)
            return;
        if (trace->was_consumed(input.tape))
            throw GraphError(fmt::format("[{}] input {} was recorded before gradient() consumed the tape: ask for "
                                         "keep_tape, or go on from stop_gradient(x)",
                                         op, position));
    }
    throw GraphError(
        fmt::format("[{}] input {} was recorded on a tape that is gone or belongs to another thread: go on "
                    "from stop_gradient(x), or keep the tape in scope",
                    op, position));
}

template <class T>
void require_finite(const char* op, const Array<T>& value)
{
    const T* found = std::find_if_not(value.data(), value.data() + value.size(), [](T x) { return std::isfinite(x); });
    if (found != value.data() + value.size())
        throw NumericalError(
            fmt::format("[{}] the result of shape {} has {} at flat index {}", op, to_string(value.shape()),
                        std::isnan(*found) ? "NaN" : (*found > 0 ? "infinity" : "-infinity"), found - value.data()));
}

template <class T>
Handle add_gradients(Handle sum, const Handle& gradient)
{
    const Variable<T> a(std::move(sum)), b(gradient);
    Variable<T> y = a.is_reusable() ? stop_gradient(a) : uninitialized<T>(a.shape());
    kernels::table<T>().binary(kernels::Binary::add, kernels::Operands::vector_vector, a.data(), b.data(),
                               y.mutable_value().data(), a.size());
    const auto pass = [](const Variable<T>& g) { return g; };
    return record("add", std::move(y), wrt(a, pass), wrt(b, pass));
}

template Handle add_gradients<float>(Handle, const Handle&);
template Handle add_gradients<double>(Handle, const Handle&);

template void require_finite(const char*, const Array<float>&);
template void require_finite(const char*, const Array<double>&);

Trace::Trace() : number_(next_tape_number()) {}

void Trace::clear() noexcept
{
    for (std::size_t node = nodes_.size(); node-- > 0;)
        destroy_rules(node);
    nodes_.clear();
    edges_.clear();
    arena_.clear();
    consumed_ = 0;
    number_ = next_tape_number();
}

void Trace::pop_node() noexcept
{
    destroy_rules(nodes_.size() - 1);
    edges_.erase(edges_.begin() + static_cast<std::ptrdiff_t>(nodes_.back().first_edge), edges_.end());
    nodes_.pop_back();
}

void Trace::destroy_rules(std::size_t node) noexcept
{
    for (std::size_t edge = nodes_[node].first_edge; edge < last_edge(node); ++edge)
        if (void* rule = std::exchange(edges_[edge].rule, nullptr))
            edges_[edge].type->destroy(rule);
}

const Trace::Target* Trace::Sweep::find(Origin origin) const
{
    const auto place = std::lower_bound(targets.begin(), targets.end(), origin,
                                        [](const Target& target, Origin o) { return before(target.origin, o); });
    return place != targets.end() && place->origin == origin ? &*place : nullptr;
}

/** Sorts the targets and marks the ops through which the result depends on one of them. */
void Trace::prepare(Sweep& sweep, std::size_t end) const
{
    sweep.targets.clear();
    for (std::size_t position = 0; position < sweep.targeted.size(); ++position)
        sweep.targets.push_back({sweep.targeted[position].origin(), position});
    // Not stable_sort, which allocates: the first of equal targets is the one that gradients are added up in.
    std::sort(sweep.targets.begin(), sweep.targets.end(), [](const Target& a, const Target& b) {
        return std::tie(a.origin.tape, a.origin.index, a.position) <
               std::tie(b.origin.tape, b.origin.index, b.position);
    });

    sweep.gradients.assign(end - sweep.begin, Handle{});
    sweep.needed.assign(end - sweep.begin, 0);
    const auto is_needed = [&](Origin origin) {
        const bool inside = origin.tape == number_ && origin.index >= sweep.begin;
        return inside ? sweep.needed[origin.index - sweep.begin] != 0 : sweep.find(origin) != nullptr;
    };
    for (const Target& target : sweep.targets)
        if (target.origin.tape == number_ && target.origin.index >= sweep.begin && target.origin.index < end)
            sweep.needed[target.origin.index - sweep.begin] = 1;
    for (std::size_t node = sweep.begin; node < end; ++node)
        for (const Edge& edge : edges(node))
            if (is_needed(edge.input))
                sweep.needed[node - sweep.begin] = 1;
}

void Trace::accumulate(Sweep& sweep, const Edge& edge, const char* op, const Handle& gradient) const
{
    const bool inside = edge.input.tape == number_ && edge.input.index >= sweep.begin;
    const Target* target = inside ? nullptr : sweep.find(edge.input);
    const Shape& expected =
        inside ? nodes_[edge.input.index].shape : edge.type->shape(sweep.targeted[target->position]);
    if (!gradient || edge.type->shape(gradient) != expected)
        throw ShapeError(fmt::format("[{}] the rule for input {} gave a gradient of shape {}, the input has shape {}",
                                     op, edge.position, gradient ? to_string(edge.type->shape(gradient)) : "nothing",
                                     to_string(expected)));
    Handle& sum = inside ? sweep.gradients[edge.input.index - sweep.begin] : sweep.results[target->position];
    sum = sum ? edge.type->add(std::move(sum), gradient) : gradient;
}

Handle Trace::run_rule(const char* op, std::size_t node, const Edge& edge, Handle& upstream, bool last) const
{
    const RuleIsHeard heard(op);
    if (!context.interceptor) [[likely]]
        return edge.type->run(edge.rule, upstream, last);
    return context.interceptor->intercept({op, {number_, node}, edge.input, edge.position, upstream, edge});
}

void Trace::run_rules(Sweep& sweep, std::size_t node)
{
    Handle upstream = std::move(sweep.gradients[node - sweep.begin]);
    if (!upstream)
        return;
    const char* op = nodes_[node].op;
    const Target* target = sweep.find({number_, node});
    // By index and copy: a rule that records makes both vectors grow.
    for (std::size_t index = nodes_[node].first_edge, last = last_edge(node); index < last; ++index) {
        const Edge edge = edges_[index];
        const bool inside = edge.input.tape == number_ && edge.input.index >= sweep.begin;
        if (inside ? sweep.needed[edge.input.index - sweep.begin] != 0 : sweep.find(edge.input) != nullptr)
            accumulate(sweep, edge, op, run_rule(op, node, edge, upstream, index + 1 == last && !target));
    }
    if (target)
        sweep.results[target->position] = std::move(upstream);
}

Handles Trace::pull_back(std::size_t begin, std::span<const Handle> results, std::span<const Handle> upstreams,
                         std::span<const Handle> targets, Handle (*add)(Handle, const Handle&),
                         const GradientOptions& options)
{
    struct Consume
    {
        Trace* trace;
        ~Consume()
        {
            if (!trace)
                return;
            const std::uint64_t number = trace->number_;
            trace->clear();
            trace->consumed_ = number;
        }
    };
    const bool keep = options.keep_tape || options.record;
    const Consume consume{keep ? nullptr : this};
    const RecordingOn recording(options.record ? this : nullptr);

    // Taken out of the trace while in use: a rule may itself take a gradient on this trace.
    Sweep sweep = std::move(spare_);
    sweep.begin = begin;
    sweep.targeted = targets;
    sweep.results.assign(targets.size(), Handle{});

    const auto is_inside = [&](Origin origin) { return origin.tape == number_ && origin.index >= begin; };
    std::size_t end = begin;
    for (const Handle& result : results)
        if (is_inside(result.origin()))
            end = std::max(end, static_cast<std::size_t>(result.origin().index) + 1);
    prepare(sweep, end);
    for (std::size_t i = 0; i < results.size(); ++i) {
        const Origin origin = results[i].origin();
        const Target* target = sweep.find(origin);
        if (!is_inside(origin) && !target)
            continue;
        Handle& sum = is_inside(origin) ? sweep.gradients[origin.index - begin] : sweep.results[target->position];
        sum = sum ? add(std::move(sum), upstreams[i]) : upstreams[i];
    }

    for (std::size_t node = end; node-- > begin;) {
        run_rules(sweep, node);
        if (!keep)
            destroy_rules(node);
    }
    for (const Target& target : sweep.targets)
        sweep.results[target.position] = sweep.results[sweep.find(target.origin)->position];

    Handles gradients = std::move(sweep.results);
    sweep.gradients.clear();
    spare_ = std::move(sweep);
    return gradients;
}

} // namespace detail

} // namespace xgrad
