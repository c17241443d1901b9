// How column_added reads, applies and is found.
#include "change/column_added.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string column_added::describe() const {
  return core::joined({"add column \"", column.name, "\" ", column.type.text});
}

std::string column_added::element() const {
  return column_element(column.name);
}

void column_added::apply(core::shape& shape) const {
  if (shape.find_column(column.name)) throw errors::column_exists(shape.relation, column.name);
  shape.columns.push_back(column);
}

std::vector<column_added> column_added::detect(const comparison& seen) {
  std::vector<column_added> found;
  for (const core::column* column : seen.added)
    found.push_back({*column});
  return found;
}

}  // namespace accord::change
