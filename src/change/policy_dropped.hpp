// policy_dropped: a policy is gone.
//
// Rows that only this policy allowed vanish; rows that a restrictive one held back appear.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct policy_dropped {
  static constexpr std::string_view id = "policy-dropped";
  core::policy policy;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<policy_dropped> detect(const comparison&);
  bool operator==(const policy_dropped&) const = default;
};

}  // namespace accord::change
