// not_null_added: a column no longer takes NULL.
//
// Readers gain a promise; writers who leave the column out or write NULL are refused.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct not_null_added {
  static constexpr std::string_view id = "not-null-added";
  std::string column;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<not_null_added> detect(const comparison&);
  bool operator==(const not_null_added&) const = default;
};

}  // namespace accord::change
