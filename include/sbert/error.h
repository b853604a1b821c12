#pragma once

#include <stdexcept>
#include <string>

#include <sbert/export.h>

namespace sbert {

/// What went wrong, for callers that map errors to exit codes, HTTP status or exceptions of another language.
enum class ErrorCode {
  kInvalidArgument,  ///< a value the caller passed cannot be used
  kModelNotFound,    ///< no model folder of that name
  kInvalidModel,     ///< a model file is broken, missing, or contradicts another
  kUnsupported,      ///< valid, but not done by this library
  kIo,               ///< the system refused to read or write a file
  kOverloaded,       ///< too much work is waiting
};

/// The name of a code as used in reports: "invalid_argument", "model_not_found", ...
SBERT_API const char* error_code_name(ErrorCode code) noexcept;

/// Base of everything this library throws, other than `std::bad_alloc`. The message says what was attempted, on which
/// file, tensor or argument, what was found and expected, and what to do next. It is one line of UTF-8.
class SBERT_API Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message);
  ~Error() override;
  ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

class SBERT_API InvalidArgumentError : public Error {
 public:
  explicit InvalidArgumentError(const std::string& message);
  ~InvalidArgumentError() override;
};

class SBERT_API ModelNotFoundError : public Error {
 public:
  explicit ModelNotFoundError(const std::string& message);
  ~ModelNotFoundError() override;
};

class SBERT_API InvalidModelError : public Error {
 public:
  explicit InvalidModelError(const std::string& message);
  ~InvalidModelError() override;
};

class SBERT_API UnsupportedError : public Error {
 public:
  explicit UnsupportedError(const std::string& message);
  ~UnsupportedError() override;
};

class SBERT_API IoError : public Error {
 public:
  explicit IoError(const std::string& message);
  ~IoError() override;
};

class SBERT_API OverloadedError : public Error {
 public:
  explicit OverloadedError(const std::string& message);
  ~OverloadedError() override;
};

}  // namespace sbert
