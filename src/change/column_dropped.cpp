// How column_dropped reads, applies and is found.
#include "change/column_dropped.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string column_dropped::describe() const {
  return core::joined({"drop column \"", column, "\"", cascade ? " cascade" : ""});
}

std::string column_dropped::element() const {
  return column_element(column);
}

void column_dropped::apply(core::shape& shape) const {
  erase_column(shape, column);
}

std::vector<column_dropped> column_dropped::detect(const comparison& seen) {
  std::vector<column_dropped> found;
  for (const std::string& name : seen.dropped)
    found.push_back({name});
  return found;
}

}  // namespace accord::change
