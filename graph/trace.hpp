#pragma once
// What a tape holds: the recorded ops in the order in which they ran, and for each input that needs a gradient the rule
// that gives it. Users of the library see Tape (tape.hpp) and record (record.hpp) instead.

#include <xgrad/graph/arena.hpp>
#include <xgrad/graph/variable.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace xgrad
{

namespace detail
{
struct Edge;
}

/** How `Tape::gradient` treats the tape and its targets. */
struct GradientOptions
{
    bool keep_tape = false;      ///< leave the rules in place, so that gradients can be taken again
    bool record = false;         ///< record the rules as they run, for gradients of the gradient; keeps the tape
    bool unused_is_zero = false; ///< a target that the result does not depend on gets zeros instead of an error
};

/** What an observer is told of an op. The handles hold the op's scalar type: `Variable<double>(op.result)`. */
struct ObservedOp
{
    const char* name;
    double number;                          ///< that it takes besides the inputs; NaN if it takes none
    const detail::Handle& result;           ///< with its place on the tape, if it was recorded
    std::span<const detail::Handle> inputs; ///< constants too; but not what has no place in `wrt`, such as labels
    const Shape& shape;                     ///< of the result
};

/** Sees every op that runs on this thread while it exists, recorded or not. Observers nest; the innermost sees. */
class OpObserver
{
  public:
    OpObserver();
    OpObserver(const OpObserver&) = delete;
    OpObserver& operator=(const OpObserver&) = delete;
    virtual ~OpObserver();
    virtual void observe(const ObservedOp& op) = 0;

  private:
    OpObserver* previous_;
};

/** A rule that is about to run in a backward sweep. */
struct RuleCall
{
    const char* op;
    detail::Origin result;  ///< of the op
    detail::Origin input;   ///< whose gradient the rule gives
    std::uint32_t position; ///< which of the op's inputs that is
    const detail::Handle& upstream;
    const detail::Edge& edge;

    /** What the rule gives for this upstream gradient, or for another of its shape. */
    detail::Handle run(detail::Handle g) const;
    detail::Handle run() const { return run(upstream); }
};

/** Stands in for the rules of this thread's backward sweeps while it exists: what it returns is taken for the rule's
 *  gradient. To find out what a wrong rule does. The innermost one stands in. */
class RuleInterceptor
{
  public:
    RuleInterceptor();
    RuleInterceptor(const RuleInterceptor&) = delete;
    RuleInterceptor& operator=(const RuleInterceptor&) = delete;
    virtual ~RuleInterceptor();
    virtual detail::Handle intercept(const RuleCall& call) = 0;

  private:
    RuleInterceptor* previous_;
};

/** With true, an op whose result is NaN or infinite throws NumericalError with its name, on every thread. Costs a
 *  pass over every result. */
void detect_nonfinite(bool on);

namespace detail
{

using Handles = std::vector<Handle, PooledAllocator<Handle>>;

/** What the engine needs to know of a rule whose type it has forgotten. */
struct RuleType
{
    Handle (*run)(void* rule, Handle& upstream, bool last); // last: nobody needs the upstream gradient after it
    void (*destroy)(void* rule) noexcept;
    const Shape& (*shape)(const Handle& gradient);
    Handle (*add)(Handle sum, const Handle& gradient);
};

/** One stored rule: an input of a recorded op that needs a gradient. */
struct Edge
{
    Origin input;
    void* rule;
    const RuleType* type;
    std::uint32_t position; // which argument of the op the input was
};

/** One recorded op. */
struct Node
{
    const char* op;
    Shape shape;
    std::size_t first_edge;
};

class Trace
{
  public:
    Trace();
    ~Trace() { clear(); }
    Trace(const Trace&) = delete;
    Trace& operator=(const Trace&) = delete;

    std::uint64_t number() const { return number_; }
    std::size_t size() const { return nodes_.size(); }
    const Node& node(std::size_t index) const { return nodes_[index]; }
    std::span<const Edge> edges(std::size_t node) const
    {
        return {edges_.data() + nodes_[node].first_edge, edges_.data() + last_edge(node)};
    }

    Origin push_node(const char* op, const Shape& shape)
    {
        nodes_.push_back({op, shape, edges_.size()});
        return {number_, nodes_.size() - 1};
    }
    /** Takes back the last op, whose rules could not all be made. */
    void pop_node() noexcept;
    /** Makes the rule of its part where it will stay. */
    template <class Rule, class Part>
    void push_edge(Origin input, std::uint32_t position, const RuleType& type, Part&& part)
    {
        static_assert(alignof(Rule) <= alignof(std::max_align_t),
                      "a rule cannot capture over-aligned objects by value");
        void* place = arena_.take(sizeof(Rule));
        edges_.push_back({input, nullptr, &type, position});
        edges_.back().rule = new (place) Rule{std::forward<Part>(part)};
    }

    /** Carries the upstream gradients of the results back to the targets, over the ops from `begin` on. The gradient of
     *  a target that no result depends on is an empty handle. `add` sums two gradients of the results' type. */
    Handles pull_back(std::size_t begin, std::span<const Handle> results, std::span<const Handle> upstreams,
                      std::span<const Handle> targets, Handle (*add)(Handle, const Handle&),
                      const GradientOptions& options);

    /** Forgets everything; what was recorded is stale from now on. */
    void clear() noexcept;
    bool was_consumed(std::uint64_t number) const { return number == consumed_; }

    Trace* enclosing = nullptr; // the trace that was live on this thread before this one

  private:
    struct Target
    {
        Origin origin;
        std::size_t position; // among the targets
    };
    /** The working memory of one backward sweep; its capacity goes from one sweep to the next. */
    struct Sweep
    {
        std::size_t begin = 0;
        Handles gradients;                // of the ops from `begin` on
        std::vector<std::uint8_t> needed; // the same ops: does a target lie behind it
        std::vector<Target> targets;      // sorted by origin
        std::span<const Handle> targeted;
        Handles results;

        const Target* find(Origin origin) const;
    };

    void prepare(Sweep& sweep, std::size_t end) const;
    Handle run_rule(const char* op, std::size_t node, const Edge& edge, Handle& upstream, bool last) const;
    void run_rules(Sweep& sweep, std::size_t node);
    void accumulate(Sweep& sweep, const Edge& edge, const char* op, const Handle& gradient) const;
    void destroy_rules(std::size_t node) noexcept;
    std::size_t last_edge(std::size_t node) const
    {
        return node + 1 < nodes_.size() ? nodes_[node + 1].first_edge : edges_.size();
    }

    std::uint64_t number_;
    std::uint64_t consumed_ = 0;
    std::vector<Node> nodes_;
    std::vector<Edge> edges_;
    Arena arena_;
    Sweep spare_;
};

/** What this thread records on. */
struct Context
{
    Trace* recording = nullptr; // null: recording is off
    Trace* live = nullptr;      // the innermost trace that exists, recording or paused
    OpObserver* observer = nullptr;
    RuleInterceptor* interceptor = nullptr;
};
extern constinit thread_local Context context;

/** Hears of all that runs, on every thread: for a profile. */
class Listener
{
  public:
    virtual ~Listener() = default;
    virtual void chunk_began(std::size_t chunk) = 0;
    virtual void op_ended(const char* op, std::span<const Shape> inputs, const Shape& result,
                          std::size_t element_bytes) = 0;
    virtual void rule_began(const char* op) = 0;
    virtual void rule_ended() = 0;
};

/** From now on, or with nullptr nobody hears any more. False if there is another listener. */
bool listen(Listener* listener);
extern std::atomic<Listener*> listener;

extern std::atomic<bool> nonfinite_detection;

/** Throws unless the input's tape is one of this thread's. */
void check_origin(const char* op, std::size_t position, Origin input);

/** Whether a rule for an input is to be stored. @throws GraphError if its tape is not one of this thread's */
inline bool needs_rule(const char* op, std::size_t position, Origin input)
{
    if (input.tape == Origin::constant)
        return false;
    if (input.tape == Origin::leaf || (context.recording && input.tape == context.recording->number()))
        return context.recording != nullptr;
    check_origin(op, position, input);
    return false;
}

template <class T>
void require_finite(const char* op, const Array<T>& value);

extern template void require_finite(const char*, const Array<float>&);
extern template void require_finite(const char*, const Array<double>&);

} // namespace detail

} // namespace xgrad
