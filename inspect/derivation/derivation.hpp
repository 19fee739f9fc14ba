#pragma once

#include <xgrad/inspect/graph.hpp>

#include <string>

namespace xgrad
{

// A graph as a person would write it down: the equations of the forward pass, layer by layer. If the sweep was recorded
// too, the equations of the backward pass follow, with sensitivities named δ. Each line that is a known formula has its
// ID beside it. All three formats have the same equations.
//
// Layers and letters come from the names of the parameters: "c1.weight" is k^c1 or w^c1. The leaf named "x" holds the
// samples. If there are two or more, the equations have 1/N rather than its value.

/** Plain text, with Unicode's mathematical signs. */
std::string to_text(const Graph& graph);

/** A LaTeX document. */
std::string to_latex(const Graph& graph);

/** An HTML page. */
std::string to_html(const Graph& graph);

} // namespace xgrad
