// inheritance_changed: the relation has other inheritance parents.
//
// Its rows appear in or vanish from queries on the parents.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct inheritance_changed {
  static constexpr std::string_view id = "inheritance-changed";
  std::vector<std::string> from, to;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<inheritance_changed> detect(const comparison&);
  bool operator==(const inheritance_changed&) const = default;
};

}  // namespace accord::change
