// How collation_changed reads, applies and is found.
#include "change/collation_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string collation_changed::describe() const {
  return core::joined({"alter column \"", column, "\" collation from ", or_default(from), " to ", or_default(to)});
}

std::string collation_changed::element() const {
  return column_element(column);
}

void collation_changed::apply(core::shape& shape) const {
  column_of(shape, column).type.collation = to;
}

std::vector<collation_changed> collation_changed::detect(const comparison& seen) {
  std::vector<collation_changed> found;
  for (const comparison::pair& both : seen.kept) {
    const core::column_type &from = both.before->type, &to = both.after->type;
    if (same_type(from, to) && from.collation != to.collation) {
      found.push_back({both.before->name, from.collation, to.collation});
    }
  }
  return found;
}

}  // namespace accord::change
