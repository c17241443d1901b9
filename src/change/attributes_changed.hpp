// attributes_changed: the composite type behind a column has other attributes.
//
// The statement names the type and not the column (ALTER TYPE ... ADD ATTRIBUTE, or ALTER TABLE on a table whose row type it is); what
// clients of the column see is the list of attributes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct attributes_changed {
  static constexpr std::string_view id = "attributes-changed";
  std::string column;
  std::vector<std::string> from, to;  // as in core::column_type

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<attributes_changed> detect(const comparison&);
  bool operator==(const attributes_changed&) const = default;
};

}  // namespace accord::change
