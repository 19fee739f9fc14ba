#pragma once

#include <xgrad/graph/observer.hpp>

#include <string>

namespace xgrad::detail
{

/** The name of an op that has run, as derivations and comparisons know it. An op of a user may have the name of one of
 *  the library's, and not its operands, shapes or facts: then it is "user_" and this name, as what is known about the
 *  library's op is not true of it. */
std::string op_name(const OpCall& call);

} // namespace xgrad::detail
