// How labels_changed reads, applies and is found.
#include "change/labels_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string labels_changed::describe() const {
  if (!within.empty())
    return core::joined({"alter labels of ", within, " within column \"", column, "\" from (", core::joined(from, ", "), ") to (",
                         core::joined(to, ", "), ")"});
  return core::joined({"alter labels of column \"", column, "\" from (", core::joined(from, ", "), ") to (", core::joined(to, ", "), ")"});
}

std::string labels_changed::element() const {
  return column_element(column);
}

void labels_changed::apply(core::shape& shape) const {
  type_within(column_of(shape, column).type, within).labels = to;
}

std::vector<labels_changed> labels_changed::detect(const comparison& seen) {
  std::vector<labels_changed> found;
  for (const comparison::pair& both : seen.kept) {
    const core::column_type &from = both.before->type, &to = both.after->type;
    if (same_type(from, to) && from.labels != to.labels) {
      found.push_back({both.before->name, from.labels, to.labels});
    }
    for (const type_pair& inner : types_within(from, to))
      if (inner.before->labels != inner.after->labels)
        found.push_back({both.before->name, inner.before->labels, inner.after->labels, inner.before->text});
  }
  return found;
}

}  // namespace accord::change
