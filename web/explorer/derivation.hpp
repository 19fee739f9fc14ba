#pragma once
// The equations of a recorded graph, and the values that they are about.

#include "message.hpp"
#include <xgrad/inspect/derivation/equations.hpp>
#include <xgrad/inspect/graph.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace xgrad::explorer
{

/** The equations of a graph, as the page shows them. */
class Derivation
{
  public:
    explicit Derivation(const Graph& graph);

    Json json() const;

    /** The letter of a value, in LaTeX; empty if it has none. */
    std::string letter(std::size_t place) const;

    /** The equation that computes a value, or else the nearest later one that its value goes into:
     *  {"backward": …, "section": …, "equation": …}, or null. */
    Json equation_of(std::size_t place) const;

  private:
    struct Spot
    {
        bool backward;
        std::size_t section, equation;
    };

    detail::Equations equations_;
    std::map<std::size_t, std::string> letters_;
    std::map<std::size_t, Spot> spots_;
    std::vector<std::size_t> next_; // the first value that reads each
};

/** The values of a graph in an answer, each array once. */
class Values
{
  public:
    Values(const Graph& graph, const Derivation& derivation, Answer& answer)
        : graph_(graph), derivation_(derivation), answer_(answer), tensors_(graph.values.size())
    {}

    /** The values from `begin` to `end` − 1, each with its gradient if the sweep had it. */
    Json json(std::size_t begin, std::size_t end);
    Json tensor(std::size_t place);

  private:
    const Graph& graph_;
    const Derivation& derivation_;
    Answer& answer_;
    std::vector<Json> tensors_;
};

} // namespace xgrad::explorer
