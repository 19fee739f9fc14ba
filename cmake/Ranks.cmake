# Many processes by MPI: the target xgrad::mpi, which only those link with that need it. AUTO builds it if MPI is found.
set(XGRAD_MPI AUTO CACHE STRING "Training on many processes by MPI: AUTO, ON or OFF")
set_property(CACHE XGRAD_MPI PROPERTY STRINGS AUTO ON OFF)

if(XGRAD_MPI)
  set(MPI_CXX_SKIP_MPICXX ON) # the bindings that MPI-3 took out
  find_package(MPI 3.0 QUIET COMPONENTS CXX)
  if(MPI_CXX_FOUND)
    add_library(xgrad_mpi ranks/mpi.cpp)
    add_library(xgrad::mpi ALIAS xgrad_mpi)
    list(APPEND XGRAD_USED MPI)
    target_link_libraries(xgrad_mpi PUBLIC xgrad PRIVATE MPI::MPI_CXX fmt::fmt $<BUILD_INTERFACE:xgrad_options>)
    set_target_properties(xgrad_mpi PROPERTIES EXPORT_NAME mpi POSITION_INDEPENDENT_CODE ON VERSION ${PROJECT_VERSION}
      SOVERSION 0 CXX_VISIBILITY_PRESET default)
  elseif(NOT XGRAD_MPI STREQUAL "AUTO")
    message(FATAL_ERROR "XGRAD_MPI is ON, but MPI was not found: install libopenmpi-dev or libmpich-dev")
  endif()
endif()
