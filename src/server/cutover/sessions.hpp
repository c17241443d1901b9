// Live sessions of consumers, and which generation of views each of them started with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/consumers/consumer.hpp"

namespace accord::cutover {

struct live_session {
  int pid = 0;
  std::string consumer, role, application_name, backend_start;
  std::optional<std::string> state, state_change;
  std::optional<int> generation, current_generation;  // none: before the first
  std::optional<std::string> versions;                // "flights 1, planes 2", of its generation

  bool outdated() const { return current_generation && generation != current_generation; }
};

// Of all consumers, or of one.  Not limited to what the caller may see: that is the caller's work.
std::vector<live_session> live_sessions(std::optional<std::int64_t> consumer);

}  // namespace accord::cutover
