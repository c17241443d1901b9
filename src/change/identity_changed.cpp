// How identity_changed reads, applies and is found.
#include "change/identity_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string identity_changed::describe() const {
  return core::joined({"alter column \"", column, "\" identity from ", or_none(from), " to ", or_none(to)});
}

std::string identity_changed::element() const {
  return column_element(column);
}

void identity_changed::apply(core::shape& shape) const {
  column_of(shape, column).identity = to;
}

std::vector<identity_changed> identity_changed::detect(const comparison& seen) {
  std::vector<identity_changed> found;
  for (const comparison::pair& both : seen.kept) {
    if (both.before->identity != both.after->identity) {
      found.push_back({both.before->name, both.before->identity, both.after->identity, {}});
    }
  }
  return found;
}

}  // namespace accord::change
