// How constraint_added reads, applies and is found.
#include "change/constraint_added.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string constraint_added::describe() const {
  return core::joined({"add ", constraint.kind, " \"", constraint.name, "\""});
}

std::string constraint_added::element() const {
  return constraint_element(constraint);
}

void constraint_added::apply(core::shape& shape) const {
  if (find_same(shape.constraints, constraint)) throw errors::constraint_exists(shape.relation, constraint.name);
  shape.constraints.push_back(constraint);
  canonicalize(shape);
}

std::vector<constraint_added> constraint_added::detect(const comparison& seen) {
  std::vector<constraint_added> found;
  for (const core::constraint& now : seen.after.constraints) {
    if (!find_same(seen.moved.constraints, now)) found.push_back({now});
  }
  return found;
}

}  // namespace accord::change
