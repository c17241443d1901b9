// owner_rights_changed: rights that the owner of the relation has by nature, and has taken from himself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct owner_rights_changed {
  static constexpr std::string_view id = "privilege-of-owner-changed";
  std::vector<std::string> from, to;  // kinds that he lacks

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<owner_rights_changed> detect(const comparison&);
  bool operator==(const owner_rights_changed&) const = default;
};

}  // namespace accord::change
