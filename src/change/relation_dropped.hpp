// relation_dropped: the relation is gone.
//
// A shape without a relation name stands for no relation at all, so that a drop can be found by
// comparing and applied like any other change.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct relation_dropped {
  static constexpr std::string_view id = "relation-dropped";
  core::qualified_name relation;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<relation_dropped> detect(const comparison&);
  bool operator==(const relation_dropped&) const = default;
};

}  // namespace accord::change
