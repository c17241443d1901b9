// How owner_rights_changed reads, applies and is found.
#include "change/owner_rights_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string owner_rights_changed::describe() const {
  std::string lacks;
  for (const auto& kind : to)
    lacks += (lacks.empty() ? "" : ", ") + kind;
  return core::joined({"owner: ", to.empty() ? "has all rights" : "lacks " + lacks});
}

std::string owner_rights_changed::element() const {
  return "rights of the owner";
}

void owner_rights_changed::apply(core::shape& shape) const {
  shape.owner_lacks = to;
}

std::vector<owner_rights_changed> owner_rights_changed::detect(const comparison& seen) {
  if (seen.before.owner_lacks == seen.after.owner_lacks) return {};
  return {{seen.before.owner_lacks, seen.after.owner_lacks}};
}

}  // namespace accord::change
