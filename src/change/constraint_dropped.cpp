// How constraint_dropped reads, applies and is found.
#include "change/constraint_dropped.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string constraint_dropped::describe() const {
  return core::joined({"drop ", constraint.kind, " \"", constraint.name, "\""});
}

std::string constraint_dropped::element() const {
  return constraint_element(constraint);
}

void constraint_dropped::apply(core::shape& shape) const {
  erase_constraint(shape, constraint);
}

std::vector<constraint_dropped> constraint_dropped::detect(const comparison& seen) {
  std::vector<constraint_dropped> found;
  for (const core::constraint& old : seen.before.constraints) {
    if (!find_same(seen.after.constraints, old) && !names_any(old, seen.dropped)) found.push_back({old});
  }
  return found;
}

}  // namespace accord::change
