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
};

/** A rule that is about to run. */
struct Step
{
    const std::vector<KeptOp>& tape;
    const RuleCall& call;

    const KeptOp& op() const { return tape[call.result().index]; }
    const Array<double>& input() const { return op().inputs[call.position()].value(); }
    const Array<double>& result() const { return op().result.value(); }
    Array<double> g() const { return Variable<double>(call.upstream()).value(); }
    Array<double> right(const Array<double>& g) const
    {
        return Variable<double>(call.run(constant(Array<double>(g)))).value();
    }
    Array<double> right() const { return right(g()); }
};

/** A mistake that somebody may make in place of a rule. */
struct Mistake
{
    const char* section; ///< a section of docs/mistakes.md
    const char* words;   ///< "f' is missing in {}": {} is the op and its place
    bool names_input;    ///< true if {} is the expression that the op reads, not the op
    bool general;        ///< true if others that explain as much come before it
    std::optional<Array<double>> (*wrong)(const Step& step); ///< nothing where it cannot be made
};

/** All usual mistakes, the special ones first. */
std::span<const Mistake> usual_mistakes();

} // namespace xgrad::detail
