// view_redefined: a view has another query or other options under the same columns.
//
// The server lets CREATE OR REPLACE VIEW give the same columns another meaning; no statement
// fails.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct view_redefined {
  static constexpr std::string_view id = "view-redefined";
  std::string from, to;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<view_redefined> detect(const comparison&);
  bool operator==(const view_redefined&) const = default;
};

}  // namespace accord::change
