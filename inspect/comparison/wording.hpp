#pragma once
// Places on a tape in words: "tanh after c3, of shape (1,16,10,10)".

#include <xgrad/inspect/comparison/trials.hpp>
#include <xgrad/inspect/layers.hpp>

#include <string>
#include <vector>

namespace xgrad::detail
{

class Wording
{
  public:
    explicit Wording(const Trials& trials);

    /** An op with its layer and shape. */
    std::string description(std::size_t op) const;
    /** A value: a parameter's name, or the op that made it. */
    std::string value(const Variable<double>& value) const;
    /** A value as an expression of its inputs: "sum(square(c3.weight))". */
    std::string expression(const Variable<double>& value, int depth = 5) const;
    /** The op's layer: "of c3", "in the loss"; empty if it has none. */
    std::string layer(std::size_t op) const;
    bool is_in_loss(std::size_t op) const;

  private:
    std::string name(std::size_t op) const;
    bool is_in_layer(std::size_t op, std::size_t layer) const;

    const Trials& trials_;
    std::vector<PassValue> pass_;     // with the leaves and constants that the ops read
    std::vector<std::size_t> places_; // of the ops in it
    Layers layers_;
};

} // namespace xgrad::detail
