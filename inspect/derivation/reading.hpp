#pragma once
// What the values of a graph are: whether there is one for each sample, and what a person would call them. Not for
// users: see inspect/derivation/derivation.hpp.

#include <xgrad/inspect/derivation/expression.hpp>
#include <xgrad/inspect/graph.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace xgrad::detail
{

class Reading
{
  public:
    static constexpr std::size_t none = Graph::none;

    explicit Reading(const Graph& graph);

    const Graph& graph;
    std::size_t batch = 0;         ///< the number of samples
    std::vector<bool> of_batch;    ///< whether the first axis of a value is the batch's
    std::vector<std::size_t> uses; ///< of a value

    std::size_t size() const { return graph.values.size(); }
    const GraphValue& value(std::size_t i) const { return graph.values[i]; }
    bool is_forward(std::size_t i) const { return i < graph.forward; }
    bool is_leaf(std::size_t i) const { return value(i).op.empty(); }
    /** A leaf with a layer: "c1.weight". */
    bool is_parameter(std::size_t i) const { return is_leaf(i) && value(i).name.find('.') != std::string::npos; }
    /** The same number everywhere, whatever the inputs are. */
    bool is_number(std::size_t i) const;
    /** What was reshaped. */
    std::size_t source(std::size_t i) const { return sources_[i]; }
    /** Whether it is turned by 180° somewhere. */
    bool is_turned(std::size_t i) const { return is_turned_[i]; }
    /** The layer that a value is named after; none for a constant, which is the same in every layer. */
    std::size_t layer(std::size_t i) const;
    /** "c1", and "1" of "layer1". */
    std::string layer_name(std::size_t i) const;
    /** Whether no other layer reads a forward value, be it through what is made of it, but the loss. */
    bool is_output(std::size_t i) const;

  private:
    void find_sources();
    void find_batch();

    std::vector<std::size_t> sources_;
    std::vector<bool> is_turned_, varies_; // with a named leaf
};

/** Which functions squash a layer. */
bool squashes(const std::string& op);

/** The names of values that get an equation of their own, and of the leaves. */
class Naming
{
  public:
    explicit Naming(const Reading& reading);

    /** Without a head, if a value has no name. */
    const Expression& operator[](std::size_t i) const { return names_[i]; }
    /** Gives a value a letter, with a number if its layer has one of that letter. */
    void call(std::size_t i, const std::string& letter);
    /** ∂E/∂… of forward values whose sensitivity is that of another one, which has the name. */
    const std::vector<std::pair<std::size_t, Expression>>& further_sensitivities() const { return further_; }

  private:
    void name_forward_values();
    void name_sensitivities();
    std::string leaf_letter(std::size_t leaf) const;

    const Reading& reading_;
    std::vector<Expression> names_;
    std::vector<std::pair<std::size_t, Expression>> further_;
    std::map<std::pair<std::string, std::size_t>, int> letters_;
};

} // namespace xgrad::detail
