#pragma once
// The memory that a computation keeps, by glibc's count.

#include "sanitizers.hpp"
#include <xgrad/base/memory.hpp>

#include <cstddef>
#include <cstdlib>

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33) && !defined(XGRAD_ADDRESS_SANITIZER) && !defined(XGRAD_THREAD_SANITIZER)
#define XGRAD_COUNTS_BYTES
#include <malloc.h>
#endif

namespace xgrad::test
{

#ifdef XGRAD_COUNTS_BYTES
inline constexpr bool bytes_are_counted = true;

inline std::size_t used_bytes()
{
    release_unused_memory();
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
}
#else
inline constexpr bool bytes_are_counted = false;

inline std::size_t used_bytes() { return 0; }
#endif

/** The bytes that f leaves in use, once memory that waits for reuse is given back. */
template <class F>
std::size_t kept_bytes(F&& f)
{
    const std::size_t before = used_bytes();
    f();
    const std::size_t after = used_bytes();
    return after > before ? after - before : 0;
}

} // namespace xgrad::test
