// policy_changed: a policy of the same name does something else.
//
// Its expressions, roles, command or kind changed; which rows are seen or taken changes with them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct policy_changed {
  static constexpr std::string_view id = "policy-changed";
  core::policy from, to;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<policy_changed> detect(const comparison&);
  bool operator==(const policy_changed&) const = default;
};

}  // namespace accord::change
