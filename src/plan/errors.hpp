// The refusals of the planner, as named constructors.
//
// A refused plan has changed nothing, says why, and says what to write instead; one test walks them all and holds them to PostgreSQL's
// style of error messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/failure.hpp"

namespace accord::plan::errors {

using core::failure;

// "a", "a and b", "a, b and c"; each as given.
std::string listed(const std::vector<std::string>& items);
std::string quoted(std::string_view name);  // "name", for messages

failure change_not_staged(std::string_view change, std::string_view why, std::string_view advice);
failure nothing_to_stage();
failure no_such_column(std::string_view list, std::string_view column, std::string_view version);
failure assigned_twice(std::string_view list, std::string_view column);
failure using_and_up(std::string_view column);
failure using_names_renamed(std::string_view column, std::string_view named);
failure up_missing(std::string_view column, std::string_view why, std::string_view example);
failure down_missing(std::string_view column, std::string_view why, std::string_view example);
// Retyped columns whose "down" cannot be told, all at once.
struct one_way {
  std::string column, from, to, example;
};
failure no_way_back(const std::vector<one_way>&);
// A step of completion that the server refuses, as a trigger that does not fit the new type of its column.
failure completion_fails(std::string_view statement, std::string_view message);
failure down_for_shared(std::string_view column);
failure default_is_volatile(std::string_view column);
failure in_index(std::string_view column, const std::vector<std::string>& objects);
failure is_partition_key(std::string_view column);
failure exclusion_of_partitions(std::string_view change);
failure unproven_key_of_partitions(std::string_view column, std::string_view key);
failure version_without_columns(std::string_view version, bool is_new);
failure earlier_migration(std::string_view column, std::string_view object);
failure second_primary_key(std::string_view table, std::string_view name);
failure referenced_key(std::string_view constraint, const std::vector<std::string>& keys);
failure on_shared_columns(std::string_view constraint, const std::vector<std::string>& columns);
failure twin_not_possible(std::string_view object, std::string_view reason);
failure is_generated(std::string_view column, std::string_view list);
failure is_identity(std::string_view column);
failure virtual_not_null(std::string_view column);
failure insert_is_ambiguous(std::string_view column, std::string_view default_expression);
failure star_consumers(std::string_view table, const std::vector<std::string>& consumers);
failure column_triggers(const std::vector<std::string>& triggers, const std::vector<std::string>& columns);
failure policies_on(const std::vector<std::string>& policies, const std::vector<std::string>& columns);
failure is_moved_to(std::string_view table);
failure trigger_sorts_outside(const std::vector<std::string>& triggers);
failure sequence_moves_along(std::string_view table, std::string_view column, std::string_view sequence);
failure published_columns(const std::vector<std::string>& publications, const std::vector<std::string>& columns, std::string_view table);
failure not_updatable(std::string_view table, std::string_view why);
failure published(const std::vector<std::string>& publications, const std::vector<std::string>& with_lists, bool all_tables);
failure is_inherited(std::string_view column, std::string_view table, const std::vector<std::string>& parents);
failure parent_migrates(std::string_view table, std::string_view parent);
failure inherited_elsewhere(std::string_view column, std::string_view child);
failure child_has_contract(std::string_view child);
failure child_not_followed(std::string_view child, std::string_view why);
failure moves_from_tree(std::string_view table);
failure is_partition(std::string_view table);
failure not_a_table(std::string_view table, std::string_view kind);

}  // namespace accord::plan::errors
