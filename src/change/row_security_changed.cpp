// How row_security_changed reads, applies and is found.
#include "change/row_security_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string row_security_changed::describe() const {
  if (from_enabled != to_enabled) return to_enabled ? "enable row security" : "disable row security";
  return to_forced ? "force row security" : "no force row security";
}

std::string row_security_changed::element() const {
  return "row security";
}

void row_security_changed::apply(core::shape& shape) const {
  shape.row_security = to_enabled;
  shape.force_row_security = to_forced;
}

std::vector<row_security_changed> row_security_changed::detect(const comparison& seen) {
  const core::shape &from = seen.before, &to = seen.after;
  if (from.row_security == to.row_security && from.force_row_security == to.force_row_security) return {};
  return {{from.row_security, to.row_security, from.force_row_security, to.force_row_security}};
}

}  // namespace accord::change
