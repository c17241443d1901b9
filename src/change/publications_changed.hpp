// publications_changed: the relation is published, no longer published, or published otherwise.
//
// Subscribers see more or less of it; and UPDATE and DELETE of a published relation need a replica identity.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct publications_changed {
  static constexpr std::string_view id = "publications-changed";
  std::vector<std::string> from, to;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<publications_changed> detect(const comparison&);
  bool operator==(const publications_changed&) const = default;
};

}  // namespace accord::change
