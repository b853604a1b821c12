#pragma once

#include <cstddef>

namespace sbert::common {

/// How many threads a process should use by default: the smallest of the CPUs in the affinity mask, the cgroup quota
/// (v1 and v2, along the whole path of the process's group) and the physical cores behind those CPUs; at least 1.
size_t default_thread_count();

}  // namespace sbert::common
