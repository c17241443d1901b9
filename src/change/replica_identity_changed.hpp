// replica_identity_changed: logical replication identifies changed rows in another way.
//
// Without an identity a published table refuses UPDATE and DELETE; with FULL the stream carries
// whole rows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"

namespace accord::change {

struct replica_identity_changed {
  static constexpr std::string_view id = "replica-identity-changed";
  std::string from, to;

  std::string describe() const;
  std::string element() const;
  void apply(core::shape&) const;
  static std::vector<replica_identity_changed> detect(const comparison&);
  bool operator==(const replica_identity_changed&) const = default;
};

}  // namespace accord::change
