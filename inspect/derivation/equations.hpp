#pragma once
// The equations of a graph, before they are printed. Not for users: see inspect/derivation/derivation.hpp.

#include <xgrad/inspect/derivation/expression.hpp>
#include <xgrad/inspect/graph.hpp>

#include <string>
#include <unordered_map>
#include <vector>

namespace xgrad::detail
{

/** A formula that people derived by hand. */
struct Formula
{
    const char* id;      ///< "B13"
    const char* by_hand; ///< the formula as its text has it
};

struct Equation
{
    Expression left, right;
    std::vector<Formula> formulas = {}; ///< the known formulas that it is
};

/** The equations of one layer. */
struct Section
{
    std::string layer;
    std::vector<Equation> equations = {};
};

struct Equations
{
    std::vector<Equation> functions; ///< f(u) = …, f'(u) = …
    std::vector<Section> forward, backward;
};

Equations equations_of(const Graph& graph);

/** The equations that came before another one, found by their left sides. */
class EarlierEquations
{
  public:
    void add(const Equation& equation);
    /** The equation with this left side; nullptr if there is none. */
    const Equation* find(const Expression& left) const;
    /** Returns whether the loss is a mean over the samples. */
    bool have_mean_loss() const;

  private:
    std::unordered_map<std::string, Equation> by_left_;
};

/** The known formulas that an equation is, found by its form. In a sum each term has to be one.
 *  @param earlier  the equations before it: some formulas need a certain kind of layer, or another formula before them
 */
std::vector<Formula> formulas_of(const Equation& equation, const EarlierEquations& earlier);

/** The expression of an op in its inputs.
 *  @param inputs    the expressions of its inputs
 *  @param of_batch  true for each value whose first axis is the batch's
 *  @param layer     the layer that the value belongs to */
Expression expression_of(const Graph& graph, std::size_t place, const std::vector<Expression>& inputs,
                         const std::vector<bool>& of_batch, const std::string& layer);

/** Returns whether an op only gives the elements another shape, which formulas do not show. */
bool only_reshapes(const GraphValue& value);

} // namespace xgrad::detail
