// partitioning_changed: the relation is partitioned, no longer partitioned or partitioned
// otherwise, or becomes or stops being a partition.
//
// Rows can lose their place (no partition for a value), and rows of an attached or detached
// partition appear or vanish.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct partitioning_changed {
  static constexpr std::string_view id = "partitioning-changed";
  std::string from_key, to_key;                   // pg_get_partkeydef
  std::string from_of, to_of;                     // parent and bound
  std::vector<std::string> from_parts, to_parts;  // names and bounds of its partitions

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<partitioning_changed> detect(const comparison&);
  bool operator==(const partitioning_changed&) const = default;
};

}  // namespace accord::change
