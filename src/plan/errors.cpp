// The texts behind plan/errors.hpp.
#include "plan/errors.hpp"

#include <fmt/format.h>

#include "core/name.hpp"

namespace accord::plan::errors {

namespace {

failure refused(std::string message, std::string detail, std::string hint) {
  return {core::sqlstate::migration_refused, std::move(message), std::move(detail), std::move(hint)};
}

std::vector<std::string> quoted_all(const std::vector<std::string>& names) {
  std::vector<std::string> result;
  result.reserve(names.size());
  for (const auto& name : names)
    result.push_back(quoted(name));
  return result;
}

const char* plural(const std::vector<std::string>& items, const char* one, const char* many) {
  return items.size() == 1 ? one : many;
}

}  // namespace

std::string quoted(std::string_view name) {
  return fmt::format("\"{}\"", name);
}

std::string listed(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); i++) {
    if (i > 0) text += i + 1 == items.size() ? " and " : ", ";
    text += items[i];
  }
  return text;
}

failure change_not_staged(std::string_view change, std::string_view why, std::string_view advice) {
  return refused(fmt::format("cannot stage: {}", change), std::string(why), std::string(advice));
}

failure nothing_to_stage() {
  return refused("the statements change nothing that clients can see", {},
                 "Give the DDL that leads to the new version, for example ALTER TABLE.");
}

failure no_such_column(std::string_view list, std::string_view column, std::string_view version) {
  return {core::sqlstate::undefined_column,
          fmt::format("column \"{}\" in \"{}\" does not exist in version {}", column, list, version),
          list == "up" ? "The list \"up\" assigns columns of the new version from columns of the old one."
                       : "The list \"down\" assigns columns of the old version from columns of the new one.",
          {}};
}

failure assigned_twice(std::string_view list, std::string_view column) {
  return {core::sqlstate::syntax_error, fmt::format("column \"{}\" is assigned more than once in \"{}\"", column, list), {}, {}};
}

failure using_and_up(std::string_view column) {
  return {core::sqlstate::syntax_error,
          fmt::format("column \"{}\" has both a USING clause and an expression in \"up\"", column),
          {},
          "Leave one of the two out."};
}

failure using_names_renamed(std::string_view column, std::string_view named) {
  return refused(fmt::format("the USING clause of column \"{}\" names column \"{}\", which the old version does not have", column, named),
                 "The expression is evaluated on rows of the old version.",
                 "Write the expression with the names of the old version in \"up\" and leave USING out.");
}

failure up_missing(std::string_view column, std::string_view why, std::string_view example) {
  return refused(fmt::format("\"up\" has no expression for column \"{}\"", column), std::string(why),
                 fmt::format("For example: up => {}.", example));
}

failure down_missing(std::string_view column, std::string_view why, std::string_view example) {
  return refused(fmt::format("\"down\" has no expression for column \"{}\"", column), std::string(why),
                 fmt::format("For example: down => {}.", example));
}

failure no_way_back(const std::vector<one_way>& columns) {
  std::vector<std::string> names;
  std::string ways, examples;
  for (const auto& c : columns) {
    names.push_back(quoted(c.column));
    ways += fmt::format("{}from {} to {}", ways.empty() ? "" : ", or ", c.from, c.to);
    examples += (examples.empty() ? "" : ", ") + c.example;
  }
  return refused(fmt::format("\"down\" has no expression for {} {}", names.size() == 1 ? "column" : "columns", listed(names)),
                 fmt::format("There is no certain way back {}.", ways),
                 fmt::format("For example: down => {}.", core::dollar_quote(examples)));
}

failure completion_fails(std::string_view statement, std::string_view message) {
  return refused(
      fmt::format("cannot stage because the migration could not be completed: {}", message),
      fmt::format("The step that fails: {}", statement),
      "What stands on a column must fit both of its types: change or drop it first, and make it again when the migration is purged.");
}

failure down_for_shared(std::string_view column) {
  return refused(fmt::format("\"down\" assigns column \"{}\", which both versions share", column),
                 "A column that the new version has unchanged needs no expression.",
                 "Leave it out, or give the way to the new version in \"up\" too.");
}

