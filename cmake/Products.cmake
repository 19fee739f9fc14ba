# Libraries for large matrix products (kernels/product/product.cpp) and for large decompositions
# (kernels/linalg/lapack.cpp). Without them our own kernels compute all.
# AUTO takes a library if it is found.
set(XGRAD_ONEDNN AUTO CACHE STRING "Large float products by oneDNN: AUTO, ON or OFF")
set(XGRAD_CBLAS AUTO CACHE STRING "Large double products by a CBLAS, decompositions by its LAPACK: AUTO, ON or OFF")
set_property(CACHE XGRAD_ONEDNN XGRAD_CBLAS PROPERTY STRINGS AUTO ON OFF)

if(XGRAD_ONEDNN)
  # Found by its files, because Debian's dnnl-config.cmake stops the configuration unless OpenCL is installed.
  find_path(XGRAD_ONEDNN_INCLUDE dnnl.h)
  find_library(XGRAD_ONEDNN_LIBRARY dnnl)
  if(XGRAD_ONEDNN_INCLUDE AND XGRAD_ONEDNN_LIBRARY)
    target_include_directories(xgrad PRIVATE ${XGRAD_ONEDNN_INCLUDE})
    target_link_libraries(xgrad PRIVATE ${XGRAD_ONEDNN_LIBRARY})
    target_compile_definitions(xgrad PRIVATE XGRAD_ONEDNN)
    list(APPEND XGRAD_USED oneDNN)
  elseif(NOT XGRAD_ONEDNN STREQUAL "AUTO")
    message(FATAL_ERROR "XGRAD_ONEDNN is ON, but oneDNN was not found: install libdnnl-dev or set XGRAD_ONEDNN_LIBRARY")
  endif()
endif()

if(XGRAD_CBLAS)
  find_path(XGRAD_CBLAS_INCLUDE cblas.h PATH_SUFFIXES openblas)
  find_library(XGRAD_CBLAS_LIBRARY NAMES openblas mkl_rt blis cblas)
  if(XGRAD_CBLAS_INCLUDE AND XGRAD_CBLAS_LIBRARY)
    # It is loaded at the first call that needs it, by the name that programs linked with it ask for.
    set(name ${XGRAD_CBLAS_LIBRARY})
    if(CMAKE_OBJDUMP)
      execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${XGRAD_CBLAS_LIBRARY} OUTPUT_VARIABLE headers ERROR_QUIET)
      if(headers MATCHES "SONAME +([^ \n]+)")
        set(name ${CMAKE_MATCH_1})
      endif()
    endif()
    target_include_directories(xgrad PRIVATE ${XGRAD_CBLAS_INCLUDE})
    set_source_files_properties(kernels/blas/library.cpp kernels/product/product.cpp
      PROPERTIES COMPILE_DEFINITIONS "XGRAD_CBLAS=\"${name}\"")
    target_link_libraries(xgrad PRIVATE ${CMAKE_DL_LIBS})
    list(APPEND XGRAD_USED ${name})
  elseif(NOT XGRAD_CBLAS STREQUAL "AUTO")
    message(FATAL_ERROR "XGRAD_CBLAS is ON, but no CBLAS was found: install libopenblas-dev or set XGRAD_CBLAS_LIBRARY")
  endif()
endif()
