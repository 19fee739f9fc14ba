#pragma once
// What a tape holds: the recorded ops in the order in which they ran, and for each input that needs a gradient the rule
// that gives it. Users of the library see Tape (tape.hpp) and record (record.hpp) instead.

#include <xgrad/base/arena.hpp>
#include <xgrad/graph/variable.hpp>

#include <cstddef>
#include <deque>
#include <span>
#include <vector>

namespace xgrad
{

/** How `Tape::gradient` treats the tape and its targets. */
struct GradientOptions
{
    bool keep_tape = false;      ///< leave the rules in place, so that gradients can be taken again
    bool record = false;         ///< record the rules as they run, for gradients of the gradient; keeps the tape
    bool unused_is_zero = false; ///< a target that the result does not depend on gets zeros instead of an error
};

namespace detail
{

using AnyVariables = std::vector<AnyVariable, PooledAllocator<AnyVariable>>;

/** An input of a recorded op that needs a gradient: a leaf, or an earlier place of the same store. */
struct Source
{
    std::uint64_t bits; // the index twice, and 1 more for a leaf

    static Source of(Origin origin) { return {2 * origin.index + (origin.tape == Origin::leaf ? 1 : 0)}; }
    /** An input that needs no gradient. */
    static Source none() { return {~std::uint64_t{0}}; }
    bool is_none() const { return bits == none().bits; }
    bool is_leaf() const { return (bits & 1) != 0; }
    std::uint64_t index() const { return bits / 2; }
};

/** The call of a rule: what it is given, and room for what it gives. */
struct RuleRun
{
    const char* op;
    std::span<AnyVariable> upstream;  ///< the gradients of the op's results
    bool last;                        ///< nobody needs them afterwards
    const Shape* shape;               ///< of the input, for a rule of one input
    AnyVariable* sum;                 ///< the input's gradient so far, for a rule that adds to it; else null
    std::span<AnyVariable> gradients; ///< one for each input of the rule
};

struct StoredRule;

/** The functions of a rule whose type the engine has forgotten. */
struct RuleType
{
    void (*run)(StoredRule& rule, RuleRun& call);
    void (*destroy)(StoredRule& rule) noexcept;
    bool adds;                                                // it can add to the gradient so far
    std::span<const Source> (*joint)(const StoredRule& rule); // the inputs of a rule of several; else null
};

/** A rule, and behind it, in the arena, what it captured. */
struct StoredRule
{
    const RuleType* type;
    StoredRule* next; // of the same op
    Source input;
    std::uint32_t position; // which input of the op its first one is
    std::uint32_t results;  // of its op

    std::span<const Source> inputs() const { return type->joint ? type->joint(*this) : std::span(&input, 1); }
};

/** A result of a recorded op. The first result of an op has its rules. */
struct Node
{
    const char* op;
    const Shape* shape;
    StoredRule* rules;
};

class TapeStore
{
  public:
    TapeStore();
    ~TapeStore() { clear(); }
    TapeStore(const TapeStore&) = delete;
    TapeStore& operator=(const TapeStore&) = delete;

    std::uint64_t number() const { return number_; }
    std::size_t size() const { return nodes_.size(); }
    const Node& node(std::size_t place) const { return nodes_[place]; }
    bool was_consumed(std::uint64_t number) const { return number == consumed_; }

    /** A new node behind the others, without rules. */
    Origin push_node(const char* op, const Shape& shape);
    /** Takes back all nodes from a place on. */
    void pop_nodes(std::size_t place) noexcept;
    /** Makes an object derived from StoredRule, in the arena.
     *  @param link  where the op's next rule goes; that of the new one afterwards */
    template <class Rule, class... Parts>
    void push_rule(StoredRule**& link, Parts&&... parts)
    {
        static_assert(alignof(Rule) <= alignof(std::max_align_t),
                      "a rule cannot capture over-aligned objects by value");
        StoredRule* rule = new (arena_.take(sizeof(Rule), alignof(Rule))) Rule{std::forward<Parts>(parts)...};
        *link = rule;
        link = &rule->next;
    }
    StoredRule** first_link(std::size_t node) { return &nodes_[node].rules; }
    /** Room for the inputs of a rule of several. */
    Source* take_sources(std::size_t count)
    {
        return static_cast<Source*>(arena_.take(count * sizeof(Source), alignof(Source)));
    }

    /** Carries the upstream gradients of the results back to the targets, over the ops from `begin` on. The gradient of
     *  a target that no result depends on is empty. */
    AnyVariables pull_back(std::size_t begin, std::span<const AnyVariable> results,
                           std::span<const AnyVariable> upstreams, std::span<const AnyVariable> targets,
                           const GradientOptions& options);

    /** Forgets everything; what was recorded is stale from now on. */
    void clear() noexcept;

    TapeStore* enclosing = nullptr; // the store that was live on this thread before this one

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
        AnyVariables gradients;           // of the nodes from `begin` on
        std::vector<std::uint8_t> needed; // the same nodes: does a target lie behind it
        std::vector<Target> targets;      // sorted by origin
        std::span<const AnyVariable> targeted;
        AnyVariables results;
        AnyVariables of_rule;  // the gradients that one rule gives
        AnyVariables upstream; // of the op whose rules run

        const Target* find(Origin origin) const;
    };

    Origin origin_of(Source source) const
    {
        return source.is_leaf() ? Origin{Origin::leaf, source.index()} : Origin{number_, source.index()};
    }
    bool is_inside(const Sweep& sweep, Source source) const
    {
        return !source.is_leaf() && source.index() >= sweep.begin;
    }
    bool is_needed(const Sweep& sweep, Source source) const;
    void prepare(Sweep& sweep, std::size_t end) const;
    bool take_upstream(Sweep& sweep, std::size_t node, std::size_t results) const;
    void run_rules(Sweep& sweep, std::size_t node);
    void run_rule(Sweep& sweep, std::size_t node, StoredRule& rule) const;
    AnyVariable observed(const Sweep& sweep, std::size_t node, StoredRule& rule, std::size_t i,
                         const Shape& shape) const;
    AnyVariable& sum_for(Sweep& sweep, Source source) const;
    const Shape& shape_of(const Sweep& sweep, Source source) const;
    void check(const char* op, std::size_t position, const AnyVariable& gradient, const Shape& expected) const;
    void destroy_rules(std::size_t node) noexcept;

    std::uint64_t number_;
    std::uint64_t consumed_ = 0;
    std::deque<Node, PooledAllocator<Node>> nodes_;
    Arena arena_;
    Sweep spare_;
};

/** What this thread records on. */
struct Context
{
    TapeStore* recording = nullptr; // null: recording is off
    TapeStore* live = nullptr;      // the innermost store that exists, recording or paused
    bool in_chunk = false;          // what lies outside cannot be reached
};
extern constinit thread_local Context context;

[[noreturn]] void throw_missing_rule(const char* op, std::size_t position);

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

} // namespace detail

} // namespace xgrad
