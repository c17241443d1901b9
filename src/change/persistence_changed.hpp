// persistence_changed: the relation becomes logged or unlogged.
//
// Nothing changes until a crash or on a standby, where an unlogged relation is empty.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct persistence_changed {
  static constexpr std::string_view id = "persistence-changed";
  std::string from, to;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<persistence_changed> detect(const comparison&);
  bool operator==(const persistence_changed&) const = default;
};

}  // namespace accord::change
