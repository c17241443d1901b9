// policy_added: a new policy.
//
// A permissive policy shows more rows, a restrictive one fewer; the first policy under row
// security gives access at all.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct policy_added {
  static constexpr std::string_view id = "policy-added";
  core::policy policy;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<policy_added> detect(const comparison&);
  bool operator==(const policy_added&) const = default;
};

}  // namespace accord::change
