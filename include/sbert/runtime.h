#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <sbert/export.h>

namespace sbert {

/// The number of threads that calls of this process share. Default: the smallest of the CPU affinity mask, the cgroup
/// quota and the physical cores, at least 1. No result depends on it. Thread-safe.
SBERT_API size_t num_threads();
/// 0 restores the default. Takes effect for calls that start later.
SBERT_API void set_num_threads(size_t threads);

/// The CPU level whose kernels are in use: "avx512", "avx2", "neon" or "reference". It is the best one of the machine,
/// or the one that the environment variable SBERT_FORCE_CPU names. Throws InvalidArgumentError when that is unknown or
/// the machine lacks it, with the list of those it has.
SBERT_API std::string cpu_level();
/// Every level this machine can run, the best one last.
SBERT_API std::vector<std::string> available_cpu_levels();

}  // namespace sbert
