// How constraint_changed reads, applies and is found.
#include "change/constraint_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string constraint_changed::describe() const {
  return core::joined({"change ", to.kind, " \"", to.name, "\""});
}

std::string constraint_changed::element() const {
  return constraint_element(to);
}

void constraint_changed::apply(core::shape& shape) const {
  erase_constraint(shape, from);
  shape.constraints.push_back(to);
  canonicalize(shape);
}

std::vector<constraint_changed> constraint_changed::detect(const comparison& seen) {
  std::vector<constraint_changed> found;
  for (const core::constraint& old : seen.moved.constraints) {
    const core::constraint* now = find_same(seen.after.constraints, old);
    if (now && *now != old) found.push_back({*find_same(seen.before.constraints, old), *now});
  }
  return found;
}

}  // namespace accord::change
