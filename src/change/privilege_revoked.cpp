// How privilege_revoked reads, applies and is found.
#include "change/privilege_revoked.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string privilege_revoked::describe() const {
  return core::joined({"revoke ", privilege_text(privilege)});
}

std::string privilege_revoked::element() const {
  return privilege_element(privilege);
}

void privilege_revoked::apply(core::shape& shape) const {
  if (std::erase(shape.privileges, privilege) == 0) throw errors::no_such_privilege(shape.relation, privilege.kind, privilege.grantee);
}

std::vector<privilege_revoked> privilege_revoked::detect(const comparison& seen) {
  std::vector<privilege_revoked> found;
  for (const core::privilege& old : only_in(seen.moved.privileges, seen.after.privileges))
    found.push_back({old});
  return found;
}

}  // namespace accord::change
