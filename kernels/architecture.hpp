#pragma once
// The instruction set that the kernels run on. A file that is compiled once per instruction set gives everything
// internal linkage. Its kernels are reached through a table of function pointers, which `table_float()` and
// `table_double()` return.

#include <string>
#include <vector>

namespace xgrad::kernels
{

/** The instruction sets that the library was compiled for and this machine can run, narrowest first:
 *  "baseline", "avx2", "avx512". */
std::vector<std::string> available_architectures();

/** The instruction set in use: the widest available, or the one that the environment variable XGRAD_ARCH names.
 *  @throws Error if XGRAD_ARCH names one that is unknown or that the machine lacks */
std::string architecture();

/** Switches to another instruction set, for tests and benchmarks. No other thread may compute meanwhile. */
void use_architecture(const std::string& name);

} // namespace xgrad::kernels
