// How policy_changed reads, applies and is found.
#include "change/policy_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string policy_changed::describe() const {
  return core::joined({"change policy \"", to.name, "\""});
}

std::string policy_changed::element() const {
  return core::joined({"policy \"", to.name, "\""});
}

void policy_changed::apply(core::shape& shape) const {
  if (!erase_named(shape.policies, from.name)) throw errors::no_such_object(shape.relation, "policy", from.name);
  shape.policies.push_back(to);
  canonicalize(shape);
}

std::vector<policy_changed> policy_changed::detect(const comparison& seen) {
  std::vector<policy_changed> found;
  for (const core::policy& old : seen.moved.policies) {
    const core::policy* now = find_named(seen.after.policies, old.name);
    if (now && *now != old) found.push_back({old, *now});
  }
  return found;
}

}  // namespace accord::change
