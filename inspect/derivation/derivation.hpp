#pragma once

#include <xgrad/inspect/graph.hpp>

#include <string>

namespace xgrad
{

// A graph as a person would write it down: the equations of the forward pass layer by layer, and, if the sweep was
// recorded too, those of the backward pass, with sensitivities named δ and beside each line that is a known formula
// its ID. All three formats have the same equations.
//
// Layers and letters come from the names of the parameters, "c1.weight" is k^c1 or w^c1. The leaf named "x" holds the
// samples: with two or more of them, 1/N is written where that is meant.

/** Plain text, with Unicode's mathematical signs. */
std::string to_text(const Graph& graph);

/** A LaTeX document. */
std::string to_latex(const Graph& graph);

/** An HTML page. */
std::string to_html(const Graph& graph);

} // namespace xgrad
