#pragma once

#include "kernels/kernels.h"

namespace sbert::kernels::reference {

/// The obvious loops: the definition that every level is tested against.
Kernels make_kernels();

}  // namespace sbert::kernels::reference
