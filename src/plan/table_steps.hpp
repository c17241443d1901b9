// table_steps: what the steps of a migration do to one table, be it that of the contract or one below it in an inheritance tree.
#pragma once

#include <string>
#include <vector>

#include "core/renaming.hpp"
#include "plan/script.hpp"

namespace accord::plan {

std::string added_column_sql(const migration&, const version_column&);  // ADD COLUMN …
// What the replaced columns have beside their types; names as expand makes them.
std::vector<std::string> trait_actions(const migration&, std::string_view physical);

// Columns of the new version whose NOT NULL is proven by a check, by name.
std::vector<std::string> columns_with_check(const migration&);
std::vector<std::string> check_actions(const migration&, const std::vector<std::string>& not_null);  // ADD CONSTRAINT …
// Keys, rights, identities and triggers, once the columns are there.
void expand_table(script&, const migration&);
void validate_table(script&, const migration&, const std::vector<std::string>& not_null);

// The new names, in the map of every live version.
void follow_renames(migration&, const core::rename_list& in_order);
bool is_written_back(const migration&, std::string_view old_column);  // by a transform
void set_comments(script&, const migration&, const live_version& before, const live_version& after);

void make_triggers(script&, const migration&);  // that keep the versions in step
void drop_triggers(script&, const migration&);
// Before the columns go, what does not go with them.
void drop_added(script&, const migration&);
std::vector<std::string> drops_before_purge(const migration&, const std::vector<std::string>& not_null);  // DROP CONSTRAINT …

}  // namespace accord::plan
