#include "rows.h"

#include <cmath>

#include "errors.h"
#include "message.h"
#include "suffix.h"

namespace sbert::cli {

OutputFormat output_format(const std::string& path) {
  const std::string suffix = lower_suffix(path);
  if (suffix == ".npy") return OutputFormat::kNpy;
  if (suffix == ".jsonl") return OutputFormat::kJsonLines;
  if (suffix == ".csv") return OutputFormat::kCsv;
  throw UsageError("--output " + quote(path) + " must end with .npy, .jsonl or .csv");
}

void write_values(OutputFile& out, OutputFormat format, std::span<const float> values) {
  if (format == OutputFormat::kNpy) {
    out.write(npy_header(npy_type<float>(), {values.size()}));
    out.write({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
    return;
  }
  std::string line;
  for (const float value : values) {
    line.clear();
    append_number(line, value);
    line += '\n';
    out.write(line);
  }
}

void check_finite(std::span<const float> values, size_t cols, const std::string& what) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    throw RunError(
        "the " + what + " of text " + std::to_string(cols == 0 ? i : i / cols) +
        " (counted from 0) holds a value that is not finite: the weights of the model are broken or overflow");
  }
}

}  // namespace sbert::cli
