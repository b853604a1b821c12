# make install: library, headers, program, and what find_package(sbert) reads.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS sbert EXPORT sbertTargets)
if(SBERT_BUILD_CLI)
  install(TARGETS sbert_program)
endif()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/" "${PROJECT_BINARY_DIR}/include/"
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
set(config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/sbert")
install(EXPORT sbertTargets NAMESPACE sbert:: DESTINATION "${config_dir}")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/sbertConfig.cmake.in" "${PROJECT_BINARY_DIR}/sbertConfig.cmake"
                              INSTALL_DESTINATION "${config_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/sbertConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/sbertConfig.cmake" "${PROJECT_BINARY_DIR}/sbertConfigVersion.cmake"
        DESTINATION "${config_dir}")
