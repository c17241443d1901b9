// How inheritance_changed reads, applies and is found.
#include "change/inheritance_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string inheritance_changed::describe() const {
  return core::joined({"inherit from (", core::joined(to, ", "), ") instead of (", core::joined(from, ", "), ")"});
}

std::string inheritance_changed::element() const {
  return "inheritance";
}

void inheritance_changed::apply(core::shape& shape) const {
  shape.parents = to;
}

std::vector<inheritance_changed> inheritance_changed::detect(const comparison& seen) {
  if (seen.before.parents == seen.after.parents) return {};
  return {{seen.before.parents, seen.after.parents}};
}

}  // namespace accord::change
