// The new version's columns, followed through the statements of the DDL from the old version.
//
// A migration is written as ordinary DDL, in which a column may be renamed, retyped and renamed again.  The draft remembers for each column
// where it came from and what happened to it, which is what decides whether it can share the old version's physical column.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "change/change.hpp"
#include "core/shape.hpp"

namespace accord::plan {

struct draft_column {
  core::column column;                               // as the new version has it
  std::optional<std::string> origin = std::nullopt;  // its name in the old version; none: the column is new
  bool retyped = false;
  std::string identity_options = {};  // of a sequence that is added
  bool regenerated = false;           // becomes, stops being or changes as a generated column
  std::optional<std::string> using_expression = std::nullopt;
};

struct draft {
  std::vector<draft_column> columns;
  core::qualified_name relation;
  std::string comment;
  std::vector<core::constraint> added;    // constraints, columns as the new version calls them
  std::vector<core::constraint> dropped;  // columns as the old version called them when they were dropped

  const draft_column* find(std::string_view name) const;
  const draft_column* from(std::string_view origin) const;
};

// Throws what errors.hpp says for a change that cannot be staged.
draft follow(const core::shape& old_shape, std::span<const change::any_change> changes);

}  // namespace accord::plan
