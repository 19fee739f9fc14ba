# The libraries that are only headers, from this machine's packages. A folder of links has them alone: among all of
# /usr/include are the headers of another C library.
set(folder ${PROJECT_BINARY_DIR}/headers)
file(MAKE_DIRECTORY ${folder})
foreach(header xtensor/xarray.hpp xtl/xtl_config.hpp xsimd/xsimd.hpp fmt/core.h nlohmann/json.hpp zlib.h zconf.h)
  unset(found CACHE)
  find_path(found ${header} PATHS /usr/include /usr/local/include /usr/include/${CMAKE_HOST_SYSTEM_PROCESSOR}-linux-gnu
    NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH REQUIRED)
  string(REGEX REPLACE "/.*" "" link ${header})
  file(CREATE_LINK ${found}/${link} ${folder}/${link} SYMBOLIC)
endforeach()
unset(found CACHE)

foreach(library xtensor xsimd fmt::fmt ZLIB::ZLIB nlohmann_json::nlohmann_json)
  add_library(${library} INTERFACE IMPORTED)
  target_include_directories(${library} SYSTEM INTERFACE ${folder})
endforeach()
target_compile_definitions(fmt::fmt INTERFACE FMT_HEADER_ONLY)
add_library(Threads::Threads INTERFACE IMPORTED)
