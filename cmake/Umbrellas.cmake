# A layer or a network exists as soon as its files do. <xgrad/layers.hpp> and <xgrad/networks.hpp> include all headers of
# their folder, and architecture.cpp calls a function for each .cpp beside it.
foreach(folder layers networks)
  file(GLOB headers RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/models/${folder}/*.hpp)
  list(TRANSFORM headers REPLACE "(.+)" "#include <xgrad/\\1>\n")
  list(JOIN headers "" includes)
  file(CONFIGURE OUTPUT ${XGRAD_INCLUDE}/xgrad/${folder}.hpp
    CONTENT "#pragma once\n// All ${folder}: the headers of models/${folder}.\n\n${includes}")
endforeach()

set(folder ${PROJECT_SOURCE_DIR}/models/networks)
file(GLOB networks RELATIVE ${folder} CONFIGURE_DEPENDS ${folder}/*.cpp)
list(REMOVE_ITEM networks architecture.cpp lenet5.cpp)
list(PREPEND networks lenet5.cpp) # the one to begin with
list(TRANSFORM networks REPLACE ".cpp$" "()")
list(JOIN networks "," networks)
set_source_files_properties(${folder}/architecture.cpp PROPERTIES COMPILE_DEFINITIONS "XGRAD_NETWORKS=${networks}")
