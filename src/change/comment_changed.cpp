// How comment_changed reads, applies and is found.
#include "change/comment_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string comment_changed::describe() const {
  return core::joined({"comment on ", element()});
}

std::string comment_changed::element() const {
  return column.empty() ? "relation" : column_element(column);
}

void comment_changed::apply(core::shape& shape) const {
  if (column.empty()) {
    shape.comment = to;
  } else {
    column_of(shape, column).comment = to;
  }
}

std::vector<comment_changed> comment_changed::detect(const comparison& seen) {
  std::vector<comment_changed> found;
  if (seen.before.comment != seen.after.comment) {
    found.push_back({{}, seen.before.comment, seen.after.comment});
  }
  for (const comparison::pair& both : seen.kept) {
    if (both.before->comment != both.after->comment) {
      found.push_back({both.before->name, both.before->comment, both.after->comment});
    }
  }
  return found;
}

}  // namespace accord::change
