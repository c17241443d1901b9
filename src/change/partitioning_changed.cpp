// How partitioning_changed reads, applies and is found.
#include "change/partitioning_changed.hpp"

#include "change/parts.hpp"

namespace accord::change {

std::string partitioning_changed::describe() const {
  if (from_key != to_key) return core::joined({"partition by ", or_none(to_key), " instead of ", or_none(from_key)});
  if (from_parts != to_parts) return "other partitions";
  return core::joined({"partition of ", or_none(to_of), " instead of ", or_none(from_of)});
}

std::string partitioning_changed::element() const {
  return "partitioning";
}

void partitioning_changed::apply(core::shape& shape) const {
  shape.partition_key = to_key;
  shape.partition_of = to_of;
  shape.partitions = to_parts;
}

std::vector<partitioning_changed> partitioning_changed::detect(const comparison& seen) {
  const core::shape &from = seen.moved, &to = seen.after;
  if (from.partition_key == to.partition_key && from.partition_of == to.partition_of && from.partitions == to.partitions) return {};
  return {{from.partition_key, to.partition_key, from.partition_of, to.partition_of, from.partitions, to.partitions}};
}

}  // namespace accord::change
