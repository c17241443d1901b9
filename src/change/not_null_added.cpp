// How not_null_added reads, applies and is found.
#include "change/not_null_added.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string not_null_added::describe() const {
  return core::joined({"alter column \"", column, "\" set not null"});
}

std::string not_null_added::element() const {
  return column_element(column);
}

void not_null_added::apply(core::shape& shape) const {
  column_of(shape, column).not_null = true;
}

std::vector<not_null_added> not_null_added::detect(const comparison& seen) {
  std::vector<not_null_added> found;
  for (const comparison::pair& both : seen.kept) {
    if (!both.before->not_null && both.after->not_null) found.push_back({both.before->name});
  }
  return found;
}

}  // namespace accord::change