failure default_is_volatile(std::string_view column) {
  return refused(fmt::format("cannot stage column \"{}\" with a volatile default", column),
                 "Every existing row would need a value of its own, which no expression over the old version can give.",
                 "Add the column with ALTER TABLE, which is a compatible change, or give \"up\" and no default.");
}

failure in_index(std::string_view column, const std::vector<std::string>& objects) {
  return refused(fmt::format("cannot stage column \"{}\" because {} on it", column,
                             objects.size() == 1 ? "an index or constraint is" : "indexes or constraints are"),
                 fmt::format("The column that replaces it would be without: {}.", listed(objects)),
                 "Drop what is not needed and stage again, or add the new column under another name, build its indexes, and drop the old "
                 "column in a later migration.");
}

failure is_partition_key(std::string_view column) {
  return refused(fmt::format("cannot stage column \"{}\" because the table is partitioned by it", column),
                 "A row is in the partition that its value says, and cannot be in that of another column's value too.",
                 "Make a partitioned table of the new shape beside this one, and move the rows to it.");
}

failure exclusion_of_partitions(std::string_view change) {
  return refused(fmt::format("cannot {} of a partitioned table", change),
                 "PostgreSQL builds it for all partitions at once, while nobody can read or write, and attaches none that a partition has.",
                 "Drop it in the DDL of the migration, and add it in a quiet hour when the migration is purged.");
}

failure unproven_key_of_partitions(std::string_view column, std::string_view key) {
  return refused(fmt::format("cannot stage column \"{}\" because the {} is not valid", column, key),
                 "A partitioned table takes in the foreign keys of its partitions when they are proven.",
                 "Validate it first, with ALTER TABLE ... VALIDATE CONSTRAINT.");
}

failure version_without_columns(std::string_view version, bool is_new) {
  return refused(fmt::format("cannot stage: version {} has no columns", version),
                 "Both versions of a migration are views of some columns of the table, by which their rows are told and kept in step.",
                 is_new ? "Keep a column; or drop the table, when nobody relies on it."
                        : "Add a column with ALTER TABLE, which breaks nobody, or replace the table by a new one.");
}

failure earlier_migration(std::string_view column, std::string_view object) {
  return refused(fmt::format("column \"{}\" is still being migrated, with what stands on it", column),
                 fmt::format("The {} belongs to a migration that is live.", object),
                 "Open its version first; where that is not enough, complete and purge it.  accord.status says what its next step is.");
}

failure second_primary_key(std::string_view table, std::string_view name) {
  return {"42P16", fmt::format("multiple primary keys for table \"{}\" are not allowed", table),
          fmt::format("The table has primary key \"{}\".", name),
          fmt::format("Drop it in the DDL of the migration too: DROP CONSTRAINT {}.", core::quote_identifier(name))};
}

failure referenced_key(std::string_view constraint, const std::vector<std::string>& keys) {
  return refused(fmt::format("cannot drop {} because foreign keys reference it", constraint),
                 fmt::format("PostgreSQL drops no key that others need: {}.", listed(keys)),
                 "Drop the foreign keys first, or leave the key.");
}

failure on_shared_columns(std::string_view constraint, const std::vector<std::string>& columns) {
  auto column = columns.empty() ? std::string("...") : core::quote_identifier(columns.front());
  return refused(
      fmt::format("cannot stage {} on columns that both versions share", constraint),
      "Clients of the old version, who know nothing of it, could write rows that violate it.",
      fmt::format("Give the new version a column of its own, with values that satisfy it and their way back: up => {}, down => {}.",
                  core::dollar_quote(fmt::format("{} = ...", column)), core::dollar_quote(fmt::format("{0} = {0}", column))));
}

failure twin_not_possible(std::string_view object, std::string_view reason) {
  return refused(fmt::format("the new version cannot have its own {}", object), std::string(reason),
                 "Drop it in the DDL of the migration, or give one that fits the new columns.");
}

