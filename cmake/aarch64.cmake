# 64-bit ARM by Debian's cross compiler; qemu runs what it makes: cmake --preset arm64, ./xgrad test --arm64.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)

# Headers alone: the packages of the machine that compiles have them, too.
foreach(library xtl xtensor xsimd)
  file(GLOB folder /usr/lib/*/cmake/${library} /usr/share/cmake/${library})
  set(${library}_DIR ${folder} CACHE PATH "")
endforeach()
