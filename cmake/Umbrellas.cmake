# A layer or a network is there when its files are: <xgrad/layers.hpp> and <xgrad/networks.hpp> include all headers of
# their folder.
foreach(folder layers networks)
  file(GLOB headers RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/models/${folder}/*.hpp)
  list(TRANSFORM headers REPLACE "(.+)" "#include <xgrad/\\1>\n")
  list(JOIN headers "" includes)
  file(CONFIGURE OUTPUT ${XGRAD_INCLUDE}/xgrad/${folder}.hpp
    CONTENT "#pragma once\n// All ${folder}: the headers of models/${folder}.\n\n${includes}")
endforeach()
