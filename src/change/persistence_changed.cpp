// How persistence_changed reads, applies and is found.
#include "change/persistence_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string persistence_changed::describe() const {
  return core::joined({"set persistence from ", from, " to ", to});
}

std::string persistence_changed::element() const {
  return "persistence";
}

void persistence_changed::apply(core::shape& shape) const {
  shape.persistence = to;
}

std::vector<persistence_changed> persistence_changed::detect(const comparison& seen) {
  if (seen.before.persistence == seen.after.persistence) return {};
  return {{seen.before.persistence, seen.after.persistence}};
}

}  // namespace accord::change