failure is_generated(std::string_view column, std::string_view list) {
  return refused(fmt::format("\"{}\" assigns generated column \"{}\"", list, column),
                 "Its values are computed from other columns, so there is nothing to keep in step.",
                 fmt::format("Leave it out of \"{}\"{}.", list, list == "up" ? ", or drop its expression in the DDL" : ""));
}

failure is_identity(std::string_view column) {
  return refused(fmt::format("\"down\" assigns identity column \"{}\", which the new version does not have", column),
                 "Its values are made by the server.", "Leave it out of \"down\".");
}

failure virtual_not_null(std::string_view column) {
  return refused(fmt::format("cannot stage virtual generated column \"{}\" with NOT NULL", column),
                 "PostgreSQL would compute it for every row while nobody can read or write.",
                 "Leave NOT NULL out, and add it as a NOT VALID constraint when the migration is purged.");
}

failure insert_is_ambiguous(std::string_view column, std::string_view default_expression) {
  return refused(
      fmt::format("an INSERT cannot tell whether column \"{}\" was given or left to its default", column),
      fmt::format("The column has the default {}, and a client of the other version that writes NULL on purpose looks the same as "
                  "one that leaves the column out.",
                  default_expression),
      "Put pg_accord into shared_preload_libraries or session_preload_libraries, or accept that such a NULL becomes the default "
      "with insert_null => 'default'.");
}

failure star_consumers(std::string_view table, const std::vector<std::string>& consumers) {
  return refused(fmt::format("consumers rely on the exact column list of table \"{}\"", table),
                 fmt::format("The migration adds columns to the table, which these would see: {}.", listed(quoted_all(consumers))),
                 "Move them to a version of their own first with accord.switch_version, or loosen their strictness with accord.subscribe.");
}

failure column_triggers(const std::vector<std::string>& triggers, const std::vector<std::string>& columns) {
  return refused(fmt::format("{} on columns that the new version does not have",
                             triggers.size() == 1 ? "a column-specific trigger stands" : "column-specific triggers stand"),
                 fmt::format("Affected {}: {}.  Dropped {}: {}.", plural(triggers, "trigger", "triggers"), listed(quoted_all(triggers)),
                             plural(columns, "column", "columns"), listed(quoted_all(columns))),
                 "Drop them, or create them again without these columns.");
}

failure policies_on(const std::vector<std::string>& policies, const std::vector<std::string>& columns) {
  return refused(fmt::format("{} on columns that the new version does not have",
                             policies.size() == 1 ? "a row-level security policy stands" : "row-level security policies stand"),
                 fmt::format("Affected {}: {}.  Dropped {}: {}.", plural(policies, "policy", "policies"), listed(quoted_all(policies)),
                             plural(columns, "column", "columns"), listed(quoted_all(columns))),
                 "Change them with ALTER POLICY so that they do without these columns.");
}

failure is_moved_to(std::string_view table) {
  return refused(
      fmt::format("table \"{}\" is kept in step with another one by a live migration", table), "Columns move between the two.",
      "Finish that migration with accord.complete() and accord.purge(), or undo it with accord.rollback().  The view accord.status "
      "tells which it is.");
}

failure trigger_sorts_outside(const std::vector<std::string>& triggers) {
  return refused(
      fmt::format("{} outside the triggers that keep the versions in step",
                  triggers.size() == 1 ? "a BEFORE trigger would run" : "BEFORE triggers would run"),
      fmt::format("Triggers run in the order of their names, from \"!accord_sync\" to \"~accord_sync\": {}.", listed(quoted_all(triggers))),
      "Rename them with ALTER TRIGGER.");
}

failure published(const std::vector<std::string>& publications, const std::vector<std::string>& with_lists, bool all_tables) {
  return refused(fmt::format("{} would carry the columns of the migration", plural(publications, "a publication", "publications")),
                 fmt::format("Subscribers have no such columns and would stop applying: {}.", listed(quoted_all(publications))),
                 all_tables
                     ? "A publication of all tables cannot have a column list: replace it by one that names its tables, and this one "
                       "with its columns."
                     : fmt::format("Give the table a column list, in one transaction: {}", fmt::join(with_lists, " ")));
}

