#pragma once
// The steps of a sweep, one after the other, and what the tape holds after each.

#include "derivation.hpp"

namespace xgrad::explorer
{

/** The ops of a graph forward and then its rules backward, in the order in which they ran: see Step in
 *  web/page/src/protocol.ts. A value is held until the last op or rule that reads it has run, a gradient until all
 *  rules of its op have. */
Json steps_of(const Graph& graph, const Derivation& derivation, Values& values);

} // namespace xgrad::explorer
