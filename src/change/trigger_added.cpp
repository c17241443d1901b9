// How trigger_added reads, applies and is found.
#include "change/trigger_added.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string trigger_added::describe() const {
  return core::joined({"add trigger \"", trigger.name, "\""});
}

std::string trigger_added::element() const {
  return core::joined({"trigger \"", trigger.name, "\""});
}

void trigger_added::apply(core::shape& shape) const {
  if (find_named(shape.triggers, trigger.name)) throw errors::object_exists(shape.relation, "trigger", trigger.name);
  shape.triggers.push_back(trigger);
  canonicalize(shape);
}

std::vector<trigger_added> trigger_added::detect(const comparison& seen) {
  std::vector<trigger_added> found;
  for (const core::trigger& now : seen.after.triggers) {
    if (!find_named(seen.moved.triggers, now.name)) found.push_back({now});
  }
  return found;
}

}  // namespace accord::change
