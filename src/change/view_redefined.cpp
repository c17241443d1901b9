// How view_redefined reads, applies and is found.
#include "change/view_redefined.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string view_redefined::describe() const {
  return "redefine the view";
}

std::string view_redefined::element() const {
  return "view definition";
}

void view_redefined::apply(core::shape& shape) const {
  shape.view_definition = to;
}

std::vector<view_redefined> view_redefined::detect(const comparison& seen) {
  if (seen.before.view_definition == seen.after.view_definition) return {};
  return {{seen.before.view_definition, seen.after.view_definition}};
}

}  // namespace accord::change
