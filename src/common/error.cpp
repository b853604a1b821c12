#include <sbert/error.h>

#include "common/text.h"

namespace sbert {

const char* error_code_name(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid_argument";
    case ErrorCode::kModelNotFound:
      return "model_not_found";
    case ErrorCode::kInvalidModel:
      return "invalid_model";
    case ErrorCode::kUnsupported:
      return "unsupported";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kOverloaded:
      return "overloaded";
  }
  return "unknown";
}

// Messages quote names found in files: control characters and broken UTF-8 must not reach a terminal or a log.
Error::Error(ErrorCode code, const std::string& message)
    : std::runtime_error(common::printable_line(message)), code_(code) {}
Error::~Error() = default;

InvalidArgumentError::InvalidArgumentError(const std::string& message) : Error(ErrorCode::kInvalidArgument, message) {}
InvalidArgumentError::~InvalidArgumentError() = default;

ModelNotFoundError::ModelNotFoundError(const std::string& message) : Error(ErrorCode::kModelNotFound, message) {}
ModelNotFoundError::~ModelNotFoundError() = default;

InvalidModelError::InvalidModelError(const std::string& message) : Error(ErrorCode::kInvalidModel, message) {}
InvalidModelError::~InvalidModelError() = default;

UnsupportedError::UnsupportedError(const std::string& message) : Error(ErrorCode::kUnsupported, message) {}
UnsupportedError::~UnsupportedError() = default;

IoError::IoError(const std::string& message) : Error(ErrorCode::kIo, message) {}
IoError::~IoError() = default;

OverloadedError::OverloadedError(const std::string& message) : Error(ErrorCode::kOverloaded, message) {}
OverloadedError::~OverloadedError() = default;

}  // namespace sbert
