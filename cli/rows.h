#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "npy.h"
#include "number.h"
#include "output.h"

// Numbers as the formats have them: JSON lines ("[0.1, 0.2]" or "0.1" a line), .csv ("0.1,0.2"), .npy.
namespace sbert::cli {

enum class OutputFormat { kJsonLines, kCsv, kNpy };

/// The format that the suffix of `path` names. Throws UsageError listing the suffixes.
OutputFormat output_format(const std::string& path);

/// "[0.1, 0.2]"
template <typename T>
void append_array(std::string& out, std::span<const T> values) {
  out += '[';
  for (size_t i = 0; i < values.size(); ++i) {
    if (i != 0) out += ", ";
    append_number(out, values[i]);
  }
  out += ']';
}

/// What stands before the rows of an array [rows, cols]: nothing but in .npy.
template <typename T>
void write_matrix_header(OutputFile& out, OutputFormat format, size_t rows, size_t cols) {
  if (format == OutputFormat::kNpy) out.write(npy_header(npy_type<T>(), {rows, cols}));
}

/// `values` is [any, cols], row-major.
template <typename T>
void write_rows(OutputFile& out, OutputFormat format, std::span<const T> values, size_t cols) {
  if (format == OutputFormat::kNpy) {
    out.write({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
    return;
  }
  std::string line;
  for (; !values.empty(); values = values.subspan(cols)) {
    line.clear();
    const std::span<const T> row = values.first(cols);
    if (format == OutputFormat::kJsonLines) {
      append_array(line, row);
    } else {
      for (size_t j = 0; j < cols; ++j) {
        if (j != 0) line += ',';
        append_number(line, row[j]);
      }
    }
    line += '\n';
    out.write(line);
  }
}

/// One value a line; in .npy an array [N].
void write_values(OutputFile& out, OutputFormat format, std::span<const float> values);

/// Throws RunError naming the first row of `values` [any, cols] that holds NaN or an infinity; `what` is "vector".
void check_finite(std::span<const float> values, size_t cols, const std::string& what);

}  // namespace sbert::cli
