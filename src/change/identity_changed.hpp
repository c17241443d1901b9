// identity_changed: a column becomes, stops being or changes its kind of identity column.
//
// ALWAYS refuses values that writers supply; without identity a column that was filled by itself
// is not any more.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct identity_changed {
  static constexpr std::string_view id = "identity-changed";
  std::string column;
  std::string from, to;      // "", "always", "by default"
  std::string options = {};  // of the sequence, as written with their parentheses; where the identity is added

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<identity_changed> detect(const comparison&);
  bool operator==(const identity_changed&) const = default;
};

}  // namespace accord::change
