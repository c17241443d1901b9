// How relation_kind_changed reads, applies and is found.
#include "change/relation_kind_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string relation_kind_changed::describe() const {
  return core::joined({element(), " turns from ", from, " into ", to});
}

std::string relation_kind_changed::element() const {
  return relation_element(relation);
}

void relation_kind_changed::apply(core::shape& shape) const {
  shape.kind = to;
}

std::vector<relation_kind_changed> relation_kind_changed::detect(const comparison& seen) {
  if (seen.before.kind == seen.after.kind) return {};
  return {{seen.before.relation, seen.before.kind, seen.after.kind}};
}

}  // namespace accord::change
