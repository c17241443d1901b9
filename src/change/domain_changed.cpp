// How domain_changed reads, applies and is found.
#include "change/domain_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string domain_changed::describe() const {
  return core::joined({"alter domain ", to.text, within.empty() ? " of column \"" : " within column \"", column, "\""});
}

std::string domain_changed::element() const {
  return column_element(column);
}

void domain_changed::apply(core::shape& shape) const {
  core::column_type& type = type_within(column_of(shape, column).type, within);
  type.domain_base = to.domain_base;
  type.domain_not_null = to.domain_not_null;
  type.domain_default = to.domain_default;
  type.domain_checks = to.domain_checks;
}

std::vector<domain_changed> domain_changed::detect(const comparison& seen) {
  std::vector<domain_changed> found;
  for (const comparison::pair& both : seen.kept) {
    const core::column_type &from = both.before->type, &to = both.after->type;
    if (same_type(from, to) && !same_domain(from, to)) found.push_back({both.before->name, from, to});
    for (const type_pair& inner : types_within(from, to))
      if (!same_domain(*inner.before, *inner.after)) found.push_back({both.before->name, *inner.before, *inner.after, inner.before->text});
  }
  return found;
}

}  // namespace accord::change
