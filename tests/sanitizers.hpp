#pragma once
// Which sanitizer watches this build, for tests that cannot hold under one: XGRAD_THREAD_SANITIZER ends a child process
// that starts threads and keeps its notes on memory; XGRAD_ADDRESS_SANITIZER keeps freed blocks for a while.

#if defined(__has_feature) // clang
#if __has_feature(thread_sanitizer)
#define XGRAD_THREAD_SANITIZER
#endif
#if __has_feature(address_sanitizer)
#define XGRAD_ADDRESS_SANITIZER
#endif
#endif
#ifdef __SANITIZE_THREAD__ // gcc
#define XGRAD_THREAD_SANITIZER
#endif
#ifdef __SANITIZE_ADDRESS__
#define XGRAD_ADDRESS_SANITIZER
#endif
