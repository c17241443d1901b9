// How not_null_dropped reads, applies and is found.
#include "change/not_null_dropped.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string not_null_dropped::describe() const {
  return core::joined({"alter column \"", column, "\" drop not null"});
}

std::string not_null_dropped::element() const {
  return column_element(column);
}

void not_null_dropped::apply(core::shape& shape) const {
  column_of(shape, column).not_null = false;
}

std::vector<not_null_dropped> not_null_dropped::detect(const comparison& seen) {
  std::vector<not_null_dropped> found;
  for (const comparison::pair& both : seen.kept) {
    if (both.before->not_null && !both.after->not_null) found.push_back({both.before->name});
  }
  return found;
}

}  // namespace accord::change
