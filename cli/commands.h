#pragma once

#include <string>
#include <vector>

// One function per command: it takes the arguments behind the command's name. They throw UsageError, RunError,
// TextRequested and the errors of the library; main.cpp turns these into lines and exit codes.
namespace sbert::cli {

using Arguments = std::vector<std::string>;

void run_encode(const Arguments& arguments);
void run_tokenize(const Arguments& arguments);
void run_similarity(const Arguments& arguments);
void run_info(const Arguments& arguments);
void run_save(const Arguments& arguments);

}  // namespace sbert::cli
