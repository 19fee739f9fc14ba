#pragma once
// The roles of a graph's values: samples of a batch or not, and the names that a person would give them. Not for users:
// see inspect/derivation/derivation.hpp.

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
    std::vector<bool> of_batch;    ///< true for each value whose first axis is the batch's
    std::vector<std::size_t> uses; ///< the number of uses of each value

    std::size_t size() const { return graph.values.size(); }
    const GraphValue& value(std::size_t i) const { return graph.values[i]; }
    bool is_forward(std::size_t i) const { return i < graph.forward; }
    bool is_leaf(std::size_t i) const { return value(i).op.empty(); }
    /** Returns whether a value is a leaf with a layer: "c1.weight". */
    bool is_parameter(std::size_t i) const { return is_leaf(i) && value(i).name.find('.') != std::string::npos; }
    /** Returns whether all elements are the same number, whatever the inputs are. */
    bool is_number(std::size_t i) const;
    /** The value that was reshaped to this one; the value itself if it is not reshaped. */
    std::size_t source(std::size_t i) const { return sources_[i]; }
    /** Returns whether some op turns the value by 180°. */
    bool is_turned(std::size_t i) const { return is_turned_[i]; }
    /** The layer in a value's name; none for a constant, which is the same in every layer. */
    std::size_t layer(std::size_t i) const;
    /** The layer's name: "c1"; "1" for "layer1". */
    std::string layer_name(std::size_t i) const;
    /** Returns whether only the loss, and no other layer, reads a forward value or what is made of it. */
    bool is_output(std::size_t i) const;

  private:
    void find_sources();
    void find_batch();

    std::vector<std::size_t> sources_;
    std::vector<bool> is_turned_, varies_; // depends on a named leaf
};

/** Returns whether an op squashes a layer's values. */
bool squashes(const std::string& op);

/** The names of the leaves, and of the values that get an equation of their own. */
class Naming
{
  public:
    explicit Naming(const Reading& reading);

    /** The name of a value; it has no head if there is none. */
    const Expression& operator[](std::size_t i) const { return names_[i]; }
    /** Gives a value a letter, with a number if its layer has that letter already. */
    void call(std::size_t i, const std::string& letter);
    /** The names ∂E/∂… of forward values that share their sensitivity with another value, which has the name. */
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
