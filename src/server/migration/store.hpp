// Staged migrations as accord_catalog keeps them.
//
// The row of a migration and the maps of its versions are read back into the same plan::migration value that the planner made, so that every
// later step is rendered from what is true then.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plan/migration.hpp"
#include "server/registry/contract.hpp"

namespace accord::migration {

// One migration of one contract: what its rows say.
struct record {
  std::int64_t id = 0;
  std::string state, ddl;
  std::optional<std::string> up, down;
  std::string from_version, to_version;
  std::string from_schema, to_schema;
  std::optional<std::string> marker;
  bool filled = false;
  bool old_view_is_ours = true;
  bool keeps_in_step = false;

  bool is_live() const { return state == "preparing" || state == "active" || state == "completed"; }
};

std::vector<record> migrations_of(std::int64_t contract);  // live ones, oldest first
std::optional<record> find_migration(std::int64_t migration, std::int64_t contract);
std::int64_t next_migration_id();

// The versions that have a column map now, oldest first.
std::vector<plan::live_version> live_versions(const registry::contract&);
plan::migration load(const registry::contract&, const record&);

void save_new(const record&);                                                         // the migration
void save_table(const plan::migration&, const record&, const core::shape& promised);  // what it does to one table
void save_columns(std::int64_t contract, const plan::live_version&);
void drop_columns(std::int64_t contract, int major);
// What a migration that has ended needs no more: its transforms, companions and ranges.
void drop_work(std::int64_t migration, std::int64_t contract);
void set_state(std::int64_t migration, const char* state);
void set_version_status(std::int64_t contract, int major, const char* from, const char* to);
// After a step that may have renamed the table.
void save_name(const registry::contract&);

}  // namespace accord::migration
