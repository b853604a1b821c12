# Flags that every target of the project shares.
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(SBERT_CCACHE ccache)
if(SBERT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${SBERT_CCACHE}")
endif()

add_library(sbert_flags INTERFACE)
target_compile_options(sbert_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
                                             $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)  # false alarms of GCC 12
# Bits must not depend on what a compiler may fuse: every fused multiply-add in the kernels is written as one.
target_compile_options(sbert_flags INTERFACE -ffp-contract=off)
if(SBERT_SANITIZE)
  target_compile_options(sbert_flags INTERFACE -fsanitize=${SBERT_SANITIZE} -fno-sanitize-recover=all
                                               -fno-omit-frame-pointer)
  target_link_options(sbert_flags INTERFACE -fsanitize=${SBERT_SANITIZE})
  target_compile_definitions(sbert_flags INTERFACE SBERT_ENABLE_ASSERT=1)
endif()
target_compile_definitions(sbert_flags INTERFACE $<$<CONFIG:Debug>:SBERT_ENABLE_ASSERT=1>)
