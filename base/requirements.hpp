#pragma once
// What a compiler must offer. Every header includes this first, directly or through another one. After the error comes
// a header that does not exist, which ends the compilation: what else would be reported is of no use.

#if __cplusplus < 202002L
#error "xgrad needs C++20: compile with -std=c++20, by a compiler such as GCC 12 or Clang 14"
#include <xgrad_needs_C++20>
#endif
