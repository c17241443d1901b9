// domain_changed: the domain behind a column has other constraints or another default.
//
// ALTER DOMAIN names only the type; every column that uses it changes with it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct domain_changed {
  static constexpr std::string_view id = "domain-changed";
  std::string column;
  core::column_type from, to;
  std::string within = {};  // the domain's name where it is not the column's own, but that of an attribute or element in it

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<domain_changed> detect(const comparison&);
  bool operator==(const domain_changed&) const = default;
};

}  // namespace accord::change
