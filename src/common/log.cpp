#include "common/log.h"

#include <memory>
#include <mutex>

namespace sbert {
namespace {

std::mutex callback_mutex;
std::shared_ptr<const LogCallback> callback;  // guarded by callback_mutex

}  // namespace

void set_log_callback(LogCallback new_callback) {
  auto shared = new_callback ? std::make_shared<const LogCallback>(std::move(new_callback)) : nullptr;
  const std::lock_guard lock(callback_mutex);
  callback = std::move(shared);
}

namespace common {

void log(LogLevel level, std::string_view message) {
  std::shared_ptr<const LogCallback> current;
  {
    const std::lock_guard lock(callback_mutex);
    current = callback;
  }
  if (current) (*current)(level, message);
}

}  // namespace common
}  // namespace sbert
