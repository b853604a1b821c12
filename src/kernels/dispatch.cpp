#include <array>
#include <cstdlib>

#include <sbert/error.h>

#include "common/text.h"
#include "kernels/cpu_features.h"
#include "kernels/hwy/hwy_kernels.h"
#include "kernels/kernels.h"
#include "kernels/reference/reference_kernels.h"

namespace sbert::kernels {
namespace {

constexpr std::array kAllLevels = {Level::kReference, Level::kNeon, Level::kAvx2, Level::kAvx512};

std::string list(const std::vector<Level>& levels) {
  std::string names;
  for (const Level level : levels) names += (names.empty() ? "" : ", ") + std::string(level_name(level));
  return names;
}

}  // namespace

const char* level_name(Level level) noexcept {
  switch (level) {
    case Level::kReference:
      return "reference";
    case Level::kNeon:
      return "neon";
    case Level::kAvx2:
      return "avx2";
    case Level::kAvx512:
      return "avx512";
  }
  return "unknown";
}

const std::vector<Level>& available_levels() {
  static const std::vector<Level> levels = [] {
    std::vector<Level> found;
    for (const Level level : kAllLevels) {
      if (machine_has(level)) found.push_back(level);
    }
    return found;
  }();
  return levels;
}

const Kernels& kernels_of(Level level) {
  static const std::array<Kernels, kAllLevels.size()> tables = [] {
    std::array<Kernels, kAllLevels.size()> made{};
    for (const Level available : available_levels()) {
      Kernels& table = made[static_cast<size_t>(available)];
      if (available == Level::kReference) {
        table = reference::make_kernels();
      } else {
        table = make_hwy_kernels(available);
      }
    }
    return made;
  }();
  return tables[static_cast<size_t>(level)];
}

Level choose_level(std::string_view forced, const std::vector<Level>& available) {
  if (forced.empty()) return available.back();
  for (const Level level : available) {
    if (forced == level_name(level)) return level;
  }
  for (const Level level : kAllLevels) {
    if (forced == level_name(level)) {
      throw InvalidArgumentError("SBERT_FORCE_CPU=" + std::string(forced) +
                                 ": this machine does not have that level; it has: " + list(available));
    }
  }
  throw InvalidArgumentError("SBERT_FORCE_CPU=" + common::quote(forced) +
                             " is not a CPU level; this machine has: " + list(available));
}

Level active_level() {
  static const Level level = [] {
    const char* forced = std::getenv("SBERT_FORCE_CPU");
    return choose_level(forced == nullptr ? "" : forced, available_levels());
  }();
  return level;
}

const Kernels& active() {
  static const Kernels& table = kernels_of(active_level());
  return table;
}

}  // namespace sbert::kernels
