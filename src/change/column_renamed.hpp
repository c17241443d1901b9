// column_renamed: a column lives on under another name.
//
// Two shapes alone cannot tell a rename from a drop and an add: the caller says which columns are
// the same (the server knows by attribute number, a plan by its statements). Renames that stand
// next to each other are applied at the same time, so that a swap of two names works.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct column_renamed {
  static constexpr std::string_view id = "column-renamed";
  std::string column;
  std::string to;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<column_renamed> detect(const comparison&);
  bool operator==(const column_renamed&) const = default;
};

}  // namespace accord::change
