#pragma once
// The usual mistakes of a handwritten backward pass, each made in one of its steps, to see whether they are found.

#include "steps.hpp"

namespace oracles
{

/** A squashing function, and its derivative in two forms: as f'(u), and as a function of y = f(u). */
struct Squashing
{
    Function f, slope, slope_of_output;
};
extern const Squashing logistic, hyperbolic, scaled_hyperbolic; ///< 1/(1 + e^(−u)), tanh u, 1.7159 tanh(2u/3)

struct Mistake
{
    std::string name; ///< "missing-derivative"
    std::string step; ///< the step in which it is made: "c3.u"
    std::string what; ///< the mistake, with the right formula's ID
    std::function<void(Step&)> make;
    std::string needs = {};   ///< an option that the network needs for it: "combination"
    bool needs_batch = false; ///< true if it changes nothing with one sample
    std::string unseen = "with these samples the mistake changes nothing"; ///< the message if all rows agree
};

using Mistakes = std::vector<Mistake>;

// The mistakes that can be made in the backward pass of each network; f is the activation of its hidden units.

Mistakes lenet5_mistakes(const Squashing& f);
Mistakes perceptron_mistakes(const Squashing& f);
Mistakes bouvrie_mistakes(const Squashing& f);

/** A copy of the steps with the mistake in them. */
Steps planted(Steps steps, const Mistake& mistake);

} // namespace oracles
