// columns_reordered: the columns stand in another order than dropping, renaming and adding at the
// end would leave them.
//
// Only possible by making the relation again; INSERT without a column list and COPY without one
// then put values into other columns.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct columns_reordered {
  static constexpr std::string_view id = "columns-reordered";
  std::vector<std::string> order;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<columns_reordered> detect(const comparison&);
  bool operator==(const columns_reordered&) const = default;
};

}  // namespace accord::change
