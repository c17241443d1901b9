// How relation_renamed reads, applies and is found.
#include "change/relation_renamed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string relation_renamed::describe() const {
  return core::joined({"rename ", element(), " to \"", to.name, "\""});
}

std::string relation_renamed::element() const {
  return relation_element(from);
}

void relation_renamed::apply(core::shape& shape) const {
  retarget(shape, {shape.relation.schema, to.name});
}

std::vector<relation_renamed> relation_renamed::detect(const comparison& seen) {
  const core::qualified_name &from = seen.before.relation, &to = seen.after.relation;
  if (from.name == to.name) return {};
  return {{{to.schema, from.name}, to}};
}

}  // namespace accord::change
