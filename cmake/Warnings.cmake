# The compiler options of the project's own files. They do not reach users.
add_library(xgrad_options INTERFACE)
target_compile_features(xgrad_options INTERFACE cxx_std_20)
target_compile_options(xgrad_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion $<$<BOOL:${XGRAD_WERROR}>:-Werror>)
# GCC's flow warnings are false alarms in fmt, xtensor and the standard library once it inlines at -O3 or instruments.
target_compile_options(xgrad_options INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized;-Wno-stringop-overflow;-Wno-restrict;-Wno-array-bounds>)
# Sizes have 32 bits in WebAssembly; what is read there was written by the page itself.
target_compile_options(xgrad_options INTERFACE $<$<BOOL:${EMSCRIPTEN}>:-Wno-shorten-64-to-32>)
if(XGRAD_SANITIZE)
  target_compile_options(xgrad_options INTERFACE -fsanitize=${XGRAD_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer $<$<CXX_COMPILER_ID:GNU>:-Wno-uninitialized>
    # Clang does not vectorize a loop that is instrumented, and warns. xsimd computes lanes that it then leaves out,
    # beyond what a long holds.
    "$<$<CXX_COMPILER_ID:Clang>:-Wno-pass-failed;-fno-sanitize=float-cast-overflow>")
  target_link_options(xgrad_options INTERFACE -fsanitize=${XGRAD_SANITIZE})
endif()
