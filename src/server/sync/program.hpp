// sync_program: what the sync triggers of one relation have to do, compiled, and kept for the
// session.
//
// The text of a contract's live migrations is read from the catalog, and its expressions are parsed
// and planned, once in a session and not once in a statement: an OLTP statement touches one row.  A
// program belongs to a relation (a partition has its own attribute numbers) and to the contract
// that the trigger's argument names.
//
// Invariants:
//  - A program whose relation or root saw a relcache invalidation is not used for another row.
//  Every step of a migration's life is DDL on the
//    table, so this also covers changes of the migration's own rows.
//  - A program in which one expression's plan became invalid (a function that it inlined was
//  replaced) is not used for another row.
//  - A program stays allocated while a running statement refers to it, and no longer than until the
//  next build after that.
//  - Everything in it is plain data in its own memory context.
#pragma once

#include <cstdint>

#include "pg/bridge.hpp"

namespace accord::migration {

inline constexpr const char* first_trigger = "!accord_sync";
inline constexpr const char* last_trigger = "~accord_sync";

// A column that is on one side of a transform.
struct sync_column {
  AttrNumber attnum;
  bool by_value, not_null;
  int16 length;
  Oid collation;
  FmgrInfo* equal;              // the type's own =; nullptr: compare images only
  CachedExpression** defaults;  // what the column holds when nobody names it: of the table, of version views
  int default_count;
  int first_default_state;  // index of the first default's ExprState
  bool volatile_default;    // one that gives another value each time
  bool generator;           // the table's own default is such a one
  const char* name;         // visible name, for messages
  bool required;            // NOT NULL in the new version, which a check stands for until completion
  bool passes_on;           // another pair has it or reads it: whether we changed its value matters
};

struct sync_expression {
  CachedExpression* plan;  // nullptr: this column is left alone
  int state;               // index of its ExprState in a workspace
};

struct sync_transform {
  int migration;  // index
  int old_count, new_count;
  sync_column **old_columns, **new_columns;
  sync_expression *up, *down;           // new_count, old_count
  bool has_down;                        // at least one of them
  bool complete_down;                   // all of them
  bool follows_computed;                // `down` reads a generated column: it follows whatever that is computed from
  AttrNumber *up_inputs, *down_inputs;  // columns outside the pair that the expressions read
  int up_input_count, down_input_count;
};

// A generated column of a version that the table does not compute yet.
struct sync_computed {
  sync_column* column;
  sync_expression expression;
  AttrNumber* inputs;  // columns that it reads
  int input_count;
};

struct sync_migration {
  std::int64_t id;
  AttrNumber marker;  // 0: none
  const char *from_version, *to_version;
};

// The execution state of a program's expressions.
struct sync_workspace {
  ExprContext* context;
  ExprState** states;
  TupleTableSlot* slot;  // virtual; the row as it is while values propagate
  Datum* before;         // the row that changes are measured against
  bool* before_null;
  bool* changed;  // by attribute number
  Datum* values;  // one side of a pair, while it is computed
  bool* nulls;
  bool* done;     // by transform
  bool* pending;  // by migration
};

struct sync_program {
  MemoryContext memory;
  Oid relation, root;
  std::int64_t contract;
  Oid owner;       // the root's: expressions run as this role
  bool dropped;    // an invalidation hit it
  int references;  // running statements that use it
  TupleDesc descriptor;
  AttrNumber highest;  // attributes to deform for deciding whether there is anything to do
  Bitmapset* watched;  // those attributes, as tg_updatedcols has them
  // Triggers that may change the row beside ours.  DDL on triggers is an invalidation, so this is as
  // valid as the program.
  bool others_on_insert, others_on_update;
  bool first_on_update;  // none of them runs before us: what an UPDATE does not name is what it was
  int migration_count, transform_count, column_count, plan_count;
  sync_migration* migrations;
  sync_transform* transforms;
  sync_computed* computed;
  int computed_count;
  sync_column** columns;   // all that take part, each once
  sync_column** required;  // those that are
  int required_count;
  CachedExpression** plans;  // by ExprState index
  // Only functions written in C: their state may be kept for the session, and no search_path can
  // change what they do.
  bool plain;
  sync_workspace* workspace;  // of a plain program, made at first use
  uint64 functions_seen;      // value of the counter below when the workspace was made
};

// The valid program of a relation, built if need be.  Reads the catalog with the latest snapshot: a
// repeatable read transaction may be older than the migration.
sync_program* find_program(Relation relation, std::int64_t contract);

bool is_valid(const sync_program&);

// Row triggers that run before the row is stored, and are not ours: whether there are any, and
// whether the first of all is ours.
struct other_triggers {
  bool any, after_ours;
};
other_triggers other_triggers_of(Relation relation, bool update);

// Inside pg(): a workspace for one statement, in the current memory context, or the program's own.
sync_workspace* make_workspace(const sync_program&);
sync_workspace* session_workspace(sync_program&);

// Called once from _PG_init.
void sync_program_init();

}  // namespace accord::migration
