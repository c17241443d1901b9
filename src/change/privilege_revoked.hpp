// privilege_revoked: somebody loses a right on the relation or on a column.
//
// Compared on rights and not on statements, since GRANT and REVOKE name neither in their event.
// The column has its new name where it was also renamed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct privilege_revoked {
  static constexpr std::string_view id = "privilege-revoked";
  core::privilege privilege;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<privilege_revoked> detect(const comparison&);
  bool operator==(const privilege_revoked&) const = default;
};

}  // namespace accord::change
