// How policy_added reads, applies and is found.
#include "change/policy_added.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string policy_added::describe() const {
  return core::joined({"add policy \"", policy.name, "\""});
}

std::string policy_added::element() const {
  return core::joined({"policy \"", policy.name, "\""});
}

void policy_added::apply(core::shape& shape) const {
  if (find_named(shape.policies, policy.name)) throw errors::object_exists(shape.relation, "policy", policy.name);
  shape.policies.push_back(policy);
  canonicalize(shape);
}

std::vector<policy_added> policy_added::detect(const comparison& seen) {
  std::vector<policy_added> found;
  for (const core::policy& now : seen.after.policies) {
    if (!find_named(seen.moved.policies, now.name)) found.push_back({now});
  }
  return found;
}

}  // namespace accord::change
