// How relation_dropped reads, applies and is found.
#include "change/relation_dropped.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string relation_dropped::describe() const {
  return core::joined({"drop ", element()});
}

std::string relation_dropped::element() const {
  return relation_element(relation);
}

void relation_dropped::apply(core::shape& shape) const {
  shape = {};
}

std::vector<relation_dropped> relation_dropped::detect(const comparison& seen) {
  if (seen.before.relation.name.empty() || !seen.after.relation.name.empty()) return {};
  return {{seen.before.relation}};
}

}  // namespace accord::change
