// How publications_changed reads, applies and is found.
#include "change/publications_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string publications_changed::describe() const {
  return core::joined({"publications: ", to.empty() ? "none" : std::to_string(to.size()), " instead of ",
                       from.empty() ? "none" : std::to_string(from.size())});
}

std::string publications_changed::element() const {
  return "publications";
}

void publications_changed::apply(core::shape& shape) const {
  shape.publications = to;
}

std::vector<publications_changed> publications_changed::detect(const comparison& seen) {
  if (seen.before.publications == seen.after.publications) return {};
  return {{seen.before.publications, seen.after.publications}};
}

}  // namespace accord::change
