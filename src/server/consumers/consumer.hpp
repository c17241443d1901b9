// Consumers as values, and who may act for them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/registry/contract.hpp"

namespace accord::consumers {

struct consumer {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::string> role;
  std::string created_by;
};

std::optional<consumer> find_consumer(const std::string& name);
consumer get_consumer(const std::string& name);  // throws 42704, naming the closest one that the user may see

// The members of the consumer's role, who registered it, and accord_admin.
bool may_act_for(const consumer&);
void require_may_act_for(const consumer&);  // 42501

}  // namespace accord::consumers
