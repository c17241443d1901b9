// collation_changed: a column of the same type compares and sorts by another collation.
//
// OIDs and type modifiers stay as they are, so drivers see nothing, yet ORDER BY, comparisons and
// ranges can give other rows and prepared statements fail once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct collation_changed {
  static constexpr std::string_view id = "collation-changed";
  std::string column;
  std::string from, to;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<collation_changed> detect(const comparison&);
  bool operator==(const collation_changed&) const = default;
};

}  // namespace accord::change
