// The planner: DDL, up and down in; a migration and its expand statements out, or a refusal that says what to write instead.
//
// What need not be copied is not copied: a rename, a new order, a column left out, a default, a comment and the table's name are matters of
// the version view, and no row is touched for them.  Only a change of type or nullability, and columns with an `up`, get a physical column
// of their own that is kept in step.
//
// Invariants: the planner changes nothing and knows no server; the same request always gives the same plan.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "change/change.hpp"
#include "plan/draft.hpp"
#include "plan/migration.hpp"

namespace accord::plan {

// One element of an `up` or `down` list.
struct assignment {
  std::string column, expression;
};

// What stands around the table; columns by their physical names.
struct surroundings {
  struct keyed {              // an index, key, foreign key, exclusion constraint or partition key
    std::string description;  // index "flights_day_idx"
    std::vector<std::string> columns;
    bool goes_with_column = true;              // DROP COLUMN would take it along
    companion twin;                            // what its twin would be; kind none: it can have none
    std::vector<std::string> referenced = {};  // of a foreign key to this table, its own or another's
    bool expendable = false;                   // no promise, as an index that only one partition has: clients notice nothing but speed
  };
  struct trigger {
    std::string name;
    bool before = false;               // BEFORE row trigger for INSERT or UPDATE
    std::vector<std::string> columns;  // of UPDATE OF and of WHEN
  };
  struct policy {
    std::string name;
    std::vector<std::string> columns;  // of its expressions
  };
  struct publication {
    std::string name;
    std::string with_list = {};  // what gives it a list of the present columns; empty: it is of all tables, of a schema or of the database
  };
  struct published {
    std::string publication;
    std::vector<std::string> columns;  // that its column list and row filter for the table, or for one below it, name
  };
  std::vector<keyed> keys;
  std::vector<trigger> triggers;
  std::vector<policy> policies;
  std::vector<publication> publications;     // that publish every column of the table
  std::vector<published> published_columns;  // of publications that name columns
  std::string not_updatable;                 // why the server would refuse an UPDATE, as replication could not tell the rows
  std::vector<std::string> star_consumers;   // on the table itself, at strictness star or exact
  std::map<std::string, std::vector<std::string>> grantees;  // roles with privileges on single columns
  std::vector<column_traits> traits;                         // of columns that have any
  std::vector<owned_sequence> sequences;
  bool is_partition = false;
  std::vector<std::string> parents;  // from which it inherits, for messages
  std::set<std::string> inherited;   // columns that it has from them
  std::string migrating_parent;      // one of them, or of theirs, that has a live migration
};

// A table below in an inheritance tree.
struct child_table {
  core::qualified_name table;
  std::vector<core::qualified_name> parents;  // in the tree
  std::string owner;
  core::shape shape;                     // in the version to start from
  std::set<std::string> local;           // physical columns that it defines itself besides inheriting them
  std::set<std::string> local_not_null;  // physical columns that are NOT NULL by itself too, which tables know of themselves from 18 on
  std::set<std::string> elsewhere;       // physical columns that it also has from a table outside of the tree
  std::map<std::string, std::optional<std::string>> defaults;
  surroundings around;
  bool has_contract = false;
};

// A table to which columns move, or from which they come, as it is; names of columns.
struct other_table {
  struct column {
    std::string name, type;
    bool not_null = false, has_default = false, generated = false;
  };
  struct reference {  // to the migrated table
    std::string name;
    std::vector<std::string> columns, referenced, operators;
    bool deferrable = false, cascades = false;  // ON DELETE CASCADE
  };
  core::qualified_name name;
  std::string kind, owner;
  bool has_partitions = false, takes_any_row = true;  // of a partitioned table
  std::vector<column> columns;
  std::vector<std::vector<std::string>> keys;  // unique ones, immediate and of all rows
  std::vector<reference> references;
};

// What `up` and `down` say about another table: one that comes with the new version or is there already, or, where its columns arrive, one that
// goes.
struct asked_move {
  other_table target;
  bool arrives = false, existing = false;
  std::vector<assignment> up, down;
};

// CREATE INDEX in the DDL.
struct added_index {
  std::string name;
  std::vector<std::string> columns;  // of the new version; also those of expressions and of the predicate
  bool unique = false;
};

// COMMENT ON CONSTRAINT or INDEX in the DDL.
struct object_comment {
  bool of_index = false;
  std::string name;
  std::optional<std::string> text;  // none: no comment
};

struct request {
  std::int64_t id = 0;
  std::int64_t contract = 0;
  std::string owner;
  core::qualified_name table;
  std::vector<live_version> versions;  // live before, the one to start from last
  core::semantic_version to;
  std::vector<change::any_change> changes;
  std::vector<added_index> added_indexes;
  std::vector<std::string> dropped_indexes;  // that are not unique; a unique one is a dropped constraint
  std::vector<object_comment> comments;
  std::vector<assignment> up, down;
  std::vector<asked_move> moves;
  std::map<std::string, std::optional<std::string>> defaults;  // of the physical columns
  surroundings around;
  std::vector<child_table> children;  // parents before their children
  bool inserts_are_known = false;     // preloaded, or insert_null => 'default'
  bool other_migrations = false;
  bool old_view_exists = false, old_view_lacks_columns = false;
  std::string new_schema;  // of the new version's view
  std::vector<core::privilege> privileges;
  std::vector<std::string> schema_users;
  std::function<std::vector<std::string>(std::string_view)> columns_of;  // the columns that an expression names
  std::function<bool(std::string_view)> is_volatile;                     // does a default give another value for each row?
};

struct plan {
  migration made;
  std::vector<statement> expand;
  std::vector<std::string> announcements;  // full sentences

  bool touches_rows() const { return made.marker.has_value(); }
};

plan make_plan(const request&);

// A successor has what its column had beside the type.
void copy_traits(const request&, const draft&, const std::vector<std::string>& retyped, migration&);

}  // namespace accord::plan
