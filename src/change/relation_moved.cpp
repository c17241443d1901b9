// How relation_moved reads, applies and is found.
#include "change/relation_moved.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string relation_moved::describe() const {
  return core::joined({"move ", element(), " to schema \"", to.schema, "\""});
}

std::string relation_moved::element() const {
  return relation_element(from);
}

void relation_moved::apply(core::shape& shape) const {
  retarget(shape, {to.schema, shape.relation.name});
}

std::vector<relation_moved> relation_moved::detect(const comparison& seen) {
  const core::qualified_name &from = seen.before.relation, &to = seen.after.relation;
  if (from.schema == to.schema) return {};
  return {{from, {to.schema, from.name}}};
}

}  // namespace accord::change
