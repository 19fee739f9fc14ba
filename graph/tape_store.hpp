#pragma once
// The contents of a tape: the recorded ops in the order in which they ran, and the rule of each input that needs a
// gradient. Users of the library see Tape (tape.hpp) and record (record.hpp) instead.

#include <xgrad/base/arena.hpp>
#include <xgrad/graph/variable.hpp>

#include <atomic>
#include <cstddef>
#include <deque>
#include <span>
#include <vector>

namespace xgrad
{

/** The options of `Tape::gradient`. */
struct GradientOptions
{
    bool keep_tape = false;      ///< leaves the rules in place, so that gradients can be taken again
    bool record = false;         ///< records the rules as they run, for gradients of gradients; keeps the tape
    bool unused_is_zero = false; ///< gives zeros for a target that the result does not depend on, instead of an error
};

namespace detail
{

using AnyVariables = std::vector<AnyVariable, PooledAllocator<AnyVariable>>;

/** An input of a recorded op that needs a gradient: a leaf, or an earlier place of the same store. */
struct Source
{
    std::uint64_t bits; // twice the index, plus 1 for a leaf

    static Source of(Origin origin) { return {2 * origin.index + (origin.tape == Origin::leaf ? 1 : 0)}; }
    /** An input that needs no gradient: a leaf that does not exist. */
    static Source none() { return {~std::uint64_t{0}}; }
    /** The origin of the input. @param tape  the store's number */
    Origin origin(std::uint64_t tape) const { return {(bits & 1) != 0 ? Origin::leaf : tape, bits / 2}; }
};

/** The inputs of a joint rule whose gradients are wanted. It may leave out others. */
class Wanted
{
  public:
    /** Adds an input. From the 64th on all are wanted. */
    void add(std::size_t input) { bits_ |= input < 64 ? std::uint64_t{1} << input : 0; }
    bool operator[](std::size_t input) const { return input >= 64 || (bits_ >> input & 1) != 0; }

  private:
    std::uint64_t bits_ = 0;
};

/** The call of a rule: its arguments, and room for its gradients. */
struct RuleRun
{
    std::span<AnyVariable> upstream;  ///< the upstream gradients of the op's results
    bool last;                        ///< true if nobody needs these afterwards: the rule may take them
    std::span<AnyVariable> gradients; ///< the rule's gradients, one for each of its inputs
    const Shape* shape;               ///< the shape of the input; of the op's result if the rule has several inputs
    AnyVariable* sum;                 ///< the inputs' gradients so far, which the rule may take and add to; or null
    Wanted wanted;
};

struct StoredRule;

/** The functions of a rule whose type the engine does not know. */
struct RuleType
{
    void (*run)(StoredRule& rule, RuleRun& call);
    void (*destroy)(StoredRule& rule) noexcept;
    std::size_t inputs; // the number of inputs that it serves: nearly always one
};

/** A stored rule. In the arena its inputs lie directly behind it, and then its captures. */
struct StoredRule
{
    const RuleType* type;
    StoredRule* next;       // the next rule of the same op
    std::uint32_t position; // the number of its first input among the op's inputs
    std::uint32_t results;  // the number of the op's results

    std::span<const Source> inputs() const { return {reinterpret_cast<const Source*>(this + 1), type->inputs}; }
};

/** A result of a recorded op. The first result of an op has its rules. */
struct Node
{
    const char* op;
    const Shape* shape;
    StoredRule* rules;
};

/** A variable that gradients are taken with respect to. */
struct Target
{
    Origin origin;
    std::size_t position; // among the targets

    friend auto operator<=>(const Target&, const Target&) = default;
};

/** The working memory of a backward sweep (sweep.cpp). Each sweep leaves its capacity to the next one. */
struct SweepMemory
{
    AnyVariables gradients;           // of the nodes that it goes over
    std::vector<std::uint8_t> needed; // for each of these nodes, whether a target lies behind it
    std::vector<Target> targets;      // sorted by origin
    AnyVariables upstream;            // of the op whose rules run
    AnyVariables of_rule;             // the gradients that one rule gives
};

/** The recorded ops with their rules, of a tape and of those in its scope. */
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

    /** Appends a node without rules. */
    Origin push_node(const char* op, const Shape& shape);
    /** Removes all nodes from a place on. */
    void pop_nodes(std::size_t place) noexcept;
    /** Room in the arena for a rule, or for what belongs to a node. */
    void* take(std::size_t bytes, std::size_t alignment) { return arena_.take(bytes, alignment); }
    StoredRule** first_link(std::size_t node) { return &nodes_[node].rules; }

    /** Carries the upstream gradients of the results back to the targets, over the ops from `begin` on. The gradient of
     *  a target that no result depends on is empty. */
    AnyVariables pull_back(std::size_t begin, std::span<const AnyVariable> results,
                           std::span<const AnyVariable> upstreams, std::span<const AnyVariable> targets,
                           const GradientOptions& options);

    /** Forgets everything; what was recorded is stale from now on. */
    void clear() noexcept;

    /** Gives the working memory of a store without nodes back. */
    void shrink() noexcept;

    /** The number of its owners. These are its thread and its tape, which may end on another thread. */
    std::atomic<int> owners{1};
    bool has_tape() const { return owners.load(std::memory_order_acquire) == 2; }
    TapeStore* enclosing = nullptr; // the store that was live on this thread before this one; of a spare one, the next

  private:
    void consume() noexcept;
    void destroy_rules(std::size_t node) noexcept;

    std::uint64_t number_;
    std::uint64_t consumed_ = 0;
    std::deque<Node, PooledAllocator<Node>> nodes_;
    Arena arena_;
    SweepMemory spare_;
};

/** The stores that this thread records on and can reach. */
struct Context
{
    TapeStore* recording = nullptr; // null: recording is off
    TapeStore* live = nullptr;      // the innermost store that was begun, recording or paused
    std::size_t chunks = 0;         // of the batch in work, or 0; a chunk cannot reach what was recorded outside
};
extern constinit thread_local Context context;

/** The store that this thread records on, or null. Another thread may have ended its tape. */
inline TapeStore* recording()
{
    return context.recording && context.recording->has_tape() ? context.recording : nullptr;
}
/** Returns whether a store is one of this thread's, and its tape exists. */
bool can_reach(const TapeStore* store);

[[noreturn]] void throw_missing_rule(const char* op, std::size_t position);

/** Throws unless the input's tape is one of this thread's. */
void check_origin(const char* op, std::size_t position, Origin input);

/** Returns whether a rule for an input must be stored. @throws GraphError if its tape is not one of this thread's */
inline bool needs_rule(const char* op, std::size_t position, Origin input)
{
    if (input.tape == Origin::constant)
        return false;
    const TapeStore* const store = recording();
    if (input.tape == Origin::leaf || (store && input.tape == store->number()))
        return store != nullptr;
    check_origin(op, position, input);
    return false;
}

} // namespace detail

} // namespace xgrad
