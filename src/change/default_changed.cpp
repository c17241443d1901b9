// How default_changed reads, applies and is found.
#include "change/default_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string default_changed::describe() const {
  return core::joined({"alter column \"", column, "\" default from ", or_none(from), " to ", or_none(to)});
}

std::string default_changed::element() const {
  return column_element(column);
}

void default_changed::apply(core::shape& shape) const {
  column_of(shape, column).default_expression = to;
}

std::vector<default_changed> default_changed::detect(const comparison& seen) {
  std::vector<default_changed> found;
  for (const comparison::pair& both : seen.kept) {
    if (both.before->default_expression != both.after->default_expression) {
      found.push_back({both.before->name, both.before->default_expression, both.after->default_expression});
    }
  }
  return found;
}

}  // namespace accord::change
