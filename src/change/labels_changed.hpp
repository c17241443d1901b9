// labels_changed: the enum behind a column has other labels.
//
// The statement names the type and not the column (ALTER TYPE ... ADD VALUE), or makes the type
// again under its old name; what clients of the column see is the list of labels.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct labels_changed {
  static constexpr std::string_view id = "labels-changed";
  std::string column;
  std::vector<std::string> from, to;
  std::string within = {};  // the type's name where it is not the column's own, but that of an attribute or element in it

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<labels_changed> detect(const comparison&);
  bool operator==(const labels_changed&) const = default;
};

}  // namespace accord::change
