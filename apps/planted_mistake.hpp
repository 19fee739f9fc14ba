#pragma once
// The mistakes that `xgrad compare --plant` makes in a handwritten pass.

#include "command.hpp"
#include "handwritten.hpp"

#include <cstddef>
#include <string>

namespace xgrad::command
{

/** The mistake to plant, by its name.
 *  @throws UsageError if this network, or this number of samples, cannot have it */
oracles::Mistake find_mistake(const Handwritten& network, const std::string& wanted, const ModelArguments& model,
                              std::size_t samples);

/** Prints the mistakes. @return  the exit code */
int list_mistakes(const oracles::Mistakes& mistakes);

} // namespace xgrad::command
