// A staged migration as a value: the live versions of a table, the groups of columns kept in step, and the statements of its steps.
//
// The same value is made by the planner before anything exists and read back from accord_catalog later, so that one set of functions
// (steps.hpp) renders what stage, activate, complete, rollback and purge run and what accord.plan shows.
//
// Invariants: versions are ordered from the oldest; each version's columns are in view order; a physical column that only pg_accord knows
// begins with "_accord_".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/shape.hpp"
#include "core/version.hpp"
#include "plan/companion.hpp"

namespace accord::plan {

// One column of a version: the name clients see, the physical column behind it, the default of the view where it is not the table's.
struct version_column {
  std::string name, physical;
  std::optional<std::string> view_default;

  bool operator==(const version_column&) const = default;
};

struct live_version {
  core::semantic_version version;
  core::shape shape;
  std::vector<version_column> columns;
  core::qualified_name view;

  const version_column* find(std::string_view name) const;
  bool operator==(const live_version&) const = default;
};

// Columns that must agree: new = up(old), old = down(new), names as their version shows them.  An old column without `down` is only
// read by `up`: it is no side of its own.  A computed one is a generated column of the new version, which the triggers compute until
// completion makes it one of the table: no old columns, and `up` is over the new version.
struct transform {
  std::vector<std::string> old_columns, new_columns;
  std::vector<std::string> up;                   // one for each new column
  std::vector<std::optional<std::string>> down;  // one for each old column
  std::vector<std::string> origins = {};         // one for each new column: the old one whose place it takes; empty: none
  bool computed = false;

  bool operator==(const transform&) const = default;
};

// Columns that one version has in the migrated table, the source, and the other one in a table of its own, the target, which references the
// source by `target_key`.  A row of the source and the row of the target with its key say the same: columns = push(source),
// source_columns = pull(target); where all source columns hold what `absent` says, the target has no row.  In a link table there is a row
// for each value instead, and the source shows one of them.
//
// Columns that leave are those of the old version, and the target comes with the new one.  Columns that arrive are those of the new version,
// and the target, which the old one knows, goes with it.  Names of the source are those of the version that has the columns.
//
// A target that exists before, and stays, has rows for reasons of its own: the source fills and empties their columns, but takes no row away.
struct move {
  core::qualified_name target;
  bool arrives = false;
  bool existing = false;
  bool partitioned = false;                  // the target
  std::vector<std::string> key, target_key;  // of the source, and of the target
  std::vector<std::string> operators;        // that compare the two: OPERATOR(pg_catalog.=)
  std::vector<std::string> columns, push;
  std::vector<std::string> source_columns, pull, absent;
  std::vector<std::string> reads, target_reads;  // what push and pull read
  bool link = false;

  bool operator==(const move&) const = default;
};

struct migration {
  std::int64_t id = 0;
  std::int64_t contract = 0;
  core::qualified_name table;          // as it is called now
  std::string owner;                   // of the table
  std::vector<live_version> versions;  // all that are live on the table, this migration's two among them
  int from = 0, to = 0;                // majors
  std::vector<transform> transforms;
  std::vector<move> moves;
  std::vector<companion> companions;                           // what the new version has of its own beside columns
  std::vector<dropped_object> dropped;                         // what only the old version has, on columns that both share
  std::vector<owned_sequence> sequences;                       // of replaced columns, as they are now
  std::vector<column_traits> traits;                           // of dual columns; for expand only
  std::map<std::string, std::string> identity_options;         // of identities that are added, by physical column; for expand only
  std::map<std::string, std::string> generation;               // of virtual columns, over physical names; for expand only
  std::set<std::string> volatile_defaults;                     // expressions that give another value each time
  std::optional<std::string> marker;                           // column that is true while a row is pending
  std::map<std::string, std::optional<std::string>> defaults;  // of the physical columns
  bool other_migrations = false;                               // others are live on the table: the triggers stay
  bool old_view_is_ours = true;                                // made by this migration, so rollback takes it away
  bool old_view_lacks_columns = false;                         // it is there, but compatible changes have added columns since
  bool makes_triggers = true;                                  // the table has no sync triggers yet
  std::vector<core::privilege> privileges;                     // on the table, for its views
  std::vector<std::string> schema_users;                       // roles with USAGE on the table's schema

  // The tables below it in an inheritance tree, parents before their children.  Columns come, change names and go with those of the table
  // above; all else (defaults, NOT NULL, indexes, keys, triggers …) each has for itself.
  std::vector<migration> children;
  std::vector<core::qualified_name> parents;  // of a child: those in the tree
  std::set<std::string> local;                // of a child: physical columns that it defines itself besides inheriting them
  std::set<std::string> local_not_null;       // of a child: those that are NOT NULL by itself too

  const live_version& old_version() const;
  const live_version& new_version() const;
  // Physical columns that belong to the new version alone, and columns of the old one that the new one does not share.
  std::vector<std::string> added_columns() const;
  std::vector<std::string> replaced_columns() const;  // names in the old version
  // Columns of the old version that the new one does not share, each with the one that takes its place.
  std::vector<std::pair<std::string, std::string>> successions() const;
  std::string successor_of(const std::string& column) const;  // what the new version calls a column of the old one; empty: it has none
  std::string old_name(std::string_view column) const;        // physical name of a replaced column after completion
  bool is_dual(std::string_view) const;                       // a column of the new version that a transform keeps in step
  bool keeps_in_step() const { return !transforms.empty() || !moves.empty(); }
  bool is_child() const { return !parents.empty(); }
  bool is_in_tree() const { return is_child() || !children.empty(); }
};

enum class phase { expand, activate, complete, undo, rollback, purge };
std::string_view name_of(phase);

// Who runs a statement: the table's owner wherever its rights suffice, since a domain's check or a default is user code.
enum class runner { owner, extension };

struct statement {
  plan::phase phase = phase::expand;
  std::string sql;
  std::string lock;     // for people: ACCESS EXCLUSIVE on public.flights
  std::string purpose;  // for people: a full sentence
  plan::runner runner = runner::extension;

  bool operator==(const statement&) const = default;
};

}  // namespace accord::plan