failure sequence_moves_along(std::string_view table, std::string_view column, std::string_view sequence) {
  return refused(
      fmt::format("cannot stage another schema for table \"{}\", which owns a sequence", table),
      fmt::format("The default of column \"{}\" names sequence {}, which would move with the table.", column, sequence),
      fmt::format("Let it stay where it is, and give it back when the migration is complete: ALTER SEQUENCE {} OWNED BY NONE;", sequence));
}

failure published_columns(const std::vector<std::string>& publications, const std::vector<std::string>& columns, std::string_view table) {
  return refused(
      fmt::format("{} columns that the new version does not have", publications.size() == 1 ? "a publication names" : "publications name"),
      fmt::format("Affected {}: {}.  Dropped {}: {}.", plural(publications, "publication", "publications"),
                  listed(quoted_all(publications)), plural(columns, "column", "columns"), listed(quoted_all(columns))),
      fmt::format("Take table \"{}\" out with ALTER PUBLICATION ... DROP TABLE, and add it again with a column list and a row filter "
                  "that do without these columns.",
                  table));
}

failure not_updatable(std::string_view table, std::string_view why) {
  return refused(
      fmt::format("rows of table \"{}\" cannot be updated", table),
      fmt::format("The backfill writes every row, and PostgreSQL refuses that for a table that is published: {}.", why),
      fmt::format("Let its replica identity tell the rows, with ALTER TABLE {} REPLICA IDENTITY, or publish columns that tell them.",
                  core::quote_identifier(table)));
}

failure is_inherited(std::string_view column, std::string_view table, const std::vector<std::string>& parents) {
  return refused(fmt::format("column \"{}\" of table \"{}\" is inherited", column, table),
                 fmt::format("It changes only together with that of {}.", listed(quoted_all(parents))),
                 "Stage the change on the table at the top of the inheritance tree.");
}

failure parent_migrates(std::string_view table, std::string_view parent) {
  return refused(fmt::format("table \"{}\" inherits from \"{}\", which has a live migration", table, parent),
                 "The columns of that migration are kept in step in this table too.",
                 fmt::format("Finish it first: SELECT * FROM accord.status WHERE contract = {}::regclass;", core::quote_literal(parent)));
}

failure inherited_elsewhere(std::string_view column, std::string_view child) {
  return refused(fmt::format("column \"{}\" of table \"{}\" is inherited from outside of the tree too", column, child),
                 "PostgreSQL does not change such a column on one side only.",
                 "Take the table out of one of the trees with NO INHERIT, or stage the change at a table above both.");
}

failure child_has_contract(std::string_view child) {
  return refused(fmt::format("table \"{}\", which inherits the columns, has a contract of its own", child),
                 "Its clients would have to change versions at the same moment.",
                 "Drop one of the two contracts; the clients of the child can use the version views of the table above.");
}

failure child_not_followed(std::string_view child, std::string_view why) {
  return refused(fmt::format("table \"{}\" of the inheritance tree cannot follow the migration", child), std::string(why),
                 "Take it out of the tree with NO INHERIT.");
}

failure moves_from_tree(std::string_view table) {
  return refused(fmt::format("columns cannot move between the inheritance tree of \"{}\" and another table", table),
                 "Rows of the children have no key in common by which both tables could be kept in step.",
                 "Take the children out of the tree with NO INHERIT, or make partitions of them: columns of a partitioned table can move.");
}

failure is_partition(std::string_view table) {
  return refused(fmt::format("table \"{}\" is a partition", table), "Its columns are those of the partitioned table.",
                 "Stage the change on the partitioned table.");
}

failure not_a_table(std::string_view table, std::string_view kind) {
  return refused(fmt::format("cannot stage a migration of {} \"{}\"", kind, table),
                 "Only tables and partitioned tables have rows to keep in step.", "Stage the change on the tables behind it.");
}

}  // namespace accord::plan::errors
