#pragma once
// The usual mistakes of a handwritten backward pass, each made in one of its steps, so that one can see them found.

#include "steps.hpp"

namespace oracles
{

/** A squashing function, and its derivative in two ways: f'(u), and the same from what comes out, y = f(u). */
struct Squashing
{
    Function f, slope, slope_of_output;
};
extern const Squashing logistic, hyperbolic, scaled_hyperbolic; ///< 1/(1 + e^(−u)), tanh u, 1.7159 tanh(2u/3)

struct Mistake
{
    std::string name; ///< "missing-derivative"
    std::string step; ///< in which it is made: "c3.u"
    std::string what; ///< is done there, with the formula that is meant
    std::function<void(Step&)> make;
    std::string needs = {};   ///< an option of the network without which it cannot be made: "combination"
    bool needs_batch = false; ///< with one sample it changes nothing
    std::string unseen = "with these samples the mistake changes nothing"; ///< said where all agrees
};

using Mistakes = std::vector<Mistake>;

// The mistakes that can be made in the backward pass of each network; f is the activation of its hidden units.

Mistakes lenet5_mistakes(const Squashing& f);
Mistakes perceptron_mistakes(const Squashing& f);
Mistakes bouvrie_mistakes(const Squashing& f);

/** A copy of the steps with the mistake in it. */
Steps planted(Steps steps, const Mistake& mistake);

} // namespace oracles
