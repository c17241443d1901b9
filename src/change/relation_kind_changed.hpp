// relation_kind_changed: what carries the name is another kind of relation: a view where a table
// was.
//
// Most statements do not care, but COPY FROM, TRUNCATE, foreign keys and locks do, so clients can
// notice.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct relation_kind_changed {
  static constexpr std::string_view id = "relation-kind-changed";
  core::qualified_name relation;
  std::string from, to;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<relation_kind_changed> detect(const comparison&);
  bool operator==(const relation_kind_changed&) const = default;
};

}  // namespace accord::change
