#pragma once

#include "kernels/kernels.h"

namespace sbert::kernels {

/// Whether CPU and system have every instruction that the level's kernels are compiled for.
bool machine_has(Level level) noexcept;

}  // namespace sbert::kernels
