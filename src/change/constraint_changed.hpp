// constraint_changed: a constraint of the same name and kind means something else.
//
// The server changes few of its properties in place; most often it was dropped and added again in
// one transaction, and to clients that is the same.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct constraint_changed {
  static constexpr std::string_view id = "constraint-changed";
  core::constraint from, to;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<constraint_changed> detect(const comparison&);
  bool operator==(const constraint_changed&) const = default;
};

}  // namespace accord::change
