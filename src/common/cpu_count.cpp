#include "common/cpu_count.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <sched.h>
#include <set>
#include <string>
#include <unistd.h>

namespace sbert::common {
namespace {

// The first line of a file of the system, or "" when it cannot be read.
std::string first_line(const std::string& path) {
  std::string line;
  if (std::FILE* file = std::fopen(path.c_str(), "re")) {
    char buffer[4096];
    if (std::fgets(buffer, sizeof buffer, file) != nullptr) line = buffer;
    std::fclose(file);
  }
  while (!line.empty() && line.back() == '\n') line.pop_back();
  return line;
}

// CPUs in the affinity mask, and how many physical cores they belong to.
void count_cpus(size_t& cpus, size_t& cores) {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (sched_getaffinity(0, sizeof mask, &mask) != 0) {
    cpus = cores = static_cast<size_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
    return;
  }
  cpus = 0;
  std::set<std::string> siblings;  // CPUs of one core share this list
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &mask)) continue;
    ++cpus;
    const std::string list =
        first_line("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/thread_siblings_list");
    siblings.insert(list.empty() ? "cpu" + std::to_string(cpu) : list);
  }
  cores = siblings.size();
}

// quota / period of one cgroup folder, or infinity.
double group_quota(const std::string& folder) {
  double quota = 0, period = 0;
  if (std::sscanf(first_line(folder + "/cpu.max").c_str(), "%lf %lf", &quota, &period) == 2 && period > 0) {  // v2
    return quota / period;
  }
  if (std::sscanf(first_line(folder + "/cpu.cfs_quota_us").c_str(), "%lf", &quota) == 1 && quota > 0 &&  // v1
      std::sscanf(first_line(folder + "/cpu.cfs_period_us").c_str(), "%lf", &period) == 1 && period > 0) {
    return quota / period;
  }
  return INFINITY;
}

// The smallest quota of the process's groups and all their parents.
double cgroup_quota() {
  double smallest = INFINITY;
  auto visit = [&](const std::string& root, std::string group) {
    while (true) {
      smallest = std::min(smallest, group_quota(root + group));
      if (group.empty() || group == "/") break;
      group.resize(group.find_last_of('/'));
    }
    smallest = std::min(smallest, group_quota(root));  // inside a container the path may not exist under the root
  };
  std::FILE* file = std::fopen("/proc/self/cgroup", "re");
  if (file == nullptr) return smallest;
  char buffer[4096];
  while (std::fgets(buffer, sizeof buffer, file) != nullptr) {  // "0::/path" (v2) or "3:cpu,cpuacct:/path" (v1)
    std::string line = buffer;
    while (!line.empty() && line.back() == '\n') line.pop_back();
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string group = line.substr(second + 1);
    if (group.empty() || group[0] != '/') continue;
    if (controllers == ",,") visit("/sys/fs/cgroup", group);
    if (controllers.find(",cpu,") != std::string::npos) {
      visit("/sys/fs/cgroup/cpu", group);
      visit("/sys/fs/cgroup/cpu,cpuacct", group);
    }
  }
  std::fclose(file);
  return smallest;
}

}  // namespace

size_t default_thread_count() {
  size_t cpus = 1, cores = 1;
  count_cpus(cpus, cores);
  const double quota = cgroup_quota();
  size_t count = std::min(cpus, cores);
  if (std::isfinite(quota)) count = std::min(count, static_cast<size_t>(std::ceil(quota)));
  return std::max<size_t>(count, 1);
}

}  // namespace sbert::common
