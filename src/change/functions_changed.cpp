// How functions_changed reads, applies and is found.
#include "change/functions_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string functions_changed::describe() const {
  return core::joined({"functions: ", to.empty() ? "none" : std::to_string(to.size()), " instead of ",
                       from.empty() ? "none" : std::to_string(from.size())});
}

std::string functions_changed::element() const {
  return "functions";
}

void functions_changed::apply(core::shape& shape) const {
  shape.functions = to;
}

std::vector<functions_changed> functions_changed::detect(const comparison& seen) {
  if (seen.before.functions == seen.after.functions) return {};
  return {{seen.before.functions, seen.after.functions}};
}

}  // namespace accord::change
