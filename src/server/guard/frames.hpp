// frames: the DDL commands that are running now, innermost last, each with what the guard saw before it.
//
// Commands nest (a function called by ALTER TABLE may run DDL), and an error can end several at once without their ddl_command_end.  A frame
// is therefore found by its parse tree, and those of an aborted (sub)transaction are thrown away by its callbacks.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "change/change.hpp"
#include "core/shape.hpp"
#include "core/verdict.hpp"
#include "pg/bridge.hpp"
#include "server/consumers/access.hpp"
#include "server/consumers/resolution.hpp"

namespace accord::guard {

// A column of a table as it is stored, by attribute number: what follows a column through renames.
struct stored_column {
  std::string name;
  Oid type = InvalidOid;
  int typmod = -1;
  Oid collation = InvalidOid;

  bool operator==(const stored_column&) const = default;
};
using stored_columns = std::map<int, stored_column>;

// A trigger that keeps the versions of a live migration in step, on the relation or on one of its partitions.
struct sync_trigger {
  Oid relation = InvalidOid;
  std::string name;
  bool fires = false;  // ENABLE ALWAYS
};

struct child {
  std::string name;          // as the shape lists it
  bool dropped_with = true;  // rows, if the command drops it; none also go with one that CREATE TABLE has just made
  bool retires = false;      // a partition, and not the default one: retention may take it
};

// A constraint, index, trigger, policy or column of which a live migration is made, and what must stay as it is.
struct machine_part {
  std::string shown, state;  // constraint "_accord_1_n_check"

  bool operator==(const machine_part&) const = default;
};

// A contracted relation that a command may change.
struct watched {
  Oid relation = InvalidOid;
  core::shape before;
  stored_columns columns;
  std::vector<sync_trigger> sync_triggers;
  std::vector<machine_part> machinery;                // of its live migrations
  std::optional<std::map<Oid, child>> children = {};  // where the command may change them: partitions, and who inherits
  std::map<Oid, core::shape> named_children = {};     // those below it that the command names, as they were
  Oid migrating = InvalidOid;                         // the table above it of whose migration it is a part, having no contract itself
};

struct frame {
  const void* tree = nullptr;
  int level = 0;       // nest level of the transaction in which the command runs
  bool later = false;  // judged when the transaction commits
  std::string tag;
  std::string text;                         // of the command, where it is known
  std::vector<change::any_change> changes;  // what the parse tree said, for hints
  std::vector<watched> relations;
  std::vector<consumers::bound_name> names;        // that the command may give another meaning, as they are bound before it
  std::vector<std::int64_t> access;                // contracts whose consumers may lose a right by it
  std::vector<consumers::held_right> rights;       // of those, before it
  std::vector<std::string> said;                   // warnings given for this command
  std::map<Oid, std::vector<core::finding>> lost;  // what it does to values of a relation, where no later command can take that back
};

namespace frames {
frame& push(const void* tree);
frame* find(const void* tree);  // nullptr: the guard has nothing to do with this command
void pop(const void* tree);     // this one and those that were left above it
void init();
}  // namespace frames

stored_columns columns_of(Oid relation);
std::vector<sync_trigger> sync_triggers_of(Oid relation);
// Those of live migrations, of the contracted table or of one below it; without any, none.
std::vector<machine_part> machinery_of(Oid relation, Oid contracted);

}  // namespace accord::guard
