#pragma once
// Which instruction set the kernels run on. Everything in a file that is compiled per instruction set has internal
// linkage and is reached through a table of function pointers, filled by `table_<architecture>()`.

#include <string>
#include <vector>

namespace xgrad::kernels
{

/** The instruction sets that the library was compiled for and this machine can run, narrowest first:
 *  "baseline", "avx2", "avx512". */
std::vector<std::string> available_architectures();

/** The one in use: the widest available, or what the environment variable XGRAD_ARCH names.
 *  @throws Error if XGRAD_ARCH names one that is unknown or that the machine lacks */
const std::string& architecture();

/** Switches to another one (tests and benchmarks do; not while other threads compute). */
void use_architecture(const std::string& name);

} // namespace xgrad::kernels
