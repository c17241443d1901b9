// relation_renamed: the relation gets another name.
//
// Constraints, policies and triggers follow a rename in the server; the texts of the shape that
// name the relation follow here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct relation_renamed {
  static constexpr std::string_view id = "relation-renamed";
  core::qualified_name from, to;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<relation_renamed> detect(const comparison&);
  bool operator==(const relation_renamed&) const = default;
};

}  // namespace accord::change
