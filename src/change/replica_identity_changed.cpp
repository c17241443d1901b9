// How replica_identity_changed reads, applies and is found.
#include "change/replica_identity_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string replica_identity_changed::describe() const {
  return core::joined({"set replica identity from ", from, " to ", to});
}

std::string replica_identity_changed::element() const {
  return "replica identity";
}

void replica_identity_changed::apply(core::shape& shape) const {
  shape.replica_identity = to;
}

std::vector<replica_identity_changed> replica_identity_changed::detect(const comparison& seen) {
  if (seen.before.replica_identity == seen.after.replica_identity) return {};
  return {{seen.before.replica_identity, seen.after.replica_identity}};
}

}  // namespace accord::change
