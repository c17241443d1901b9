// How columns_reordered reads, applies and is found.
#include "change/columns_reordered.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string columns_reordered::describe() const {
  return core::joined({"reorder columns to ", core::quote_list(order)});
}

std::string columns_reordered::element() const {
  return "column order";
}

void columns_reordered::apply(core::shape& shape) const {
  reorder_columns(shape, order);
}

std::vector<columns_reordered> columns_reordered::detect(const comparison& seen) {
  std::vector<std::string> expected, actual;
  for (const core::column& column : seen.moved.columns)
    expected.push_back(column.name);
  for (const core::column* column : seen.added)
    expected.push_back(column->name);
  for (const core::column& column : seen.after.columns)
    actual.push_back(column.name);
  if (expected == actual) return {};
  return {{actual}};
}

}  // namespace accord::change
