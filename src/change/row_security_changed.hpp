// row_security_changed: row security is switched on, off, or forced on the owner.
//
// Without a policy nobody but the owner sees a row any more, and no statement says so.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct row_security_changed {
  static constexpr std::string_view id = "row-security-changed";
  bool from_enabled = false, to_enabled = false;
  bool from_forced = false, to_forced = false;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<row_security_changed> detect(const comparison&);
  bool operator==(const row_security_changed&) const = default;
};

}  // namespace accord::change
