// How column_retyped reads, applies and is found.
#include "change/column_retyped.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string column_retyped::describe() const {
  return core::joined({"alter column \"", column, "\" type from ", from.text, " to ", to.text});
}

std::string column_retyped::element() const {
  return column_element(column);
}

void column_retyped::apply(core::shape& shape) const {
  column_of(shape, column).type = to;
}

std::vector<column_retyped> column_retyped::detect(const comparison& seen) {
  std::vector<column_retyped> found;
  for (const comparison::pair& both : seen.kept) {
    if (!same_type(both.before->type, both.after->type)) {
      found.push_back({both.before->name, both.before->type, both.after->type});
    }
  }
  return found;
}

}  // namespace accord::change
