// From the arguments of accord.stage to a plan whose expressions are resolved: what stage and plan have in common.
//
// Everything that can be refused is refused here, before anything is changed and before any lock that a client could notice: the DDL is read
// by the server's own parser against the newest version, up and down are compiled against the columns of their version (those of the new
// version stand in a table that exists only inside a subtransaction), and the expressions are tried on rows.
//
// Locking: the caller holds at least ACCESS SHARE on the table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "plan/planner.hpp"
#include "server/registry/contract.hpp"
#include "server/sync/expression.hpp"

namespace accord::migration {

// What up and down say about a table that comes with the version or goes with the old one: columns of it, and columns that are computed
// from it.
struct move_arguments {
  core::qualified_name target;  // as written
  Oid going = InvalidOid;       // the table, where it goes
  Oid existing = InvalidOid;    // the table, where it is there before and after
  std::vector<assignment> up, down;
};

struct stage_arguments {
  std::string ddl;
  std::optional<std::string> up, down, to_version;
  bool null_means_default = false;
  std::optional<std::string> steps = std::nullopt;  // SQL of the user's own with its way back, as JSON
  std::vector<move_arguments> moves = {};
};

// `id`: number of the migration; for a plan that is only shown, any.  `schemas`: names that other tables of the migration take.
plan::plan prepare(const registry::contract&, const stage_arguments&, std::int64_t id, const std::vector<std::string>& schemas = {});

// Does a default give another value for each row?  It cannot be added without writing every one.
bool is_volatile_default(std::string_view expression);

}  // namespace accord::migration
