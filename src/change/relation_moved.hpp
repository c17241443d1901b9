// relation_moved: the relation goes to another schema under its old name.
//
// Clients name a relation through its schema or through search_path, so a move is a rename to
// them; it is a kind of its own because search_path can make up for it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct relation_moved {
  static constexpr std::string_view id = "relation-moved";
  core::qualified_name from, to;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<relation_moved> detect(const comparison&);
  bool operator==(const relation_moved&) const = default;
};

}  // namespace accord::change
