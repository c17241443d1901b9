// How policy_dropped reads, applies and is found.
#include "change/policy_dropped.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string policy_dropped::describe() const {
  return core::joined({"drop policy \"", policy.name, "\""});
}

std::string policy_dropped::element() const {
  return core::joined({"policy \"", policy.name, "\""});
}

void policy_dropped::apply(core::shape& shape) const {
  if (!erase_named(shape.policies, policy.name)) throw errors::no_such_object(shape.relation, "policy", policy.name);
}

std::vector<policy_dropped> policy_dropped::detect(const comparison& seen) {
  std::vector<policy_dropped> found;
  for (const core::policy& old : seen.moved.policies) {
    if (!find_named(seen.after.policies, old.name)) found.push_back({old});
  }
  return found;
}

}  // namespace accord::change
