#pragma once

#include "arch/architecture.h"

// One function per family, each in the file of its name; registry.cpp lists them by model_type.
namespace sbert::arch {

Architecture read_bert(const common::JsonObject& config);

}  // namespace sbert::arch
