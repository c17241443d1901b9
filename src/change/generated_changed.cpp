// How generated_changed reads, applies and is found.
#include "change/generated_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string generated_changed::describe() const {
  return core::joined({"alter column \"", column, "\" generated from ", or_none(from), " to ", or_none(to)});
}

std::string generated_changed::element() const {
  return column_element(column);
}

void generated_changed::apply(core::shape& shape) const {
  core::column& changed = column_of(shape, column);
  changed.generated = to;
  changed.generated_kind = to_kind;
}

std::vector<generated_changed> generated_changed::detect(const comparison& seen) {
  std::vector<generated_changed> found;
  for (const core::column& old : seen.moved.columns) {
    const core::column& now = *seen.after.find_column(old.name);
    if (old.generated != now.generated || old.generated_kind != now.generated_kind) {
      found.push_back({now.name, old.generated, now.generated, old.generated_kind, now.generated_kind});
    }
  }
  return found;
}

}  // namespace accord::change
