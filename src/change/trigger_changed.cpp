// How trigger_changed reads, applies and is found.
#include "change/trigger_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string trigger_changed::describe() const {
  return core::joined({"change trigger \"", to.name, "\""});
}

std::string trigger_changed::element() const {
  return core::joined({"trigger \"", to.name, "\""});
}

void trigger_changed::apply(core::shape& shape) const {
  if (!erase_named(shape.triggers, from.name)) throw errors::no_such_object(shape.relation, "trigger", from.name);
  shape.triggers.push_back(to);
  canonicalize(shape);
}

std::vector<trigger_changed> trigger_changed::detect(const comparison& seen) {
  std::vector<trigger_changed> found;
  for (const core::trigger& old : seen.moved.triggers) {
    const core::trigger* now = find_named(seen.after.triggers, old.name);
    if (now && *now != old) found.push_back({old, *now});
  }
  return found;
}

}  // namespace accord::change
