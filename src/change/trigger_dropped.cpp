// How trigger_dropped reads, applies and is found.
#include "change/trigger_dropped.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string trigger_dropped::describe() const {
  return core::joined({"drop trigger \"", trigger.name, "\""});
}

std::string trigger_dropped::element() const {
  return core::joined({"trigger \"", trigger.name, "\""});
}

void trigger_dropped::apply(core::shape& shape) const {
  if (!erase_named(shape.triggers, trigger.name)) throw errors::no_such_object(shape.relation, "trigger", trigger.name);
}

std::vector<trigger_dropped> trigger_dropped::detect(const comparison& seen) {
  std::vector<trigger_dropped> found;
  for (const core::trigger& old : seen.moved.triggers) {
    if (!find_named(seen.after.triggers, old.name)) found.push_back({old});
  }
  return found;
}

}  // namespace accord::change
