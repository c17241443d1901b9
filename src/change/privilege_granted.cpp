// How privilege_granted reads, applies and is found.
#include "change/privilege_granted.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string privilege_granted::describe() const {
  return core::joined({"grant ", privilege_text(privilege)});
}

std::string privilege_granted::element() const {
  return privilege_element(privilege);
}

void privilege_granted::apply(core::shape& shape) const {
  shape.privileges.push_back(privilege);
  canonicalize(shape);
}

std::vector<privilege_granted> privilege_granted::detect(const comparison& seen) {
  std::vector<privilege_granted> found;
  for (const core::privilege& now : only_in(seen.after.privileges, seen.moved.privileges))
    found.push_back({now});
  return found;
}

}  // namespace accord::change
