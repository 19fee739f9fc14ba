#pragma once
// The equations of a graph, before they are printed. Not for users: see inspect/derivation/derivation.hpp.

#include <xgrad/inspect/derivation/expression.hpp>
#include <xgrad/inspect/graph.hpp>

#include <string>
#include <unordered_map>
#include <vector>

namespace xgrad::detail
{

/** A formula that people have derived by hand. */
struct Formula
{
    const char* id;      ///< "B13"
    const char* by_hand; ///< as it is written there
};

struct Equation
{
    Expression left, right;
    std::vector<Formula> formulas = {}; ///< that it is
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
    /** One whose left side is that; nullptr if there is none. */
    const Equation* find(const Expression& left) const;
    /** Whether the loss is a mean over the samples. */
    bool have_mean_loss() const;

  private:
    std::unordered_map<std::string, Equation> by_left_;
};

/** The formulas that an equation is, known by its form; of a sum each term has to be one.
 *  @param earlier  equations that came before: some formulas are of one kind of layer, or begin with another one */
std::vector<Formula> formulas_of(const Equation& equation, const EarlierEquations& earlier);

/** The expression of an op in its inputs.
 *  @param inputs    the expressions of its inputs
 *  @param of_batch  for each value, whether its first axis is the batch's
 *  @param layer     that the value belongs to */
Expression expression_of(const Graph& graph, std::size_t place, const std::vector<Expression>& inputs,
                         const std::vector<bool>& of_batch, const std::string& layer);

/** Whether an op only gives the elements another shape, which formulas do not show. */
bool only_reshapes(const GraphValue& value);

} // namespace xgrad::detail
