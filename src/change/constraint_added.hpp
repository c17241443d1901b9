// constraint_added: a key, check, foreign key, exclusion or unique index comes.
//
// It rejects rows that old writers could write, also while it is not validated. Applied after
// renames, so it names columns as they are called then.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct constraint_added {
  static constexpr std::string_view id = "constraint-added";
  core::constraint constraint;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<constraint_added> detect(const comparison&);
  bool operator==(const constraint_added&) const = default;
};

}  // namespace accord::change
