#include <sbert/runtime.h>

#include "common/thread_pool.h"
#include "kernels/kernels.h"

namespace sbert {

size_t num_threads() {
  return common::ThreadPool::instance().num_threads();
}

void set_num_threads(size_t threads) {
  common::ThreadPool::instance().set_num_threads(threads);
}

std::string cpu_level() {
  return kernels::level_name(kernels::active_level());
}

std::vector<std::string> available_cpu_levels() {
  std::vector<std::string> names;
  for (const kernels::Level level : kernels::available_levels()) names.emplace_back(kernels::level_name(level));
  return names;
}

}  // namespace sbert
