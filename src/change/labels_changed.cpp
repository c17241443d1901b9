// How labels_changed reads, applies and is found.
#include "change/labels_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string labels_changed::describe() const {
  return core::joined({"alter labels of column \"", column, "\" from (", core::joined(from, ", "), ") to (", core::joined(to, ", "), ")"});
}

std::string labels_changed::element() const {
  return column_element(column);
}

void labels_changed::apply(core::shape& shape) const {
  column_of(shape, column).type.labels = to;
}

std::vector<labels_changed> labels_changed::detect(const comparison& seen) {
  std::vector<labels_changed> found;
  for (const comparison::pair& both : seen.kept) {
    const core::column_type &from = both.before->type, &to = both.after->type;
    if (same_type(from, to) && from.labels != to.labels) {
      found.push_back({both.before->name, from.labels, to.labels});
    }
  }
  return found;
}

}  // namespace accord::change
