// column_retyped: a column gets another type or type modifier.
//
// The types are kept whole, since what a change of type does depends on the pair and on what
// stands behind a domain or an enum. A new collation, new labels or a redefined domain under the
// same type name are kinds of their own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct column_retyped {
  static constexpr std::string_view id = "column-retyped";
  std::string column;
  core::column_type from, to;
  std::optional<std::string> using_expression = std::nullopt;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<column_retyped> detect(const comparison&);
  bool operator==(const column_retyped&) const = default;
};

}  // namespace accord::change
