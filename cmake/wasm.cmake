# WebAssembly by Debian's emscripten, for the page of web/: cmake --preset web.
find_program(EMSCRIPTEN_CONFIG em-config REQUIRED)
execute_process(COMMAND ${EMSCRIPTEN_CONFIG} EMSCRIPTEN_ROOT OUTPUT_VARIABLE root OUTPUT_STRIP_TRAILING_WHITESPACE)
include(${root}/cmake/Modules/Platform/Emscripten.cmake)
# Exceptions of WebAssembly itself: those that go through JavaScript make the program larger and three times as slow.
set(CMAKE_CXX_FLAGS_INIT "-msimd128 -msse2 -fwasm-exceptions")
