#pragma once
// Usual mistakes in the chain of rules: what a wrong rule makes of a gradient where the right one stands on a tape.

#include <xgrad/graph/observer.hpp>
#include <xgrad/graph/parameters.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace xgrad::detail
{

/** An op of a tape, with its values as they were; the name is empty if they are not in double. */
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

/** What somebody may do in place of a rule. */
struct Mistake
{
    const char* section;                                     ///< of docs/mistakes.md
    const char* words;                                       ///< "f' is missing in {}": {} is the op and where it is
    bool names_input;                                        ///< {} is the expression that the op reads, not the op
    bool general;                                            ///< others that explain as much come before it
    std::optional<Array<double>> (*wrong)(const Step& step); ///< nothing where it cannot be done
};

/** All of them, special ones first. */
std::span<const Mistake> usual_mistakes();

} // namespace xgrad::detail
