# dump_weights: what this library sees in weight files, for safetensors_parity.py and pytorch_parity.py.
add_executable(dump_weights "${CMAKE_CURRENT_LIST_DIR}/dump_weights.cpp")
target_link_libraries(dump_weights PRIVATE sbert_formats sbert_flags nlohmann_json::nlohmann_json)
set_target_properties(dump_weights PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
