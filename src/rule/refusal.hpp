// refusal: what the guard says when it refuses a change.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "change/change.hpp"
#include "core/failure.hpp"
#include "core/shape.hpp"
#include "core/verdict.hpp"
#include "core/version.hpp"

namespace accord::rule {

struct refused_change {
  std::string tag;       // ALTER TABLE
  std::string contract;  // its name for people
  core::qualified_name relation;
  const core::shape* before = nullptr;
  core::semantic_version version;           // that would be broken
  std::vector<core::finding> findings;      // not empty
  std::vector<change::any_change> changes;  // of the statement; empty where they are not known
  std::vector<std::string> consumers;       // affected, and the reader may see their names
  int hidden_consumers = 0;                 // affected, and the reader may not
  std::string way;                          // what to do, where it is not what the changes tell
  std::string under_way;                    // the version that a live migration goes to; empty: there is none
};

// AC001 with message, detail and hint.
core::failure refusal(const refused_change&);

}  // namespace accord::rule
