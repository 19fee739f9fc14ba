# Libraries for formats of images (formats/png.cpp, formats/jpeg.cpp). Without one, its files are an error that names it.
# AUTO takes a library if it is found.
set(XGRAD_PNG AUTO CACHE STRING "PNG images by libpng: AUTO, ON or OFF")
set(XGRAD_JPEG AUTO CACHE STRING "JPEG images by libjpeg: AUTO, ON or OFF")
set_property(CACHE XGRAD_PNG XGRAD_JPEG PROPERTY STRINGS AUTO ON OFF)

foreach(format PNG JPEG)
  if(NOT XGRAD_${format})
    continue()
  endif()
  find_package(${format} QUIET)
  if(${format}_FOUND)
    target_link_libraries(xgrad PRIVATE ${format}::${format})
    string(TOLOWER ${format} file)
    set_source_files_properties(formats/${file}.cpp
      PROPERTIES COMPILE_DEFINITIONS XGRAD_${format} SKIP_PRECOMPILE_HEADERS ON)
    list(APPEND XGRAD_USED lib${file})
    list(APPEND XGRAD_IMAGE_PACKAGES ${format}) # which a static library leaves to whoever links it
  elseif(NOT XGRAD_${format} STREQUAL "AUTO")
    message(FATAL_ERROR "XGRAD_${format} is ON, but the library was not found: install libpng-dev and libjpeg-dev")
  endif()
endforeach()
