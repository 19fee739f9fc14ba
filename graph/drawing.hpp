#pragma once

#include <xgrad/graph/tape.hpp>

#include <string>

namespace xgrad
{

/** The recorded ops that lead to `result`, as a digraph in Graphviz' DOT language; `dot -Tsvg` renders it.
 *
 *  A box is an op with the shape of its result, an ellipse a leaf, an arrow goes from an input to the op that read it.
 *  Constants are not recorded, so they do not appear. Of a gradient that was taken with `record` it draws the backward
 *  pass.
 *
 *  @param names  the leaves that are drawn by name and shape; the others are "leaf 1", "leaf 2", … as they appear
 *  @throws GraphError if the result was not recorded on this tape, or the tape has been consumed */
template <class T>
std::string to_dot(const Tape& tape, const Variable<T>& result, const Parameters<T>& names = {});

extern template std::string to_dot(const Tape&, const Variable<float>&, const Parameters<float>&);
extern template std::string to_dot(const Tape&, const Variable<double>&, const Parameters<double>&);

} // namespace xgrad
