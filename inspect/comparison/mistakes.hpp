#pragma once
// Usual mistakes in the chain of rules: the gradient that a wrong rule gives in place of the right one of a tape.

#include <xgrad/graph/observer.hpp>
#include <xgrad/graph/parameters.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace xgrad::detail
{

/** An op of a tape, with its values at that time; the name is empty if they are not in double. */
struct KeptOp
{
    std::string name;
    Variable<double> result;
    Variables<double> inputs;
    Attributes attributes;
    bool has_one_result = true;
};

/** A rule that is about to run. */
struct Step
{
    const std::vector<KeptOp>& tape;
    const RuleCall& call;
    const Array<double>& right; ///< the right gradient

    const KeptOp& op() const { return tape[call.result().index]; }
    std::uint32_t position() const { return call.position(); }
    const Variable<double>& variable() const { return op().inputs[position()]; }
    const Array<double>& input() const { return variable().value(); }
    const Array<double>& result() const { return op().result.value(); }
    Array<double> g() const { return Variable<double>(call.upstream()).value(); }
    /** The rule's gradient for another upstream gradient. */
    Array<double> of(const Array<double>& g) const
    {
        return Variable<double>(call.run(constant(Array<double>(g)))).value();
    }
};

/** A gradient that a wrong rule gives, and which of several similar mistakes it is. */
struct Wrong
{
    Array<double> gradient;
    std::string what = {};
};
using Wrongs = std::vector<Wrong>;

/** A mistake that somebody may make in place of a rule. */
struct Mistake
{
    const char* section; ///< a section of docs/mistakes.md
    const char* words;   ///< "{what} is missing in {place}"; {input} is the expression that the op reads
    bool general;        ///< true if others that explain as much come before it
    void (*find)(const Step& step, Wrongs& found); ///< adds nothing where it cannot be made
};

/** All usual mistakes, the special ones first. */
std::span<const Mistake> usual_mistakes();

} // namespace xgrad::detail
