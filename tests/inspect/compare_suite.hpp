#pragma once
// A suite for comparisons: networks of many kinds and sizes, and mistakes that are planted in their backward passes
// through the observer interface. It shares no code with the search for mistakes.

#include <xgrad/base/random.hpp>
#include <xgrad/graph/observer.hpp>
#include <xgrad/inspect/comparison/compare.hpp>
#include <xgrad/ops/ops.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace xgrad::test::suite
{

using V = Variable<double>;
using A = Array<double>;
using Gradients = std::vector<A>;

/** A network of the suite: all extents are from 1 to 8, and differ from seed to seed. */
struct Net
{
    std::string name;
    Parameters<double> parameters;
    std::function<V()> loss;
    std::size_t samples = 0;
};

/** All networks of a seed. */
std::vector<Net> networks(std::uint64_t seed);

/** An op of a forward pass. */
struct Op
{
    std::string name;
    std::vector<AnyVariable> inputs;
    AnyVariable result;
    Attributes attributes;

    V input(std::size_t i) const { return V(inputs[i]); }
    V value() const { return stop_gradient(V(result)); }
};

/** A rule of a backward pass. */
struct Rule
{
    const std::vector<Op>& ops;
    std::size_t place;      ///< the place of the op
    std::uint32_t position; ///< the number of the input
    V g;                    ///< the upstream gradient
    std::function<V(const V&)> right;

    const Op& op() const { return ops[place]; }
    V x() const { return stop_gradient(op().input(position)); }
    bool is(const std::string& name) const { return op().name == name; }
    /** The name of the op that made an input; empty if none did. */
    std::string maker(std::size_t input) const;
};

/** A wrong rule: nothing where it cannot be made. */
using WrongRule = std::function<std::optional<V>(const Rule&)>;
using Spot = std::pair<std::size_t, std::uint32_t>; // an op and an input

/** A forward pass and its sweeps. */
class Backprop
{
  public:
    explicit Backprop(const Net& net);
    /** The places where a wrong rule gives something else. */
    std::vector<Spot> spots(const WrongRule& wrong);
    Gradients gradients(const WrongRule& wrong = {});
    /** The gradients with a wrong rule at some of its places. */
    Gradients gradients(const WrongRule& wrong, const std::vector<Spot>& at);
    const std::vector<Op>& ops() const { return ops_; }

  private:
    const Net& net_;
    std::vector<Op> ops_;
    PauseRecording independent_;
    Tape tape_;
    V loss_;
};

/** A wrong rule, and the places where it is planted. */
using Planted = std::optional<std::pair<WrongRule, std::vector<Spot>>>;

/** A kind of mistake. */
struct Kind
{
    std::string name;
    std::vector<std::string> words; ///< one of them names it
    /** Plants it somewhere in a network. Returns the wrong rule and its places, or nothing where it cannot be. */
    std::function<Planted(Backprop&, Random&)> rule = {};
    /** Changes the gradient of one parameter instead; nothing if it cannot. */
    std::function<std::optional<A>(const A& right, const Net&, std::size_t parameter, Random&)> row = {};
};

/** All kinds that are listed in the document, and those of no kind. */
std::vector<Kind> kinds_in_rules();
std::vector<Kind> kinds_of_windows();
std::vector<Kind> kinds_in_rows();
std::vector<Kind> unlisted_kinds();

/** A kind at one of the places where it can be made, or at all of them if there are several. */
Kind at_one(const std::string& name, std::vector<std::string> words, WrongRule wrong);
Kind at_all(const std::string& name, std::vector<std::string> words, WrongRule wrong);

/** x with zeros at the indices of an axis that do not count. */
V only(const V& x, std::size_t axis, const std::function<bool(std::size_t index, std::size_t extent)>& counts);

bool are_equal(const A& a, const A& b, double tolerance = 1e-7);

} // namespace xgrad::test::suite
