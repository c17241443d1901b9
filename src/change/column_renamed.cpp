// How column_renamed reads, applies and is found.
#include "change/column_renamed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string column_renamed::describe() const {
  return core::joined({"rename column \"", column, "\" to \"", to, "\""});
}

std::string column_renamed::element() const {
  return column_element(column);
}

void column_renamed::apply(core::shape& shape) const {
  rename_columns(shape, {{column, to}});
}

std::vector<column_renamed> column_renamed::detect(const comparison& seen) {
  std::vector<column_renamed> found;
  for (const auto& [from, to] : seen.renamed)
    found.push_back({from, to});
  return found;
}

}  // namespace accord::change
