#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sbert::modules {

/// A key of a Router's route_mappings, which the reference writes as Python prints a tuple: "('query', None)".
struct RouteKey {
  std::optional<std::string> task;      // absent: any
  std::optional<std::string> modality;  // absent: any
  bool several_modalities = false;      // a tuple of modalities, ('image', 'text'); `modality` is then absent
};

/// Nothing where `text` is not such a tuple.
std::optional<RouteKey> parse_route_key(std::string_view text);

}  // namespace sbert::modules
