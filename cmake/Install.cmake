# Installs the library where another project finds it by find_package(xgrad) or pkg-config.
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/xgrad)

install(TARGETS xgrad EXPORT xgrad)
install(EXPORT xgrad FILE xgradTargets.cmake NAMESPACE xgrad:: DESTINATION ${package_folder})
if(TARGET xgrad_mpi)
  install(TARGETS xgrad_mpi EXPORT xgrad-mpi)
  install(EXPORT xgrad-mpi FILE xgradMpiTargets.cmake NAMESPACE xgrad:: DESTINATION ${package_folder})
endif()
install(FILES xgrad.hpp ${XGRAD_INCLUDE}/xgrad/layers.hpp ${XGRAD_INCLUDE}/xgrad/networks.hpp
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/xgrad)
install(DIRECTORY ${XGRAD_ROOMS} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/xgrad FILES_MATCHING PATTERN *.hpp)
install(DIRECTORY data/mnist-sample data/alice DESTINATION ${CMAKE_INSTALL_DATADIR}/xgrad)
# The explorer, if it was built: ./xgrad explore --build
set(XGRAD_EXPLORER_PAGE ${PROJECT_SOURCE_DIR}/build/explorer/index.html CACHE FILEPATH "The explorer's page, if it exists")
install(FILES ${XGRAD_EXPLORER_PAGE} DESTINATION ${CMAKE_INSTALL_DATADIR}/xgrad/explorer OPTIONAL)
install(FILES LICENSE README.md CHANGELOG.md CONTRIBUTING.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN CMakeLists.txt EXCLUDE PATTERN site EXCLUDE)

# A static library leaves its private dependencies to whoever links it.
get_target_property(library_type xgrad TYPE)
if(library_type STREQUAL STATIC_LIBRARY)
  set(XGRAD_LINKED_PACKAGES fmt ZLIB ${XGRAD_IMAGE_PACKAGES})
  list(TRANSFORM XGRAD_IMAGE_PACKAGES TOLOWER OUTPUT_VARIABLE images)
  list(TRANSFORM images PREPEND lib)
  list(PREPEND images "" fmt zlib)
  list(JOIN images ", " XGRAD_PC_REQUIRES)
  get_target_property(XGRAD_PC_LIBS xgrad LINK_LIBRARIES)
  list(TRANSFORM XGRAD_PC_LIBS REPLACE "^dl$" "-ldl")
  list(FILTER XGRAD_PC_LIBS INCLUDE REGEX "^(/|-l)") # oneDNN, which is a file, and not a package
  list(JOIN XGRAD_PC_LIBS " " XGRAD_PC_LIBS)
endif()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/xgradConfig.cmake.in ${PROJECT_BINARY_DIR}/xgradConfig.cmake
  INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/xgradConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/xgradConfig.cmake ${PROJECT_BINARY_DIR}/xgradConfigVersion.cmake
  DESTINATION ${package_folder})

# The .pc file finds its prefix from its own place: `cmake --install --prefix` may move it.
file(RELATIVE_PATH XGRAD_PC_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(${CMAKE_CURRENT_LIST_DIR}/xgrad.pc.in ${PROJECT_BINARY_DIR}/xgrad.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/xgrad.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
