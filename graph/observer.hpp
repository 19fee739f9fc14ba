#pragma once
// Observers see what runs: for a profile, for the graph of a computation, for the search for a mistake.

#include <xgrad/base/shape.hpp>
#include <xgrad/base/workers.hpp>
#include <xgrad/graph/variable.hpp>
#include <xgrad/kernels/attributes.hpp>

#include <span>
#include <vector>

namespace xgrad
{

/** An op that is about to run on this thread. */
class OpCall
{
  public:
    const char* name() const { return name_; }
    std::size_t inputs() const { return inputs_.size(); }
    /** An input, which may be a constant. While somebody holds a copy, the op does not write over it. */
    const AnyVariable& input(std::size_t i) const { return *inputs_[i]; }
    Attributes attributes() const { return attributes_(); }

    /** Runs the op, or hands it to the next observer. Call it once. */
    void run();
    /** The number of its results, once it has run: nearly always one. */
    std::size_t results() const { return results_.size(); }
    /** A result, with its place on the tape if it was recorded. */
    const AnyVariable& result(std::size_t i = 0) const { return *results_[i]; }

    using Pointers = std::vector<const AnyVariable*>;
    /** @param op  runs it and appends pointers to its results */
    OpCall(const char* name, const Pointers& inputs, detail::FunctionRef<Attributes()> attributes,
           detail::FunctionRef<void(Pointers&)> op)
        : name_(name), inputs_(inputs), attributes_(attributes), op_(op)
    {}

  private:
    const char* name_;
    const Pointers& inputs_;
    Pointers results_;
    detail::FunctionRef<Attributes()> attributes_;
    detail::FunctionRef<void(Pointers&)> op_;
    std::size_t observers_passed_ = 0;
};

/** A rule that is about to run in a backward sweep, for one of its op's inputs. */
class RuleCall
{
  public:
    const char* op() const { return op_; }
    detail::Origin result() const { return result_; }    ///< the op's place
    detail::Origin input() const { return input_; }      ///< the place of the input whose gradient the rule gives
    std::uint32_t position() const { return position_; } ///< the number of that input among the op's inputs
    /** The upstream gradient of the op's i-th result. */
    const AnyVariable& upstream(std::size_t i = 0) const { return upstreams_[i]; }

    /** Runs the rule, or hands it to the next observer. Returns the gradient. */
    AnyVariable run();
    /** The rule's gradient for another upstream gradient of the same shape, unobserved. */
    AnyVariable run(AnyVariable upstream) const;

    using Rule = detail::FunctionRef<AnyVariable(std::span<AnyVariable>)>;
    RuleCall(const char* op, detail::Origin result, detail::Origin input, std::uint32_t position,
             std::span<const AnyVariable> upstreams, Rule rule)
        : op_(op), result_(result), input_(input), position_(position), upstreams_(upstreams), rule_(rule)
    {}

  private:
    const char* op_;
    detail::Origin result_, input_;
    std::uint32_t position_;
    std::span<const AnyVariable> upstreams_;
    Rule rule_;
    std::size_t observers_passed_ = 0;
};

/** An interface for whoever wants to see what runs. Each function surrounds an op or a rule: it may look before and
 *  after, and it may return a gradient other than the rule's.
 *
 *      struct Count : Observer
 *      {
 *          std::size_t ops = 0;
 *          void op(OpCall& call) override { ++ops, call.run(); }
 *      } count;
 *      const Observing while_in_scope(count); */
class Observer
{
  public:
    virtual ~Observer() = default;
    virtual void op(OpCall& call) { call.run(); }
    virtual AnyVariable rule(RuleCall& call) { return call.run(); }
    /** A chunk of a batch begins on this thread. */
    virtual void chunk(std::size_t) {}
    /** Returns whether it wants an op that is computed in one pass shown as the smaller ops that it stands for. */
    virtual bool wants_parts() const { return false; }
};

/** Lets an observer see what runs on this thread, or on all threads, while the object exists. Observers of a thread
 *  come before those of all threads, the innermost first. One of all threads may come and go only while no op runs. */
class Observing
{
  public:
    enum Threads : unsigned char
    {
        this_one,
        all
    };
    explicit Observing(Observer& observer, Threads threads = this_one);
    Observing(const Observing&) = delete;
    Observing& operator=(const Observing&) = delete;
    ~Observing();

    /** The observer at a place of the order in which observers see what runs, or null behind the last one. */
    static Observer* at(std::size_t place);

  private:
    Observer& observer_;
    Observing*& innermost_; // of these threads
    Observing* outer_;      // the next one
};

namespace detail
{

void tell_chunk(std::size_t chunk);
bool an_observer_wants_parts();

extern constinit thread_local Observing* observing_thread; // the innermost one
extern constinit Observing* observing_all;

/** Returns whether anybody observes this thread. */
inline bool is_observed() { return observing_thread || observing_all; }

/** Returns whether an op that stands for smaller ones must run as these. */
inline bool parts_are_wanted() { return is_observed() && an_observer_wants_parts(); }

} // namespace detail

} // namespace xgrad
