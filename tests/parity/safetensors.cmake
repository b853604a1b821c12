# dump_safetensors: what this library sees in safetensors files, for safetensors_parity.py.
add_executable(dump_safetensors "${CMAKE_CURRENT_LIST_DIR}/dump_safetensors.cpp")
target_link_libraries(dump_safetensors PRIVATE sbert_formats sbert_flags nlohmann_json::nlohmann_json)
set_target_properties(dump_safetensors PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
