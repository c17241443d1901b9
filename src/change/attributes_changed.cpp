// How attributes_changed reads, applies and is found.
#include "change/attributes_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string attributes_changed::describe() const {
  return core::joined(
      {"alter attributes of column \"", column, "\" from (", core::joined(from, ", "), ") to (", core::joined(to, ", "), ")"});
}

std::string attributes_changed::element() const {
  return column_element(column);
}

void attributes_changed::apply(core::shape& shape) const {
  column_of(shape, column).type.attributes = to;
}

std::vector<attributes_changed> attributes_changed::detect(const comparison& seen) {
  std::vector<attributes_changed> found;
  for (const comparison::pair& both : seen.kept) {
    const core::column_type &from = both.before->type, &to = both.after->type;
    if (same_type(from, to) && from.attributes != to.attributes) found.push_back({both.before->name, from.attributes, to.attributes});
  }
  return found;
}

}  // namespace accord::change
